import Gemma

/// The results of one layer's forward pass over a sequence that its backward pass needs.
struct LayerActivations {
    let projected: MatrixView  // [tokens, querySize + 2 kvSize], before norms and rotation
    let queries: MatrixView  // [tokens, querySize], after
    let keys: MatrixView  // [tokens, kvSize], after
    let sums: MatrixView  // [headCount, tokens], see AttentionPass
    let attended: MatrixView  // [tokens, querySize]
    let attnOutput: MatrixView  // [tokens, hiddenSize], before the post norm
    let middle: MatrixView  // [tokens, hiddenSize], the residual after attention
    let gateUp: MatrixView  // [tokens, 2 intermediateSize]
    let ffnOutput: MatrixView  // [tokens, hiddenSize], before the post norm
    /// The products with the adapter's A, `[tokens, largestRankSum]`, for each ``FrozenWeights/Site``.
    let inner: [MatrixView]

    /// - Parameter layer: the layer whose shapes the memory is for.
    init(
        _ configuration: GemmaConfiguration, _ layout: LoRALayout, layer: Int, tokens: Int,
        cutter: inout FloatCutter
    ) {
        let (hidden, query, kv) = (
            configuration.hiddenSize, configuration.querySize(layer), configuration.kvSize(layer)
        )
        projected = cutter.matrix(tokens, query + 2 * kv)
        queries = cutter.matrix(tokens, query)
        keys = cutter.matrix(tokens, kv)
        sums = cutter.matrix(configuration.headCount, tokens)
        attended = cutter.matrix(tokens, query)
        attnOutput = cutter.matrix(tokens, hidden)
        middle = cutter.matrix(tokens, hidden)
        gateUp = cutter.matrix(tokens, 2 * configuration.layers[layer].intermediateSize)
        ffnOutput = cutter.matrix(tokens, hidden)
        var inner: [MatrixView] = []
        for _ in FrozenWeights.Site.allCases { inner.append(cutter.matrix(tokens, layout.largestRankSum)) }
        self.inner = inner
    }

    /// The number of floats that the widest layer's activations take.
    static func floats(_ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int) -> Int {
        configuration.layers.indices.map { layer in
            var cutter = FloatCutter(nil)
            _ = LayerActivations(configuration, layout, layer: layer, tokens: tokens, cutter: &cutter)
            return cutter.used
        }.max() ?? 0
    }

    /// The values that attention reads, `[tokens, kvSize]`.
    var values: MatrixView { projected.columns(queries.columns + keys.columns..<projected.columns) }
}

/// The results of a sequence's forward pass that are kept until its backward pass.
///
/// The inputs of all layers are always kept. The rest is kept if there is enough memory; otherwise the backward pass
/// computes it again, layer by layer.
struct SequenceActivations {
    /// The residual before each layer and after the last, `[tokens, hiddenSize]` each.
    let residuals: [MatrixView]
    /// The activations of each layer; empty if the backward pass computes them again.
    let layers: [LayerActivations]

    init(
        _ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int, keepsLayers: Bool,
        cutter: inout FloatCutter
    ) {
        var residuals: [MatrixView] = []
        for _ in 0...configuration.layers.count {
            residuals.append(cutter.matrix(tokens, configuration.hiddenSize))
        }
        self.residuals = residuals
        var layers: [LayerActivations] = []
        for layer in 0..<(keepsLayers ? configuration.layers.count : 0) {
            layers.append(
                LayerActivations(configuration, layout, layer: layer, tokens: tokens, cutter: &cutter))
        }
        self.layers = layers
    }

    /// The number of floats that a sequence of this length takes.
    static func floats(
        _ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int, keepsLayers: Bool
    ) -> Int {
        var cutter = FloatCutter(nil)
        _ = SequenceActivations(
            configuration, layout, tokens: tokens, keepsLayers: keepsLayers, cutter: &cutter)
        return cutter.used
    }
}
