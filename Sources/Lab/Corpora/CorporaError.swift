/// A refusal of this module: the data is not usable, and `message` says why and what to do.
package struct CorporaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    package enum Code: String, Sendable, Codable {
        /// There is no such file or folder, or it cannot be read.
        case unreadable
        /// It is of no kind that is known here.
        case unknownKind
        /// It is of a known kind, but something in it is wrong.
        case malformed
        /// It holds no example.
        case empty
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
