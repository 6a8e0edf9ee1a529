/// A refusal of this module: a summary cannot be made, and `message` says why and what to do.
public struct MinutesError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    public enum Code: String, Sendable, Codable {
        case contextTooShort, nothingToSummarise, template, vocabulary
    }

    /// For programs.
    public let code: Code
    /// For people: what is wrong and what to do.
    public let message: String

    /// Makes a refusal.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
