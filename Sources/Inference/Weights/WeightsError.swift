/// A refusal of this module: a file of weights is not usable, and `message` says which file, where in it,
/// what was expected and what was found.
package struct WeightsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is, for programs.
    package enum Code: String, Sendable, Codable {
        /// The file cannot be opened, read or mapped.
        case unreadable
        /// The file cannot be written.
        case unwritable
        /// The file is no file of this format, or of a version of it that is not read here.
        case unknownFormat
        /// The file contradicts its own format: it is damaged or was not written to its end.
        case malformed
        /// A tensor's element type is not read here.
        case unsupportedType
        /// A metadata key, a tensor or a file of a folder is not there.
        case missing
        /// A metadata value or tensor is there, but not of the wanted type or shape.
        case mismatch
    }

    /// For programs.
    package let code: Code
    /// For people.
    package let message: String

    /// Makes a refusal.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
