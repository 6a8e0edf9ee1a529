import Files
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

        init(_ error: FileError) { message = "\(error)" }
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
        let (folder, name) = Folder.split(path)
        // Ignored: either the folder exists already, or the next step fails and says why.
        mkdir(folder, 0o755)
        let temporary = folder + "/." + name + ".tmp"
        // Closing it also releases the lock.
        let new = try lockedFile(temporary)
        if let file = open(path, layout: layout) {
            unlink(temporary)
            return (file, false)
        }
        do throws(Hindrance) {
            try fill(new, layout: layout, pool: pool)
            guard layout.sources.allSatisfy({ $0.isUnchanged() }) else {
                throw Hindrance(path, "not written, because the model file has just changed")
            }
            do throws(FileError) { try new.synchronize() } catch { throw Hindrance(error) }
            guard rename(temporary, path) == 0 else { throw Hindrance(path, "cannot be replaced", errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        // Ignored: without it a crash may bring back the old file, which is also complete.
        try? Folder.synchronize(folder)
        guard let file = open(path, layout: layout, isFresh: true) else {
            throw Hindrance(path, "cannot be read back")
        }
        return (file, true)
    }

    /// Opens or creates the file and locks it.
    private static func lockedFile(_ path: String) throws(Hindrance) -> OpenFile {
        let clock = ContinuousClock()
        let deadline = clock.now + waitLimit
        while true {
            let file: OpenFile
            do throws(FileError) {
                file = try OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o644, for: "written")
            } catch {
                throw Hindrance(error)
            }
            if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 {
                // If another writer has renamed the file between open and flock, it is in use now: try again.
                if isSameFile(file.descriptor, path) { return file }
                continue
            }
            let error = errno
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
        _ file: borrowing OpenFile, layout: PackedWeightsFileLayout, pool: ThreadPool
    ) throws(Hindrance) {
        let (path, descriptor) = (file.path, file.descriptor)
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
        // Guards: why it cannot be written.
        let failure = Mutex<FileError?>(nil)
        var checksums = [UInt64](repeating: 0, count: layout.blocks.count)
        checksums.withUnsafeMutableBufferPointer { checksums in
            // Safety: every item writes its own element, and all are done when forEach returns.
            nonisolated(unsafe) let checksums = checksums
            pool.forEach(layout.blocks.count) { thread, index in
                guard failure.withLock({ $0 == nil }) else { return }
                let block = layout.blocks[index]
                let bytes = UnsafeRawBufferPointer(rebasing: buffers[thread][..<block.byteCount])
                layout.pack(block, into: buffers[thread].baseAddress!)
                checksums[index] = XXHash64.hash(bytes)
                do throws(FileError) {
                    try file.write(bytes, at: block.offset)
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw Hindrance(error) }
        var begin = layout.head
        func add(_ checksum: UInt64) { withUnsafeBytes(of: checksum.littleEndian) { begin += $0 } }
        checksums.forEach(add)
        add(XXHash64.hash(begin[...]))
        do throws(FileError) { try file.write(begin, at: 0) } catch { throw Hindrance(error) }
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
}
