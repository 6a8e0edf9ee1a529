import Errors
import Foundation

/// The fields of a Hugging Face `config.json` that a Gemma text model needs, as the published models and as
/// transformers 5 spell them.
struct HuggingFaceConfiguration: Decodable {
    var modelType: String
    var vocabSize: Int
    var hiddenSize: Int
    var intermediateSize: Int
    var numHiddenLayers: Int
    var numAttentionHeads: Int
    var numKeyValueHeads: Int
    var headDim: Int
    var maxPositionEmbeddings: Int
    var rmsNormEps: Float
    var hiddenAct: String?
    var hiddenActivation: String?
    var queryPreAttnScalar: Float?
    var attnLogitSoftcapping: Float?
    var finalLogitSoftcapping: Float?
    var slidingWindow: Int?
    var slidingWindowPattern: Int?
    var layerTypes: [String]?
    var ropeTheta: Double?
    var ropeLocalBaseFreq: Double?
    var ropeScaling: Rope?
    var ropeParameters: RopeParameters?
    var useBidirectionalAttention: BidirectionalAttention?
    var globalHeadDim: Int?
    var perLayerConfig: [String: LayerOverrides]?
    var hiddenSizePerLayerInput: Int?
    var vocabSizePerLayerInput: Int?
    var numKvSharedLayers: Int?
    var useDoubleWideMlp: Bool?
    var attentionKEqV: Bool?
    var attentionBias: Bool?
    var enableMoeBlock: Bool?
    var nameOrPath: String?

    private enum CodingKeys: String, CodingKey {
        case modelType, vocabSize, hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads
        case numKeyValueHeads, headDim, maxPositionEmbeddings, rmsNormEps, hiddenAct, hiddenActivation
        case queryPreAttnScalar, attnLogitSoftcapping, finalLogitSoftcapping, slidingWindow
        case slidingWindowPattern, layerTypes, ropeTheta, ropeLocalBaseFreq, ropeScaling, ropeParameters
        case useBidirectionalAttention, globalHeadDim, perLayerConfig, hiddenSizePerLayerInput
        case vocabSizePerLayerInput, numKvSharedLayers, useDoubleWideMlp, attentionKEqV, attentionBias
        case enableMoeBlock
        case nameOrPath = "_nameOrPath"
    }

    struct Rope: Decodable {
        var ropeType: String?
        var type: String?
        var ropeTheta: Double?
        var factor: Double?
        var partialRotaryFactor: Double?
    }

    /// What a layer has instead of the number for all layers.
    struct LayerOverrides: Decodable {
        var headDim: Int?
        var numKeyValueHeads: Int?
    }

    /// `true` and "all" mean that each position also sees those behind it; "vision" is about images only.
    struct BidirectionalAttention: Decodable {
        let isForText: Bool

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                isForText = flag
            } else {
                isForText = try container.decode(String.self) != "vision"
            }
        }
    }

    /// RoPE parameters: one set for all layers, or one for each kind of layer.
    enum RopeParameters: Decodable {
        case shared(Rope)
        case byLayerType([String: Rope])

        init(from decoder: any Decoder) throws {
            // Decoded through a container, so that the keys, which are names of layer types, are not converted.
            if let byType = try? decoder.singleValueContainer().decode([String: Rope].self) {
                self = .byLayerType(byType)
            } else {
                self = .shared(try Rope(from: decoder))
            }
        }
    }

    /// Reads and checks a `config.json`; `source` is what errors call it.
    static func read(_ data: Data, source: String) throws(GemmaError) -> GemmaConfiguration {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            struct Wrapper: Decodable {
                var textConfig: HuggingFaceConfiguration?
            }
            // Multimodal models keep the text model's configuration one level down.
            let parsed =
                try decoder.decode(Wrapper.self, from: data).textConfig
                ?? decoder.decode(HuggingFaceConfiguration.self, from: data)
            return try parsed.configuration(source: source)
        } catch let error as GemmaError {
            throw error
        } catch {
            throw GemmaError(.badConfiguration, "\(source): \(Self.explain(error))")
        }
    }

    private func configuration(source: String) throws(GemmaError) -> GemmaConfiguration {
        let architecture = try architecture(source: source)
        if useBidirectionalAttention?.isForText == true {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): use_bidirectional_attention is set: this is an embedding model and cannot write text"
            )
        }
        if let activation = hiddenActivation ?? hiddenAct, !activation.hasPrefix("gelu") {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): hidden_activation is \(activation), only GELU is supported")
        }
        guard (1...1024).contains(numHiddenLayers) else {
            throw GemmaError(
                .badConfiguration, "\(source): num_hidden_layers is \(numHiddenLayers), 1 to 1024 is needed")
        }
        if architecture == .gemma4 { try checkGemma4(source: source) }
        var layers: [GemmaConfiguration.Layer] = []
        for index in 0..<numHiddenLayers {
            layers.append(try layer(index, architecture, source: source))
        }
        if architecture == .gemma4 {
            try layers.shareKeysAndValues(last: numKvSharedLayers ?? 0, source: source)
        }
        let configuration = GemmaConfiguration(
            architecture: architecture, name: nameOrPath ?? "Gemma", vocabularySize: vocabSize,
            hiddenSize: hiddenSize, headCount: numAttentionHeads, kvHeadCount: numKeyValueHeads,
            contextLength: maxPositionEmbeddings,
            rmsNormEpsilon: rmsNormEps,
            attentionScale: attentionScale(architecture),
            attentionSoftCap: architecture == .gemma1 ? nil : attnLogitSoftcapping,
            logitSoftCap: architecture == .gemma1 ? nil : finalLogitSoftcapping,
            layerInputSize: architecture == .gemma4 ? hiddenSizePerLayerInput ?? 256 : 0, layers: layers)
        try configuration.validate(source: source)
        return configuration
    }

    private func architecture(source: String) throws(GemmaError) -> GemmaConfiguration.Architecture {
        switch modelType {
        case "gemma": .gemma1
        case "gemma2": .gemma2
        case "gemma3_text", "gemma3": .gemma3
        case "gemma4_text", "gemma4": .gemma4
        default:
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): model_type is \(modelType); Gemma 1, 2, 3 and 4 text models can be run "
                    + "(gemma, gemma2, gemma3_text, gemma4_text)")
        }
    }

    private func attentionScale(_ architecture: GemmaConfiguration.Architecture) -> Float {
        switch architecture {
        case .gemma1: 1 / Float(headDim).squareRoot()
        case .gemma2, .gemma3: 1 / (queryPreAttnScalar ?? 256).squareRoot()
        case .gemma4: 1
        }
    }

    private func layer(
        _ index: Int, _ architecture: GemmaConfiguration.Architecture, source: String
    ) throws(GemmaError) -> GemmaConfiguration.Layer {
        let slides = try slides(index, architecture, source: source)
        if architecture == .gemma4 { return try gemma4Layer(index, slides: slides, source: source) }
        let rope: Rope
        switch ropeParameters {
        case .shared(let shared): rope = shared
        case .byLayerType(let byType):
            let kind = slides ? "sliding_attention" : "full_attention"
            guard let found = byType[kind] else {
                throw GemmaError(.badConfiguration, "\(source): rope_parameters has nothing for \(kind)")
            }
            rope = found
        case nil:
            let isLocal = architecture == .gemma3 && slides
            rope = Rope(
                ropeType: isLocal ? nil : ropeScaling?.ropeType ?? ropeScaling?.type,
                ropeTheta: isLocal ? ropeLocalBaseFreq ?? 10_000 : ropeTheta,
                factor: isLocal ? nil : ropeScaling?.factor)
        }
        let kind = rope.ropeType ?? rope.type ?? "default"
        guard kind == "default" || kind == "linear" else {
            throw GemmaError(
                .unsupportedArchitecture, "\(source): rope_type is \(kind); default and linear are supported")
        }
        if slides, slidingWindow == nil {
            throw GemmaError(.badConfiguration, "\(source): sliding_window is missing")
        }
        return GemmaConfiguration.Layer(
            headDim: headDim, intermediateSize: intermediateSize,
            slidingWindow: slides ? slidingWindow : nil,
            ropeTheta: rope.ropeTheta ?? (architecture == .gemma3 ? 1_000_000 : 10_000),
            ropeScale: kind == "linear" ? rope.factor ?? 1 : 1)
    }

    private func slides(
        _ index: Int, _ architecture: GemmaConfiguration.Architecture, source: String
    ) throws(GemmaError) -> Bool {
        if architecture == .gemma1 { return false }
        if let layerTypes {
            guard layerTypes.count == numHiddenLayers else {
                throw GemmaError(
                    .badConfiguration,
                    "\(source): layer_types has \(layerTypes.count) entries for \(numHiddenLayers) layers")
            }
            switch layerTypes[index] {
            case "sliding_attention": return true
            case "full_attention": return false
            default:
                throw GemmaError(
                    .unsupportedArchitecture,
                    "\(source): layer_types[\(index)] is \(layerTypes[index]); sliding_attention and "
                        + "full_attention are supported")
            }
        }
        let published = architecture == .gemma2 ? LayerPattern.gemma2Period : LayerPattern.gemma3Period
        let period = slidingWindowPattern ?? published
        guard period > 0 else {
            throw GemmaError(
                .badConfiguration, "\(source): sliding_window_pattern is \(period), 1 or more is needed")
        }
        return LayerPattern.slides(layer: index, period: period)
    }

    private static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return ErrorText.of(error) }
        return ErrorText.words(for: error, spelling: snakeCase)
    }

    private static func snakeCase(_ key: String) -> String {
        key.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}
