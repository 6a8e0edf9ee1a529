import Corpora
import Evaluation
import Foundation
import Gemma
import Tokenizer

/// Lets the model write with the adapter as it stands, and compares what it writes with what people wrote.
struct FinetuneScores {
    private let engine: InferenceEngine
    private let examples: [CorpusExample]
    private let format: PromptFormat
    private let maximumTokens: Int

    private static let answerTokens = 128
    private static let atOnce = 4

    /// - Parameters:
    ///   - count: examples to take, evenly spread over the data.
    ///   - maximumTokens: of a sequence, prompt and answer together.
    init(
        model: GemmaModel, paths: [String], options: Corpus.Options, count: Int, format: PromptFormat,
        maximumTokens: Int, threads: Int?
    ) throws {
        examples = try Corpus.read(paths, options: options).examples.spread(count)
        self.format = format
        self.maximumTokens = maximumTokens
        engine = try InferenceEngine(
            model: model,
            options: InferenceEngine.Options(
                contextLength: min(maximumTokens + Self.answerTokens, model.configuration.contextLength),
                threads: threads, packedWeightsFolders: packedWeightsFolders(nil, model: model.path)))
    }

    /// ROUGE of greedy answers, in words.
    func text(_ adapter: LoRAAdapter) async throws -> String {
        let name = "finetune"
        try await engine.load(adapter, as: name)
        let scores = try await withThrowingTaskGroup(of: [Rouge].self) { group in
            for slot in 0..<Self.atOnce {
                group.addTask { try await rouge(ofSlot: slot, adapter: name) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        await engine.unload(adapter: name)
        func mean(_ kind: Rouge.Kind) -> Double {
            scores.reduce(0) { $0 + $1[kind].f1 } / Double(max(scores.count, 1))
        }
        return String(
            format: "ROUGE-1/2/L %.3f/%.3f/%.3f on %d", mean(.rouge1), mean(.rouge2), mean(.rougeL),
            scores.count)
    }

    private func rouge(ofSlot slot: Int, adapter: String) async throws -> [Rouge] {
        var scores: [Rouge] = []
        for index in stride(from: slot, to: examples.count, by: Self.atOnce) {
            let example = examples[index]
            let generation = try await engine.generate(
                tokens(of: example), timeline: "\(adapter)-\(slot)", adapter: adapter,
                options: GenerationOptions(
                    maximumTokens: Self.answerTokens, stopTexts: [PromptFormat.answerEnd]))
            scores.append(
                Rouge.mean(
                    prediction: generation.text, references: example.references, isStemmed: true))
        }
        return scores
    }

    private func tokens(of example: CorpusExample) -> [TokenID] {
        let tokenizer = engine.model.tokenizer
        return EncodedPrompt(
            format.prompt(of: example), limit: engine.contextLength - Self.answerTokens,
            begin: tokenizer.controlToken(.beginningOfSequence), tokenizer: tokenizer
        ).tokens
    }
}
