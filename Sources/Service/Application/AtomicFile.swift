import Foundation
import Glibc
import Ledger

/// Replaces `path` so that a reader sees the old content or the new, whole, whatever happens in between.
///
/// A temporary file in the same folder, fsync, rename, fsync of the folder. The temporary name is always the same:
/// what a crash left over is reused, and one process writes a folder (see ``StateLock``).
/// With a `group` the file belongs to that, which may read it; else to the process's own. Throws ``ApplicationError``
/// with the path and the reason.
func replaceFile(at path: String, with content: String, group: gid_t? = nil) throws(ApplicationError) {
    let url = URL(filePath: path)
    let folder = url.deletingLastPathComponent().path(percentEncoded: false)
    let temporary = folder + "/." + url.lastPathComponent + ".tmp"
    FaultPoint.outputBegin.reach()
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw fileError("written", temporary) }
    do throws(ApplicationError) {
        defer { close(descriptor) }
        if let group { try give(descriptor, temporary, to: group, mode: 0o640) }
        try writeAll(Array(content.utf8), to: descriptor, path: temporary)
        guard fsync(descriptor) == 0 else { throw fileError("written", temporary) }
    } catch {
        unlink(temporary)
        throw error
    }
    FaultPoint.outputWritten.reach()
    guard rename(temporary, path) == 0 else {
        let error = fileError("replaced", path)
        unlink(temporary)
        throw error
    }
    FaultPoint.outputRenamed.reach()
    try syncFolder(folder)
}

/// Makes the entries of a folder durable.
func syncFolder(_ path: String) throws(ApplicationError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError("opened", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw fileError("made durable", path) }
}

/// Makes a folder and those above it, if they are not there.
func makeFolder(_ path: String) throws(ApplicationError) {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw ApplicationError(.file, "\(path): the folder cannot be made: \(error.localizedDescription)")
    }
}

/// Lets a group have what is open as `descriptor`, with that mode, if it is not so yet.
func give(_ descriptor: Int32, _ path: String, to group: gid_t, mode: mode_t) throws(ApplicationError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw fileError("looked at", path) }
    guard status.st_gid == group || fchown(descriptor, uid_t.max, group) == 0 else {
        throw fileError("given to the group \(group)", path)
    }
    guard status.st_mode & 0o7777 == mode || fchmod(descriptor, mode) == 0 else {
        throw fileError("opened to the group \(group)", path)
    }
}

/// An error for what the last system call on `path` could not do; reads errno.
func fileError(_ what: String, _ path: String) -> ApplicationError {
    let reason = String(cString: strerror(errno))
    return ApplicationError(.file, "\(path): cannot be \(what): \(reason)")
}

private func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(ApplicationError) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written > 0 else {
            if errno == EINTR { continue }
            throw fileError("written", path)
        }
        rest = rest.dropFirst(written)
    }
}
