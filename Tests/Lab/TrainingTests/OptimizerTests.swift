import Foundation
import Testing

@testable import Training

/// AdamW, clipping and the schedules against those of PyTorch and transformers.
@Suite struct OptimizerTests {
    private struct Recorded: Decodable {
        struct Step: Decodable {
            var rate: Double
            var gradient: [Float]
            var norm: Double
            var weights: [Float]
        }

        var start: [Float]
        var steps: [Step]
        var schedules: [String: [Double]]
    }

    private let recorded: Recorded

    init() throws {
        let url = URL(fileURLWithPath: Fixtures.folder + "/optimiser.json")
        recorded = try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: url))
    }

    @Test func stepsEqualPyTorch() {
        let options = AdamWOptions(beta2: 0.98, epsilon: 1e-7, weightDecay: 0.05, maximumNorm: 1)
        let optimizer = AdamW(options, count: 16)
        let (weights, gradient) = (FloatMemory(16), FloatMemory(16))
        for (index, value) in recorded.start.enumerated() { weights.start[index] = value }
        #expect(recorded.steps.contains { $0.norm > 1 } && recorded.steps.contains { $0.norm < 1 })
        for step in recorded.steps {
            for (index, value) in step.gradient.enumerated() { gradient.start[index] = value }
            let norm = optimizer.step(weights, gradient, learningRate: step.rate)
            #expect(abs(norm - step.norm) < 1e-6 * step.norm)
            for (found, wanted) in zip(weights.floats, step.weights) {
                #expect(abs(found - wanted) < 2e-6)
            }
        }
    }

    @Test(arguments: [
        (LearningRateSchedule.Decay.linear, "linear"), (.cosine, "cosine"),
        (.constant, "constant_with_warmup"),
    ])
    func schedulesEqualTransformers(decay: LearningRateSchedule.Decay, name: String) throws {
        for warmUp in [0, 4] {
            let wanted = try #require(recorded.schedules["\(name).\(warmUp)"])
            let schedule = LearningRateSchedule(peak: 1, warmUpSteps: warmUp, decay: decay)
            for (step, rate) in wanted.enumerated() {
                #expect(abs(schedule.rate(step: step, of: wanted.count) - rate) < 1e-12)
            }
        }
    }
}
