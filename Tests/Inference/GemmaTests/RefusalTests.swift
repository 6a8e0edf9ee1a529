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
