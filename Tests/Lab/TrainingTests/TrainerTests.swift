import Foundation
import Gemma
import Testing

@testable import Training

/// Runs are reproducible bit by bit, even if they are interrupted or use other numbers of threads.
@Suite struct TrainerTests {
    private static func options(dropout: Float = 0.1, seed: UInt64 = 3) -> TrainingOptions {
        TrainingOptions(
            lora: LoRAOptions(rank: 2, alpha: 4, dropout: dropout),
            adamW: AdamWOptions(weightDecay: 0.01),
            schedule: LearningRateSchedule(peak: 5e-3, warmUpSteps: 2, decay: .cosine), batchSize: 3,
            passes: 2, bucketSteps: 2, seed: seed)
    }
    private let examples = Fixtures.randomExamples(16, seed: 1)

    @Test func lossFalls() throws {
        let few = Array(examples.prefix(4))
        var options = Self.options(dropout: 0)
        options.passes = 30
        options.schedule = LearningRateSchedule(peak: 2e-2)
        let trainer = try Fixtures.trainer("gemma3", options, examples: few, validation: few)
        let before = try #require(trainer.validationLoss())
        while !trainer.isDone { _ = try trainer.takeStep() }
        let after = try #require(trainer.validationLoss())
        #expect(after < before / 2, "\(before) became \(after)")
    }

    /// A run that is stopped at any step continues in a new trainer from the checkpoint alone.
    @Test(arguments: ["gemma", "gemma3"]) func resumedRunsEndInTheSameBits(name: String) throws {
        let whole = try Fixtures.trainer(name, Self.options(), examples: examples)
        var losses: [Double] = []
        while !whole.isDone { losses.append(try whole.takeStep().loss) }
        #expect(whole.stepCount == 12)
        for stop in [1, 5, 6, 11] {
            let bits = try Fixtures.withFolder { folder in
                let path = folder + "/checkpoint.safetensors"
                let first = try Fixtures.trainer(name, Self.options(), examples: examples)
                for _ in 0..<stop { _ = try first.takeStep() }
                try first.saveCheckpoint(to: path, notes: ["stop": "\(stop)"])
                // A step after the checkpoint is lost, as in a crash.
                _ = try first.takeStep()
                let second = try Fixtures.trainer(
                    name, Self.options(), examples: examples, threads: 1,
                    memory: Trainer.memoryPlan(ofCheckpoint: path))
                #expect(try second.resume(from: path) == ["stop": "\(stop)"])
                #expect(second.step == stop)
                var rest: [Double] = []
                while !second.isDone { rest.append(try second.takeStep().loss) }
                #expect(rest == Array(losses[stop...]))
                return second.bits
            }
            #expect(bits == whole.bits, "stopped at step \(stop)")
        }
    }

    @Test func threadsDoNotChangeTheBits() throws {
        let one = try Fixtures.trainer("gemma2", Self.options(), examples: examples, threads: 1)
        for threads in [2, 3] {
            let several = try Fixtures.trainer(
                "gemma2", Self.options(), examples: examples, threads: threads, memory: one.memory)
            for _ in 0..<4 { _ = try several.takeStep() }
            if one.step == 0 { for _ in 0..<4 { _ = try one.takeStep() } }
            #expect(one.bits == several.bits)
        }
    }

    /// The tests above would also pass if options had no effect, so this one checks that seed and dropout matter.
    @Test func seedsChangeTheBits() throws {
        func bits(_ options: TrainingOptions) throws -> [UInt32] {
            let trainer = try Fixtures.trainer("gemma3", options, examples: examples)
            for _ in 0..<3 { _ = try trainer.takeStep() }
            return trainer.bits
        }
        let reference = try bits(Self.options())
        #expect(try bits(Self.options()) == reference)
        #expect(try bits(Self.options(seed: 4)) != reference)
        #expect(try bits(Self.options(dropout: 0)) != reference)
    }

    /// Accumulating the gradients of several batches gives the same bits as one large batch.
    @Test func accumulationEqualsALargeBatch() throws {
        func trainer(_ batchSize: Int, _ accumulation: Int) throws -> Trainer {
            var options = Self.options()
            (options.batchSize, options.accumulation) = (batchSize, accumulation)
            let trainer = try Fixtures.trainer("gemma3", options, examples: examples)
            for _ in 0..<3 { _ = try trainer.takeStep() }
            return trainer
        }
        #expect(try trainer(8, 1).bits == trainer(2, 4).bits)
    }

    /// With a tight limit, sequences are handled in groups and layers are computed again; results differ only by
    /// rounding.
    @Test func memoryLimitsChangeRoundingOnly() throws {
        let roomy = try Fixtures.trainer("gemma3", Self.options(), examples: examples)
        let tight = try Fixtures.tightTrainer("gemma3", Self.options(), examples: examples)
        #expect(roomy.memory.keepsActivations && roomy.memory.keepsHead && roomy.memory.keepsLayers)
        #expect(!tight.memory.keepsActivations && !tight.memory.keepsHead && !tight.memory.keepsLayers)
        #expect(tight.memory.bytes < roomy.memory.bytes / 2)
        for _ in 0..<3 {
            let (a, b) = (try roomy.takeStep(), try tight.takeStep())
            #expect(abs(a.loss - b.loss) < 1e-4 * a.loss)
            #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-3 * a.gradientNorm)
        }
        #expect(throws: TrainingError.self) {
            try Fixtures.trainer("gemma3", Self.options(), examples: examples, memoryLimit: 1000)
        }
    }

    @Test func everyOptionThatDiffersIsNamed() {
        let changes: [(inout TrainingOptions) -> Void] = [
            { $0.lora.rank = 3 }, { $0.lora.alpha = 3 }, { $0.lora.dropout = 0.3 },
            { $0.lora.targets = [.ffnUp] },
            { $0.adamW.beta1 = 0.3 }, { $0.adamW.beta2 = 0.3 }, { $0.adamW.epsilon = 0.3 },
            { $0.adamW.weightDecay = 0.3 }, { $0.adamW.maximumNorm = nil }, { $0.schedule.peak = 3 },
            { $0.schedule.warmUpSteps = 3 }, { $0.schedule.decay = .cosine }, { $0.batchSize = 3 },
            { $0.accumulation = 3 }, { $0.passes = 3 }, { $0.bucketSteps = 3 }, { $0.precision = .bfloat16 },
            { $0.seed = 3 },
        ]
        let before = TrainingOptions()
        #expect(before.inWords.count == changes.count)
        for (index, change) in changes.enumerated() {
            var after = before
            change(&after)
            let differing = zip(before.inWords, after.inWords).filter { $0 != $1 }.map(\.1)
            #expect(differing.map(\.name) == [before.inWords[index].name])
            #expect(differing.allSatisfy { !$0.value.contains("Option") })
        }
    }

    @Test func checkpointsOfOtherRunsAreRefused() throws {
        try Fixtures.withFolder { folder in
            let path = folder + "/checkpoint.safetensors"
            let trainer = try Fixtures.trainer("gemma3", Self.options(), examples: examples)
            _ = try trainer.takeStep()
            try trainer.saveCheckpoint(to: path)
            func refuses(_ other: Trainer) -> Bool {
                let before = other.bits
                do {
                    try other.resume(from: path)
                    return false
                } catch {
                    return other.bits == before && other.step == 0
                }
            }
            #expect(try refuses(Fixtures.trainer("gemma3", Self.options(seed: 9), examples: examples)))
            #expect(try refuses(Fixtures.trainer("gemma2", Self.options(), examples: examples)))
            let others = Fixtures.randomExamples(16, seed: 2)
            #expect(try refuses(Fixtures.trainer("gemma3", Self.options(), examples: others)))
            #expect(try !refuses(Fixtures.trainer("gemma3", Self.options(), examples: examples)))

            // A file cut off at any point is refused.
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for count in stride(from: 0, to: bytes.count, by: 997) {
                try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
                #expect(try refuses(Fixtures.trainer("gemma3", Self.options(), examples: examples)))
            }
        }
    }
}
