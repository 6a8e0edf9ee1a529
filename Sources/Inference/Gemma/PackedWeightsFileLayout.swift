import CKernels
import Files
import Glibc
import Weights

/// The layout of all repacked matrices, in memory as in the file; it depends only on the weights.
///
/// A file consists of:
///
///     head        magic, versions, fingerprint and the table of matrices; see `init`
///     checksums   a UInt64 for each block, in the order of the blocks
///     checksum    a UInt64 over everything before it
///     tiles       of each matrix, beginning at a multiple of 4096; zeros fill the gaps
///
/// The head is never parsed. It has to equal, byte for byte, the head that this program would write now for these
/// weights; otherwise the file is stale. All numbers are little-endian.
struct PackedWeightsFileLayout {
    /// A run of tiles of one matrix, about 1 MiB, that a thread packs at once and that has its own checksum.
    struct Block {
        var matrix: Matrix
        var firstTile: Int
        var tileCount: Int
        /// Where the block begins, in bytes from the beginning of the file.
        var offset: Int
        var tileBytes: Int

        var byteCount: Int { tileCount * tileBytes }
    }

    /// Must be raised when the meaning of a field changes; changes to the tiles' format are noticed without it.
    private static let version: UInt64 = 2
    private static let blockBytes = 1 << 20
    private static let alignment = 4096

    /// The bytes that the file begins with.
    let head: [UInt8]
    /// The offset of each matrix's tiles, in the order of ``GemmaWeights/matrices``; nil for one that is not repacked.
    let offsets: [Int?]
    let blocks: [Block]
    /// The size of the whole file in bytes; 0 if nothing is repacked.
    let byteCount: Int
    /// The model's files, which contain the weights.
    let sources: [MappedFile]

    init(weights: GemmaWeights) {
        let matrices = weights.matrices
        let repacked = matrices.filter { Self.tileBytes(of: $0) > 0 }
        let blockCount = repacked.reduce(0) { $0 + Self.blockCount(of: $1) }
        sources = Self.files(of: weights)
        // Magic, five numbers and seven for each matrix; the checksums follow.
        let headBytes = 8 * (6 + 7 * repacked.count)
        var end = headBytes + 8 * (blockCount + 1)
        var blocks: [Block] = []
        offsets = matrices.map { matrix in
            let tileBytes = Self.tileBytes(of: matrix)
            guard tileBytes > 0 else { return nil }
            let offset = (end + Self.alignment - 1) / Self.alignment * Self.alignment
            let tileCount = Self.tileCount(of: matrix)
            let blockTiles = Self.blockTiles(of: matrix)
            for tile in stride(from: 0, to: tileCount, by: blockTiles) {
                blocks.append(
                    Block(
                        matrix: matrix, firstTile: tile, tileCount: min(blockTiles, tileCount - tile),
                        offset: offset + tile * tileBytes, tileBytes: tileBytes))
            }
            end = offset + tileCount * tileBytes
            return offset
        }
        self.blocks = blocks
        byteCount = blocks.isEmpty ? 0 : end
        var head = Array("GEMTILES".utf8)
        func add(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { head += $0 } }
        add(Self.version)
        add(Self.tileIdentity())
        add(Self.fingerprint(of: weights, files: sources))
        add(UInt64(byteCount))
        add(UInt64(repacked.count))
        for (matrix, offset) in zip(repacked, offsets.compactMap(\.self)) {
            let tileBytes = Self.tileBytes(of: matrix)
            let numbers = [
                offset, Self.tileCount(of: matrix) * tileBytes, Int(matrix.type.rawValue),
                Int(ck_tile_format_of(matrix.type).rawValue), matrix.rows, matrix.columns,
                Self.blockTiles(of: matrix),
            ]
            for number in numbers { add(UInt64(number)) }
        }
        precondition(head.count == headBytes)
        self.head = head
    }

    /// Packs one block into `tiles`, then releases the mapped pages that it was read from.
    func pack(_ block: Block, into tiles: UnsafeMutableRawPointer) {
        let tileRows = Int(CK_TILE_ROWS)
        let matrix = block.matrix
        for tile in 0..<block.tileCount {
            let row = (block.firstTile + tile) * tileRows
            ck_tile_pack(
                matrix.type, matrix.address + row * matrix.rowBytes, min(tileRows, matrix.rows - row),
                matrix.columns, tiles + tile * block.tileBytes)
        }
        let first = block.firstTile * tileRows
        matrix.dropPages(rows: first..<min(matrix.rows, first + block.tileCount * tileRows))
    }

    private static func tileBytes(of matrix: Matrix) -> Int {
        ck_tile_bytes(ck_tile_format_of(matrix.type), matrix.columns)
    }

    private static func tileCount(of matrix: Matrix) -> Int {
        (matrix.rows + Int(CK_TILE_ROWS) - 1) / Int(CK_TILE_ROWS)
    }

    private static func blockTiles(of matrix: Matrix) -> Int { max(1, blockBytes / tileBytes(of: matrix)) }

    private static func blockCount(of matrix: Matrix) -> Int {
        let blockTiles = blockTiles(of: matrix)
        return (tileCount(of: matrix) + blockTiles - 1) / blockTiles
    }

    private static func files(of weights: GemmaWeights) -> [MappedFile] {
        var files: [MappedFile] = []
        for tensor in weights.tensors where !files.contains(where: { $0 === tensor.file }) {
            files.append(tensor.file)
        }
        return files
    }

    /// A hash that distinguishes model files: over their sizes and modification times, and over each tensor's name,
    /// shape, type, offset and samples of its bytes at the beginning, in the middle and at the end.
    ///
    /// Hashing every byte would read the whole model at each start. So a change that keeps the file's size, its time to
    /// the nanosecond and all samples goes unnoticed.
    private static func fingerprint(of weights: GemmaWeights, files: [MappedFile]) -> UInt64 {
        let sampleBytes = 256
        var hash: UInt64 = 0
        func add(_ text: String) { hash = XXHash64.hash(Array(text.utf8)[...], seed: hash) }
        for file in files { add("\(file.size) \(file.modificationNanoseconds)") }
        for tensor in weights.tensors {
            add("\(tensor.name) \(tensor.shape) \(tensor.type.name) \(tensor.offset)")
            tensor.withUnsafeBytes { bytes in
                let middle = max(0, bytes.count / 2 - sampleBytes / 2)
                for sample in [
                    bytes.prefix(sampleBytes), bytes[middle...].prefix(sampleBytes),
                    bytes.suffix(sampleBytes),
                ] {
                    hash = XXHash64.hash(UnsafeRawBufferPointer(rebasing: sample), seed: hash)
                }
            }
        }
        return hash
    }

    /// A hash that distinguishes formats of tiles, made by packing a small sample of every type, so that there is no
    /// version that somebody could forget to raise when the packing changes.
    private static func tileIdentity() -> UInt64 {
        let columns = 256
        var hash: UInt64 = 0
        for type in [CK_Q8_0, CK_Q5_0, CK_Q4_0, CK_Q4_K, CK_Q5_K, CK_Q6_K] {
            let format = ck_tile_format_of(type)
            let tileBytes = ck_tile_bytes(format, columns)
            guard tileBytes > 0 else { continue }
            // Bytes that also make good scales: as halves they are finite numbers of moderate size, of both signs.
            var state: UInt32 = 1
            let rows = (0..<ck_row_bytes(type, columns) * Int(CK_TILE_ROWS)).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return UInt8(truncatingIfNeeded: state >> 24) & 0xBF | 0x20
            }
            var tile = [UInt8](repeating: 0, count: tileBytes)
            ck_tile_pack(type, rows, Int(CK_TILE_ROWS), columns, &tile)
            hash ^= UInt64(type.rawValue) << 32 | UInt64(format.rawValue)
            hash = XXHash64.hash(tile[...], seed: hash)
        }
        return hash
    }
}

extension GemmaWeights {
    /// All matrices that are multiplied with, in the order in which their tiles are laid out.
    var matrices: [Matrix] { [head] + (layerInputs?.projections ?? []) + layers.flatMap(\.matrices) }
}

extension Matrix {
    /// Releases the pages of the mapped file that contain only these rows; they are read again if needed.
    fileprivate func dropPages(rows: Range<Int>) {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let begin = (UInt(bitPattern: address + rows.lowerBound * rowBytes) + page - 1) / page * page
        let end = UInt(bitPattern: address + rows.upperBound * rowBytes) / page * page
        guard end > begin else { return }
        // Safety: the pages belong to a read-only mapping of a file, so dropping them loses nothing. If it fails, that
        // only costs memory.
        _ = madvise(UnsafeMutableRawPointer(bitPattern: begin), Int(end - begin), MADV_DONTNEED)
    }
}
