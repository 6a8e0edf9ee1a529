import Tokenizer
import Weights

/// Reads a model's configuration and vocabulary from the metadata of its GGUF file.
enum GGUFConfiguration {
    /// Reads and checks the configuration; throws if a key is missing or a value cannot be used.
    ///
    /// The keys, `{arch}.*`, are those of the GGUF specification.
    static func read(_ file: GGUFFile) throws -> GemmaConfiguration {
        let source = file.file.path
        let architecture: GemmaConfiguration.Architecture
        let prefix = try file.architecture
        switch prefix {
        case "gemma": architecture = .gemma1
        case "gemma2": architecture = .gemma2
        case "gemma3": architecture = .gemma3
        case "gemma4": return try readGemma4(file)
        default:
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): general.architecture is \(prefix); Gemma 1, 2, 3 and 4 text models can be run "
                    + "(gemma, gemma2, gemma3, gemma4)")
        }
        func optional<Value>(_ key: String, _ read: (String) throws -> Value) throws -> Value? {
            file.hasMetadata("\(prefix).\(key)") ? try read("\(prefix).\(key)") : nil
        }
        func integer(_ key: String) throws -> Int { try file.int("\(prefix).\(key)") }
        let headCount = try integer("attention.head_count")
        let hiddenSize = try integer("embedding_length")
        let headDim = try optional("attention.key_length", file.int) ?? hiddenSize / max(1, headCount)
        if let valueDim = try optional("attention.value_length", file.int), valueDim != headDim {
            throw GemmaError(
                .badConfiguration,
                "\(source): \(prefix).attention.value_length is \(valueDim), but key_length is \(headDim)")
        }
        let intermediateSize = try integer("feed_forward_length")
        let configuration = GemmaConfiguration(
            architecture: architecture,
            name: file.hasMetadata("general.name") ? try file.string("general.name") : "Gemma",
            vocabularySize: try file.tensor(named: "token_embd.weight").rows, hiddenSize: hiddenSize,
            headCount: headCount,
            kvHeadCount: try optional("attention.head_count_kv", file.int) ?? headCount,
            contextLength: try integer("context_length"),
            rmsNormEpsilon: Float(try file.float("\(prefix).attention.layer_norm_rms_epsilon")),
            // Most models scale by the head's width; a file for a model that does not says so.
            attentionScale: try optional("attention.scale", file.float).map { Float($0) }
                ?? 1 / Float(max(1, headDim)).squareRoot(),
            attentionSoftCap: try softCap("attn_logit_softcapping", 50),
            logitSoftCap: try softCap("final_logit_softcapping", 30), layers: try layers())
        try configuration.validate(source: source)
        return configuration

        func softCap(_ key: String, _ published: Float) throws -> Float? {
            guard architecture == .gemma2 else { return nil }
            let value = try optional(key, file.float).map { Float($0) } ?? published
            return value == 0 ? nil : value
        }

        func layers() throws -> [GemmaConfiguration.Layer] {
            let count = try integer("block_count")
            guard (1...1024).contains(count) else {
                throw GemmaError(
                    .badConfiguration, "\(source): \(prefix).block_count is \(count), 1 to 1024 is needed")
            }
            let theta =
                try optional("rope.freq_base", file.float).map { Double($0) }
                ?? (architecture == .gemma3 ? 1_000_000 : 10_000)
            let localTheta = try optional("rope.freq_base_swa", file.float).map { Double($0) } ?? 10_000
            let kind = try optional("rope.scaling.type", file.string) ?? "none"
            let scale =
                kind == "linear" ? try optional("rope.scaling.factor", file.float).map { Double($0) } ?? 1 : 1
            guard kind == "none" || kind == "linear" else {
                throw GemmaError(
                    .unsupportedArchitecture,
                    "\(source): \(prefix).rope.scaling.type is \(kind); none and linear are supported")
            }
            let window = architecture == .gemma1 ? nil : try integer("attention.sliding_window")
            let period = architecture == .gemma2 ? LayerPattern.gemma2Period : LayerPattern.gemma3Period
            return (0..<count).map { index in
                let slides = window != nil && LayerPattern.slides(layer: index, period: period)
                let isLocal = slides && architecture == .gemma3
                return GemmaConfiguration.Layer(
                    headDim: headDim, intermediateSize: intermediateSize,
                    slidingWindow: slides ? window : nil, ropeTheta: isLocal ? localTheta : theta,
                    ropeScale: isLocal ? 1 : scale)
            }
        }
    }

    /// Builds a tokenizer from the vocabulary in the metadata.
    static func tokenizer(_ file: GGUFFile) throws -> SentencePieceTokenizer {
        let kind = try file.string("tokenizer.ggml.model")
        guard kind == "llama" || kind == "gemma4" else {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(file.file.path): tokenizer.ggml.model is \(kind); Gemma's is llama (SentencePiece) or gemma4"
            )
        }
        let tokens = try file.strings("tokenizer.ggml.tokens")
        func id(_ key: String) throws -> TokenID? {
            guard file.hasMetadata("tokenizer.ggml.\(key)") else { return nil }
            let value = try file.int("tokenizer.ggml.\(key)")
            guard let id = TokenID(exactly: value) else {
                throw GemmaError(
                    .badConfiguration, "\(file.file.path): tokenizer.ggml.\(key) is \(value), not a token")
            }
            return id
        }
        let types = try file.ints("tokenizer.ggml.token_type")
        return try SentencePieceTokenizer(
            vocabulary: GGUFVocabulary(
                tokens: tokens,
                scores: kind == "llama"
                    ? try file.floats("tokenizer.ggml.scores").map { Float($0) }
                    : Array(repeating: 0, count: tokens.count),
                types: types.map { Int32(truncatingIfNeeded: $0) },
                merged: kind == "llama"
                    ? nil : try GGUFVocabulary.merged(file.byteStrings("tokenizer.ggml.merges")),
                addsSpacePrefix: file.hasMetadata("tokenizer.ggml.add_space_prefix")
                    ? try file.bool("tokenizer.ggml.add_space_prefix") : false,
                beginningOfSequence: try id("bos_token_id"), endOfSequence: try id("eos_token_id"),
                unknown: try id("unknown_token_id"), endOfTurn: try id("eot_token_id")))
    }
}
