import Foundation
import Testing

@testable import Gemma

/// Models that cannot be used are refused with an error that names the field.
@Suite struct RefusalTests {
    private func read(changing change: (inout [String: Any]) -> Void, of name: String = "gemma3") throws {
        let path = Fixtures.path(name) + "/config.json"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        var object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        change(&object)
        _ = try HuggingFaceConfiguration.read(
            JSONSerialization.data(withJSONObject: object), source: "config.json")
    }

    private func message(changing change: (inout [String: Any]) -> Void) -> String {
        do {
            try read(changing: change)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test func theFieldIsNamed() throws {
        try read { _ in }
        #expect(message { $0["hidden_size"] = nil }.contains("'hidden_size' is missing"))
        #expect(message { $0["hidden_size"] = "wide" }.contains("hidden_size"))
        #expect(message { $0["hidden_size"] = 0 }.contains("hidden size 0"))
        #expect(message { $0["head_dim"] = 15 }.contains("head dimension 15"))
        #expect(message { $0["num_key_value_heads"] = 3 }.contains("multiple of the kv head count 3"))
        #expect(message { $0["num_hidden_layers"] = -1 }.contains("num_hidden_layers is -1"))
        #expect(message { $0["layer_types"] = ["full_attention"] }.contains("layer_types has 1 entries"))
        #expect(message { $0["model_type"] = "llama" }.contains("model_type is llama"))
        #expect(message { $0["rms_norm_eps"] = 0 }.contains("epsilon"))
        #expect(message { $0["use_bidirectional_attention"] = true }.contains("embedding model"))
    }

    @Test func theFieldOfGemma4IsNamed() throws {
        func message(changing change: (inout [String: Any]) -> Void) -> String {
            do {
                try read(changing: change, of: "gemma4")
                return "no error"
            } catch {
                return "\(error)"
            }
        }
        #expect(message { _ in } == "no error")
        #expect(message { $0["use_bidirectional_attention"] = "vision" } == "no error")
        #expect(
            message { $0["per_layer_config"] = ["03": ["head_dim": 32], "07": ["head_dim": 32]] }
                == "no error")
        #expect(
            message { $0["per_layer_config"] = ["full": ["head_dim": 32]] }.contains(
                "per_layer_config has 'full'"))
        #expect(message { $0["use_bidirectional_attention"] = "all" }.contains("embedding model"))
        #expect(message { $0["enable_moe_block"] = true }.contains("enable_moe_block is true"))
        #expect(message { $0["attention_k_eq_v"] = true }.contains("attention_k_eq_v is true"))
        #expect(message { $0["num_kv_shared_layers"] = 8 }.contains("num_kv_shared_layers is 8 of 8"))
        #expect(message { $0["num_kv_shared_layers"] = 5 }.contains("layer 3 has no keys and values"))
        #expect(message { $0["vocab_size_per_layer_input"] = 7 }.contains("vocab_size_per_layer_input is 7"))
        #expect(message { $0["hidden_size_per_layer_input"] = -1 }.contains("per-layer inputs -1"))
        #expect(
            message { $0["hidden_size_per_layer_input"] = 4096 }.contains("at most the feed-forward size"))
        #expect(
            message { $0["per_layer_config"] = ["3": ["head_dim": 32]] }.contains("layer 7, which shares"))
        #expect(
            message { $0["per_layer_config"] = ["3": ["num_key_value_heads": 1]] }.contains(
                "1 key-value heads"))
        #expect(
            message { $0["rope_parameters"] = ["full_attention": ["rope_type": "yarn"]] }.contains(
                "rope_parameters has nothing for sliding_attention"))
    }

    /// A number in the metadata of the GGUF file is changed.
    @Test(arguments: [
        ("gemma4.attention.shared_kv_layers", 5, "layer 3 has no keys and values"),
        ("gemma4.attention.shared_kv_layers", 8, "shared_kv_layers is 8 of 8"),
        ("gemma4.attention.value_length_swa", 8, "value_length_swa is 8, but key_length_swa is 16"),
        ("gemma4.attention.key_length_swa", 24, "value_length_swa is 16, but key_length_swa is 24"),
        ("gemma4.embedding_length_per_layer_input", 4, "per_layer_model_proj.weight has the shape [64, 32]"),
        ("gemma4.block_count", 7, "sliding_window_pattern has 8 entries for 7 layers"),
        ("gemma4.attention.head_count", 0, "head count 0"),
    ]) func theKeyOfGemma4IsNamed(key: String, value: UInt32, message: String) throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("gemma4-f32.gguf"))))
        let name = Array(key.utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        // The number follows the key and the number of its type.
        withUnsafeBytes(of: value.littleEndian) {
            bytes.replaceSubrange(start + name.count + 4..<start + name.count + 8, with: $0)
        }
        try refused(bytes, message)
    }

    @Test func rotationsThatCannotBeComputedAreRefused() throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("gemma4-f32.gguf"))))
        let huge = withUnsafeBytes(of: Float(1e30).bitPattern.littleEndian) { Array($0) }
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: huge) })
        withUnsafeBytes(of: Float(8).bitPattern.littleEndian) {
            bytes.replaceSubrange(start..<start + 4, with: $0)
        }
        try refused(bytes, "rope_freqs.weight has 16 numbers")
    }

    private func refused(_ bytes: [UInt8], _ message: String) throws {
        let path = FileManager.default.temporaryDirectory.path + "/changed-\(UUID().uuidString).gguf"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect { try GemmaModel(path: path) } throws: { "\($0)".contains(message) }
    }

    @Test func aMissingFileSaysWhatToGive() {
        #expect { try GemmaModel(path: "/nowhere/model.gguf") } throws: {
            "\($0)".contains("/nowhere/model.gguf")
        }
    }

    @Test func shapesMustFitTheConfiguration() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "gemma-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: Fixtures.path("gemma3"), toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = folder.appendingPathComponent("config.json")
        let text = try String(contentsOf: config, encoding: .utf8)
        try text.replacingOccurrences(of: "\"intermediate_size\": 64", with: "\"intermediate_size\": 65")
            .write(to: config, atomically: true, encoding: .utf8)
        #expect { try GemmaModel(path: folder.path) } throws: {
            "\($0)".contains("mlp.gate_proj.weight has the shape [64, 32]")
        }
    }

    /// A model file cut off at any point is refused and not read past its end.
    @Test func truncatedModelsAreRefused() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("gemma-f32.gguf")))
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "cut-\(UUID().uuidString).gguf")
        defer { try? FileManager.default.removeItem(at: path) }
        for length in stride(from: 0, to: whole.count, by: 997) {
            try whole.prefix(length).write(to: path)
            #expect(throws: (any Error).self) { try GemmaModel(path: path.path) }
        }
    }
}
