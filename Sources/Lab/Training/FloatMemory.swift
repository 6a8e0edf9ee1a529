import Glibc

/// Zeroed memory for floats, in large pages if the system provides them; freed together with this object.
///
/// Safety: the owner makes sure that no two threads write the same part.
final class FloatMemory: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
    let count: Int
    private let byteCount: Int

    /// Allocates `count` floats; pages that are never touched take no memory.
    init(_ count: Int) {
        self.count = count
        byteCount = max(count, 1) * MemoryLayout<Float>.stride
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else {
            preconditionFailure("no memory for \(byteCount) bytes")
        }
        madvise(address, byteCount, MADV_HUGEPAGE)
        start = address.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    deinit { munmap(start, byteCount) }

    /// All floats.
    var floats: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: start, count: count) }
}

/// Cuts matrices from a block of memory, one after the other.
struct FloatCutter {
    private var next: UnsafeMutablePointer<Float>?
    /// How many floats have been cut off so far, including padding for alignment.
    private(set) var used = 0

    /// Begins at `start`; if it is nil, the cutter only counts how much memory would be needed.
    init(_ start: UnsafeMutablePointer<Float>?) { next = start }

    mutating func matrix(_ rows: Int, _ columns: Int) -> MatrixView {
        let size = (rows * columns + 15) / 16 * 16
        defer {
            used += size
            next = next.map { $0 + size }
        }
        // Without memory, the view must not be used.
        return MatrixView(next ?? Self.nowhere, rows: rows, columns: columns)
    }

    private static var nowhere: UnsafeMutablePointer<Float> {
        UnsafeMutablePointer(bitPattern: MemoryLayout<Float>.alignment)!
    }
}
