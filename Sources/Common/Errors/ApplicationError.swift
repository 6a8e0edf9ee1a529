/// An error of the service and its programs; `message` says what is wrong and what to do.
package struct ApplicationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error, for programs.
    package enum Code: String, Sendable, Codable {
        /// The configuration cannot be used: exit status 78.
        case configuration
        /// Another daemon owns the state folder.
        case alreadyRunning
        /// No daemon answers on a socket.
        case unreachable
        /// The other side of a socket does not speak the protocol, or closed the connection too early.
        case badConversation
        /// There is no such meeting.
        case unknownMeeting
        /// The request is not valid.
        case badRequest
        /// The user is not allowed to do this.
        case forbidden
        /// There is too much to do, or the daemon is about to stop: to be tried again.
        case busy
        /// A file or folder cannot be read or written.
        case file
    }

    /// For programs.
    package let code: Code
    /// For people: what is wrong, where, and what to do.
    package let message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }

    /// The exit status of a program that ends with this error, after sysexits.h.
    package var exitStatus: Int32 {
        switch code {
        case .configuration: 78
        case .alreadyRunning, .busy: 75
        case .unreachable: 69
        case .badConversation: 76
        case .unknownMeeting: 66
        case .badRequest: 64
        case .forbidden: 77
        case .file: 74
        }
    }
}
