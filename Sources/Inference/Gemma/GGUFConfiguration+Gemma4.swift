import Weights

// Gemma 4's keys, `gemma4.*`. Source: llama.cpp `src/models/gemma4.cpp`, `conversion/gemma.py`.

extension GGUFConfiguration {
    /// Reads and checks the configuration of a Gemma 4 file; throws if a key is missing or a value cannot be used.
    static func readGemma4(_ file: GGUFFile) throws -> GemmaConfiguration {
        let keys = Gemma4Keys(file: file)
        if let experts = try keys.optional("expert_count", file.int), experts > 0 {
            throw keys.refusal(
                "expert_count is \(experts); of Gemma 4, models without experts can be run, like E2B and E4B")
        }
        let scaling = try keys.optional("rope.scaling.type", file.string) ?? "none"
        guard scaling == "none" else {
            throw keys.refusal(
                "rope.scaling.type is \(scaling); of Gemma 4, files without scaling can be run")
        }
        let configuration = GemmaConfiguration(
            architecture: .gemma4,
            name: file.hasMetadata("general.name") ? try file.string("general.name") : "Gemma",
            vocabularySize: try file.tensor(named: "token_embd.weight").rows,
            hiddenSize: try keys.integer("embedding_length"),
            headCount: try keys.uniform("attention.head_count"),
            kvHeadCount: try keys.uniform("attention.head_count_kv"),
            contextLength: try keys.integer("context_length"),
            rmsNormEpsilon: try file.float("gemma4.attention.layer_norm_rms_epsilon"), attentionScale: 1,
            attentionSoftCap: nil,
            logitSoftCap: try keys.optional("final_logit_softcapping", file.float).flatMap {
                $0 == 0 ? nil : $0
            },
            layerInputSize: try keys.optional("embedding_length_per_layer_input", file.int) ?? 0,
            layers: try layers(keys))
        try configuration.validate(source: file.file.path)
        return configuration
    }

    private static func layers(_ keys: Gemma4Keys) throws -> [GemmaConfiguration.Layer] {
        let file = keys.file
        let count = try keys.integer("block_count")
        guard (1...1024).contains(count) else {
            throw keys.refusal("block_count is \(count), 1 to 1024 is needed")
        }
        let sharedCount = try keys.optional("attention.shared_kv_layers", file.int) ?? 0
        guard (0..<count).contains(sharedCount) else {
            throw keys.refusal("attention.shared_kv_layers is \(sharedCount) of \(count) layers")
        }
        let slides = try keys.slides(count)
        let widths = try keys.list("feed_forward_length", count)
        let (full, sliding) = (try keys.headDim(""), try keys.headDim("_swa"))
        let (theta, slidingTheta) = (
            try keys.optional("rope.freq_base", file.float) ?? 1_000_000,
            try keys.optional("rope.freq_base_swa", file.float) ?? 10_000
        )
        let window = try keys.integer("attention.sliding_window")
        let pairs = slides.allSatisfy(\.self) ? nil : try rotatedPairs(file, headDim: full)
        var layers = (0..<count).map { index in
            GemmaConfiguration.Layer(
                headDim: slides[index] ? sliding : full, intermediateSize: widths[index],
                slidingWindow: slides[index] ? window : nil,
                ropeTheta: Double(slides[index] ? slidingTheta : theta), ropeScale: 1,
                rotatedPairs: slides[index] ? nil : pairs)
        }
        try layers.shareKeysAndValues(last: sharedCount, source: file.file.path)
        for index in 0..<count - sharedCount where !file.hasTensor("blk.\(index).attn_v.weight") {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(file.file.path): there is no tensor blk.\(index).attn_v.weight: a model whose keys serve as "
                    + "values too cannot be run; of Gemma 4, models like E2B and E4B can")
        }
        return layers
    }

    /// How many pairs of a head are rotated in layers with full attention.
    ///
    /// `rope_freqs` divides the frequency of each by 1, and those of the others by so much that they stay as they are.
    private static func rotatedPairs(_ file: GGUFFile, headDim: Int) throws -> Int {
        let factors = try file.tensor(named: "rope_freqs.weight").floats()
        let pairs = factors.prefix { $0 == 1 }.count
        guard factors.count == headDim / 2, pairs > 0, factors[pairs...].allSatisfy({ $0 >= 1e20 }) else {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(file.file.path): rope_freqs.weight has \(factors.count) numbers, which are not \(headDim / 2) "
                    + "that are 1 for the pairs that rotate, which come first, and huge for the others")
        }
        return pairs
    }
}

/// The metadata of a Gemma 4 file.
private struct Gemma4Keys {
    let file: GGUFFile

    func refusal(_ what: String) -> GemmaError {
        GemmaError(.badConfiguration, "\(file.file.path): gemma4.\(what)")
    }

    func integer(_ key: String) throws -> Int { try file.int("gemma4.\(key)") }

    func optional<Value>(_ key: String, _ read: (String) throws -> Value) throws -> Value? {
        file.hasMetadata("gemma4.\(key)") ? try read("gemma4.\(key)") : nil
    }

    /// The numbers of all layers, stored as an array or as one number for all.
    func list(_ key: String, _ count: Int) throws -> [Int] {
        guard file.isArray("gemma4.\(key)") else {
            return Array(repeating: try integer(key), count: count)
        }
        let list = try file.ints("gemma4.\(key)")
        guard list.count == count else {
            throw refusal("\(key) has \(list.count) numbers for \(count) layers")
        }
        return list
    }

    /// A number that is the same for all layers.
    func uniform(_ key: String) throws -> Int {
        guard file.isArray("gemma4.\(key)") else { return try integer(key) }
        let list = try file.ints("gemma4.\(key)")
        guard let first = list.first, list.allSatisfy({ $0 == first }) else {
            throw refusal("\(key) differs between layers; one number for all layers can be used")
        }
        return first
    }

    /// Which layers have a sliding window; the pattern is stored as an array or as a period.
    func slides(_ count: Int) throws -> [Bool] {
        let key = "attention.sliding_window_pattern"
        guard file.isArray("gemma4.\(key)") else {
            let period = try integer(key)
            guard period > 0 else { throw refusal("\(key) is \(period), 1 or more is needed") }
            return (0..<count).map { LayerPattern.slides(layer: $0, period: period) }
        }
        let slides = try file.bools("gemma4.\(key)")
        guard slides.count == count else {
            throw refusal("\(key) has \(slides.count) entries for \(count) layers")
        }
        return slides
    }

    /// The width of a head, with "" in layers with full attention and with "_swa" in those with a sliding window.
    func headDim(_ suffix: String) throws -> Int {
        let width = try integer("attention.key_length\(suffix)")
        if let values = try optional("attention.value_length\(suffix)", file.int), values != width {
            throw refusal("attention.value_length\(suffix) is \(values), but key_length\(suffix) is \(width)")
        }
        return width
    }
}
