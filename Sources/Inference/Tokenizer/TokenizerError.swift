/// An error of this module: the tokenizer model cannot be used, and `message` says why and what to do.
package struct TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error.
    package enum Code: String, Sendable, Codable {
        /// The file is missing, unreadable, not a regular file, or far too large.
        case unreadable
        /// The bytes are not a SentencePiece model, or are cut off.
        case malformed
        /// The pieces do not form a vocabulary: the unknown piece is missing, counts differ, or an id is impossible.
        case badVocabulary
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
