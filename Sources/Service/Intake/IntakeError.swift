import Foundation

/// The spool folder or the ingest socket cannot be used; `message` says why and what to do.
package struct IntakeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error, for programs.
    package enum Code: String, Sendable, Codable {
        /// The spool's folders cannot be made or written, or are on different file systems.
        case spoolUnusable
        /// The socket cannot be made at this path, or the descriptor is no listening socket.
        case socketUnusable
        /// Another process listens on this path.
        case socketInUse
        /// A system call failed; the same may succeed later.
        case system
    }

    /// The kind of error.
    package let code: Code
    /// What is wrong and what to do, for people.
    package let message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }

    /// A failed system call, told in the system's words; reads `errno` unless given.
    static func system(_ what: String, code: Code = .system, errno number: CInt = errno) -> IntakeError {
        IntakeError(code, "\(what): \(String(cString: strerror(number)))")
    }
}
