/// An error of this module: the data cannot be used, and `message` says why and what to do.
package struct CorporaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error.
    package enum Code: String, Sendable, Codable {
        /// A file or folder does not exist or cannot be read.
        case unreadable
        /// The data is of no known kind.
        case unknownKind
        /// The data is of a known kind, but something in it is wrong.
        case malformed
        /// The data contains no example of the wanted kinds.
        case empty
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
