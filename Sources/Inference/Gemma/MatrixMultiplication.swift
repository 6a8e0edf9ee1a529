import CKernels
import COpenBLAS

/// A weight matrix in memory, `[rows, columns]`, in the element type of its file.
///
/// Safety: the addresses are valid as long as the ``GemmaModel`` and the ``PackedWeights`` that they come from exist.
struct Matrix {
    let address: UnsafeRawPointer
    let type: ck_type
    let rows: Int
    let columns: Int
    let rowBytes: Int
    /// The same rows repacked for integer arithmetic; nil if they have not been repacked.
    var tiles: UnsafeRawPointer?

    /// Some of the rows, as they are in the file.
    func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return Matrix(
            address: address + range.lowerBound * rowBytes, type: type, rows: range.count, columns: columns,
            rowBytes: rowBytes)
    }
}

/// Products of weight matrices with activations, split over the engine's threads.
///
/// Matrices that were repacked (see ``PackedWeights``) are multiplied in integers, whatever the number of tokens.
/// All others are multiplied exactly, in f32: for few tokens by kernels that unpack each weight once, in registers; for
/// many tokens in panels of rows, which are unpacked to memory and multiplied by OpenBLAS.
struct MatrixMultiplication {
    /// The activations of some tokens; ``prepare(block:of:columns:)`` must have been called for all of them.
    struct Input {
        /// The activations, `[tokenCount, columns]`.
        let x: UnsafePointer<Float>
        let tokenCount: Int
        let columns: Int
    }

    /// A product to compute: of a matrix, `[rows, columns]`, with an input, into `[tokenCount, rows]`.
    struct Product {
        let matrix: Matrix
        let output: UnsafeMutablePointer<Float>

        init(_ matrix: Matrix, into output: UnsafeMutablePointer<Float>) {
            self.matrix = matrix
            self.output = output
        }
    }

    /// The number of tokens in a block of activations; the last block may have fewer.
    static let blockTokens = 16
    /// Up to this many tokens are multiplied by the kernel; for more, sgemm's speed makes up for unpacking a panel.
    static let fusedColumnLimit = 8
    private static let panelBytes = 2 << 20
    /// How many bytes of tiles are multiplied with all tokens before the next tiles: they fit a core's second-level
    /// cache.
    private static let tilePanelBytes = 256 << 10
    /// How many bytes of tiles a thread takes at once when there are few tokens: enough to read memory at full speed,
    /// few enough to balance the threads.
    private static let tilePieceBytes = 128 << 10

    private let pool: ThreadPool
    /// One panel of f32 weights for each thread.
    private let panels: [UnsafeMutableBufferPointer<Float>]
    /// The input rounded to 8 bits; nil if no matrix is in tiles.
    private let quantized: UnsafeMutableRawPointer?

    init(
        pool: ThreadPool, largestColumnCount: Int, sliceLimit: Int, usesTiles: Bool, scratch: ScratchMemory
    ) {
        self.pool = pool
        let rows = Self.panelRows(columns: largestColumnCount)
        let count = max(Self.panelBytes / 4, rows * largestColumnCount)
        panels = (0..<pool.threadCount).map { _ in scratch.floats(count) }
        let bytes = ck_quantized_bytes(largestColumnCount, sliceLimit)
        quantized = usesTiles ? UnsafeMutableRawPointer(scratch.floats(bytes / 4 + 1).baseAddress!) : nil
    }

    /// Prepares one block of the activations, `[tokenCount, columns]`, for the products that follow.
    ///
    /// Several threads may prepare different blocks at the same time; all blocks must be prepared before a product.
    /// - Parameter range: the columns to prepare, with both bounds at multiples of 32; nil for all.
    func prepare(block: Int, of input: Input, columns range: Range<Int>? = nil) {
        guard let quantized, input.columns % 32 == 0 else { return }
        let first = block * Self.blockTokens
        let count = min(Self.blockTokens, input.tokenCount - first)
        let columns = range ?? 0..<input.columns
        ck_quantize(
            input.x + first * input.columns + columns.lowerBound, count, input.columns, columns.count,
            quantized + block * ck_quantized_bytes(input.columns, Self.blockTokens)
                + ck_quantized_bytes(columns.lowerBound, count))
    }

    /// Computes `output[token, row]`, the sum over columns of `matrix[row, column] * x[token, column]`, for up to
    /// three matrices at once, so that the threads synchronise only once.
    func multiply(_ input: Input, _ first: Product, _ second: Product? = nil, _ third: Product? = nil) {
        let work = TilesWork(
            first: pieces(of: first, input), second: second.flatMap { pieces(of: $0, input) },
            third: third.flatMap { pieces(of: $0, input) }, quantized: quantized)
        pool.forEach(work.count, work)
        multiplyFloats(first, input)
        if let second { multiplyFloats(second, input) }
        if let third { multiplyFloats(third, input) }
    }

    private func pieces(of product: Product, _ input: Input) -> TilePieces? {
        precondition(product.matrix.columns == input.columns)
        return product.matrix.tiles.map {
            TilePieces(product, tiles: $0, tokenCount: input.tokenCount, threads: pool.threadCount)
        }
    }

    /// A product with a matrix in tiles, cut into pieces for the threads.
    private struct TilePieces {
        let product: Product
        let tiles: UnsafeRawPointer
        let tokenCount: Int
        let format: ck_tile_format
        let tileBytes: Int
        let pieceTiles: Int
        let count: Int
        private static let tileRows = Int(CK_TILE_ROWS)

        init(_ product: Product, tiles: UnsafeRawPointer, tokenCount: Int, threads: Int) {
            self.product = product
            self.tiles = tiles
            self.tokenCount = tokenCount
            format = ck_tile_format_of(product.matrix.type)
            tileBytes = ck_tile_bytes(format, product.matrix.columns)
            let tileCount = (product.matrix.rows + Self.tileRows - 1) / Self.tileRows
            let isFew = tokenCount <= MatrixMultiplication.blockTokens
            let bytes = isFew ? MatrixMultiplication.tilePieceBytes : MatrixMultiplication.tilePanelBytes
            pieceTiles = min(max(1, tileCount / (threads * 4)), max(1, bytes / tileBytes))
            count = (tileCount + pieceTiles - 1) / pieceTiles
        }

        func multiply(piece: Int, _ quantized: UnsafeMutableRawPointer?) {
            let tile = piece * pieceTiles
            let row = tile * Self.tileRows
            let rows = product.matrix.rows
            ck_tile_multiply(
                format, tiles + tile * tileBytes, min(pieceTiles * Self.tileRows, rows - row),
                product.matrix.columns, quantized, tokenCount, product.output + row, rows)
        }
    }

    /// Those of up to three products whose matrices are in tiles.
    private struct TilesWork: PoolWork {
        let first, second, third: TilePieces?
        let quantized: UnsafeMutableRawPointer?

        var count: Int { (first?.count ?? 0) + (second?.count ?? 0) + (third?.count ?? 0) }

        func perform(_ item: Int, thread: Int) {
            var item = item
            if let first {
                if item < first.count { return first.multiply(piece: item, quantized) }
                item -= first.count
            }
            if let second {
                if item < second.count { return second.multiply(piece: item, quantized) }
                item -= second.count
            }
            third?.multiply(piece: item, quantized)
        }
    }

    private func multiplyFloats(_ product: Product, _ input: Input) {
        guard product.matrix.tiles == nil else { return }
        if input.tokenCount <= Self.fusedColumnLimit {
            multiplyFew(product.matrix, input.x, input.tokenCount, product.output)
        } else {
            multiplyMany(product.matrix, input.x, input.tokenCount, product.output)
        }
    }

    private func multiplyFew(
        _ matrix: Matrix, _ x: UnsafePointer<Float>, _ tokenCount: Int, _ y: UnsafeMutablePointer<Float>
    ) {
        // Enough pieces to balance the threads, each large enough to read memory at full speed.
        let pieceRows = max(16, min(matrix.rows / (pool.threadCount * 4), (1 << 20) / matrix.rowBytes))
        let work = RowsWork(matrix: matrix, x: x, tokenCount: tokenCount, y: y, pieceRows: pieceRows)
        pool.forEach((matrix.rows + pieceRows - 1) / pieceRows, work)
    }

    private struct RowsWork: PoolWork {
        let matrix: Matrix
        let x: UnsafePointer<Float>
        let tokenCount: Int
        let y: UnsafeMutablePointer<Float>
        let pieceRows: Int

        func perform(_ item: Int, thread: Int) {
            let first = item * pieceRows
            ck_gemv(
                matrix.type, matrix.address + first * matrix.rowBytes, min(pieceRows, matrix.rows - first),
                matrix.columns, x, tokenCount, matrix.columns, y + first, matrix.rows)
        }
    }

    private func multiplyMany(
        _ matrix: Matrix, _ x: UnsafePointer<Float>, _ tokenCount: Int, _ y: UnsafeMutablePointer<Float>
    ) {
        // Panels small enough for the scratch memory, and enough of them for the threads to finish together.
        let share = (matrix.rows / (pool.threadCount * 4) + 15) / 16 * 16
        let panelRows = min(Self.panelRows(columns: matrix.columns), max(32, share))
        let panelCount = (matrix.rows + panelRows - 1) / panelRows
        pool.forEach(panelCount) { thread, panel in
            let first = panel * panelRows
            let rows = min(panelRows, matrix.rows - first)
            let packed = matrix.address + first * matrix.rowBytes
            let weights: UnsafePointer<Float>
            if matrix.type == CK_F32 {
                weights = packed.assumingMemoryBound(to: Float.self)
            } else {
                // Safety: init has allocated panelRows x columns floats for each panel.
                let unpacked = panels[thread].baseAddress!
                for row in 0..<rows {
                    ck_dequantize(
                        matrix.type, packed + row * matrix.rowBytes, unpacked + row * matrix.columns,
                        matrix.columns)
                }
                weights = UnsafePointer(unpacked)
            }
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, Int32(tokenCount), Int32(rows),
                Int32(matrix.columns),
                1, x, Int32(matrix.columns), weights, Int32(matrix.columns), 0, y + first, Int32(matrix.rows))
        }
    }

    private static func panelRows(columns: Int) -> Int { max(16, panelBytes / 4 / columns) }
}
