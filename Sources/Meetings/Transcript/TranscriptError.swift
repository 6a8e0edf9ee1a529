/// An input that cannot be used; `message` says why, and what to do.
package struct TranscriptError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    package enum Code: String, Sendable, Codable {
        case badMeetingName, unknownFormat, notText, malformed, empty
    }

    /// For programs.
    package let code: Code
    /// What is wrong, where, and what to do, for people.
    package let message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
