/// An error of this module: a schema, a vocabulary or a token budget cannot be used, and `message` says why.
package struct GrammarError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error.
    package enum Code: String, Sendable {
        /// The schema is not valid JSON.
        case malformed
        /// The schema asks for something that the grammar cannot enforce, or contradicts itself.
        case unsupported
        /// The vocabulary has no token for some byte that a document may contain.
        case badVocabulary
        /// Even the shortest document takes more tokens than the answer may have.
        case budgetTooSmall
    }

    /// The kind of error, for programs.
    package let code: Code
    /// What is wrong, where, and what to do, for people.
    package let message: String

    /// Creates an error; `message` should say what is wrong, where, and what to do.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message alone, as programs print it.
    package var description: String { message }
}
