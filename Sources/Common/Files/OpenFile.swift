import Glibc

/// An open file or folder; it is closed with the value.
///
/// Reading and writing go on where a signal interrupts them, until everything is read or written.
package struct OpenFile: ~Copyable, Sendable {
    /// The path that it was opened by.
    package let path: String
    /// For system calls that this type lacks; never to be closed.
    package let descriptor: CInt

    /// Opens `path` with the flags of open(2), to which O_CLOEXEC is added; `mode` is that of a file which is made.
    ///
    /// - Parameter purpose: what a ``FileError`` says cannot be done.
    package init(
        _ path: String, _ flags: CInt, mode: mode_t = 0, for purpose: String = "opened"
    ) throws(FileError) {
        let descriptor = open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(path, purpose) }
        self.path = path
        self.descriptor = descriptor
    }

    /// Opens the file called `name` in an open folder, wherever that is by now.
    package init(_ name: String, in folder: borrowing OpenFile, _ flags: CInt) throws(FileError) {
        path = folder.path + "/" + name
        descriptor = openat(folder.descriptor, name, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, "opened") }
    }

    deinit { close(descriptor) }

    /// Its size, owner, mode and times.
    package func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path, "looked at") }
        return status
    }

    /// Fills `buffer` with the bytes from `offset` on, or from where the last call ended.
    ///
    /// - Returns: how many bytes were read, which is less than asked for at the end of the file only.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int? = nil
    ) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            // Safety: at most the rest of the buffer is written.
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = uninterrupted {
                offset.map { pread(descriptor, rest.baseAddress, rest.count, off_t($0 + done)) }
                    ?? Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            guard count >= 0 else { throw FileError(path, "read") }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// The first `count` bytes from where the last call ended, or fewer if the file ends before.
    package func read(_ count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let done = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try read(into: buffer) }
        }
        bytes.removeLast(count - (try done.get()))
        return bytes
    }

    /// Writes all bytes at `offset`, or where the last call ended.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int? = nil) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = uninterrupted {
                offset.map { pwrite(descriptor, rest.baseAddress, rest.count, off_t($0 + done)) }
                    ?? Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 else { throw FileError(path, "written", errno: count < 0 ? errno : EIO) }
            done += count
        }
    }

    /// Writes all bytes at `offset`, or where the last call ended.
    package func write(_ bytes: [UInt8], at offset: Int? = nil) throws(FileError) {
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(FileError) in try write(bytes, at: offset) }
        }.get()
    }

    /// Cuts it off behind its first `byteCount` bytes, or lengthens it to as many.
    package func truncate(to byteCount: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw FileError(path, "shortened") }
    }

    /// Makes the content durable; of a folder, its entries.
    package func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path, "made durable") }
    }

    /// Makes the content durable, and not the times of the file.
    package func synchronizeData() throws(FileError) {
        guard fdatasync(descriptor) == 0 else { throw FileError(path, "made durable") }
    }

    /// Gives it to a group, with that mode, if it is not so yet.
    package func give(to group: gid_t, mode: mode_t) throws(FileError) {
        let status = try status()
        guard status.st_gid == group || fchown(descriptor, uid_t.max, group) == 0 else {
            throw FileError(path, "given to the group \(group)")
        }
        guard status.st_mode & 0o7777 == mode || fchmod(descriptor, mode) == 0 else {
            throw FileError(path, "opened to the group \(group)")
        }
    }
}

/// The result of a system call, which is repeated as long as a signal interrupts it.
package func uninterrupted(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
