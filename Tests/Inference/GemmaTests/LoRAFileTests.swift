import Foundation
import Testing
import Weights

@testable import Gemma

/// Files of adapters: those of peft and llama.cpp can be read, those written here too, and damaged ones are refused.
@Suite struct LoRAFileTests {
    private static let architectures = ["gemma", "gemma2", "gemma3", "gemma4"]

    /// A temporary folder that is removed when the value is released.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("lora-\(UUID())").path
        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// The adapter without its name, which may come from the file's name.
    private func nameless(_ adapter: LoRAAdapter) -> LoRAAdapter {
        var adapter = adapter
        adapter.name = ""
        adapter.baseModel = ""
        return adapter
    }

    @Test(arguments: architectures) func bothFormatsSayTheSame(_ name: String) throws {
        let peft = try LoRAAdapter(path: Fixtures.path("adapters/\(name)"))
        let gguf = try LoRAAdapter(path: Fixtures.path("adapters/\(name)/adapter.gguf"))
        #expect(nameless(peft) == nameless(gguf))
        #expect(peft.fingerprint == gguf.fingerprint)
        #expect(peft.baseModel == "tiny \(name)" && gguf.name == "random \(name)")
        try peft.check(against: GemmaModel(path: Fixtures.path(name)).configuration)
        let expected: [String: (rank: Int, alpha: Float, sites: Int)] = [
            "gemma": (1, 2, 2), "gemma2": (3, 5, 4), "gemma3": (4, 8, 42), "gemma4": (2, 6, 64),
        ]
        let wanted = try #require(expected[name])
        #expect((peft.rank, peft.alpha, peft.sites.count) == wanted)
    }

    @Test(arguments: architectures) func whatIsWrittenIsReadAgain(_ name: String) throws {
        let folder = try Folder()
        var adapter = try LoRAAdapter(path: Fixtures.path("adapters/\(name)"))
        adapter.name = "minutes \"é\""
        adapter.promptTemplate = "tuned"
        try adapter.writeGGUF(to: folder.path + "/a.gguf", type: .f32)
        #expect(try LoRAAdapter(path: folder.path + "/a.gguf") == adapter)
        try adapter.writePeft(to: folder.path + "/peft")
        #expect(try LoRAAdapter(path: folder.path + "/peft") == adapter)
        // In F16, numbers are close, files are half as large, and both formats agree.
        try adapter.writeGGUF(to: folder.path + "/h.gguf")
        try adapter.writePeft(to: folder.path + "/halves", type: .f16)
        let halves = try LoRAAdapter(path: folder.path + "/h.gguf")
        #expect(try LoRAAdapter(path: folder.path + "/halves") == halves)
        for (site, pair) in adapter.pairs {
            for (exact, rounded) in zip(pair.a + pair.b, halves.pairs[site]!.a + halves.pairs[site]!.b) {
                #expect(abs(exact - rounded) <= abs(exact) / 2048 + 1e-7)
            }
        }
        #expect(halves.fingerprint != adapter.fingerprint)
    }

    @Test func anAdapterOfRank8ForThe270MIsSmall() throws {
        let folder = try Folder()
        let configuration = GemmaConfiguration(
            architecture: .gemma3, name: "270M", vocabularySize: 262_144, hiddenSize: 640,
            headCount: 4, kvHeadCount: 1, contextLength: 32768, rmsNormEpsilon: 1e-6, attentionScale: 1 / 16,
            layers: (0..<18).map { _ in
                .init(
                    headDim: 256, intermediateSize: 2048, slidingWindow: nil, ropeTheta: 1e6, ropeScale: 1)
            })
        let adapter = try Self.adapter(for: configuration, rank: 8) { _ in 0.01 }
        try adapter.check(against: configuration)
        try adapter.writeGGUF(to: folder.path + "/a.gguf")
        let bytes = try MappedFile(path: folder.path + "/a.gguf").size
        #expect(adapter.parameterCount == 1_898_496 && bytes > 2 * adapter.parameterCount)
        #expect(bytes < 3_900_000)
    }

    private static func adapter(
        for configuration: GemmaConfiguration, rank: Int, number: (Int) -> Float
    ) throws -> LoRAAdapter {
        var pairs: [LoRAAdapter.Site: LoRAAdapter.Pair] = [:]
        for layer in configuration.layers.indices {
            for target in LoRAAdapter.Target.allCases where target.exists(in: configuration) {
                let (output, input) = target.shape(in: configuration, layer: layer)
                pairs[.init(layer: layer, target: target)] = .init(
                    inputSize: input, outputSize: output, a: (0..<rank * input).map(number),
                    b: (0..<rank * output).map(number))
            }
        }
        return try LoRAAdapter(
            name: "a", baseModel: "b", architecture: configuration.architecture, rank: rank, alpha: 16,
            pairs: pairs)
    }

    @Test func numbersThatAreNoneAreRefused() throws {
        let configuration = try GemmaModel(path: Fixtures.path("gemma3")).configuration
        #expect { try Self.adapter(for: configuration, rank: 1) { $0 == 3 ? .nan : 0 } } throws: {
            "\($0)".contains("number 3 of A for blk.0.attn_q is nan")
        }
    }

    @Test(arguments: architectures) func theWrongModelIsRefused(_ name: String) throws {
        let adapter = try LoRAAdapter(path: Fixtures.path("adapters/\(name)"))
        for other in Self.architectures where other != name {
            let configuration = try GemmaModel(path: Fixtures.path(other)).configuration
            #expect { try adapter.check(against: configuration) } throws: {
                ($0 as? GemmaError)?.code == .badAdapter && "\($0)".contains("tiny \(name)")
            }
        }
        var narrow = try GemmaModel(path: Fixtures.path(name)).configuration
        for layer in narrow.layers.indices {
            narrow.layers[layer].intermediateSize = 63
            narrow.layers[layer].headDim = 14
        }
        #expect { try adapter.check(against: narrow) } throws: {
            "\($0)".contains("blk.") && "\($0)".contains("for another model")
        }
        var short = try GemmaModel(path: Fixtures.path(name)).configuration
        short.layers.removeLast()
        #expect { try adapter.check(against: short) } throws: {
            "\($0)".contains("has \(short.layers.count) layers")
        }
    }

    // MARK: Damage

    /// Expects a GGUF adapter with this change to be refused with a message that contains `part`.
    private func expectRefusal(
        _ part: String, sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout [String: GGUFFileWriter.Value], inout [(String, [Int])]) -> Void
    ) throws {
        let folder = try Folder()
        var metadata: [String: GGUFFileWriter.Value] = [
            "general.type": .string("adapter"), "adapter.type": .string("lora"),
            "adapter.lora.alpha": .float32(4),
        ]
        var tensors = [
            ("blk.0.attn_q.weight.lora_a", [2, 32]), ("blk.0.attn_q.weight.lora_b", [64, 2]),
            ("blk.1.ffn_down.weight.lora_a", [2, 64]), ("blk.1.ffn_down.weight.lora_b", [32, 2]),
        ]
        change(&metadata, &tensors)
        var writer = GGUFFileWriter(architecture: "gemma3")
        for (key, value) in metadata { writer.set(key, value) }
        for (name, shape) in tensors {
            writer.add(
                try TensorContent(
                    name: name, shape: shape, floats: Array(repeating: 1, count: shape.reduce(1, *))))
        }
        let path = folder.path + "/damaged.gguf"
        try writer.write(to: path)
        do {
            _ = try LoRAAdapter(path: path)
            Issue.record("a refusal expected: \(part)", sourceLocation: sourceLocation)
        } catch {
            #expect(
                "\(error)".contains(path) && "\(error)".contains(part), "\(error)",
                sourceLocation: sourceLocation)
        }
    }

    @Test func damagedFilesAreRefused() throws {
        try expectRefusal("of the type model") { metadata, _ in metadata["general.type"] = .string("model") }
        try expectRefusal("of the type model") { metadata, _ in metadata["general.type"] = nil }
        try expectRefusal("adapter.type is ia3") { metadata, _ in metadata["adapter.type"] = .string("ia3") }
        try expectRefusal("adapter.lora.alpha") { metadata, _ in metadata["adapter.lora.alpha"] = nil }
        try expectRefusal("alpha is 0") { metadata, _ in metadata["adapter.lora.alpha"] = .float32(0) }
        try expectRefusal("alpha is nan") { metadata, _ in metadata["adapter.lora.alpha"] = .float32(.nan) }
        try expectRefusal("is llama") { metadata, _ in metadata["general.architecture"] = .string("llama") }
        try expectRefusal("A is missing for blk.0.attn_q") { _, tensors in tensors.remove(at: 0) }
        try expectRefusal("B is missing for blk.1.ffn_down") { _, tensors in tensors.removeLast() }
        try expectRefusal("no tensors") { _, tensors in tensors = [] }
        try expectRefusal("of another rank") { _, tensors in tensors[1].1 = [64, 3] }
        try expectRefusal("one rank for all") { _, tensors in
            tensors[2].1 = [3, 64]
            tensors[3].1 = [32, 3]
        }
        try expectRefusal("a matrix is needed") { _, tensors in tensors[0].1 = [1, 2, 32] }
        for name in [
            "token_embd.weight.lora_a", "blk.0.attn_norm.weight", "blk.0.attn_q.weight.lora_c",
            "blk.-1.attn_q.weight.lora_a", "blk.00.attn_q.weight.lora_a", "blk.0.attn_q.bias.lora_a",
            "blk.0.attn_qkv.weight.lora_a", "blk.0.attn_q.weight.lora_a.x",
        ] {
            try expectRefusal("tensor \(name)") { _, tensors in tensors.append((name, [2, 2])) }
        }
    }

    /// Expects a copy of the fixture's folder with this change of its settings to be refused.
    private func expectPeftRefusal(
        _ part: String, sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout [String: Any]) -> Void
    ) throws {
        let folder = try Folder()
        let source = Fixtures.path("adapters/gemma2/")
        let data = try Data(contentsOf: URL(fileURLWithPath: source + "adapter_config.json"))
        var settings = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        change(&settings)
        try JSONSerialization.data(withJSONObject: settings)
            .write(to: URL(fileURLWithPath: folder.path + "/adapter_config.json"))
        try FileManager.default.copyItem(
            atPath: source + "adapter_model.safetensors", toPath: folder.path + "/adapter_model.safetensors")
        #expect(sourceLocation: sourceLocation) { try LoRAAdapter(path: folder.path) } throws: {
            ($0 as? GemmaError)?.code == .badAdapter && "\($0)".contains(part)
        }
        if part == "which model" {
            #expect(try LoRAAdapter(path: folder.path, architecture: .gemma2).architecture == .gemma2)
        }
    }

    @Test func settingsThatArePeftsButNotPlainLoRAAreRefused() throws {
        try expectPeftRefusal("IA3") { $0["peft_type"] = "IA3" }
        try expectPeftRefusal("r is 0") { $0["r"] = 0 }
        try expectPeftRefusal("says 4") { $0["r"] = 4 }
        try expectPeftRefusal("settings") { $0["r"] = nil }
        try expectPeftRefusal("alpha is -1") { $0["lora_alpha"] = -1 }
        try expectPeftRefusal("biases") { $0["bias"] = "all" }
        try expectPeftRefusal("use_dora") { $0["use_dora"] = true }
        try expectPeftRefusal("fan_in_fan_out") { $0["fan_in_fan_out"] = true }
        try expectPeftRefusal("rank_pattern") { $0["rank_pattern"] = ["q_proj": 5] }
        try expectPeftRefusal("alpha_pattern") { $0["alpha_pattern"] = ["q_proj": 5] }
        try expectPeftRefusal("modules_to_save") { $0["modules_to_save"] = ["lm_head"] }
        try expectPeftRefusal("alora") { $0["alora_invocation_tokens"] = [1, 2] }
        try expectPeftRefusal("layer_replication") { $0["layer_replication"] = [[0, 1]] }
        try expectPeftRefusal("changed as well") { $0["init_lora_weights"] = "pissa_niter_4" }
        try expectPeftRefusal("which model") { $0["auto_mapping"] = NSNull() }
    }

    /// A file cut off at any point is refused and not read past its end.
    @Test func truncatedFilesAreRefused() throws {
        let folder = try Folder()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("adapters/gemma2/adapter.gguf")))
        for count in stride(from: 0, to: bytes.count - 32, by: 7) {
            let path = folder.path + "/\(count).gguf"
            try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(throws: WeightsError.self) { try LoRAAdapter(path: path) }
        }
    }

    @Test func aMissingFileSaysWhatToGive() {
        #expect { try LoRAAdapter(path: "/nowhere/a.gguf") } throws: {
            "\($0)".contains("/nowhere/a.gguf") && "\($0)".contains("adapter_config.json")
        }
    }
}
