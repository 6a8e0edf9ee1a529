/// A refusal of this module: a summary cannot be made, and `message` says why and what to do.
package struct MinutesError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    package enum Code: String, Sendable, Codable {
        case contextTooShort, nothingToSummarise, template, vocabulary
    }

    /// For programs.
    package let code: Code
    /// For people: what is wrong and what to do.
    package let message: String

    /// Creates a refusal.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
