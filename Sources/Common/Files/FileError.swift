import Glibc

/// A system call on a file or folder that failed.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file or folder.
    package let path: String
    /// What cannot be done with it, to be read after "cannot be", such as "written".
    package let what: String
    /// The system's error number.
    package let number: CInt

    /// Tells of the last system call, which failed; reads `errno` unless given.
    package init(_ path: String, _ what: String, errno number: CInt = errno) {
        self.path = path
        self.what = what
        self.number = number
    }

    /// Which file, what cannot be done with it, and why, in the system's words.
    package var description: String { "\(path): cannot be \(what): \(String(cString: strerror(number)))" }
}
