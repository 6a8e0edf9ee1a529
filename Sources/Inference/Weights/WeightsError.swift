/// An error of this module: a file of weights cannot be used, and `message` says which file, where in it, what was
/// expected and what was found.
package struct WeightsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error.
    package enum Code: String, Sendable, Codable {
        /// The file cannot be opened, read or mapped.
        case unreadable
        /// The file cannot be written.
        case unwritable
        /// The file is not of this format, or of a version that this module does not read.
        case unknownFormat
        /// The file contradicts its own format: it is damaged or was not written completely.
        case malformed
        /// A tensor has an element type that this module does not read.
        case unsupportedType
        /// A metadata key, a tensor or a file in a folder is missing.
        case missing
        /// A metadata value or tensor has another type or shape than the caller asked for.
        case mismatch
    }

    /// The kind of error, for programs.
    package let code: Code
    /// Which file is at fault, where, what was expected and what was found, for people.
    package let message: String

    /// Creates an error; `message` should name the file and say what was expected and what was found.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message alone, as programs print it.
    package var description: String { message }
}
