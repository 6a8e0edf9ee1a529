import Gemma

/// The base model's matrices, for products in the forward and the backward pass.
///
/// Matrices of a layer with the same input are stacked into one. Those that the memory plan keeps are unpacked once, in
/// the wanted precision; the others are unpacked to f32 in panels of rows each time they are used.
///
/// Safety: nothing changes after init, and the memory exists as long as this object.
final class FrozenWeights: @unchecked Sendable {
    /// The products of a layer, each with one matrix or several stacked ones.
    enum Site: Int, CaseIterable {
        /// Queries, keys and values, stacked.
        case attnInput
        case attnOutput
        /// Gate and up, stacked.
        case ffnInput
        case ffnOutput
        /// Of the layer's input besides the residual, if there is one.
        case inputGate
        case inputProjection
    }

    let model: GemmaModel
    let layers: [FrozenLayer]
    /// The stacks of each layer, one for each site that it has.
    private let stacks: [[FrozenStack]]
    /// The projection to the layers' inputs; nil if there are none.
    private let layerInputs: FrozenStack?
    private let head: FrozenStack
    private let memory: FloatMemory

    /// The number of bytes that it takes to keep the layers' matrices, and to keep the head.
    static func bytesToKeep(_ model: GemmaModel, _ precision: TrainingOptions.Precision)
        -> (layers: Int, head: Int)
    {
        let layers = model.frozenLayers.flatMap(stacks).reduce(0) { $0 + $1.floatsToKeep(precision) }
        return (4 * layers, 4 * FrozenStack([model.frozenHead]).floatsToKeep(precision))
    }

    /// Unpacks the matrices that are to be kept, on all threads.
    init(
        _ model: GemmaModel, _ precision: TrainingOptions.Precision, keepsLayers: Bool, keepsHead: Bool,
        threads: ThreadPool
    ) {
        self.model = model
        layers = model.frozenLayers
        layerInputs = model.frozenLayerInputs.map { FrozenStack($0.projections) }
        var stacks = layers.map(Self.stacks)
        var head = FrozenStack([model.frozenHead])
        let needed = Self.bytesToKeep(model, precision)
        memory = FloatMemory((keepsLayers ? needed.layers / 4 : 0) + (keepsHead ? needed.head / 4 : 0))
        let panelFloats = Self.panelFloats(model.configuration)
        let spare = FloatMemory(panelFloats * threads.threadCount)
        let panels = (0..<threads.threadCount).map { spare.start + $0 * panelFloats }
        var next = memory.start
        if keepsLayers {
            for layer in stacks.indices {
                for site in stacks[layer].indices {
                    stacks[layer][site].keep(precision, in: next, threads: threads, panels: panels)
                    next += stacks[layer][site].floatsToKeep(precision)
                }
            }
        }
        if keepsHead { head.keep(precision, in: next, threads: threads, panels: panels) }
        self.stacks = stacks
        self.head = head
    }

    private static func stacks(_ layer: FrozenLayer) -> [FrozenStack] {
        Site.allCases.compactMap { site in
            switch site {
            case .attnInput: FrozenStack([layer.attnQ, layer.attnK, layer.attnV].compactMap(\.self))
            case .attnOutput: FrozenStack([layer.attnOutput])
            case .ffnInput: FrozenStack([layer.ffnGate, layer.ffnUp])
            case .ffnOutput: FrozenStack([layer.ffnDown])
            case .inputGate: layer.input.map { FrozenStack([$0.gate]) }
            case .inputProjection: layer.input.map { FrozenStack([$0.projection]) }
            }
        }
    }

    /// Computes `y = x W^T`.
    ///
    /// - Parameter panel: memory of the calling thread for ``panelFloats(_:)`` floats.
    func forward(
        _ site: Site, layer: Int, _ x: MatrixView, into y: MatrixView, panel: UnsafeMutablePointer<Float>
    ) {
        let stack = stacks[layer][site.rawValue]
        stack.forward(x, into: y, rows: 0..<stack.rows, panel: panel)
    }

    /// Computes `dx = dy W`.
    func backward(
        _ site: Site, layer: Int, _ dy: MatrixView, into dx: MatrixView, panel: UnsafeMutablePointer<Float>
    ) {
        let stack = stacks[layer][site.rawValue]
        stack.backward(dy, into: dx, rows: 0..<stack.rows, panel: panel)
    }

    /// Projects embedded tokens to the inputs of all layers, `[tokens, layers * layerInputSize]`.
    func projectToLayerInputs(
        _ x: MatrixView, into y: MatrixView, panel: UnsafeMutablePointer<Float>
    ) {
        layerInputs?.forward(x, into: y, rows: 0..<y.columns, panel: panel)
    }

    /// Computes the logits of the vocabulary's `tokens`, which must begin at a multiple of ``FrozenStack/panelRows``.
    func headForward(
        _ x: MatrixView, into logits: MatrixView, tokens: Range<Int>, panel: UnsafeMutablePointer<Float>
    ) {
        head.forward(x, into: logits, rows: tokens, panel: panel)
    }

    /// Computes the part of the gradient of the head's input that comes from the logits of the vocabulary's `tokens`.
    func headBackward(
        _ dLogits: MatrixView, into dx: MatrixView, tokens: Range<Int>, panel: UnsafeMutablePointer<Float>
    ) {
        head.backward(dLogits, into: dx, rows: tokens, panel: panel)
    }

    /// The number of floats in the panel that a thread has to provide.
    static func panelFloats(_ configuration: GemmaConfiguration) -> Int {
        FrozenStack.panelFloats(
            columns: max(
                configuration.hiddenSize, configuration.largestQuerySize,
                configuration.largestIntermediateSize))
    }
}
