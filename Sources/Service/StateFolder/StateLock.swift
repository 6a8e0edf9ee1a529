import Errors
import Files
import Foundation
import Glibc

/// Keeps a second daemon out of a state folder for as long as this value lives.
///
/// A lock on the open file (flock(2)), which ends with the process, however that happens.
package final class StateLock: Sendable {
    private let file: OpenFile

    /// Takes the lock at `path`; throws ``ApplicationError`` `alreadyRunning` that names the process which holds it, or
    /// `FileError`.
    package init(path: String) throws {
        file = try OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o644)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw FileError(path, "locked") }
            throw ApplicationError(
                .alreadyRunning,
                "another minuted\(Self.holder(of: file)) uses this state folder (lock \(path)): stop it, or give this one another "
                    + "folders.state")
        }
        // Ignored: the number is only used in the message above.
        try? file.truncate(to: 0)
        try? file.write(Array("\(getpid())\n".utf8), at: 0)
    }

    private static func holder(of file: borrowing OpenFile) -> String {
        let text = String(decoding: (try? file.read(20)) ?? [], as: UTF8.self)
        guard let process = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { return "" }
        return " (process \(process))"
    }
}
