import CKernels
import COpenBLAS

/// A weight matrix in memory, `[rows, columns]`, in the element type of its file.
///
/// Safety: the address stays valid as long as the ``GemmaModel`` that it came from.
struct Matrix {
    let address: UnsafeRawPointer
    let type: ck_type
    let rows: Int
    let columns: Int
    let rowBytes: Int
}

/// Products of weight matrices with activations, split over the engine's threads.
///
/// A few columns go through kernels that unpack each weight once, in registers: decoding is bound by reading
/// the weights. Many columns go through panels of rows, unpacked to f32 and multiplied by OpenBLAS.
struct MatrixMultiplication {
    /// Up to so many columns take the kernel; beyond, unpacking a panel is paid back by sgemm's speed.
    static let fusedColumnLimit = 8
    private static let panelBytes = 2 << 20

    private let pool: ThreadPool
    /// One panel of f32 weights per thread.
    private let panels: [UnsafeMutableBufferPointer<Float>]

    init(pool: ThreadPool, largestColumnCount: Int, scratch: ScratchMemory) {
        self.pool = pool
        let rows = Self.panelRows(columns: largestColumnCount)
        let count = max(Self.panelBytes / 4, rows * largestColumnCount)
        panels = (0..<pool.threadCount).map { _ in scratch.floats(count) }
    }

    /// Computes `y[token, row]`, the sum over columns of `matrix[row, column] * x[token, column]`.
    ///
    /// - Parameters:
    ///   - x: `[tokenCount, columns]`
    ///   - y: `[tokenCount, rows]`
    func multiply(
        _ matrix: Matrix, _ x: UnsafePointer<Float>, tokenCount: Int, into y: UnsafeMutablePointer<Float>
    ) {
        if tokenCount <= Self.fusedColumnLimit {
            multiplyFew(matrix, x, tokenCount, y)
        } else {
            multiplyMany(matrix, x, tokenCount, y)
        }
    }

    private func multiplyFew(
        _ matrix: Matrix, _ x: UnsafePointer<Float>, _ tokenCount: Int, _ y: UnsafeMutablePointer<Float>
    ) {
        // Enough pieces to share out fairly, each large enough to stream.
        let pieceRows = max(16, min(matrix.rows / (pool.threadCount * 4), (1 << 20) / matrix.rowBytes))
        let pieces = (matrix.rows + pieceRows - 1) / pieceRows
        pool.forEach(pieces) { _, piece in
            let first = piece * pieceRows
            ck_gemv(
                matrix.type, matrix.address + first * matrix.rowBytes, min(pieceRows, matrix.rows - first),
                matrix.columns, x, tokenCount, matrix.columns, y + first, matrix.rows)
        }
    }

    private func multiplyMany(
        _ matrix: Matrix, _ x: UnsafePointer<Float>, _ tokenCount: Int, _ y: UnsafeMutablePointer<Float>
    ) {
        // Small enough for the scratch, and enough panels that the threads end together.
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
                // Safety: a panel holds panelRows x columns floats, see init.
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
