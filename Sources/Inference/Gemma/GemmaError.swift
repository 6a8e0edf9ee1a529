/// A refusal of this module: the model or the request is not usable, and `message` says why and what to do.
package struct GemmaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    package enum Code: String, Sendable {
        case unsupportedArchitecture, badConfiguration, badWeights, promptTooLong, badToken, badOption
        /// A saved cache that is not usable: the prompt is read again.
        case badSnapshot
        /// An adapter that is damaged, or made for another model.
        case badAdapter
        /// A file or folder cannot be used.
        case file
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
