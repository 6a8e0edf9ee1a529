import Weights

// llama.cpp's file format for adapters: a GGUF file with general.type "adapter", adapter.type "lora" and two tensors
// for each adapted matrix: "blk.0.attn_q.weight.lora_a", [rank, input], and "...lora_b", [output, rank]. Their rows and
// columns are in the same order as in peft and in the model's own file, since GGUF does not permute Gemma's queries and
// keys.

extension LoRAAdapter {
    /// The metadata key under which ``promptTemplate`` is stored.
    static let promptTemplateKey = "minuted.prompt"

    /// Reads llama.cpp's file format.
    ///
    /// - Throws: a `WeightsError` or ``GemmaError`` that names the file and, where one is at fault, the tensor.
    init(gguf file: GGUFFile) throws {
        let path = file.file.path
        func text(_ key: String) throws -> String? { file.hasMetadata(key) ? try file.string(key) : nil }
        let kind = try text("general.type") ?? "model"
        guard kind == "adapter" else {
            throw Self.refusal(path, "it is a GGUF file of the type \(kind), an adapter is needed")
        }
        let method = try file.string("adapter.type")
        guard method == "lora" else {
            throw Self.refusal(path, "adapter.type is \(method); lora can be used")
        }
        guard !file.hasMetadata("adapter.alora.invocation_tokens") else {
            throw Self.refusal(
                path, "it is to be switched on by certain tokens (aLoRA); plain LoRA can be used")
        }
        let architecture = try file.architecture
        guard let known = GemmaConfiguration.Architecture(ggufName: architecture) else {
            throw Self.refusal(
                path,
                "general.architecture is \(architecture); adapters for gemma, gemma2, gemma3 and gemma4 can be used"
            )
        }
        var halves = HalvesBySite()
        for name in file.tensorNames {
            guard let (site, half) = Self.site(ggufName: name) else {
                throw Self.refusal(
                    path,
                    "tensor \(name) is not for a matrix that can be adapted: blk.N.TARGET.weight.lora_a and .lora_b "
                        + "are known, TARGET being \(Target.names)")
            }
            try halves.add(file.tensor(named: name), site, half, path: path)
        }
        try self.init(
            name: try text("general.name") ?? Self.name(ofFile: path),
            baseModel: try text("general.base_model.0.name") ?? "unknown", architecture: known,
            alpha: try file.float("adapter.lora.alpha"), promptTemplate: try text(Self.promptTemplateKey),
            halves: halves, path: path)
    }

    /// Writes llama.cpp's file format, replacing any file at `path`.
    ///
    /// - Parameter type: F16, which rounds the factors, or F32, which keeps them; any other is a programming error.
    package func writeGGUF(to path: String, type: ElementType = .f16) throws(WeightsError) {
        var writer = GGUFFileWriter(architecture: architecture.ggufName)
        writer.set("general.type", .string("adapter"))
        writer.set("general.name", .string(name))
        writer.set("general.base_model.count", .uint32(1))
        writer.set("general.base_model.0.name", .string(baseModel))
        // llama.cpp's numbers for files that are all in F32 (0) or mostly in F16 (1).
        writer.set("general.file_type", .uint32(type == .f32 ? 0 : 1))
        writer.set("adapter.type", .string("lora"))
        writer.set("adapter.lora.alpha", .float32(alpha))
        if let promptTemplate { writer.set(Self.promptTemplateKey, .string(promptTemplate)) }
        for site in sites {
            guard let pair = pairs[site] else { continue }
            writer.add(
                try TensorContent(
                    name: "\(site).weight.lora_a", shape: [rank, pair.inputSize], floats: pair.a, type: type))
            writer.add(
                try TensorContent(
                    name: "\(site).weight.lora_b", shape: [pair.outputSize, rank], floats: pair.b, type: type)
            )
        }
        try writer.write(to: path)
    }

    private static func site(ggufName name: String) -> (Site, Half)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "blk", let layer = layerNumber(parts[1]),
            let target = Target(rawValue: String(parts[2])), parts[3] == "weight"
        else { return nil }
        switch parts[4] {
        case "lora_a": return (Site(layer: layer, target: target), .a)
        case "lora_b": return (Site(layer: layer, target: target), .b)
        default: return nil
        }
    }
}

extension GemmaConfiguration.Architecture {
    /// The value of `general.architecture` in GGUF files.
    var ggufName: String {
        switch self {
        case .gemma1: "gemma"
        case .gemma2: "gemma2"
        case .gemma3: "gemma3"
        case .gemma4: "gemma4"
        }
    }

    init?(ggufName name: String) {
        guard let known = Self.allCases.first(where: { $0.ggufName == name }) else { return nil }
        self = known
    }
}
