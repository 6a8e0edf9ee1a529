import Gemma
import Testing

@testable import Training

/// Each pass takes every example once, and the examples of a step are of similar length.
@Suite struct BatchPlanTests {
    private func plan(_ count: Int, stepSize: Int, bucketSteps: Int, seed: UInt64 = 1) -> BatchPlan {
        var generator = SplitMix64(state: 77)
        return BatchPlan(
            lengths: (0..<count).map { _ in Int(generator.next() % 300) }, stepSize: stepSize,
            bucketSteps: bucketSteps, seed: seed)
    }

    @Test(arguments: [(1, 1), (7, 3), (64, 4), (65, 4), (100, 8)], [1, 4, 100])
    func everyPassTakesEveryExampleOnce(size: (count: Int, stepSize: Int), bucketSteps: Int) {
        let plan = plan(size.count, stepSize: size.stepSize, bucketSteps: bucketSteps)
        for pass in 0..<3 {
            let steps = plan.steps(ofPass: pass)
            #expect(steps.count == plan.stepsPerPass)
            #expect(steps.joined().sorted() == Array(0..<size.count))
            #expect(steps.allSatisfy { !$0.isEmpty && $0.count <= size.stepSize })
            #expect(steps.count { $0.count < size.stepSize } <= 1)
        }
    }

    @Test func passesAndSeedsDiffer() {
        let one = plan(64, stepSize: 4, bucketSteps: 4)
        #expect(one.steps(ofPass: 0) != one.steps(ofPass: 1))
        #expect(one.steps(ofPass: 0) != plan(64, stepSize: 4, bucketSteps: 4, seed: 2).steps(ofPass: 0))
        #expect(one.examples(ofStep: 16) == one.steps(ofPass: 1)[0])
    }

    @Test func bucketsMakeStepsOfALength() {
        func spread(_ bucketSteps: Int) -> Int {
            let plan = plan(256, stepSize: 4, bucketSteps: bucketSteps)
            return plan.steps(ofPass: 0).reduce(0) { sum, step in
                let lengths = step.map { plan.lengths[$0] }
                return sum + (lengths.max() ?? 0) - (lengths.min() ?? 0)
            }
        }
        #expect(spread(16) < spread(1) / 4)
    }

    @Test func onlyAnswersAreLearned() {
        let example = TrainingExample(prompt: [2, 10, 11], answer: [12, 13, 1])
        #expect(example.inputs == [2, 10, 11, 12, 13])
        #expect(example.targets.map(\.position) == [2, 3, 4] && example.targets.map(\.token) == [12, 13, 1])
    }
}
