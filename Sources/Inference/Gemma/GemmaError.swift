/// An error of this module: a model, adapter, file or request cannot be used, and `message` says why and what to do.
package struct GemmaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error.
    package enum Code: String, Sendable {
        case unsupportedArchitecture, badConfiguration, badWeights, promptTooLong, badToken, badOption
        /// A saved cache cannot be used, so that the prompt has to be read again.
        case badSnapshot
        /// An adapter is damaged, or was made for another model.
        case badAdapter
        /// A file or folder cannot be opened, read or written.
        case file
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
