import Gemma

/// The base model's matrices, ready to be multiplied from both sides.
///
/// Matrices of a layer that read the same input are stacked into one. They are kept as f32 where the memory
/// budget allows, else unpacked by panels of rows each time they are used.
final class FrozenWeights: @unchecked Sendable {
    /// The products of a layer.
    enum Site: Int, CaseIterable {
        /// Queries, keys and values, stacked.
        case attnInput
        case attnOutput
        /// Gate and up, stacked.
        case ffnInput
        case ffnOutput
    }

    /// Matrices with the same input, as one.
    private struct Stack {
        let parts: [FrozenMatrix]
        var kept: MatrixView?

        var rows: Int { parts.reduce(0) { $0 + $1.rows } }
        var columns: Int { parts[0].columns }

        /// Panels of rows: where they stand in the stack, in which part, and where in the part.
        func panels(ofRows limit: Int) -> [(at: Int, part: Int, rows: Range<Int>)] {
            var panels: [(at: Int, part: Int, rows: Range<Int>)] = []
            var at = 0
            for (index, part) in parts.enumerated() {
                for first in stride(from: 0, to: part.rows, by: limit) {
                    panels.append((at + first, index, first..<min(first + limit, part.rows)))
                }
                at += part.rows
            }
            return panels
        }
    }

    /// Rows that are unpacked at once where nothing is kept.
    static let panelRows = 512

    let model: GemmaModel
    let layers: [FrozenLayer]
    private let stacks: [[Stack]]
    private let head: Stack
    private let memory: FloatMemory?
    private let headMemory: FloatMemory?

    /// Bytes that it takes to keep the layers' matrices, and the head.
    static func bytesToKeep(_ model: GemmaModel) -> (layers: Int, head: Int) {
        let layers = model.frozenLayers.flatMap(stacks).reduce(0) { $0 + $1.rows * $1.columns * 4 }
        return (layers, model.frozenHead.rows * model.frozenHead.columns * 4)
    }

    /// Unpacks what is to be kept, on all threads.
    init(_ model: GemmaModel, keepsLayers: Bool, keepsHead: Bool, threads: TrainingThreads) {
        self.model = model
        layers = model.frozenLayers
        var stacks = layers.map(Self.stacks)
        var head = Stack(parts: [model.frozenHead])
        let needed = Self.bytesToKeep(model)
        memory = keepsLayers ? FloatMemory(needed.layers / 4) : nil
        headMemory = keepsHead ? FloatMemory(needed.head / 4) : nil

        if let memory {
            var next = memory.start
            for layer in stacks.indices {
                for site in stacks[layer].indices {
                    let (rows, columns) = (stacks[layer][site].rows, stacks[layer][site].columns)
                    stacks[layer][site].kept = MatrixView(next, rows: rows, columns: columns)
                    next += rows * columns
                }
            }
        }
        if let headMemory {
            head.kept = MatrixView(headMemory.start, rows: head.rows, columns: head.columns)
        }
        for stack in stacks.joined() + [head] {
            guard let kept = stack.kept else { continue }
            let panels = stack.panels(ofRows: Self.panelRows)
            threads.forEach(panels.count) { _, item in
                stack.parts[panels[item].part].unpack(panels[item].rows, into: kept.row(panels[item].at))
            }
        }
        self.stacks = stacks
        self.head = head
    }

    private static func stacks(_ layer: FrozenLayer) -> [Stack] {
        Site.allCases.map { site in
            switch site {
            case .attnInput: Stack(parts: [layer.attnQ, layer.attnK, layer.attnV])
            case .attnOutput: Stack(parts: [layer.attnOutput])
            case .ffnInput: Stack(parts: [layer.ffnGate, layer.ffnUp])
            case .ffnOutput: Stack(parts: [layer.ffnDown])
            }
        }
    }

    /// `y = x W^T`.
    ///
    /// - Parameter panel: memory of the calling thread for ``panelFloats(_:)`` floats.
    func forward(
        _ site: Site, layer: Int, _ x: MatrixView, into y: MatrixView, panel: UnsafeMutablePointer<Float>
    ) {
        let stack = stacks[layer][site.rawValue]
        if let kept = stack.kept { return y.product(x, transposed: kept) }
        for piece in stack.panels(ofRows: Self.panelRows) {
            let weights = unpacked(stack, piece.part, piece.rows, panel)
            y.columns(piece.at..<piece.at + piece.rows.count).product(x, transposed: weights)
        }
    }

    /// `dx = dy W`.
    func backward(
        _ site: Site, layer: Int, _ dy: MatrixView, into dx: MatrixView, panel: UnsafeMutablePointer<Float>
    ) {
        let stack = stacks[layer][site.rawValue]
        if let kept = stack.kept { return dx.product(dy, kept) }
        for piece in stack.panels(ofRows: Self.panelRows) {
            let weights = unpacked(stack, piece.part, piece.rows, panel)
            dx.product(
                dy.columns(piece.at..<piece.at + piece.rows.count), weights, piece.at == 0 ? .replace : .add)
        }
    }

    /// Some rows of the head, `[range.count, hiddenSize]`; at most ``panelRows`` where it is not kept.
    func headRows(_ range: Range<Int>, panel: UnsafeMutablePointer<Float>) -> MatrixView {
        head.kept?.rows(range) ?? unpacked(head, 0, range, panel)
    }

    /// Floats of the panel that a thread has to bring.
    static func panelFloats(_ configuration: GemmaConfiguration) -> Int {
        panelRows * max(configuration.hiddenSize, configuration.querySize, configuration.intermediateSize)
    }

    private func unpacked(
        _ stack: Stack, _ part: Int, _ rows: Range<Int>, _ panel: UnsafeMutablePointer<Float>
    ) -> MatrixView {
        stack.parts[part].unpack(rows, into: panel)
        return MatrixView(panel, rows: rows.count, columns: stack.columns)
    }
}
