/// A refusal of this module: a schema, a vocabulary or a budget is not usable, and `message` says why.
package struct GrammarError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    package enum Code: String, Sendable {
        /// The schema is no JSON.
        case malformed
        /// The schema asks for what cannot be kept, or contradicts itself.
        case unsupported
        /// The vocabulary cannot spell every document.
        case badVocabulary
        /// Not even the shortest document fits into the tokens that an answer may have.
        case budgetTooSmall
    }

    /// For programs.
    package let code: Code
    /// For people: what is wrong, where, and what to do.
    package let message: String

    /// Makes a refusal.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
