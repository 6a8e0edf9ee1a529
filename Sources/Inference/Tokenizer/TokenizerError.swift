/// A refusal of this module: the tokenizer model is not usable, and `message` says why and what to do.
package struct TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    package enum Code: String, Sendable, Codable {
        /// The file is not there, not readable, not a file, or far too large.
        case unreadable
        /// The bytes are not a SentencePiece model, or stop early.
        case malformed
        /// The pieces do not make a vocabulary: no unknown piece, lengths that differ, an impossible id.
        case badVocabulary
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
