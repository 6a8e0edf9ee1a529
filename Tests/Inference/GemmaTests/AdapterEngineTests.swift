import Foundation
import Synchronization
import Testing
import Tokenizer
import Weights

@testable import Gemma

/// The engine with adapters computes what peft and what merged weights compute, and never mixes adapters up.
@Suite struct AdapterEngineTests {
    private static let architectures = ["gemma", "gemma2", "gemma3", "gemma4"]
    private static let greedy = GenerationOptions(maximumTokens: 12)

    private func adapter(_ name: String) throws -> LoRAAdapter {
        try LoRAAdapter(path: Fixtures.path("adapters/\(name)"))
    }

    /// Another adapter for the same model, with the same numbers in reverse order.
    private func otherAdapter(_ name: String) throws -> LoRAAdapter {
        let adapter = try adapter(name)
        return try LoRAAdapter(
            name: "other", baseModel: adapter.baseModel, architecture: adapter.architecture,
            rank: adapter.rank, alpha: adapter.alpha,
            pairs: adapter.pairs.mapValues {
                .init(
                    inputSize: $0.inputSize, outputSize: $0.outputSize, a: $0.a.reversed(), b: $0.b.reversed()
                )
            })
    }

    /// An engine with the adapters "one" and "other".
    private func engine(
        _ name: String, sliceTokens: Int = 256, isExact: Bool = true, isDeterministic: Bool = false,
        snapshotFolder: String? = nil
    ) async throws -> InferenceEngine {
        let engine = try InferenceEngine(
            model: GemmaModel(path: Fixtures.path(name)),
            options: InferenceEngine.Options(
                contextLength: 256, threads: 2, fullPrecisionCache: true, isExact: isExact,
                isDeterministic: isDeterministic, sliceTokens: sliceTokens, snapshotFolder: snapshotFolder))
        try await engine.load(adapter(name), as: "one")
        try await engine.load(otherAdapter(name), as: "other")
        return engine
    }

    private func logits(_ engine: InferenceEngine, _ ids: [TokenID], _ adapter: String?) async throws
        -> [[Float]]
    {
        let rows = Mutex<[[Float]]>([])
        try await engine.logits(of: ids, adapter: adapter) { _, logits in
            rows.withLock { $0.append(Array(logits)) }
        }
        return rows.withLock(\.self)
    }

    @Test(arguments: architectures, [1, 7, 256]) func logitsAreThoseOfPeft(
        name: String, sliceTokens: Int
    ) async throws {
        let tensor = try SafetensorsFile(path: Fixtures.path("adapters/\(name)/expected.safetensors"))
            .tensor(named: "logits")
        let floats = tensor.floats()
        let expected = (0..<tensor.rows).map {
            Array(floats[($0 * tensor.columns)..<(($0 + 1) * tensor.columns)])
        }
        let ids = Array(try Fixtures.expected(name).ids[..<tensor.rows])
        for (isExact, limit) in [(true, Float(1e-4)), (false, 2e-3)] {
            let engine = try await engine(name, sliceTokens: sliceTokens, isExact: isExact)
            let found = try await logits(engine, ids, "one")
            #expect(Fixtures.difference(found, expected) < limit)
            // The adapter changes the result, and requests without it do not get it.
            let without = try await logits(engine, ids, nil)
            #expect(Fixtures.difference(without, expected) > 0.05)
            #expect(
                Fixtures.difference(without, Array(try Fixtures.expected(name).logits[..<ids.count])) < 1e-4)
        }
    }

    /// Writes a copy of the model with the adapter merged into the weights.
    private func mergedModel(_ adapter: LoRAAdapter, in folder: String) throws {
        let source = try SafetensorsFile(path: Fixtures.path("gemma3/model.safetensors"))
        var writer = SafetensorsFileWriter()
        for name in source.tensorNames {
            let tensor = try source.tensor(named: name)
            var floats = tensor.floats()
            let site = adapter.sites.first { "model.layers.\($0.layer).\($0.target.module).weight" == name }
            if let site, let pair = adapter.pairs[site] {
                for row in 0..<pair.outputSize {
                    for column in 0..<pair.inputSize {
                        for k in 0..<adapter.rank {
                            floats[row * pair.inputSize + column] +=
                                adapter.scale * pair.b[row * adapter.rank + k]
                                * pair.a[k * pair.inputSize + column]
                        }
                    }
                }
            }
            writer.add(try TensorContent(name: name, shape: tensor.shape, floats: floats))
        }
        for file in ["config.json", "tokenizer.model"] {
            try FileManager.default.copyItem(
                atPath: Fixtures.path("gemma3/\(file)"), toPath: folder + "/\(file)")
        }
        try writer.write(to: folder + "/model.safetensors")
    }

    @Test func mergedWeightsGiveTheSame() async throws {
        let folder = try SnapshotFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try mergedModel(adapter("gemma3"), in: folder.path)
        let merged = try InferenceEngine(
            model: GemmaModel(path: folder.path),
            options: InferenceEngine.Options(contextLength: 256, threads: 2, fullPrecisionCache: true))
        let unmerged = try await engine("gemma3")
        let ids = try Fixtures.expected("gemma3").ids
        let difference = Fixtures.difference(
            try await logits(unmerged, ids, "one"), try await logits(merged, ids, nil))
        #expect(difference < 1e-4)
        let one = try await unmerged.generate(ids, timeline: "m", adapter: "one", options: Self.greedy)
        let other = try await merged.generate(ids, timeline: "m", options: Self.greedy)
        #expect(one.tokens == other.tokens)
    }

    /// Requests with different adapters and with none share passes, and each gets what it would get alone.
    @Test(arguments: architectures) func mixedPassesGiveEachItsOwn(name: String) async throws {
        let ids = try Fixtures.expected(name).ids
        let adapters: [String?] = [nil, "one", "other", "one", nil, "other"]
        let prompts = adapters.indices.map { Array(ids[..<(20 + 9 * $0)]) }
        var alone: [[TokenID]] = []
        for (adapter, prompt) in zip(adapters, prompts) {
            let engine = try await engine(name)
            alone.append(
                try await engine.generate(prompt, timeline: "m", adapter: adapter, options: Self.greedy)
                    .tokens)
        }
        let shared = try await engine(name, sliceTokens: 48)
        let together = try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
            for index in adapters.indices {
                group.addTask {
                    let answer = try await shared.generate(
                        prompts[index], timeline: "\(index)", adapter: adapters[index], options: Self.greedy)
                    return (index, answer.tokens)
                }
            }
            return try await group.reduce(into: [Int: [TokenID]]()) { $0[$1.0] = $1.1 }
        }
        for index in adapters.indices { #expect(together[index] == alone[index], "\(index)") }
        #expect(alone[1] != alone[0] || alone[3] != alone[4])
    }

    /// With quantised weights, a row's result does not depend on how many rows are computed at once.
    @Test func slicesChangeNoBit() async throws {
        let fixture = try PackedWeightsFixture("gemma3")
        let ids = Array(try Fixtures.expected("gemma3").ids[..<16])
        var bits: [[UInt32]] = []
        for sliceTokens in [1, 3, 16] {
            let engine = try InferenceEngine(
                model: fixture.model(),
                options: InferenceEngine.Options(contextLength: 64, threads: 2, sliceTokens: sliceTokens))
            try await engine.load(adapter("gemma3"), as: "one")
            bits.append(try await logits(engine, ids, "one").joined().map(\.bitPattern))
        }
        #expect(bits[1] == bits[0] && bits[2] == bits[0])
    }

    @Test func tokensPrefilledWithOneAdapterAreNotUsedWithAnother() async throws {
        let ids = try Fixtures.expected("gemma3").ids
        let engine = try await engine("gemma3")
        #expect(try await engine.prefill(ids, timeline: "m", adapter: "one") == 0)
        #expect(try await engine.prefill(ids, timeline: "m", adapter: "one") == ids.count)
        // A cache without the adapter is not reused, neither that of the same timeline nor that of another.
        #expect(try await engine.prefill(ids, timeline: "m") == 0)
        #expect(try await engine.prefill(ids, timeline: "n", adapter: "other") == 0)
        #expect(try await engine.prefill(ids, timeline: "o", adapter: "one") == 0)
        // A cache that was computed with the same adapter is shared.
        #expect(try await engine.prefill(ids, timeline: "p", adapter: "one") == ids.count)
        #expect(try await engine.prefill(ids, timeline: "q") == ids.count)
        // If a name comes to mean another adapter, the cache of the old one is not reused.
        try await engine.load(otherAdapter("gemma3"), as: "one")
        #expect(try await engine.prefill(ids, timeline: "o", adapter: "one") == ids.count)
        let answer = try await engine.generate(ids, timeline: "o", adapter: "one", options: Self.greedy)
        let fresh = try await self.engine("gemma3").generate(
            ids, timeline: "m", adapter: "other", options: Self.greedy)
        #expect(answer.tokens == fresh.tokens)
    }

    @Test func snapshotsAreKeptApartByAdapter() async throws {
        let folder = try SnapshotFolder()
        let ids = try Fixtures.expected("gemma3").ids
        let first = try await engine("gemma3", isDeterministic: true, snapshotFolder: folder.path)
        try await first.prefill(ids, timeline: "m", adapter: "one")
        try await first.save(timeline: "m")
        let second = try await engine("gemma3", isDeterministic: true, snapshotFolder: folder.path)
        #expect(try await second.prefill(ids, timeline: "m", adapter: "one") == ids.count)
        // With another adapter the snapshot cannot be used, so it is replaced.
        let third = try await engine("gemma3", isDeterministic: true, snapshotFolder: folder.path)
        #expect(try await third.prefill(ids, timeline: "m", adapter: "other") == 0)
        try await third.save(timeline: "m")
        // The same holds within one process.
        #expect(try await third.prefill(Array(ids[..<50]), timeline: "m") == 0)
        try await third.save(timeline: "m")
        for (adapter, count) in [("one", 0), (nil, 50), ("other", 0)] as [(String?, Int)] {
            let engine = try await engine("gemma3", isDeterministic: true, snapshotFolder: folder.path)
            let copy = folder.path + "-copy"
            try FileManager.default.copyItem(atPath: folder.path, toPath: copy)
            #expect(try await engine.prefill(ids, timeline: "m", adapter: adapter) == count)
            try FileManager.default.removeItem(atPath: folder.path)
            try FileManager.default.moveItem(atPath: copy, toPath: folder.path)
        }
    }

    @Test func whatIsNotThereOrDoesNotFitIsRefused() async throws {
        let engine = try await engine("gemma3")
        #expect(await engine.adapterNames == ["one", "other"])
        await #expect {
            _ = try await engine.prefill([2, 5], timeline: "m", adapter: "none")
        } throws: {
            "\($0)".contains("no adapter called none") && "\($0)".contains("one, other")
        }
        await #expect { try await engine.load(adapter("gemma2"), as: "two") } throws: {
            ($0 as? GemmaError)?.code == .badAdapter
        }
        await engine.unload(adapter: "one")
        await #expect(throws: GemmaError.self) {
            _ = try await engine.prefill([2, 5], timeline: "m", adapter: "one")
        }
    }
}
