import Files
import Glibc
import Weights

/// A mapped file of repacked weights, which saves repacking at each start and lets processes share the memory.
///
/// Opening compares the file's head. ``verify(pool:)`` checks the blocks before the first use; it reads the whole file,
/// which a start need not wait for. Like a model, a file in use must not be changed in place. This type never does so:
/// ``write(to:layout:pool:)`` renames a complete new file over the old one.
final class PackedWeightsFile {
    let path: String
    private let layout: PackedWeightsFileLayout
    private let file: MappedFile
    private let checksums: [UInt64]
    private var isVerified: Bool

    /// Opens the file at `path`; nil if it does not exist or does not belong to these weights, so that it must be
    /// written.
    ///
    /// - Parameter isFresh: whether this process has just written the file, so that its blocks need not be checked.
    static func open(_ path: String, layout: PackedWeightsFileLayout, isFresh: Bool = false)
        -> PackedWeightsFile?
    {
        guard let file = try? MappedFile(path: path), file.size == layout.byteCount else { return nil }
        let checksums = file.withUnsafeBytes { bytes -> [UInt64]? in
            let headBytes = layout.head.count
            let end = headBytes + 8 * layout.blocks.count
            guard end + 8 <= bytes.count, bytes.prefix(headBytes).elementsEqual(layout.head),
                XXHash64.hash(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
                    == number(bytes, at: end)
            else { return nil }
            return layout.blocks.indices.map { number(bytes, at: headBytes + 8 * $0) }
        }
        guard let checksums else { return nil }
        // Ignored: this is a hint to keep the file in pages of 2 MiB, where the file system supports that.
        _ = file.withUnsafeBytes {
            madvise(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count, MADV_HUGEPAGE)
        }
        return PackedWeightsFile(
            path: path, layout: layout, file: file, checksums: checksums, isVerified: isFresh)
    }

    private init(
        path: String, layout: PackedWeightsFileLayout, file: MappedFile, checksums: [UInt64], isVerified: Bool
    ) {
        self.path = path
        self.layout = layout
        self.file = file
        self.checksums = checksums
        self.isVerified = isVerified
    }

    /// The address of the file's first byte.
    // Safety: the file is mapped as long as this object exists; a caller that keeps the address also keeps the object.
    var address: UnsafeRawPointer { file.withUnsafeBytes { $0.baseAddress! } }

    /// Checks every block, the first time only, on all threads; repacks damaged blocks in this process's memory.
    ///
    /// A damaged file is also removed, so that the next start writes it again.
    /// - Returns: how many blocks were damaged; 0 if they have been checked before.
    /// - Throws: a ``GemmaError`` if there is not enough memory to repair a block.
    func verify(pool: ThreadPool) throws(GemmaError) -> Int {
        guard !isVerified else { return 0 }
        var isDamaged = [Bool](repeating: false, count: layout.blocks.count)
        isDamaged.withUnsafeMutableBufferPointer { isDamaged in
            // Safety: every item writes its own element, and all are done when forEach returns.
            nonisolated(unsafe) let isDamaged = isDamaged
            pool.forEach(layout.blocks.count) { _, index in
                let block = layout.blocks[index]
                let bytes = UnsafeRawBufferPointer(start: address + block.offset, count: block.byteCount)
                Self.populate(bytes)
                isDamaged[index] = XXHash64.hash(bytes) != checksums[index]
            }
        }
        let damaged = isDamaged.indices.filter { isDamaged[$0] }
        // One after the other, since neighbouring blocks share pages.
        for index in damaged { try repair(layout.blocks[index]) }
        isVerified = true
        // Ignored: if the file cannot be removed, it is repaired again at the next start.
        if !damaged.isEmpty, file.isUnchanged() { unlink(path) }
        return damaged.count
    }

    /// Overwrites a block in private copies of its pages; the file itself is not changed.
    private func repair(_ block: PackedWeightsFileLayout.Block) throws(GemmaError) {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let start = UInt(bitPattern: address + block.offset)
        let begin = start / page * page
        let byteCount = Int(start - begin) + block.byteCount
        let pages = UnsafeMutableRawPointer(bitPattern: begin)
        // Safety: the pages are part of a private mapping, which is not used before verify has returned.
        guard mprotect(pages, byteCount, PROT_READ | PROT_WRITE) == 0 else {
            throw GemmaError(
                .badWeights,
                "\(path): damaged, and there is no memory to repair it: remove the file and start again")
        }
        layout.pack(block, into: UnsafeMutableRawPointer(mutating: address + block.offset))
        // Ignored: if this fails, the pages just stay writable.
        _ = mprotect(pages, byteCount, PROT_READ)
    }

    /// Maps all pages at once, which is faster than one page fault for each.
    private static func populate(_ bytes: UnsafeRawBufferPointer) {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let start = UInt(bitPattern: bytes.baseAddress)
        let begin = start / page * page
        // Ignored: this is a hint, which kernels before 5.14 do not know.
        _ = madvise(
            UnsafeMutableRawPointer(bitPattern: begin), Int(start - begin) + bytes.count, populateRead)
    }

    /// The value of MADV_POPULATE_READ, which older C libraries do not define.
    static let populateRead: Int32 = 22

    private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
