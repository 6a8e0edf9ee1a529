import Foundation
import Gemma
import TestSupport
import Tokenizer
import Weights

@testable import Training

/// The tiny models of `GemmaTests`, with what PyTorch computes for them (see `Fixtures/make.py`).
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    static func model(_ name: String) throws -> GemmaModel {
        try GemmaModel(path: Repository.tinyModels.path + "/" + name)
    }

    /// The shape of the fixture's adapter.
    static let lora = LoRAOptions(rank: 2, alpha: 3)

    /// The fixture's two sequences.
    static func examples(_ file: SafetensorsFile) throws -> [TrainingExample] {
        try (0..<2).map { index in
            let ids = try file.integers(named: "ids.\(index)").map { TokenID($0) }
            let start = try file.integers(named: "answer_start.\(index)")[0]
            return TrainingExample(prompt: Array(ids[..<start]), answer: Array(ids[start...]))
        }
    }

    /// An adapter with the fixture's factors.
    static func adapter(_ file: SafetensorsFile, _ model: GemmaModel) throws -> LoRAAdapter {
        var pairs: [LoRAAdapter.Site: LoRAAdapter.Pair] = [:]
        for layer in model.configuration.layers.indices {
            let shares = model.configuration.layers[layer].keyValueLayer != nil
            for target in LoRAAdapter.Target.allCases
            where target.exists(in: model.configuration) && !(shares && [.attnK, .attnV].contains(target)) {
                let name = "blk.\(layer).\(target.rawValue)"
                let shape = target.shape(in: model.configuration, layer: layer)
                pairs[LoRAAdapter.Site(layer: layer, target: target)] = LoRAAdapter.Pair(
                    inputSize: shape.inputSize, outputSize: shape.outputSize,
                    a: try file.tensor(named: name + ".lora_a").floats(),
                    b: try file.tensor(named: name + ".lora_b").floats())
            }
        }
        return try LoRAAdapter(
            name: "fixture", baseModel: model.configuration.name,
            architecture: model.configuration.architecture, rank: lora.rank, alpha: lora.alpha, pairs: pairs)
    }

    /// Random sequences of several lengths.
    static func randomExamples(_ count: Int, seed: UInt64) -> [TrainingExample] {
        var generator = SplitMix64(state: seed)
        func tokens(_ count: Int) -> [TokenID] {
            (0..<count).map { _ in TokenID(4 + generator.next() % 500) }
        }
        return (0..<count).map { _ in
            let lengths = (5 + Int(generator.next() % 40), 1 + Int(generator.next() % 12))
            return TrainingExample(prompt: [2] + tokens(lengths.0), answer: tokens(lengths.1) + [1])
        }
    }

    /// A trainer on a tiny model.
    static func trainer(
        _ name: String = "gemma3", _ options: TrainingOptions = TrainingOptions(),
        examples: [TrainingExample],
        validation: [TrainingExample] = [], threads: Int = 2, memoryLimit: Int = 1 << 30,
        memory: MemoryPlan? = nil
    ) throws -> Trainer {
        try Trainer(
            model: model(name), options: options, examples: examples, validation: validation,
            threads: threads, memoryLimit: memoryLimit, memory: memory)
    }

    /// A trainer with hardly more memory than it needs at least.
    static func tightTrainer(
        _ name: String, _ options: TrainingOptions, examples: [TrainingExample]
    ) throws -> Trainer {
        var limit = 1 << 18
        while true {
            do {
                return try trainer(name, options, examples: examples, threads: 1, memoryLimit: limit)
            } catch let error as TrainingError where error.code == .badOption && limit < 1 << 30 {
                limit += 1 << 14
            }
        }
    }

    /// Calls `body` with the path of a temporary folder, which is removed afterwards.
    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("training-\(UInt64.random(in: 0...UInt64.max))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }
}

extension Trainer {
    /// The adapter's numbers, as bits.
    var bits: [UInt32] { pass.parameters.floats.map(\.bitPattern) }
}
