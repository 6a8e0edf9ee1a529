/// An error of this module: training cannot start or continue, and `message` says why and what to do.
package struct TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error.
    package enum Code: Sendable, Hashable {
        /// An option has a value that cannot be used.
        case badOption
        /// Training data cannot be read, or contains nothing to train on.
        case badData
        /// A run cannot continue from a checkpoint.
        case badCheckpoint
        /// A file cannot be read or written.
        case file
        /// The loss has become infinite or NaN.
        case diverged
    }

    /// The kind of error, for programs.
    package let code: Code
    /// The file or option at fault, and what to do, for people.
    package let message: String

    /// Creates an error; `message` should name the file or option and say what to do.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message alone, as programs print it.
    package var description: String { message }
}
