import Gemma

/// The keys and values of a layer over a sequence, as attention reads them.
struct KeyValues {
    let keys: MatrixView  // [tokens, kvSize]
    let values: MatrixView  // [tokens, kvSize]

    init(_ configuration: GemmaConfiguration, layer: Int, tokens: Int, cutter: inout FloatCutter) {
        keys = cutter.matrix(tokens, configuration.kvSize(layer))
        values = cutter.matrix(tokens, configuration.kvSize(layer))
    }

    /// The layers whose keys and values others share.
    static func sharedLayers(_ configuration: GemmaConfiguration) -> [Int] {
        Set(configuration.layers.compactMap(\.keyValueLayer)).sorted()
    }
}

/// The results of one layer's forward pass over a sequence that its backward pass needs.
struct LayerActivations {
    /// Before norms and rotation; without keys and values if they are another layer's.
    let projected: MatrixView  // [tokens, querySize + 2 kvSize]
    let queries: MatrixView  // [tokens, querySize], after
    let keys: MatrixView  // [tokens, kvSize], after
    /// A part of `projected` if they have no norm.
    let values: MatrixView  // [tokens, kvSize], after
    let sums: MatrixView  // [headCount, tokens], see AttentionPass
    let attended: MatrixView  // [tokens, querySize]
    let attnOutput: MatrixView  // [tokens, hiddenSize], before the post norm
    let middle: MatrixView  // [tokens, hiddenSize], the residual after attention
    let gateUp: MatrixView  // [tokens, 2 intermediateSize]
    let ffnOutput: MatrixView  // [tokens, hiddenSize], before the post norm
    let inputGate: MatrixView  // [tokens, layerInputSize]
    let inputOutput: MatrixView  // [tokens, hiddenSize], before its norm; empty if there is no layer input
    /// The products with the adapter's A, `[tokens, members * rank]`, for each ``FrozenWeights/Site``.
    let inner: [MatrixView]

    /// - Parameters:
    ///   - layer: the layer whose shapes the memory is for.
    ///   - keyValues: the keys and values, if they are shared with other layers.
    init(
        _ configuration: GemmaConfiguration, _ layout: LoRALayout, layer: Int, tokens: Int,
        keyValues: KeyValues?, cutter: inout FloatCutter
    ) {
        let (hidden, query, kv) = (
            configuration.hiddenSize, configuration.querySize(layer), configuration.kvSize(layer)
        )
        let computesKeys = configuration.layers[layer].keyValueLayer == nil
        projected = cutter.matrix(tokens, computesKeys ? query + 2 * kv : query)
        queries = cutter.matrix(tokens, query)
        keys = keyValues?.keys ?? cutter.matrix(tokens, kv)
        if let keyValues {
            values = keyValues.values
        } else if configuration.hasValueNorms {
            values = cutter.matrix(tokens, kv)
        } else {
            values = projected.columns(query + kv..<query + 2 * kv)
        }
        sums = cutter.matrix(configuration.headCount, tokens)
        attended = cutter.matrix(tokens, query)
        attnOutput = cutter.matrix(tokens, hidden)
        middle = cutter.matrix(tokens, hidden)
        gateUp = cutter.matrix(tokens, 2 * configuration.layers[layer].intermediateSize)
        ffnOutput = cutter.matrix(tokens, hidden)
        let inputSize = configuration.layerInputSize
        inputGate = cutter.matrix(tokens, inputSize)
        inputOutput = cutter.matrix(tokens, inputSize > 0 ? hidden : 0)
        var inner: [MatrixView] = []
        for site in FrozenWeights.Site.allCases {
            let members = layout.group(site, layer: layer).members
            inner.append(cutter.matrix(tokens, members.count * layout.rank))
        }
        self.inner = inner
    }

    /// The number of floats that the widest layer's activations take.
    static func floats(_ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int) -> Int {
        configuration.layers.indices.map { layer in
            var cutter = FloatCutter(nil)
            _ = LayerActivations(
                configuration, layout, layer: layer, tokens: tokens, keyValues: nil, cutter: &cutter)
            return cutter.used
        }.max() ?? 0
    }
}

/// The results of a sequence's forward pass that are kept until its backward pass.
///
/// The inputs of all layers are always kept. The rest is kept if there is enough memory; otherwise the backward pass
/// computes it again, layer by layer.
struct SequenceActivations {
    /// The residual before each layer and after the last, `[tokens, hiddenSize]` each.
    let residuals: [MatrixView]
    /// The inputs of all layers besides the residual, `[tokens, layers * layerInputSize]`.
    let layerInputs: MatrixView
    /// The keys and values of the layers that others share them with, which are always kept.
    let keyValues: [Int: KeyValues]
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
        layerInputs = cutter.matrix(tokens, configuration.layers.count * configuration.layerInputSize)
        var keyValues: [Int: KeyValues] = [:]
        for layer in KeyValues.sharedLayers(configuration) {
            keyValues[layer] = KeyValues(configuration, layer: layer, tokens: tokens, cutter: &cutter)
        }
        self.keyValues = keyValues
        var layers: [LayerActivations] = []
        for layer in 0..<(keepsLayers ? configuration.layers.count : 0) {
            layers.append(
                LayerActivations(
                    configuration, layout, layer: layer, tokens: tokens,
                    keyValues: keyValues[configuration.layers[layer].keyValueLayer ?? layer], cutter: &cutter)
            )
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
