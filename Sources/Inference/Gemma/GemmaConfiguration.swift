/// What a Gemma model is: its shapes and constants, read from a file's header and checked.
///
/// Where the three architectures differ, the difference is a value here, so that the forward pass has one
/// path. Sources: Gemma technical reports; Hugging Face `modeling_gemma{,2,3}.py`.
package struct GemmaConfiguration: Sendable, Hashable {
    /// The architectures that can be run.
    package enum Architecture: String, Sendable, CaseIterable {
        case gemma1, gemma2, gemma3
    }

    /// How one layer attends.
    package struct Layer: Sendable, Hashable {
        /// A position attends to itself and the `slidingWindow - 1` before it; nil attends to all before it.
        package var slidingWindow: Int?
        /// Base of the rotary frequencies.
        package var ropeTheta: Double
        /// Positions are divided by it before rotation (linear scaling); 1 is off.
        package var ropeScale: Double
    }

    /// Which of the three it is.
    package var architecture: Architecture
    /// The model's name as its file gives it.
    package var name: String
    /// Rows of the embedding.
    package var vocabularySize: Int
    /// Width of the residual stream.
    package var hiddenSize: Int
    /// Width of the feed-forward layer.
    package var intermediateSize: Int
    /// Query heads.
    package var headCount: Int
    /// Key-value heads; each serves `headCount / kvHeadCount` query heads.
    package var kvHeadCount: Int
    /// Width of a head.
    package var headDim: Int
    /// Positions the model was trained for.
    package var contextLength: Int
    /// Added to the mean square before the root in RMSNorm.
    package var rmsNormEpsilon: Float
    /// Attention scores are multiplied by it.
    package var attentionScale: Float
    /// Attention scores become `cap * tanh(score / cap)`; nil is off.
    package var attentionSoftCap: Float?
    /// Logits become `cap * tanh(logit / cap)`; nil is off.
    package var logitSoftCap: Float?
    /// One per layer.
    package var layers: [Layer]

    /// Whether attention and feed-forward outputs are normalised before they are added to the residual.
    package var hasPostNorms: Bool { architecture != .gemma1 }
    /// Whether queries and keys are normalised per head.
    package var hasQueryKeyNorms: Bool { architecture == .gemma3 }
    /// Width of all query heads together.
    package var querySize: Int { headCount * headDim }
    /// Width of all key (or value) heads together.
    package var kvSize: Int { kvHeadCount * headDim }

    /// Multiply-accumulates of one token outside the head.
    package var multiplyAccumulatesPerToken: Int {
        layers.count * hiddenSize * (2 * querySize + 2 * kvSize + 3 * intermediateSize)
    }

    /// Refuses shapes that cannot be run; `source` names the file for the message.
    func validate(source: String) throws(GemmaError) {
        func check(_ holds: Bool, _ field: String, _ wanted: String) throws(GemmaError) {
            guard holds else {
                throw GemmaError(.badConfiguration, "\(source): \(field) is not usable, \(wanted) is needed")
            }
        }
        let sizeLimit = 1 << 20
        for (field, value) in [
            ("vocabulary size", vocabularySize), ("hidden size", hiddenSize),
            ("feed-forward size", intermediateSize), ("head count", headCount),
            ("kv head count", kvHeadCount),
            ("head dimension", headDim), ("layer count", layers.count), ("context length", contextLength),
        ] {
            try check(value > 0 && value <= sizeLimit, "\(field) \(value)", "1 to \(sizeLimit)")
        }
        try check(headDim % 2 == 0, "head dimension \(headDim)", "an even number")
        try check(
            headCount % kvHeadCount == 0, "head count \(headCount)",
            "a multiple of the kv head count \(kvHeadCount)")
        try check(layers.count <= 1024, "layer count \(layers.count)", "at most 1024")
        try check(querySize <= sizeLimit, "head count x head dimension \(querySize)", "at most \(sizeLimit)")
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

/// Which layers slide, where a file gives no list: the published patterns.
enum LayerPattern {
    /// Every `period`-th layer attends to everything, the others slide; 1 means none slides.
    static func slides(layer: Int, period: Int) -> Bool { (layer + 1) % period != 0 }
    /// Gemma 2 alternates, beginning with a sliding layer.
    static let gemma2Period = 2
    /// Gemma 3 has five sliding layers before each full one.
    static let gemma3Period = 6
}
