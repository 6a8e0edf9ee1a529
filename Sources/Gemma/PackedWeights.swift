import CKernels
import Glibc

/// A model's weights repacked for integer arithmetic, where their element types allow it.
///
/// Takes about as much memory as the weights themselves; what was repacked is dropped from the mapped file's
/// pages in memory, so that the two do not add up.
final class PackedWeights {
    /// As the model's, with tiles.
    let layers: [GemmaWeights.Layer]
    /// As the model's, with tiles.
    let head: Matrix
    /// Whether anything was repacked.
    let usesTiles: Bool
    private let memory: UnsafeMutableRawPointer?
    private let byteCount: Int

    /// Repacks on all threads of `pool`.
    init(weights: GemmaWeights, pool: ThreadPool) throws(GemmaError) {
        let matrices = [weights.head] + weights.layers.flatMap(\.matrices)
        byteCount = matrices.reduce(0) { $0 + Self.byteCount(of: $1) }
        usesTiles = byteCount > 0
        var next: UnsafeMutableRawPointer?
        if byteCount > 0 {
            next = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard next != MAP_FAILED else {
                throw GemmaError(
                    .badOption,
                    "no memory for \(byteCount >> 20) MiB of repacked weights: take a smaller model")
            }
        }
        memory = next
        func packed(_ matrix: Matrix) -> Matrix {
            let bytes = Self.byteCount(of: matrix)
            guard bytes > 0, let tiles = next else { return matrix }
            Self.pack(matrix, into: tiles, pool: pool)
            next = tiles + bytes
            var matrix = matrix
            matrix.tiles = UnsafeRawPointer(tiles)
            return matrix
        }
        head = packed(weights.head)
        layers = weights.layers.map { $0.mapMatrices(packed) }
    }

    deinit {
        if let memory { munmap(memory, byteCount) }
    }

    /// Bytes of the matrix in tiles; 0 if it stays as it is.
    private static func byteCount(of matrix: Matrix) -> Int {
        let tileRows = Int(CK_TILE_ROWS)
        return (matrix.rows + tileRows - 1) / tileRows
            * ck_tile_bytes(ck_tile_format_of(matrix.type), matrix.columns)
    }

    private static func pack(_ matrix: Matrix, into tiles: UnsafeMutableRawPointer, pool: ThreadPool) {
        let tileRows = Int(CK_TILE_ROWS)
        let tileBytes = ck_tile_bytes(ck_tile_format_of(matrix.type), matrix.columns)
        pool.forEach((matrix.rows + tileRows - 1) / tileRows) { _, tile in
            let row = tile * tileRows
            ck_tile_pack(
                matrix.type, matrix.address + row * matrix.rowBytes, min(tileRows, matrix.rows - row),
                matrix.columns, tiles + tile * tileBytes)
        }
        matrix.dropPages()
    }
}

extension Matrix {
    /// Lets the kernel take back the mapped file's pages that hold this matrix alone; they are read again if needed.
    fileprivate func dropPages() {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let begin = (UInt(bitPattern: address) + UInt(page) - 1) / UInt(page) * UInt(page)
        let end = (UInt(bitPattern: address) + UInt(rows * rowBytes)) / UInt(page) * UInt(page)
        guard end > begin else { return }
        // Safety: a read-only mapping of a file; dropping its clean pages loses nothing. A failure would only cost
        // memory.
        _ = madvise(UnsafeMutableRawPointer(bitPattern: begin), Int(end - begin), MADV_DONTNEED)
    }
}

extension GemmaWeights.Layer {
    /// All matrices of the layer, in the order in which the forward pass reads them.
    var matrices: [Matrix] { [attnQ, attnK, attnV, attnOutput, ffnGate, ffnUp, ffnDown] }

    /// The layer with `transform` done to its matrices, in the order of ``matrices``.
    func mapMatrices(_ transform: (Matrix) -> Matrix) -> GemmaWeights.Layer {
        var layer = self
        layer.attnQ = transform(attnQ)
        layer.attnK = transform(attnK)
        layer.attnV = transform(attnV)
        layer.attnOutput = transform(attnOutput)
        layer.ffnGate = transform(ffnGate)
        layer.ffnUp = transform(ffnUp)
        layer.ffnDown = transform(ffnDown)
        return layer
    }
}
