import CGradients
import Gemma

/// Frozen matrices with the same input, stacked into one matrix W.
struct FrozenStack {
    /// How the matrix is stored.
    private enum Form {
        /// As in the model's file; panels of rows are unpacked each time they are used.
        case file
        /// As f32, `[rows, columns]`.
        case full(MatrixView)
        /// As bfloat16, packed twice: for the forward and for the backward product.
        case halves(forward: UnsafeMutablePointer<UInt16>, backward: UnsafeMutablePointer<UInt16>)
    }

    private let parts: [FrozenMatrix]
    private var form = Form.file

    /// How many rows are unpacked at once; a multiple of the rows in a bfloat16 block.
    static let panelRows = 512

    init(_ parts: [FrozenMatrix]) { self.parts = parts }

    var rows: Int { parts.reduce(0) { $0 + $1.rows } }
    var columns: Int { parts[0].columns }

    /// The number of floats that it takes to keep the matrix.
    func floatsToKeep(_ precision: TrainingOptions.Precision) -> Int {
        switch precision {
        case .full: rows * columns
        case .bfloat16: forwardFloats + cg_bf16_packed_bytes(columns, rows) / 4
        }
    }

    private var forwardFloats: Int { cg_bf16_packed_bytes(rows, columns) / 4 }

    /// Unpacks the whole matrix into `memory`, on all threads.
    ///
    /// - Parameters:
    ///   - memory: zeroed memory for ``floatsToKeep(_:)`` floats.
    ///   - panels: each thread's memory for ``panelRows`` rows.
    mutating func keep(
        _ precision: TrainingOptions.Precision, in memory: UnsafeMutablePointer<Float>,
        threads: ThreadPool, panels: [UnsafeMutablePointer<Float>]
    ) {
        let pieces = self.panels(of: 0..<rows)
        let (rows, columns, parts) = (rows, columns, parts)
        switch precision {
        case .full:
            let kept = MatrixView(memory, rows: rows, columns: columns)
            threads.forEach(pieces.count) { _, item in
                parts[pieces[item].part].unpack(pieces[item].rows, into: kept.row(pieces[item].at))
            }
            form = .full(kept)
        case .bfloat16:
            func halves(_ start: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt16> {
                UnsafeMutableRawPointer(start).assumingMemoryBound(to: UInt16.self)
            }
            let (forward, backward) = (halves(memory), halves(memory + forwardFloats))
            threads.forEach(pieces.count) { thread, item in
                let piece = pieces[item]
                parts[piece.part].unpack(piece.rows, into: panels[thread])
                cg_bf16_pack(forward, panels[thread], piece.at, piece.rows.count, columns)
                cg_bf16_pack_transposed(backward, panels[thread], piece.at, piece.rows.count, columns, rows)
            }
            form = .halves(forward: forward, backward: backward)
        }
    }

    /// Computes `y = x W^T` for some rows of W, the first of which must be a multiple of ``panelRows``.
    ///
    /// - Parameter panel: memory of the calling thread for ``panelFloats(columns:)`` floats.
    func forward(
        _ x: MatrixView, into y: MatrixView, rows range: Range<Int>, panel: UnsafeMutablePointer<Float>
    ) {
        precondition(x.columns == columns && y.columns == range.count && y.rows == x.rows)
        switch form {
        case .full(let kept): y.product(x, transposed: kept.rows(range))
        case .halves(let forward, _):
            cg_bf16_multiply(
                y.start, y.stride, x.start, x.stride, x.rows,
                forward + cg_bf16_offset(range.lowerBound, 0, columns), range.count, columns, columns, panel)
        case .file:
            for piece in panels(of: range) {
                let first = piece.at - range.lowerBound
                y.columns(first..<first + piece.rows.count)
                    .product(x, transposed: unpacked(piece, panel))
            }
        }
    }

    /// Computes `dx = dy W` for some rows of W, the first of which must be a multiple of ``panelRows``.
    func backward(
        _ dy: MatrixView, into dx: MatrixView, rows range: Range<Int>, panel: UnsafeMutablePointer<Float>
    ) {
        precondition(dx.columns == columns && dy.columns == range.count && dy.rows == dx.rows)
        switch form {
        case .full(let kept): dx.product(dy, kept.rows(range))
        case .halves(_, let backward):
            cg_bf16_multiply(
                dx.start, dx.stride, dy.start, dy.stride, dy.rows,
                backward + cg_bf16_offset(0, range.lowerBound, rows), columns, range.count, rows, panel)
        case .file:
            for piece in panels(of: range) {
                let first = piece.at - range.lowerBound
                dx.product(
                    dy.columns(first..<first + piece.rows.count), unpacked(piece, panel),
                    first == 0 ? .replace : .add)
            }
        }
    }

    /// The number of floats in the panel that a thread has to provide.
    static func panelFloats(columns: Int) -> Int { max(panelRows * columns, cg_bf16_scratch_bytes() / 4) }

    private struct Panel {
        /// The first row, counted in the stack.
        var at: Int
        var part: Int
        /// The rows, counted in the part.
        var rows: Range<Int>
    }

    private func panels(of range: Range<Int>) -> [Panel] {
        var panels: [Panel] = []
        var at = 0
        for (index, part) in parts.enumerated() {
            let own = range.clamped(to: at..<at + part.rows)
            for first in stride(from: own.lowerBound, to: own.upperBound, by: Self.panelRows) {
                let end = min(first + Self.panelRows, own.upperBound)
                panels.append(Panel(at: first, part: index, rows: first - at..<end - at))
            }
            at += part.rows
        }
        return panels
    }

    private func unpacked(_ panel: Panel, _ memory: UnsafeMutablePointer<Float>) -> MatrixView {
        parts[panel.part].unpack(panel.rows, into: memory)
        return MatrixView(memory, rows: panel.rows.count, columns: columns)
    }
}
