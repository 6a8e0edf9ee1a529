/// The shapes and constants of a Gemma model, read from a file's header and checked.
///
/// Every difference between the three architectures is a value here, so that there is only one forward pass. Sources:
/// Gemma technical reports; Hugging Face `modeling_gemma{,2,3}.py`.
package struct GemmaConfiguration: Sendable, Hashable {
    /// The supported architectures.
    package enum Architecture: String, Sendable, CaseIterable {
        case gemma1, gemma2, gemma3
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
    /// The shapes and constants of each layer.
    package var layers: [Layer]

    /// Whether attention and feed-forward outputs are normalised before they are added to the residual.
    package var hasPostNorms: Bool { architecture != .gemma1 }
    /// Whether queries and keys are normalised per head.
    package var hasQueryKeyNorms: Bool { architecture == .gemma3 }
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

    /// The number of multiply-accumulates that one token takes in all layers, without attention itself and the head.
    package var multiplyAccumulatesPerToken: Int {
        layers.indices.reduce(0) {
            $0 + hiddenSize * (2 * querySize($1) + 2 * kvSize($1) + 3 * layers[$1].intermediateSize)
        }
    }

    /// Throws if the shapes or constants cannot be used; `source` is what the message calls the file.
    func validate(source: String) throws(GemmaError) {
        func check(_ holds: Bool, _ field: String, _ wanted: String) throws(GemmaError) {
            guard holds else {
                throw GemmaError(.badConfiguration, "\(source): \(field) is not usable, \(wanted) is needed")
            }
        }
        let sizeLimit = 1 << 20
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
