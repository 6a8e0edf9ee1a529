/// A refusal of the trainer: what is wrong and what to do about it.
package struct TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal.
    package enum Code: Sendable, Hashable {
        /// An option has a value that cannot be used.
        case badOption
        /// Training data cannot be read, or holds nothing to train on.
        case badData
        /// A checkpoint cannot be gone on from.
        case badCheckpoint
        /// A file cannot be read or written.
        case file
        /// The loss is no number any more.
        case diverged
    }

    /// For programs.
    package let code: Code
    /// For people: names the file or option, and says what to do.
    package let message: String

    /// Makes a refusal.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
