#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

// Safety: all stored properties are immutable after init, the memory is mapped read-only, and it is unmapped
// in deinit alone, so it may be read from any thread that holds a reference.
/// A file mapped into memory for reading.
///
/// A mapped file must not be changed in place: bytes would change under the model, and a shortened file kills
/// the process with SIGBUS. Replace models by renaming a new file over the old one; ``isUnchanged()`` tells.
package final class MappedFile: @unchecked Sendable {
    /// The path it was opened by.
    package let path: String
    /// Bytes of the file when it was mapped; at least 1.
    package let size: Int
    /// Time of last modification when it was mapped, in nanoseconds since 1970.
    ///
    /// Wrapped where there are too many: any time can be given to a file, and this one only tells files apart.
    package let modificationNanoseconds: Int64
    private let start: UnsafeRawPointer

    /// Maps the file at `path`; refuses what is empty or no regular file.
    package init(path: String) throws(WeightsError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, "cannot be examined", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WeightsError(
                .unreadable, "\(path): a file of weights expected, but this is no regular file")
        }
        guard status.st_size > 0, let size = Int(exactly: status.st_size) else {
            throw WeightsError(.unreadable, "\(path): a file of weights expected, but this file is empty")
        }
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
            throw .unreadable(path, "cannot be mapped into memory", errno)
        }
        self.path = path
        self.size = size
        modificationNanoseconds = status.modificationNanoseconds
        start = UnsafeRawPointer(memory)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: start), size)
    }

    /// The whole file.
    ///
    /// The pointer is good inside of `body` only.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Safety: self, and so the mapping, is held until body returns.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// The address of byte `offset`.
    // Safety: the caller holds this object for as long as it uses the pointer, and stays below `size`.
    func pointer(at offset: Int) -> UnsafeRawPointer {
        precondition(offset >= 0 && offset <= size, "offset outside of the mapped file")
        return start + offset
    }

    /// Whether the path still leads to a file of the size and time of modification that were mapped.
    package func isUnchanged() -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return Int(exactly: status.st_size) == size
            && status.modificationNanoseconds == modificationNanoseconds
    }

    /// Asks the system to read the bytes ahead, so that the first use does not wait for each page.
    package func prefetch() {
        // Ignored: it is a hint; without it the pages come when they are used.
        _ = madvise(UnsafeMutableRawPointer(mutating: start), size, MADV_WILLNEED)
    }
}

extension stat {
    fileprivate var modificationNanoseconds: Int64 {
        #if canImport(Darwin)
        Int64(st_mtimespec.tv_sec) &* 1_000_000_000 &+ Int64(st_mtimespec.tv_nsec)
        #else
        Int64(st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(st_mtim.tv_nsec)
        #endif
    }
}

extension WeightsError {
    fileprivate static func unreadable(_ path: String, _ what: String, _ error: Int32) -> WeightsError {
        WeightsError(.unreadable, "\(path): \(what): \(String(cString: strerror(error)))")
    }
}
