import Foundation
import Gemma
import Glibc

/// Trains a LoRA adapter over a frozen model, step by step.
///
/// Not to be used from two threads at once. Each call blocks until its work is done, on threads of its own. The same
/// options, examples and model give the same bits, on any number of threads, in one run or in several.
package final class Trainer {
    /// What a step did.
    package struct Step: Sendable, Hashable {
        /// Its number, from 1.
        package var number: Int
        /// The mean loss of an answer token, before the step was taken.
        package var loss: Double
        /// The gradient's norm before clipping.
        package var gradientNorm: Double
        /// The learning rate.
        package var learningRate: Double
        /// Tokens that were read.
        package var tokens: Int
        /// Tokens that were learned.
        package var answerTokens: Int
    }

    /// The model that stays as it is.
    package let model: GemmaModel
    /// How it is trained.
    package let options: TrainingOptions
    /// Steps of the whole run.
    package let stepCount: Int
    /// What is kept in memory.
    package let memory: MemoryPlan
    /// Steps taken so far.
    package var step: Int { optimizer.stepCount }
    /// Whether all steps are taken.
    package var isDone: Bool { step >= stepCount }

    let layout: LoRALayout
    let optimizer: AdamW
    let examples: [TrainingExample]
    let pass: BatchPass
    private let batches: BatchPlan
    private let validation: [TrainingExample]

    /// Sets up a run from its first step on; ``resume(from:)`` goes on from a checkpoint.
    ///
    /// - Parameters:
    ///   - validation: examples that are not trained on, for ``validationLoss()``.
    ///   - threads: nil for as many as this process may use.
    ///   - memoryLimit: bytes that training may take beside the model's file; nil for half of what is free.
    ///   - plan: what is kept in memory, if that is decided already; a resumed run takes the plan of its
    ///     checkpoint, ``memoryPlan(ofCheckpoint:)``.
    package init(
        model: GemmaModel, options: TrainingOptions, examples: [TrainingExample],
        validation: [TrainingExample] = [], threads: Int? = nil, memoryLimit: Int? = nil,
        memory plan: MemoryPlan? = nil
    ) throws {
        try options.validate()
        guard !examples.isEmpty else {
            throw TrainingError(.badData, "there is no example to train on")
        }
        self.model = model
        self.options = options
        self.examples = examples
        self.validation = validation
        let configuration = model.configuration
        layout = LoRALayout(configuration, rank: options.lora.rank, targets: options.lora.targets)
        batches = BatchPlan(
            lengths: examples.map(\.tokens.count), stepSize: options.stepSize,
            bucketSteps: options.bucketSteps, seed: options.seed)
        stepCount = max(1, Int((Double(batches.stepsPerPass) * options.passes).rounded()))

        let threadPool = ThreadPool(threadCount: threads ?? ProcessorCount.available)
        let lengths = (examples + validation).map(\.inputs.count)
        let longest = lengths.max() ?? 1
        let longestFirst = examples.map(\.inputs.count).sorted(by: >)
        memory =
            try plan
            ?? MemoryPlan(
                MemoryPlan.Need(
                    configuration: configuration, layout: layout, threads: threadPool.threadCount,
                    tokens: longest,
                    stepTokens: Array(longestFirst.prefix(options.stepSize)),
                    bytesToKeep: FrozenWeights.bytesToKeep(model, options.precision)),
                limit: memoryLimit ?? Self.freeMemory / 2)
        let least = BatchPass.sequenceFloats(
            configuration, layout, tokens: longest, keepsLayers: memory.keepsActivations)
        guard least <= memory.sequenceFloats else {
            throw TrainingError(
                .badOption,
                "the memory plan does not hold a sequence of \(longest) tokens: was the run started with shorter ones?"
            )
        }
        let weights = FrozenWeights(
            model, options.precision, keepsLayers: memory.keepsLayers, keepsHead: memory.keepsHead,
            threads: threadPool)
        pass = BatchPass(
            weights, layout, lora: options.lora, plan: memory, tokens: longest, threads: threadPool)
        optimizer = AdamW(options.adamW, count: layout.count)
        drawFactors()
    }

    /// A random A and a B of zeros, so that training starts from the model as it is: He et al.'s uniform
    /// distribution with a slope of sqrt(5), as peft has it.
    private func drawFactors() {
        var generator = SplitMix64(state: SplitMix64.mixed(options.seed, 0x1A17))
        for factor in layout.factors where factor.isA {
            let bound = 1 / Float(factor.columns).squareRoot()
            for index in 0..<factor.rows * factor.columns {
                pass.parameters.start[factor.offset + index] = (2 * generator.nextUnit() - 1) * bound
            }
        }
    }

    /// The examples of the step that comes next.
    package var nextExamples: [TrainingExample] { batches.examples(ofStep: step).map { examples[$0] } }

    /// Takes one step.
    ///
    /// Throws if the loss is not a number any more; weights and moments then stay as they were.
    package func takeStep() throws -> Step {
        precondition(!isDone)
        let batch = nextExamples
        let answerTokens = batch.reduce(0) { $0 + $1.answerCount }
        let sum = pass.run(
            batch, gradientScale: 1 / Float(answerTokens),
            dropoutKey: SplitMix64.mixed(options.seed ^ 0xD309, UInt64(step)))
        guard sum.isFinite else {
            throw TrainingError(
                .diverged,
                "the loss of step \(step + 1) is \(sum): try a lower learning rate, or a longer warm-up")
        }
        let rate = options.schedule.rate(step: step, of: stepCount)
        let norm = optimizer.step(pass.parameters, pass.gradients, learningRate: rate)
        return Step(
            number: step, loss: sum / Double(answerTokens), gradientNorm: norm, learningRate: rate,
            tokens: batch.reduce(0) { $0 + $1.inputs.count }, answerTokens: answerTokens)
    }

    /// The mean loss of an answer token of the validation examples; nil if there are none.
    ///
    /// - Parameter isCancelled: asked now and then; if it answers yes, the result is nil.
    package func validationLoss(isCancelled: () -> Bool = { false }) -> Double? {
        guard !validation.isEmpty else { return nil }
        var sum = 0.0
        for first in stride(from: 0, to: validation.count, by: 32) {
            if isCancelled() { return nil }
            let part = Array(validation[first..<min(first + 32, validation.count)])
            sum += pass.run(part, gradientScale: nil, dropoutKey: nil)
        }
        return sum / Double(validation.reduce(0) { $0 + $1.answerCount })
    }

    /// Bytes that can be had without pushing others out; the page cache counts as free.
    private static var freeMemory: Int {
        // Ignored: elsewhere than on Linux only what nobody uses counts.
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            if let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
                return kibibytes << 10
            }
        }
        return Int(sysconf(Int32(_SC_AVPHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

// MARK: - The adapter

extension Trainer {
    /// What has been trained so far.
    package func adapter(name: String, promptTemplate: String?) throws -> LoRAAdapter {
        var halves: [LoRAAdapter.Site: (a: [Float], b: [Float])] = [:]
        for factor in layout.factors {
            let numbers = Array(
                UnsafeBufferPointer(
                    start: pass.parameters.start + factor.offset, count: factor.rows * factor.columns))
            if factor.isA {
                halves[factor.site, default: ([], [])].a = numbers
            } else {
                halves[factor.site, default: ([], [])].b = numbers
            }
        }
        let pairs = Dictionary(
            uniqueKeysWithValues: halves.map { site, halves in
                let shape = site.target.shape(in: model.configuration)
                return (
                    site,
                    LoRAAdapter.Pair(
                        inputSize: shape.inputSize, outputSize: shape.outputSize, a: halves.a, b: halves.b)
                )
            })
        return try LoRAAdapter(
            name: name, baseModel: model.configuration.name, architecture: model.configuration.architecture,
            rank: options.lora.rank, alpha: options.lora.alpha, promptTemplate: promptTemplate, pairs: pairs)
    }

    /// Begins with the factors of an adapter of the same shape instead of random ones.
    package func begin(with adapter: LoRAAdapter) throws {
        precondition(step == 0)
        try adapter.check(against: model.configuration)
        guard adapter.rank == options.lora.rank, adapter.alpha == options.lora.alpha,
            Set(adapter.sites) == Set(layout.factors.map(\.site))
        else {
            throw TrainingError(
                .badOption,
                "adapter \(adapter.name) has rank \(adapter.rank), alpha \(adapter.alpha) and "
                    + "\(adapter.sites.count) matrices; to go on from it, give the options it was trained with"
            )
        }
        for factor in layout.factors {
            guard let pair = adapter.pairs[factor.site] else { continue }
            for (index, number) in (factor.isA ? pair.a : pair.b).enumerated() {
                pass.parameters.start[factor.offset + index] = number
            }
        }
    }
}
