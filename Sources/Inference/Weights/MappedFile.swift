#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

// Safety: all stored properties are immutable after init, the memory is mapped read-only, and only deinit unmaps it,
// so any thread that holds a reference may read it.
/// A file mapped into memory for reading.
///
/// A mapped file must not be changed in place: bytes would change under the model, and reading past the end of a
/// shortened file kills the process with SIGBUS. Replace a model by renaming a new file over the old one;
/// ``isUnchanged()`` tells whether that has happened.
package final class MappedFile: @unchecked Sendable {
    /// The path that the file was opened by.
    package let path: String
    /// The size of the file when it was mapped, in bytes; at least 1.
    package let size: Int
    /// The file's modification time when it was mapped, in nanoseconds since 1970.
    ///
    /// Wrapped where it does not fit: a file can be given any time, and this one only tells files apart.
    package let modificationNanoseconds: Int64
    private let start: UnsafeRawPointer

    /// Maps the file at `path`; throws `unreadable` if it cannot be, or if it is empty or not a regular file.
    package init(path: String) throws(WeightsError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, "cannot be examined", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WeightsError(
                .unreadable, "\(path): a file of weights expected, but this is not a regular file")
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

    /// Calls `body` with the bytes of the whole file.
    ///
    /// The pointer is valid only inside `body`.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Safety: self, and with it the mapping, is kept alive until body returns.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// The address of byte `offset`.
    // Safety: the caller keeps this object alive for as long as it uses the pointer, and reads nothing past `size`.
    func pointer(at offset: Int) -> UnsafeRawPointer {
        precondition(offset >= 0 && offset <= size, "offset outside of the mapped file")
        return start + offset
    }

    /// Whether the file that is at the path now has the size and modification time of the mapped one.
    package func isUnchanged() -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return Int(exactly: status.st_size) == size
            && status.modificationNanoseconds == modificationNanoseconds
    }

    /// Asks the kernel to read the whole file ahead, so that the first use does not wait for the disk page by page.
    package func prefetch() {
        // Ignored: this is a hint; without it each page is read when it is first used.
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
