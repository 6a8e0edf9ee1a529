import Corpora
import Evaluation
import Foundation
import Gemma
import Tokenizer

/// Lets a model answer prompts, several at a time, and remembers the answers.
struct EvaluateWriter {
    private let engine: InferenceEngine
    /// For the system `model`; each writes an answer of its own.
    private let adapters: [LoRAAdapter]
    private let decoding: EvaluateDecoding
    private let atOnce: Int
    private let file: EvaluateAnswerFile
    private let modelKey: Fingerprint
    /// Empty without adapters: the same prompt then has the same answer whatever the system is called.
    private let adapterKey: String
    private let begin: TokenID
    /// How it was set up.
    let facts: [ScoreReport.Fact]

    private struct Asked: Sendable {
        var id: String
        var key: String
        var tokens: [TokenID]
        var droppedCount: Int
    }

    init(
        engine: InferenceEngine, adapterPaths: [String], reportFolder: String?,
        decoding: EvaluateDecoding, atOnce: Int
    ) async throws {
        guard let begin = engine.model.tokenizer.controlToken(.beginningOfSequence) else {
            preconditionFailure("a model has a token for the beginning of a sequence")
        }
        self.engine = engine
        adapters = try adapterPaths.map {
            try LoRAAdapter(path: $0, architecture: engine.model.configuration.architecture)
        }
        for (index, adapter) in adapters.enumerated() {
            try await engine.load(adapter, as: Self.adapterName(index))
        }
        self.decoding = decoding
        self.atOnce = atOnce
        self.begin = begin
        file = try EvaluateAnswerFile(folder: reportFolder)
        adapterKey = adapters.map(\.fingerprint).joined(separator: " ")
        let fingerprint = engine.model.fingerprint
        modelKey = Fingerprint().adding(fingerprint).adding(decoding.summary)
        let name = URL(filePath: engine.model.path).lastPathComponent
        var facts: [ScoreReport.Fact] = [
            .init("model", "\(name) (\(engine.model.configuration.name)), fingerprint \(fingerprint)"),
            .init("decoding", "\(decoding.summary), \(atOnce) at a time"),
            .init("context", "\(engine.contextLength) tokens"),
        ]
        for (path, adapter) in zip(adapterPaths, adapters) {
            facts.append(
                .init(
                    "adapter",
                    "\(URL(filePath: path).lastPathComponent), rank \(adapter.rank), alpha \(adapter.alpha), "
                        + "fingerprint \(adapter.fingerprint)"))
        }
        if adapters.count > 1 {
            facts.append(.init("answer", "of all adapters' answers that which the others agree with most"))
        }
        self.facts = facts
    }

    private static func adapterName(_ index: Int) -> String { "evaluated-\(index)" }

    /// The prompt that the adapters were trained on, if they tell the same and it is one of ours.
    var trainedFormat: PromptFormat? {
        let templates = Set(adapters.map(\.promptTemplate))
        return templates.count == 1 ? templates.first?.flatMap(PromptFormat.init(rawValue:)) : nil
    }

    /// The answers in the order of the prompts; those that are known are not asked for again.
    func answers(to prompts: [PromptText], ids: [String], system: EvaluatedSystem, kind: String) async throws
        -> [EvaluateAnswer]
    {
        let tasks = prompts.indices.map { asked(prompts[$0], id: ids[$0], system: system) }
        let open = tasks.filter { file.answer($0.key) == nil }
        var progress = EvaluateProgress(
            title: "\(system.rawValue) on \(kind)", count: tasks.count, known: tasks.count - open.count)
        try await withThrowingTaskGroup(of: Int.self) { group in
            var next = open.makeIterator()
            func start(slot: Int) {
                guard let task = next.next() else { return }
                group.addTask {
                    try await answer(task, system: system, slot: slot)
                    return slot
                }
            }
            for slot in 0..<atOnce { start(slot: slot) }
            for try await slot in group {
                progress.step()
                start(slot: slot)
            }
        }
        progress.end()
        return tasks.map { task in
            guard var answer = file.answer(task.key) else { preconditionFailure("every prompt was answered") }
            // Sources that begin alike may be cut to the same prompt: they share the answer, not what was cut off.
            answer.id = task.id
            answer.droppedUtterances = task.droppedCount
            return answer
        }
    }

    private func answer(_ task: Asked, system: EvaluatedSystem, slot: Int) async throws {
        // One after the other, so that an adapter reads the prompt once and finds it in the cache for the next answer.
        let names: [String?] =
            system == .model && !adapters.isEmpty ? adapters.indices.map(Self.adapterName) : [nil]
        var generations: [Generation] = []
        for name in names {
            for sampling in decoding.samplings {
                generations.append(try await generate(task, sampling, adapter: name, slot: slot))
            }
        }
        let texts = generations.map(\.text.collapsed)
        let chosen = Consensus.index(of: texts)
        try file.add(
            EvaluateAnswer(
                key: task.key, system: system.rawValue, id: task.id, text: texts[chosen],
                end: generations[chosen].end.rawValue, promptTokens: task.tokens.count,
                answerTokens: generations[chosen].tokens.count, droppedUtterances: task.droppedCount))
    }

    private func generate(_ task: Asked, _ sampling: SamplingOptions, adapter: String?, slot: Int)
        async throws -> Generation
    {
        try await engine.generate(
            task.tokens, timeline: "evaluate-\(slot)", adapter: adapter,
            options: GenerationOptions(
                maximumTokens: decoding.maximumTokens, sampling: sampling, stopTexts: [PromptFormat.answerEnd]
            ))
    }

    private func asked(_ prompt: PromptText, id: String, system: EvaluatedSystem) -> Asked {
        let tokenizer = engine.model.tokenizer
        let prompt = EncodedPrompt(
            prompt, limit: engine.contextLength - decoding.maximumTokens, begin: begin, tokenizer: tokenizer)
        let key = modelKey.adding(system == .model ? adapterKey : "").adding(
            prompt.tokens.map(String.init).joined(separator: " "))
        return Asked(id: id, key: key.text, tokens: prompt.tokens, droppedCount: prompt.droppedCount)
    }

    /// What a reader has to know of the answers.
    static func notes(_ answers: [EvaluateAnswer], system: EvaluatedSystem, kind: String) -> [String] {
        let name = "\(system.rawValue) on \(kind)"
        var notes: [String] = []
        let cut = answers.filter { $0.droppedUtterances > 0 }
        if !cut.isEmpty {
            let dropped = cut.reduce(0) { $0 + $1.droppedUtterances }
            notes.append(
                "\(name): \(cut.count) of \(answers.count) sources were too long for the context and were cut at "
                    + "the end, by \(dropped) utterances together.")
        }
        let unended = answers.count { $0.end == Generation.End.limit.rawValue }
        if unended > 0 {
            notes.append(
                "\(name): \(unended) of \(answers.count) answers were cut off at the limit of tokens.")
        }
        let empty = answers.count { $0.text.isEmpty }
        if empty > 0 { notes.append("\(name): \(empty) of \(answers.count) answers are empty.") }
        return notes
    }
}
