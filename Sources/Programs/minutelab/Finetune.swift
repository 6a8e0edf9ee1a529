import ArgumentParser
import Corpora
import Foundation
import Gemma
import Training

/// `minutelab finetune`: trains a LoRA adapter.
struct Finetune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a LoRA adapter on conversations and their summaries.",
        discussion: """
            Data is DialogSum (*.jsonl), QMSum (a *.json file for each meeting, or their folder), or a folder of your \
            own pairs: NAME.vtt (or .srt, .txt, .jsonl) beside NAME.minutes.md (or .txt, or a minutes.json).

            The base model stays as it is in its file, quantised or not; only the answers are learned. The run is \
            saved now and then and goes on where it was when the same command is given again; with the same seed \
            it ends in the same bits, interrupted or not.
            """)

    @Argument(
        help:
            "A GGUF file, or a Hugging Face folder (config.json, *.safetensors, tokenizer.model or tokenizer.json)."
    )
    var model: String

    @Option(parsing: .upToNextOption, help: "Files or folders to train on.")
    var data: [String]

    @Option(
        help:
            "Where the adapter goes: a GGUF file as llama.cpp reads it if the name ends in .gguf, else a peft folder."
    )
    var output: String

    @OptionGroup(title: "Data") var input: FinetuneInput
    @OptionGroup(title: "Training") var training: FinetuneTraining
    @OptionGroup(title: "The run") var run: FinetuneRunOptions

    func validate() throws {
        guard !data.isEmpty else { throw ValidationError("give at least one path after --data") }
        guard run.score == 0 || !input.validation.isEmpty else {
            throw ValidationError("--score wants examples that are not trained on: give --validation too")
        }
        guard !run.keepBest || !input.validation.isEmpty else {
            throw ValidationError("--keep-best wants examples that are not trained on: give --validation too")
        }
    }

    func run() async throws {
        let model = try GemmaModel(path: model)
        let corpusOptions = Corpus.Options(isCleaned: !input.raw, kinds: Set(input.kinds))
        func read(_ paths: [String]) throws -> FinetuneExamples {
            if input.picks {
                return try FinetuneExamples(
                    picksOf: paths, tokenizer: model.tokenizer, maximumTokens: input.maximumTokens)
            }
            return try FinetuneExamples(
                paths, options: corpusOptions, format: input.prompt, tokenizer: model.tokenizer,
                maximumTokens: input.maximumTokens, skipsLonger: input.skipLonger)
        }
        let examples = try read(data)
        let validation = input.validation.isEmpty ? nil : try read(input.validation)
        for (name, set) in [("training", examples), ("validation", validation)] {
            guard let set else { continue }
            report(
                "\(name): \(set.examples.count) examples, \(set.tokenCount) tokens, \(set.targetCount) learned"
            )
            for note in set.notes { report("  note: \(note)") }
        }
        let (trainer, notes) = try makeTrainer(model, examples.examples, validation?.examples ?? [])
        try await FinetuneRun(
            trainer: trainer, options: run, output: output, checkpoint: checkpoint,
            promptTemplate: input.picks
                ? PickTexts.promptTemplate : input.prompt.rawValue, notes: notes,
            scoring: scoring(model, corpusOptions)
        ).run()
    }

    private func scoring(_ model: GemmaModel, _ options: Corpus.Options) throws -> FinetuneRun.Scoring? {
        guard run.score > 0 else { return nil }
        let scores = try FinetuneScores(
            model: model, paths: input.validation, options: options, count: run.score, format: input.prompt,
            maximumTokens: input.maximumTokens, threads: run.threads)
        return { try await scores.text($0) }
    }

    private var checkpoint: String { run.checkpoint ?? output + ".checkpoint" }

    private func makeTrainer(
        _ model: GemmaModel, _ examples: [TrainingExample], _ validation: [TrainingExample]
    ) throws -> (Trainer, notes: [String: String]) {
        let resumes = !run.restart && FileManager.default.fileExists(atPath: checkpoint)
        let trainer = try Trainer(
            model: model, options: training.options(), examples: examples, validation: validation,
            threads: run.threads, memoryLimit: run.memory.map { $0 << 20 },
            memory: resumes ? Trainer.memoryPlan(ofCheckpoint: checkpoint) : nil)
        if let initial = training.initialAdapter {
            try trainer.begin(
                with: LoRAAdapter(path: initial, architecture: model.configuration.architecture))
        }
        return (trainer, resumes ? try trainer.resume(from: checkpoint) : [:])
    }
}

/// What is read, and how.
struct FinetuneInput: ParsableArguments {
    @Option(
        parsing: .upToNextOption, help: "Files or folders to measure the loss on, which are not trained on.")
    var validation: [String] = []

    @Option(
        parsing: .upToNextOption,
        help:
            "Which examples are taken: dialogue, query (QMSum's questions), window (passages to be summarised), meeting (whole meetings), overall (summaries of parts to be made into one), pair."
    )
    var kinds: [CorpusExample.Kind] = [.dialogue, .query, .pair]

    @Option(
        help: "How examples are put to the model: dialogsum, or tuned, as the daemon does it with an adapter."
    )
    var prompt: PromptFormat = .tuned

    @Option(help: "The longest sequence, prompt and answer together; conversations are cut at their end.")
    var maximumTokens = 1024

    @Flag(
        help:
            "Leave out what is longer: a model that learns to answer about what was cut off learns to invent."
    )
    var skipLonger = false

    @Flag(
        help:
            "Learn which sentences are worth what. Data is then folders of meetings with notes: NAME.txt and NAME.json."
    )
    var picks = false

    @Flag(help: "Take transcripts as they are, with marks such as {vocalsound} and tokenised punctuation.")
    var raw = false
}

/// How it is trained.
struct FinetuneTraining: ParsableArguments {
    @Option(help: "Rank of the adapter.")
    var rank = 8

    @Option(help: "The adapter's part is scaled by alpha / rank.")
    var alpha: Float = 16

    @Option(help: "Share of the adapter's inputs that is dropped.")
    var dropout: Float = 0

    @Option(
        parsing: .upToNextOption,
        help: "Matrices that are adapted: \(LoRAAdapter.Target.names). All that the model has if not given.")
    var targets: [LoRAAdapter.Target] = LoRAAdapter.Target.allCases

    @Option(help: "The highest learning rate.")
    var learningRate = 5e-4

    @Option(help: "Steps over which the learning rate rises from 0.")
    var warmUp = 0

    @Option(help: "How the learning rate falls: constant, linear, cosine.")
    var decay: LearningRateSchedule.Decay = .linear

    @Option(help: "Share of every weight that is taken off in a step, times the learning rate.")
    var weightDecay: Float = 0

    @Option(help: "Gradients of a larger norm are scaled down to it; 0 is off.")
    var clip: Float = 1

    @Option(help: "Examples of a batch.")
    var batchSize = 4

    @Option(help: "Batches whose gradients are added up for a step.")
    var accumulate = 1

    @Option(help: "Passes over the data.")
    var passes = 1.0

    @Option(help: "Examples of so many steps are sorted by length among each other; 1 is off.")
    var bucket = 16

    @Option(
        help:
            "Numbers in which the frozen matrices are multiplied: full, or bfloat16 (twice as fast, newer CPUs)."
    )
    var precision: TrainingOptions.Precision = .full

    @Option(help: "Of the order of examples, the first factors and dropout.")
    var seed: UInt64 = 0

    @Option(help: "An adapter to go on from, of the same shape.")
    var initialAdapter: String?

    func options() -> TrainingOptions {
        TrainingOptions(
            lora: LoRAOptions(rank: rank, alpha: alpha, dropout: dropout, targets: targets.sorted()),
            adamW: AdamWOptions(weightDecay: weightDecay, maximumNorm: clip == 0 ? nil : clip),
            schedule: LearningRateSchedule(peak: learningRate, warmUpSteps: warmUp, decay: decay),
            batchSize: batchSize, accumulation: accumulate, passes: passes, bucketSteps: bucket,
            precision: precision, seed: seed)
    }
}

/// How the run goes about it.
struct FinetuneRunOptions: ParsableArguments {
    @Option(help: "Threads; as many as there are processors if not given. They do not change the result.")
    var threads: Int?

    @Option(help: "Memory for training in MiB, beside the model's file; half of what is free if not given.")
    var memory: Int?

    @Option(help: "Where the run is saved; beside the output if not given. Removed when it is done.")
    var checkpoint: String?

    @Option(help: "Seconds between saves.")
    var checkpointEvery = 60.0

    @Flag(help: "Start from the beginning even if there is a saved run.")
    var restart = false

    @Option(help: "Steps between measurements of the validation loss; 0 measures at the end only.")
    var validateEvery = 0

    @Option(
        help:
            "Let the model answer so many validation examples at each measurement, and report ROUGE; 0 is off."
    )
    var score = 0

    @Flag(help: "Write the adapter with the lowest validation loss, not the last one.")
    var keepBest = false

    @Option(help: "Steps between lines of the log, where there is no terminal for a progress bar.")
    var reportEvery = 10

    @Option(help: "A file for one line of figures per step (CSV).")
    var csv: String?

    @Option(help: "A file for the tokens of each step (JSON Lines), so that others can train on the same.")
    var trace: String?

    @Option(help: "Stop after so many steps, as if interrupted; for trying out.")
    var stopAfter: Int?
}

extension PromptFormat: ExpressibleByArgument {}
extension CorpusExample.Kind: ExpressibleByArgument {}
extension LearningRateSchedule.Decay: ExpressibleByArgument {}
extension TrainingOptions.Precision: ExpressibleByArgument {}
extension LoRAAdapter.Target: ExpressibleByArgument {}
