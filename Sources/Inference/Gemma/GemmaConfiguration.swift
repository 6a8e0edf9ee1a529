/// The shapes and constants of a Gemma model, read from a file's header and checked.
///
/// Every difference between the architectures is a value here, so that there is only one forward pass. Sources:
/// Gemma technical reports; Hugging Face `modeling_gemma{,2,3,4}.py`.
package struct GemmaConfiguration: Sendable, Hashable {
    /// The supported architectures.
    package enum Architecture: String, Sendable, CaseIterable {
        case gemma1, gemma2, gemma3, gemma4
    }

    /// The shapes and constants of one layer.
    package struct Layer: Sendable, Hashable {
        /// The width of a head.
        package var headDim: Int
        /// The width of the feed-forward layer.
        package var intermediateSize: Int
        /// A position attends to itself and the `slidingWindow - 1` positions before it; nil means all before it.
        package var slidingWindow: Int?
        /// The base of the rotary frequencies.
        package var ropeTheta: Double
        /// Positions are divided by this before rotation (linear scaling); 1 turns scaling off.
        package var ropeScale: Double
        /// How many of a head's pairs are rotated, from the first on; nil means all `headDim / 2`.
        package var rotatedPairs: Int?
        /// The layer whose keys and values this one attends to; nil if it computes its own.
        package var keyValueLayer: Int?
    }

    /// The model's architecture.
    package var architecture: Architecture
    /// The model's name according to its file.
    package var name: String
    /// The number of rows of the embedding, one for each token.
    package var vocabularySize: Int
    /// The width of the residual stream.
    package var hiddenSize: Int
    /// The number of query heads.
    package var headCount: Int
    /// The number of key-value heads, each of which serves `headCount / kvHeadCount` query heads.
    package var kvHeadCount: Int
    /// The number of positions that the model was trained for.
    package var contextLength: Int
    /// RMSNorm adds this to the mean square before it takes the root.
    package var rmsNormEpsilon: Float
    /// Attention scores are multiplied by this.
    package var attentionScale: Float
    /// Attention scores become `cap * tanh(score / cap)`; nil turns capping off.
    package var attentionSoftCap: Float?
    /// Logits become `cap * tanh(logit / cap)`; nil turns capping off.
    package var logitSoftCap: Float?
    /// The width of what each layer gets for each token besides the residual (per-layer embeddings); 0 if there is
    /// none.
    package var layerInputSize = 0
    /// The shapes and constants of each layer.
    package var layers: [Layer]

    /// Whether attention and feed-forward outputs are normalised before they are added to the residual.
    package var hasPostNorms: Bool { architecture != .gemma1 }
    /// Whether queries and keys are normalised per head.
    package var hasQueryKeyNorms: Bool { architecture == .gemma3 || architecture == .gemma4 }
    /// Whether values are normalised per head, without a weight.
    package var hasValueNorms: Bool { architecture == .gemma4 }
    /// Whether each layer's output is multiplied by a number of its own.
    package var hasOutputScales: Bool { architecture == .gemma4 }
    /// The width of all query heads of a layer together.
    package func querySize(_ layer: Int) -> Int { headCount * layers[layer].headDim }
    /// The width of all key heads, or all value heads, of a layer together.
    package func kvSize(_ layer: Int) -> Int { kvHeadCount * layers[layer].headDim }
    /// The width of the widest head.
    package var largestHeadDim: Int { layers.reduce(0) { max($0, $1.headDim) } }
    /// The largest ``querySize(_:)``.
    package var largestQuerySize: Int { headCount * largestHeadDim }
    /// The largest ``kvSize(_:)``.
    package var largestKVSize: Int { kvHeadCount * largestHeadDim }
    /// The width of the widest feed-forward layer.
    package var largestIntermediateSize: Int { layers.reduce(0) { max($0, $1.intermediateSize) } }

    /// The layers in one or two runs: up to the last that has keys and values of its own, and those behind it.
    ///
    /// A token goes through the second run only if its logits are wanted, because that run leaves nothing in the cache.
    package var layerRuns: [Range<Int>] {
        let end = (layers.lastIndex { $0.keyValueLayer == nil } ?? 0) + 1
        return end < layers.count ? [0..<end, end..<layers.count] : [0..<layers.count]
    }

    /// The number of multiply-accumulates that a token takes in all layers, without attention itself and the head.
    package var multiplyAccumulatesPerToken: Int {
        layers.indices.reduce(0) { $0 + multiplyAccumulates(inLayer: $1) }
    }

    /// The same for a token of a prompt, whose logits nobody wants.
    package var multiplyAccumulatesPerPromptToken: Int {
        let runs = layerRuns
        guard runs.count > 1, let last = runs[0].last else { return multiplyAccumulatesPerToken }
        // Of the run's last layer, only queries, keys and values are computed.
        return runs[0].reduce(0) { $0 + multiplyAccumulates(inLayer: $1) }
            - hiddenSize * (querySize(last) + 3 * layers[last].intermediateSize + 2 * layerInputSize)
    }

    private func multiplyAccumulates(inLayer layer: Int) -> Int {
        let kv = layers[layer].keyValueLayer == nil ? kvSize(layer) : 0
        return hiddenSize
            * (2 * querySize(layer) + 2 * kv + 3 * layers[layer].intermediateSize + 3 * layerInputSize)
    }

    /// Throws if the shapes or constants cannot be used; `source` is what the message calls the file.
    func validate(source: String) throws(GemmaError) {
        func check(_ holds: Bool, _ field: String, _ wanted: String) throws(GemmaError) {
            guard holds else {
                throw GemmaError(.badConfiguration, "\(source): \(field) is not usable, \(wanted) is needed")
            }
        }
        let sizeLimit = 1 << 20
        try check(
            layerInputSize >= 0 && layerInputSize <= sizeLimit / max(1, layers.count),
            "size of per-layer inputs \(layerInputSize)", "0 to \(sizeLimit) for all layers together")
        for (field, value) in [
            ("vocabulary size", vocabularySize), ("hidden size", hiddenSize),
            ("head count", headCount), ("kv head count", kvHeadCount), ("layer count", layers.count),
            ("context length", contextLength),
        ] {
            try check(value > 0 && value <= sizeLimit, "\(field) \(value)", "1 to \(sizeLimit)")
        }
        try check(
            headCount % kvHeadCount == 0, "head count \(headCount)",
            "a multiple of the kv head count \(kvHeadCount)")
        try check(layers.count <= 1024, "layer count \(layers.count)", "at most 1024")
        try check(
            rmsNormEpsilon > 0 && rmsNormEpsilon < 1, "RMS norm epsilon \(rmsNormEpsilon)",
            "a number between 0 and 1")
        try check(
            attentionScale > 0 && attentionScale.isFinite, "attention scale \(attentionScale)",
            "a positive number")
        for (field, cap) in [("attention soft cap", attentionSoftCap), ("logit soft cap", logitSoftCap)] {
            if let cap { try check(cap > 0 && cap.isFinite, "\(field) \(cap)", "a positive number") }
        }
        // A pass keeps what comes of layer inputs where it keeps a feed-forward layer's values.
        let widest = layers.map(\.intermediateSize).max() ?? 0
        try check(
            layerInputSize <= widest, "size of per-layer inputs \(layerInputSize)",
            "at most the feed-forward size \(widest)")
        for (index, layer) in layers.enumerated() {
            for (field, value) in [
                ("feed-forward size", layer.intermediateSize), ("head dimension", layer.headDim),
            ] {
                try check(
                    value > 0 && value <= sizeLimit, "\(field) \(value) of layer \(index)",
                    "1 to \(sizeLimit)")
            }
            try check(
                layer.headDim % 2 == 0, "head dimension \(layer.headDim) of layer \(index)", "an even number")
            try check(
                querySize(index) <= sizeLimit, "head count x head dimension \(querySize(index))",
                "at most \(sizeLimit)")
            if let window = layer.slidingWindow {
                try check(window > 0, "sliding window \(window) of layer \(index)", "a positive number")
            }
            try check(
                layer.ropeTheta > 1 && layer.ropeTheta.isFinite,
                "rope base \(layer.ropeTheta) of layer \(index)",
                "a number above 1")
            try check(
                layer.ropeScale >= 1 && layer.ropeScale.isFinite,
                "rope scale \(layer.ropeScale) of layer \(index)", "1 or more")
            if let pairs = layer.rotatedPairs {
                try check(
                    pairs > 0 && pairs <= layer.headDim / 2, "\(pairs) rotated pairs of layer \(index)",
                    "1 to \(layer.headDim / 2)")
            }
            if let shared = layer.keyValueLayer {
                // Shared keys were rotated, and are seen, as in the layer that they come from.
                var own = layer
                own.keyValueLayer = nil
                if layers.indices.contains(shared) { own.intermediateSize = layers[shared].intermediateSize }
                try check(
                    shared >= 0 && shared < index && own == layers[shared],
                    "layer \(index), which shares the keys and values of layer \(shared),",
                    "an earlier layer with its own and with the same attention")
            }
        }
    }
}

/// The published patterns of sliding and full attention, for files that do not list them.
enum LayerPattern {
    /// Whether a layer has sliding attention: all have, except every `period`-th; with a period of 1 none has.
    static func slides(layer: Int, period: Int) -> Bool { (layer + 1) % period != 0 }
    /// Gemma 2 alternates between sliding and full attention, beginning with sliding.
    static let gemma2Period = 2
    /// Gemma 3 has five layers with sliding attention before each one with full attention.
    static let gemma3Period = 6
}
