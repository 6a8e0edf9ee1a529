// What Gemma 4's config.json says besides. Source: Hugging Face `configuration_gemma4.py`, `modeling_gemma4.py`.

extension HuggingFaceConfiguration {
    /// Refuses what only the larger models of the family have, and numbers that cannot be computed with.
    func checkGemma4(source: String) throws(GemmaError) {
        for (isSet, field) in [
            (enableMoeBlock, "enable_moe_block"), (attentionKEqV, "attention_k_eq_v"),
            (attentionBias, "attention_bias"),
        ] where isSet == true {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): \(field) is true; of Gemma 4, models like E2B and E4B can be run, without experts, "
                    + "with keys and values of their own and without biases")
        }
        if let vocabSizePerLayerInput, vocabSizePerLayerInput != vocabSize, hiddenSizePerLayerInput != 0 {
            throw GemmaError(
                .badConfiguration,
                "\(source): vocab_size_per_layer_input is \(vocabSizePerLayerInput), vocab_size \(vocabSize): "
                    + "the same is needed")
        }
        guard (1...1 << 20).contains(intermediateSize) else {
            throw GemmaError(
                .badConfiguration,
                "\(source): intermediate_size is \(intermediateSize), 1 to \(1 << 20) is needed")
        }
        guard (0..<numHiddenLayers).contains(numKvSharedLayers ?? 0) else {
            throw GemmaError(
                .badConfiguration,
                "\(source): num_kv_shared_layers is \(numKvSharedLayers ?? 0) of \(numHiddenLayers) layers")
        }
        if let key = perLayerConfig?.keys.sorted().first(where: { Int($0) == nil }) {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): per_layer_config has '\(key)'; numbers of layers can be used")
        }
        let others = perLayerConfig?.values.compactMap(\.numKeyValueHeads) ?? []
        if let other = others.first(where: { $0 != numKeyValueHeads }) {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): a layer has \(other) key-value heads, others \(numKeyValueHeads); one number for all "
                    + "layers can be used")
        }
    }

    /// The shapes and constants of a layer of Gemma 4, before it is known whose keys and values it shares.
    func gemma4Layer(_ index: Int, slides: Bool, source: String) throws(GemmaError)
        -> GemmaConfiguration.Layer
    {
        let headDim =
            perLayerConfig.map { config in
                // The numbers of layers are padded with zeros to the same width.
                config.first { Int($0.key) == index }?.value.headDim ?? self.headDim
            }
            ?? (slides ? self.headDim : globalHeadDim ?? 512)
        let kind = slides ? "sliding_attention" : "full_attention"
        let rope: Rope
        switch ropeParameters {
        case .byLayerType(let byType) where byType[kind] != nil: rope = byType[kind]!
        case nil:
            rope =
                slides
                ? Rope(ropeTheta: 10_000)
                : Rope(ropeType: "proportional", ropeTheta: 1_000_000, partialRotaryFactor: 0.25)
        default:
            throw GemmaError(.badConfiguration, "\(source): rope_parameters has nothing for \(kind)")
        }
        let type = rope.ropeType ?? rope.type ?? "default"
        guard ["default", "linear", "proportional"].contains(type) else {
            throw GemmaError(
                .unsupportedArchitecture,
                "\(source): rope_type is \(type); default, linear and proportional are supported")
        }
        let share = type == "proportional" ? rope.partialRotaryFactor ?? 1 : 1
        guard share > 0, share <= 1, headDim <= 1 << 20 else {
            throw GemmaError(
                .badConfiguration,
                "\(source): partial_rotary_factor \(share) of a head of \(headDim) is not usable: above 0 and at "
                    + "most 1 is needed")
        }
        if slides, slidingWindow == nil {
            throw GemmaError(.badConfiguration, "\(source): sliding_window is missing")
        }
        let isShared = index >= numHiddenLayers - (numKvSharedLayers ?? 0)
        return GemmaConfiguration.Layer(
            headDim: headDim,
            intermediateSize: intermediateSize * (isShared && useDoubleWideMlp == true ? 2 : 1),
            slidingWindow: slides ? slidingWindow : nil,
            ropeTheta: rope.ropeTheta ?? (slides ? 10_000 : 1_000_000),
            ropeScale: type == "default" ? 1 : rope.factor ?? 1,
            rotatedPairs: share < 1 ? Int((share * Double(headDim) / 2).rounded(.down)) : nil)
    }
}

extension [GemmaConfiguration.Layer] {
    /// Lets the last `count` layers share the keys and values of the last layer before them that attends alike.
    ///
    /// - Throws: a ``GemmaError`` if there is none for one of them; `source` is what it calls the file.
    mutating func shareKeysAndValues(last count: Int, source: String) throws(GemmaError) {
        let first = self.count - count
        for index in indices where index >= first {
            let window = self[index].slidingWindow
            guard let shared = self[..<first].lastIndex(where: { $0.slidingWindow == window }) else {
                throw GemmaError(
                    .badConfiguration,
                    "\(source): layer \(index) has no keys and values, and none of the first \(first) layers "
                        + "\(window == nil ? "has full attention" : "has a sliding window") to share them with it"
                )
            }
            self[index].keyValueLayer = shared
        }
    }
}
