import Foundation
import Gemma
import Tokenizer
import Weights

/// The tiny models in the folder beside this file, with what PyTorch computes for them (see `Fixtures/make.py`).
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    static func path(_ name: String) -> String { folder + "/" + name }

    /// Input ids and the logits that PyTorch computes, `[tokens][vocabulary]`, for the model in folder `name`.
    static func expected(_ name: String) throws -> (ids: [TokenID], logits: [[Float]]) {
        let file = try SafetensorsFile(path: path(name) + "/expected.safetensors")
        let tensor = try file.tensor(named: "logits")
        let floats = tensor.floats()
        let logits = (0..<tensor.rows).map {
            Array(floats[($0 * tensor.columns)..<(($0 + 1) * tensor.columns)])
        }
        return (try file.integers(named: "input_ids").map { TokenID($0) }, logits)
    }

    /// An engine on a tiny model; its cache has full precision, so that results differ only by the arithmetic.
    static func engine(
        _ name: String, sliceTokens: Int = 256, threads: Int = 2, fullPrecision: Bool = true,
        isDeterministic: Bool = false
    ) throws -> InferenceEngine {
        try InferenceEngine(
            model: GemmaModel(path: path(name)),
            options: InferenceEngine.Options(
                contextLength: 256, threads: threads, fullPrecisionCache: fullPrecision,
                isDeterministic: isDeterministic, sliceTokens: sliceTokens))
    }

    /// The logits of every position of `ids`.
    static func logits(_ engine: InferenceEngine, _ ids: [TokenID]) async throws -> [[Float]] {
        let collected = Collected()
        try await engine.logits(of: ids) { _, logits in collected.rows.append(Array(logits)) }
        return collected.rows
    }

    // Safety: the engine calls back from one thread only, and the caller waits until it is done.
    private final class Collected: @unchecked Sendable {
        var rows: [[Float]] = []
    }

    /// The largest difference between the two, relative to the range of `expected`.
    static func difference(_ actual: [[Float]], _ expected: [[Float]]) -> Float {
        let all = expected.joined()
        guard actual.count == expected.count, let low = all.min(), let high = all.max(), high > low else {
            return .infinity
        }
        var largest: Float = 0
        for (a, b) in zip(actual.joined(), all) {
            guard a.isFinite else { return .infinity }
            largest = max(largest, abs(a - b))
        }
        return largest / (high - low)
    }
}
