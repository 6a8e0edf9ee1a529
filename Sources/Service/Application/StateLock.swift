import Foundation
import Glibc

/// Keeps a second daemon out of a state folder for as long as this value lives.
///
/// A lock of the open file (flock(2)): it goes with the process, however that ends.
package final class StateLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at `path`; throws ``ApplicationError`` that names the process which holds it.
    package init(path: String) throws(ApplicationError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard opened >= 0 else { throw fileError("opened", path) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let error = fileError("locked", path)
            let holder = Self.holder(of: opened)
            close(opened)
            guard isHeld else { throw error }
            throw ApplicationError(
                .alreadyRunning,
                "another minuted\(holder) uses this state folder (lock \(path)): stop it, or give this one another "
                    + "folders.state")
        }
        descriptor = opened
        let text = "\(getpid())\n"
        // Ignored: the number is for the message above only, the lock holds without it.
        _ = ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, text.utf8.count, 0) > 0
    }

    deinit { close(descriptor) }

    private static func holder(of descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        guard let process = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { return "" }
        return " (process \(process))"
    }
}
