import Foundation
import Gemma
import Glibc

/// Trains a LoRA adapter for a frozen model, step by step.
///
/// A trainer must not be used from two threads at once. Each call blocks until its work is done on the trainer's own
/// threads. The same options, examples, memory plan and model give the same bits, on any number of threads and in one
/// run or several.
package final class Trainer {
    /// The results of a step.
    package struct Step: Sendable, Hashable {
        /// The number of the step, from 1.
        package var number: Int
        /// The mean loss per learned token before the step.
        package var loss: Double
        /// The norm of the gradient before clipping.
        package var gradientNorm: Double
        /// The learning rate of the step.
        package var learningRate: Double
        /// The number of tokens that were read.
        package var tokens: Int
        /// The number of tokens that were learned.
        package var targetCount: Int
    }

    /// The base model, which does not change.
    package let model: GemmaModel
    /// The options of the run.
    package let options: TrainingOptions
    /// The number of steps in the whole run.
    package let stepCount: Int
    /// The plan of what is kept in memory.
    package let memory: MemoryPlan
    /// The number of steps taken so far.
    package var step: Int { optimizer.stepCount }
    /// Whether all steps have been taken.
    package var isDone: Bool { step >= stepCount }

    let layout: LoRALayout
    let optimizer: AdamW
    let examples: [TrainingExample]
    let pass: BatchPass
    private let batches: BatchPlan
    private let validation: [TrainingExample]

    /// Sets up a run at its first step; ``resume(from:)`` continues from a checkpoint.
    ///
    /// - Parameters:
    ///   - validation: examples for ``validationLoss(isCancelled:)``, which are not trained on.
    ///   - threads: the number of threads; nil takes as many as this process may use.
    ///   - memoryLimit: how many bytes training may take, not counting the model's file; nil takes half of the free
    ///     memory.
    ///   - plan: a memory plan to use instead of making one; a run that will be resumed needs the plan of its
    ///     checkpoint, ``memoryPlan(ofCheckpoint:)``.
    /// - Throws: a ``TrainingError`` if an option cannot be used, there are no examples, or the memory does not
    ///   suffice.
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
        guard layout.count > 0 else {
            throw TrainingError(
                .badOption,
                "the model has none of the matrices to adapt (\(options.lora.targets.map(\.rawValue).joined(separator: ", "))): "
                    + "name others")
        }
        batches = BatchPlan(
            lengths: examples.map(\.inputs.count), stepSize: options.stepSize,
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

    /// Initialises each A with random numbers and leaves each B at zero, so that training starts from the unchanged
    /// model.
    ///
    /// The distribution is that of He et al., uniform with a slope of sqrt(5), as in peft.
    private func drawFactors() {
        var generator = SplitMix64(state: SplitMix64.mixed(options.seed, 0x1A17))
        for factor in layout.factors where factor.isA {
            let bound = 1 / Float(factor.columns).squareRoot()
            for index in 0..<factor.rows * factor.columns {
                pass.parameters.start[factor.offset + index] = (2 * generator.nextUnit() - 1) * bound
            }
        }
    }

    /// The examples of the next step.
    package var nextExamples: [TrainingExample] { batches.examples(ofStep: step).map { examples[$0] } }

    /// Takes the next step; calling it when ``isDone`` is true is a programming error.
    ///
    /// Throws if the loss is infinite or NaN; weights and moments are then unchanged.
    package func takeStep() throws -> Step {
        precondition(!isDone)
        let batch = nextExamples
        let targetCount = batch.reduce(0) { $0 + $1.targets.count }
        let sum = pass.run(
            batch, gradientScale: 1 / Float(targetCount),
            dropoutKey: SplitMix64.mixed(options.seed ^ 0xD309, UInt64(step)))
        guard sum.isFinite else {
            throw TrainingError(
                .diverged,
                "the loss of step \(step + 1) is \(sum): try a lower learning rate, or a longer warm-up")
        }
        let rate = options.schedule.rate(step: step, of: stepCount)
        let norm = optimizer.step(pass.parameters, pass.gradients, learningRate: rate)
        return Step(
            number: step, loss: sum / Double(targetCount), gradientNorm: norm, learningRate: rate,
            tokens: batch.reduce(0) { $0 + $1.inputs.count }, targetCount: targetCount)
    }

    /// The mean loss per learned token of the validation examples; nil if there are none.
    ///
    /// - Parameter isCancelled: called from time to time; if it returns true, the result is nil.
    package func validationLoss(isCancelled: () -> Bool = { false }) -> Double? {
        guard !validation.isEmpty else { return nil }
        var sum = 0.0
        for first in stride(from: 0, to: validation.count, by: 32) {
            if isCancelled() { return nil }
            let part = Array(validation[first..<min(first + 32, validation.count)])
            sum += pass.run(part, gradientScale: nil, dropoutKey: nil)
        }
        return sum / Double(validation.reduce(0) { $0 + $1.targets.count })
    }

    /// The number of bytes that can be allocated without swapping; the page cache counts as free.
    private static var freeMemory: Int {
        // Ignored: without this file, as on systems other than Linux, only unused memory counts.
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
    /// The adapter as trained so far, with this name and prompt template.
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
                let shape = site.target.shape(in: model.configuration, layer: site.layer)
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

    /// Starts from the factors of an existing adapter of the same shape instead of random ones.
    ///
    /// It must be called before the first step. Throws if the adapter does not fit the model or the options.
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
