#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Replaces the file at `path` atomically: a reader sees the whole old file or the whole new one, even after a crash.
///
/// The parts are written to a temporary file in the same folder, which is synced and renamed; then the folder is
/// synced. A reader that has mapped the old file keeps it. The temporary file's name is unique, so that two processes
/// never write into the same one; the file is removed if anything goes wrong.
func replaceFile(at path: String, with parts: [[UInt8]]) throws(WeightsError) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let temporary = "\(folder)/.\(name).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw writeError(path, errno) }
    var failure: Int32 = parts.lazy.map { writeAll($0, to: descriptor) }.first { $0 != 0 } ?? 0
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(temporary, path) != 0 { failure = errno }
    guard failure == 0 else {
        unlink(temporary)
        throw writeError(path, failure)
    }
    // Makes the new name durable. If this fails, a crash may bring back the old file, which is also complete.
    let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    fsync(parent)
    close(parent)
}

/// Writes all bytes; returns 0, or errno.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
            let written = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return written < 0 ? errno : EIO }
            done += written
        }
        return 0
    }
}

private func writeError(_ path: String, _ error: Int32) -> WeightsError {
    WeightsError(.unwritable, "\(path): cannot be written: \(String(cString: strerror(error)))")
}
