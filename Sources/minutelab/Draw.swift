import ArgumentParser
import Corpora
import Evaluation
import Foundation
import Gemma
import Tokenizer
import Training

/// `minutelab draw`: what a model writes of its training data, weighed by ROUGE, to go on training with.
struct Draw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draws answers, weighs them by ROUGE, and writes them down to be trained on.",
        discussion: """
            A model that was trained on what people wrote has never seen its own mistakes. This lets it answer its \
            training examples several times, and keeps the answers that come closest to what people wrote, with a \
            weight above 0, and those that are furthest off, with one below. Give the file to "minutelab finetune", \
            with the adapter as --initial-adapter and a learning rate of a tenth or so.
            """)

    @Argument(help: "A GGUF file, or a Hugging Face folder.")
    var model: String

    @Option(parsing: .upToNextOption, help: "Files and folders of examples.")
    var data: [String]

    @Option(parsing: .upToNextOption, help: "Which examples: \(CorpusExample.Kind.names).")
    var kinds: [CorpusExample.Kind] = [.dialogue, .query, .pair]

    @Option(
        help:
            "How examples are put to the model: \(PromptFormat.names). Default: as the adapter was trained, else tuned."
    )
    var prompt: PromptFormat?

    @Option(help: "Answers to keep of each example, half of them its best, half its worst.")
    var keep = 4

    @Option(help: "Examples that are answered at the same time.")
    var atOnce = 8

    @Flag(help: "Call two speakers who have numbers by the names that they use for each other.")
    var nameSpeakers = false

    @Option(help: "Where the answers go (.jsonl).")
    var output: String

    @OptionGroup(title: "Decoding") var decoding: EvaluateDecoding

    @OptionGroup var engine: EvaluateEngineOptions

    func validate() throws {
        func check(_ holds: Bool, _ what: String) throws { if !holds { throw ValidationError(what) } }
        try check(!data.isEmpty, "give at least one path after --data")
        try check(
            decoding.candidates > 0, "give --candidates: how many answers to draw beside the greedy one")
        try check(
            (2...64).contains(keep), "--keep \(keep) is not usable: take 2 to 64")
        try check((1...16).contains(atOnce), "--at-once \(atOnce) is not usable: take 1 to 16")
        try check(output.hasSuffix(".jsonl"), "\(output) should end in .jsonl, so that finetune knows it")
    }

    func run() async throws {
        let examples = try Corpus.read(
            data, options: .init(kinds: Set(kinds), naming: nameSpeakers ? .everywhere : .nowhere)
        ).examples
        let engine = try engine.engine(model: model)
        let adapter = try self.engine.adapter.map {
            try LoRAAdapter(path: $0, architecture: engine.model.configuration.architecture)
        }
        if let adapter { try await engine.load(adapter, as: Self.adapterName) }
        let drawer = AnswerDrawer(
            engine: engine, adapter: adapter.map { _ in Self.adapterName }, decoding: decoding)
        let format = prompt ?? adapter?.promptTemplate.flatMap(PromptFormat.init(rawValue:)) ?? .tuned
        let drawn = DrawnExamples()
        var progress = EvaluateProgress(title: "drawing", count: examples.count, known: 0)
        try await inSlots(atOnce, Array(examples.enumerated()), progress: &progress) { numbered, slot in
            let (number, example) = numbered
            let tokens = EncodedPrompt(
                format.prompt(of: example), limit: engine.contextLength - decoding.maximumTokens,
                begin: engine.model.tokenizer.controlToken(.beginningOfSequence),
                tokenizer: engine.model.tokenizer
            ).tokens
            // An answer that was cut off at the limit has no end that could be learned.
            let texts = try await drawer.answers(to: tokens, slot: slot)
                .filter { $0.end != .limit }.map(\.line).filter { !$0.isEmpty }
            await drawn.add(example, number: number, texts: texts, keep: keep)
        }
        try await write(drawn.weighed())
    }

    private static let adapterName = "drawn"

    private func write(_ examples: [CorpusExample]) throws {
        guard !examples.isEmpty else {
            throw CorporaError(
                .empty,
                "no example has answers of which one is better than another: all are the same, empty, or longer than "
                    + "--maximum-tokens; draw at a higher --temperature")
        }
        let lines = try examples.map { try $0.line + "\n" }
        try Data(lines.joined().utf8).write(to: URL(filePath: output), options: .atomic)
        let answers = examples.reduce(0) { $0 + $1.references.count }
        report("\(answers) answers to \(examples.count) examples are in \(output)")
    }
}

/// Collects what was drawn.
private actor DrawnExamples {
    private var examples: [Int: CorpusExample] = [:]
    private var sumOfDistances = 0.0
    private var answerCount = 0

    /// Keeps the best and the worst of `texts`, by the mean of ROUGE-1, -2 and -L F1 against what people wrote.
    func add(_ example: CorpusExample, number: Int, texts: [String], keep: Int) {
        let scores = texts.map { text in
            let rouge = Rouge.mean(prediction: text, references: example.references, isStemmed: true)
            return (rouge.rouge1.f1 + rouge.rouge2.f1 + rouge.rougeL.f1) / 3
        }
        let kept = AnswerWeights.extremes(of: texts, scores: scores, count: keep)
        guard !kept.isEmpty else { return }
        var own = example
        // Apart from the example that people answered: both may be trained on.
        own.id += "/drawn"
        own.references = kept.map { texts[$0.index] }
        own.weights = kept.map { Float($0.weight) }
        examples[number] = own
        sumOfDistances += kept.reduce(0) { $0 + abs($1.weight) }
        answerCount += kept.count
    }

    /// The examples in their order, with weights whose mean size is 1.
    func weighed() -> [CorpusExample] {
        let scale = Float(Double(max(answerCount, 1)) / max(sumOfDistances, 1e-9))
        return examples.sorted { $0.key < $1.key }.map { _, example in
            var example = example
            example.weights = example.weights?.map { $0 * scale }
            return example
        }
    }
}
