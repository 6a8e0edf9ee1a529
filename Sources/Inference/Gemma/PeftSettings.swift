import Errors
import Foundation

/// The settings in peft's adapter_config.json that matter here, under peft's names.
struct PeftSettings: Decodable {
    var peft_type: String?
    var base_model_name_or_path: String?
    var auto_mapping: AutoMapping?
    var r: Int
    var lora_alpha: Float
    var use_rslora: Bool?
    var init_lora_weights: InitialWeights?

    private var bias: String?
    private var lora_bias: Bool?
    private var fan_in_fan_out: Bool?
    private var use_dora: Bool?
    private var use_qalora: Bool?
    private var use_bdlora: Bool?
    private var rank_pattern: [String: Int]?
    private var alpha_pattern: [String: Float]?
    private var modules_to_save: [String]?
    private var layer_replication: Something?
    private var alora_invocation_tokens: Something?

    /// The alpha that gives the right scale when divided by the rank, also for "rank-stabilised" adapters, whose scale
    /// is `lora_alpha / sqrt(rank)`.
    var alpha: Float { use_rslora == true ? lora_alpha * Float(r).squareRoot() : lora_alpha }

    /// The base model's architecture, if the settings name its class; else nil.
    var architecture: GemmaConfiguration.Architecture? {
        guard let name = auto_mapping?.base_model_class else { return nil }
        if name.hasPrefix("Gemma4For") { return .gemma4 }
        if name.hasPrefix("Gemma3For") { return .gemma3 }
        if name.hasPrefix("Gemma2For") { return .gemma2 }
        return name.hasPrefix("GemmaFor") ? .gemma1 : nil
    }

    struct AutoMapping: Decodable {
        var base_model_class: String?
    }

    /// Any value except null; only its presence matters.
    private struct Something: Decodable {
        init(from decoder: any Decoder) {}
    }

    /// How the adapter was initialised: a truth value or the name of a method.
    struct InitialWeights: Decodable {
        let method: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            method = (try? container.decode(Bool.self)) == nil ? try container.decode(String.self) : nil
        }

        /// Whether the method also changed the base model, so that the adapter alone is not enough.
        var changesBase: Bool {
            let methods = ["pissa", "olora", "corda", "loftq", "lora_ga"]
            return methods.contains { method?.lowercased().hasPrefix($0) == true }
        }
    }

    init(json: Data, path: String) throws(GemmaError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: json)
        } catch {
            throw LoRAAdapter.refusal(
                path, "the settings of a LoRA adapter are needed: \(ErrorText.of(error))")
        }
        try check(path: path)
    }

    /// Refuses adapters that would not compute here what they were trained to compute.
    private func check(path: String) throws(GemmaError) {
        func check(_ holds: Bool, _ what: String) throws(GemmaError) {
            guard holds else { throw LoRAAdapter.refusal(path, what) }
        }
        try check(peft_type == "LORA", "peft_type is \(peft_type ?? "missing"); LORA can be used")
        try check((1...65_536).contains(r), "r is \(r), 1 to 65536 is needed")
        try check(bias ?? "none" == "none" && lora_bias != true, "it has trained biases; Gemma has none")
        try check(fan_in_fan_out != true, "fan_in_fan_out is set: its matrices are the other way round")
        for (name, flag) in [("dora", use_dora), ("qalora", use_qalora), ("bdlora", use_bdlora)] {
            try check(flag != true, "use_\(name) is set; plain LoRA can be used")
        }
        try check(
            (rank_pattern ?? [:]).isEmpty && (alpha_pattern ?? [:]).isEmpty,
            "rank_pattern or alpha_pattern is set; one rank and one alpha for all matrices can be used")
        try check(
            (modules_to_save ?? []).isEmpty, "modules_to_save is set: it replaces whole modules of the model")
        try check(layer_replication == nil, "layer_replication is set: it repeats layers of the model")
        try check(
            alora_invocation_tokens == nil,
            "alora_invocation_tokens is set: certain tokens switch it on; only plain LoRA can be used")
        try check(
            init_lora_weights?.changesBase != true,
            "init_lora_weights says that the base model was changed as well; convert it with peft first")
    }

    /// The content of an adapter_config.json for a plain LoRA adapter, to be used for inference.
    static func json(baseModel: String, rank: Int, alpha: Float, modules: [String]) throws -> Data {
        let settings: [String: Any] = [
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": baseModel, "r": rank,
            "lora_alpha": alpha == alpha.rounded() && alpha < 1e6 ? Int(alpha) : Double("\(alpha)") ?? 0,
            "lora_dropout": 0, "target_modules": modules, "bias": "none", "fan_in_fan_out": false,
            "inference_mode": true, "init_lora_weights": true, "use_rslora": false, "use_dora": false,
        ]
        return try JSONSerialization.data(
            withJSONObject: settings, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }
}
