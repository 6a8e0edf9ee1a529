import Glibc
import Weights

/// A file of repacked weights, mapped for reading, so that a start need not repack and processes share the memory.
///
/// Its head is compared when it is opened. Its blocks are checked by ``verify(pool:)``, before the first use: that
/// reads the whole file, which a start need not wait for. Like a model, a file in use must not be changed in place;
/// this type never does, and its ``write(to:layout:pool:)`` only renames a whole file over the old one.
final class PackedWeightsFile {
    let path: String
    private let layout: PackedWeightsFileLayout
    private let file: MappedFile
    private let checksums: [UInt64]
    private var isVerified: Bool

    /// The file at `path` if it is there and belongs to these weights; nil if it has to be written.
    ///
    /// - Parameter isFresh: whether this process has just written it, so that its blocks need no check.
    static func open(_ path: String, layout: PackedWeightsFileLayout, isFresh: Bool = false)
        -> PackedWeightsFile?
    {
        guard let file = try? MappedFile(path: path), file.size == layout.byteCount else { return nil }
        let checksums = file.withUnsafeBytes { bytes -> [UInt64]? in
            let headBytes = layout.head.count
            let end = headBytes + 8 * layout.blocks.count
            guard end + 8 <= bytes.count, bytes.prefix(headBytes).elementsEqual(layout.head),
                PackedWeightsFileChecksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
                    == number(bytes, at: end)
            else { return nil }
            return layout.blocks.indices.map { number(bytes, at: headBytes + 8 * $0) }
        }
        guard let checksums else { return nil }
        // Ignored: a hint, to keep the file in pages of 2 MiB where the file system can do that.
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

    /// Its first byte.
    // Safety: mapped as long as this object lives; whoever keeps the address keeps it too.
    var address: UnsafeRawPointer { file.withUnsafeBytes { $0.baseAddress! } }

    /// Checks every block once, on all threads; packs damaged ones anew, in memory of this process.
    ///
    /// A damaged file is also removed, so that the next start writes it again.
    /// - Returns: how many blocks were damaged; 0 if they were checked before.
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
                isDamaged[index] = PackedWeightsFileChecksum.of(bytes) != checksums[index]
            }
        }
        let damaged = isDamaged.indices.filter { isDamaged[$0] }
        // One after the other: neighbours share pages.
        for index in damaged { try repair(layout.blocks[index]) }
        isVerified = true
        // Ignored: if it cannot be removed, it is repaired again at the next start.
        if !damaged.isEmpty, file.isUnchanged() { unlink(path) }
        return damaged.count
    }

    /// Writes over a block in private copies of its pages; the file stays as it is.
    private func repair(_ block: PackedWeightsFileLayout.Block) throws(GemmaError) {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let start = UInt(bitPattern: address + block.offset)
        let begin = start / page * page
        let byteCount = Int(start - begin) + block.byteCount
        let pages = UnsafeMutableRawPointer(bitPattern: begin)
        // Safety: the pages are part of a private mapping that nobody reads before verify has returned.
        guard mprotect(pages, byteCount, PROT_READ | PROT_WRITE) == 0 else {
            throw GemmaError(
                .badWeights,
                "\(path): damaged, and there is no memory to repair it: remove the file and start again")
        }
        layout.pack(block, into: UnsafeMutableRawPointer(mutating: address + block.offset))
        // Ignored: the pages would only stay writable.
        _ = mprotect(pages, byteCount, PROT_READ)
    }

    /// Maps all pages at once rather than by one fault each.
    private static func populate(_ bytes: UnsafeRawBufferPointer) {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let start = UInt(bitPattern: bytes.baseAddress)
        let begin = start / page * page
        // Ignored: a hint, which kernels before 5.14 do not know.
        _ = madvise(
            UnsafeMutableRawPointer(bitPattern: begin), Int(start - begin) + bytes.count, populateRead)
    }

    /// MADV_POPULATE_READ, which older C libraries do not name.
    static let populateRead: Int32 = 22

    private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
