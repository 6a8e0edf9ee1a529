import Foundation
import Weights

// peft's format for adapters: a folder with adapter_config.json and adapter_model.safetensors, whose tensors are called
// "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", [rank, input], and "...lora_B...", [output, rank].
// The format need not say which architecture the adapter is for; adapters that are written here say so in the metadata
// of the safetensors file.

extension LoRAAdapter {
    private static let configurationFile = "adapter_config.json"
    private static let tensorsFile = "adapter_model.safetensors"
    private static let architectureKey = "minuted.architecture"
    private static let nameKey = "minuted.name"

    /// Reads peft's folder format.
    ///
    /// - Parameter architecture: the base model's; needed only if the folder does not say.
    /// - Throws: an error that names the file and what is wrong with it.
    init(peft folder: String, architecture: GemmaConfiguration.Architecture?) throws {
        let source = folder + "/" + Self.configurationFile
        guard let data = FileManager.default.contents(atPath: source) else {
            throw Self.refusal(source, "it cannot be read; peft's folder format needs it")
        }
        let settings = try PeftSettings(json: data, path: source)
        let file = try SafetensorsFile(path: folder + "/" + Self.tensorsFile)
        let path = file.file.path
        var halves = HalvesBySite()
        for name in file.tensorNames {
            guard let (site, half) = Self.site(peftName: name) else {
                throw Self.refusal(
                    path,
                    "tensor \(name) is not for a matrix that can be adapted: ...layers.N.MODULE.lora_A.weight and "
                        + "lora_B are known, MODULE being \(Target.allCases.map(\.module).joined(separator: ", "))"
                )
            }
            try halves.add(file.tensor(named: name), site, half, path: path)
        }
        let noted = file.metadata[Self.architectureKey].flatMap {
            GemmaConfiguration.Architecture(rawValue: $0)
        }
        guard let known = architecture ?? noted ?? settings.architecture else {
            throw Self.refusal(
                folder, "peft's format does not say which architecture it is for: say which model it is for")
        }
        try self.init(
            name: file.metadata[Self.nameKey] ?? Self.name(ofFile: folder),
            baseModel: settings.base_model_name_or_path ?? "unknown", architecture: known,
            alpha: settings.alpha, promptTemplate: file.metadata[Self.promptTemplateKey], halves: halves,
            path: path)
        guard rank == settings.r else {
            throw Self.refusal(path, "its tensors are of rank \(rank), but \(source) says \(settings.r)")
        }
    }

    /// Writes peft's folder format, replacing existing files; the folder is created if it does not exist.
    ///
    /// - Parameter type: F16, which rounds the factors, or F32, which keeps them; any other is a programming error.
    package func writePeft(to folder: String, type: ElementType = .f32) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw GemmaError(.file, "\(folder): the folder cannot be created: \(error.localizedDescription)")
        }
        var metadata = [
            "format": "pt", Self.architectureKey: architecture.rawValue, Self.nameKey: name,
        ]
        metadata[Self.promptTemplateKey] = promptTemplate
        var writer = SafetensorsFileWriter(metadata: metadata)
        for site in sites {
            guard let pair = pairs[site] else { continue }
            let name = "base_model.model.model.\(site.moduleName)"
            writer.add(
                try TensorContent(
                    name: name + ".lora_A.weight", shape: [rank, pair.inputSize], floats: pair.a, type: type))
            writer.add(
                try TensorContent(
                    name: name + ".lora_B.weight", shape: [pair.outputSize, rank], floats: pair.b, type: type)
            )
        }
        try writer.write(to: folder + "/" + Self.tensorsFile)
        let settings = try PeftSettings.json(
            baseModel: baseModel, rank: rank, alpha: alpha, modules: peftModules)
        try settings.write(
            to: URL(fileURLWithPath: folder + "/" + Self.configurationFile), options: .atomic)
    }

    /// The names by which peft finds the adapted matrices.
    private var peftModules: [String] {
        let layers = Set(pairs.keys.map(\.layer))
        let targets = Set(pairs.keys.map(\.target)).sorted()
        let isUniform = pairs.count == layers.count * targets.count && layers.max() == layers.count - 1
        return isUniform
            ? targets.map { String($0.module.split(separator: ".").last ?? "") } : sites.map(\.moduleName)
    }

    private static func site(peftName name: String) -> (Site, Half)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        // Where the layers are in a plain language model, and in the classes of models that also read images.
        let prefixes = ["", "model", "model.language_model", "language_model.model", "language_model"]
        guard let place = parts.firstIndex(of: "layers"), parts.count >= place + 5,
            prefixes.contains(where: {
                parts[..<place].joined(separator: ".")
                    == ($0.isEmpty ? "base_model.model" : "base_model.model." + $0)
            }), let layer = layerNumber(parts[place + 1]),
            let target = Target(module: parts[(place + 2)..<(parts.count - 2)].joined(separator: ".")),
            parts[parts.count - 1] == "weight"
        else { return nil }
        switch parts[parts.count - 2] {
        case "lora_A": return (Site(layer: layer, target: target), .a)
        case "lora_B": return (Site(layer: layer, target: target), .b)
        default: return nil
        }
    }
}

extension LoRAAdapter.Target {
    /// The module's name in transformers.
    var module: String {
        switch self {
        case .attnQ: "self_attn.q_proj"
        case .attnK: "self_attn.k_proj"
        case .attnV: "self_attn.v_proj"
        case .attnOutput: "self_attn.o_proj"
        case .ffnGate: "mlp.gate_proj"
        case .ffnUp: "mlp.up_proj"
        case .ffnDown: "mlp.down_proj"
        case .inputGate: "per_layer_input_gate"
        case .inputProjection: "per_layer_projection"
        }
    }

    init?(module: String) {
        guard let target = Self.allCases.first(where: { $0.module == module }) else { return nil }
        self = target
    }
}

extension LoRAAdapter.Site {
    /// The end of the module's name in peft, for example "layers.3.self_attn.q_proj".
    fileprivate var moduleName: String { "layers.\(layer).\(target.module)" }
}
