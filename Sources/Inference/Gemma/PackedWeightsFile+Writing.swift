import Glibc
import Synchronization
import Weights

extension PackedWeightsFile {
    /// The reason why a file could not be written; the weights are then kept in memory.
    struct Hindrance: Error {
        var message: String

        init(_ path: String, _ what: String, _ error: Int32? = nil) {
            message = "\(path): \(what)" + (error.map { ": " + String(cString: strerror($0)) } ?? "")
        }
    }

    /// How long to wait for another process that is writing the same file.
    private static let waitLimit = Duration.seconds(60)

    /// Packs the weights into the file at `path` and opens it.
    ///
    /// The file is written under a temporary name in the same folder and renamed when everything is on the disk, so
    /// that a crash at any moment leaves either the old file or the new one. A lock on the temporary file makes other
    /// writers wait and then use what this one has written. The lock ends with the process, and the next writer
    /// overwrites a temporary file that a crash has left behind.
    /// - Returns: the file, and whether this call has written it.
    static func write(
        to path: String, layout: PackedWeightsFileLayout, pool: ThreadPool
    ) throws(Hindrance) -> (file: PackedWeightsFile, isNew: Bool) {
        let (folder, name) = split(path)
        // Ignored: either the folder exists already, or the next step fails and says why.
        mkdir(folder, 0o755)
        let temporary = folder + "/." + name + ".tmp"
        let descriptor = try lockedFile(temporary)
        // Closing it also releases the lock.
        defer { close(descriptor) }
        if let file = open(path, layout: layout) {
            unlink(temporary)
            return (file, false)
        }
        do throws(Hindrance) {
            try fill(descriptor, temporary, layout: layout, pool: pool)
            guard layout.sources.allSatisfy({ $0.isUnchanged() }) else {
                throw Hindrance(path, "not written, because the model file has just changed")
            }
            guard fsync(descriptor) == 0 else { throw Hindrance(temporary, "cannot be written", errno) }
            guard rename(temporary, path) == 0 else { throw Hindrance(path, "cannot be replaced", errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        syncFolder(folder)
        guard let file = open(path, layout: layout, isFresh: true) else {
            throw Hindrance(path, "cannot be read back")
        }
        return (file, true)
    }

    /// Opens or creates the file and locks it.
    private static func lockedFile(_ path: String) throws(Hindrance) -> Int32 {
        let clock = ContinuousClock()
        let deadline = clock.now + waitLimit
        while true {
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard descriptor >= 0 else { throw Hindrance(path, "cannot be written", errno) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                // If another writer has renamed the file between open and flock, it is in use now: try again.
                if isSameFile(descriptor, path) { return descriptor }
                close(descriptor)
                continue
            }
            let error = errno
            close(descriptor)
            guard error == EWOULDBLOCK || error == EINTR else {
                throw Hindrance(path, "cannot be locked", error)
            }
            guard clock.now < deadline else {
                throw Hindrance(path, "another process has been writing it for \(waitLimit)")
            }
            usleep(20_000)
        }
    }

    private static func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
        var ours = stat()
        var theirs = stat()
        return fstat(descriptor, &ours) == 0 && stat(path, &theirs) == 0
            && ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev
    }

    /// Writes the whole file: first the blocks, on all threads, then the head and the checksums.
    private static func fill(
        _ descriptor: Int32, _ path: String, layout: PackedWeightsFileLayout, pool: ThreadPool
    ) throws(Hindrance) {
        guard ftruncate(descriptor, 0) == 0, ftruncate(descriptor, layout.byteCount) == 0 else {
            throw Hindrance(path, "cannot be written", errno)
        }
        // This notices a full disk, unless the file system cannot reserve space; then writing will notice it.
        let error = posix_fallocate(descriptor, 0, layout.byteCount)
        guard error == 0 || error == EINVAL || error == EOPNOTSUPP else {
            throw Hindrance(path, "no room for \(layout.byteCount >> 20) MiB of repacked weights", error)
        }
        makeLargePages(descriptor, layout.byteCount, pool: pool)
        let bufferBytes = layout.blocks.map(\.byteCount).max() ?? 0
        let buffers = (0..<pool.threadCount).map { _ in
            UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 64)
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        let failure = Atomic<Int32>(0)
        var checksums = [UInt64](repeating: 0, count: layout.blocks.count)
        checksums.withUnsafeMutableBufferPointer { checksums in
            // Safety: every item writes its own element, and all are done when forEach returns.
            nonisolated(unsafe) let checksums = checksums
            pool.forEach(layout.blocks.count) { thread, index in
                guard failure.load(ordering: .relaxed) == 0 else { return }
                let block = layout.blocks[index]
                let bytes = UnsafeRawBufferPointer(rebasing: buffers[thread][..<block.byteCount])
                layout.pack(block, into: buffers[thread].baseAddress!)
                checksums[index] = PackedWeightsFileChecksum.of(bytes)
                let error = writeAll(bytes, to: descriptor, at: block.offset)
                if error != 0 { failure.store(error, ordering: .relaxed) }
            }
        }
        var failed = failure.load(ordering: .relaxed)
        if failed == 0 {
            var begin = layout.head
            for checksum in checksums { withUnsafeBytes(of: checksum.littleEndian) { begin += $0 } }
            let checksum = begin.withUnsafeBytes { PackedWeightsFileChecksum.of($0) }
            withUnsafeBytes(of: checksum.littleEndian) { begin += $0 }
            failed = begin.withUnsafeBytes { writeAll($0, to: descriptor, at: 0) }
        }
        guard failed == 0 else { throw Hindrance(path, "cannot be written", failed) }
    }

    /// Asks the kernel to hold the still empty file in pages of 2 MiB, where the file system supports that.
    ///
    /// What is written then stays in these pages. Otherwise pages would be only as large as the single writes, and each
    /// pass over the weights would spend time on translating addresses.
    private static func makeLargePages(_ descriptor: Int32, _ byteCount: Int, pool: ThreadPool) {
        guard let memory = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { return }
        // Ignored, here and below: these are hints.
        _ = madvise(memory, byteCount, MADV_HUGEPAGE)
        // Safety: the pages are only populated, not read.
        nonisolated(unsafe) let start = memory
        let step = 64 << 20
        pool.forEach((byteCount + step - 1) / step) { _, index in
            let offset = index * step
            _ = madvise(start + offset, min(step, byteCount - offset), populateRead)
        }
        munmap(memory, byteCount)
    }

    /// Writes all bytes at `offset`; returns 0, or errno.
    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int)
        -> Int32
    {
        var done = 0
        while done < bytes.count {
            let written = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, offset + done)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return written < 0 ? errno : EIO }
            done += written
        }
        return 0
    }

    /// Makes the new name durable; if this fails, a crash may bring back the old file, which is also complete.
    private static func syncFolder(_ path: String) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (
            slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...])
        )
    }
}
