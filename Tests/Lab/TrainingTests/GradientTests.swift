import CGradients
import Foundation
import Gemma
import Testing
import Weights

@testable import Training

/// The loss and its gradients against PyTorch's autograd, on a tiny model of each architecture.
@Suite struct GradientTests {
    static let names = ["gemma", "gemma2", "gemma3", "gemma4"]

    /// The differences of the loss and of the gradients; the latter is the largest over all factors, relative to the
    /// factor's largest gradient.
    private func difference(
        _ name: String, isTight: Bool = false, precision: TrainingOptions.Precision = .full
    ) throws -> (loss: Double, gradient: Float) {
        let file = try SafetensorsFile(path: Fixtures.folder + "/" + name + ".safetensors")
        let examples = try Fixtures.examples(file)
        let options = TrainingOptions(lora: Fixtures.lora, precision: precision)
        let trainer =
            isTight
            ? try Fixtures.tightTrainer(name, options, examples: examples)
            : try Fixtures.trainer(name, options, examples: examples)
        #expect(trainer.memory.keepsActivations == !isTight)
        try trainer.begin(with: Fixtures.adapter(file, trainer.model))
        let count = examples.reduce(0) { $0 + $1.targets.count }
        let loss =
            trainer.pass.run(examples, gradientScale: 1 / Float(count), dropoutKey: nil) / Double(count)
        let expected = Double(try file.tensor(named: "loss").floats()[0])
        var largest: Float = 0
        for factor in trainer.layout.factors {
            let half = factor.isA ? "lora_a" : "lora_b"
            let wanted = try file.tensor(named: "\(factor.site).\(half).gradient").floats()
            let range = try #require(wanted.map(abs).max())
            try #require(range > 0)
            for (index, value) in wanted.enumerated() {
                let found = trainer.pass.gradients.start[factor.offset + index]
                guard found.isFinite else { return (.infinity, .infinity) }
                largest = max(largest, abs(found - value) / range)
            }
        }
        return (abs(loss - expected) / expected, largest)
    }

    @Test(arguments: names) func gradientsEqualPyTorch(name: String) throws {
        let difference = try difference(name)
        print("\(name): loss differs by \(difference.loss), gradients by \(difference.gradient), relatively")
        #expect(difference.loss < 1e-5)
        #expect(difference.gradient < 1e-3)
    }

    @Test(arguments: names) func gradientsComputedAgainEqualPyTorch(name: String) throws {
        let difference = try difference(name, isTight: true)
        #expect(difference.loss < 1e-5)
        #expect(difference.gradient < 1e-3)
    }

    /// With eight bits of mantissa, gradients keep their direction, but single numbers differ by some percent.
    @Test(.enabled(if: cg_bf16_is_available(), "this CPU has no bfloat16"), arguments: names)
    func bfloat16StaysClose(name: String) throws {
        let difference = try difference(name, precision: .bfloat16)
        print("\(name) in bfloat16: loss differs by \(difference.loss), gradients by \(difference.gradient)")
        #expect(difference.loss < 1e-2)
        #expect(difference.gradient < 0.2 && difference.gradient > 1e-4)
    }

    /// The comparison is able to fail: one wrong token exceeds its tolerance.
    @Test func theComparisonSeesAWrongToken() throws {
        let file = try SafetensorsFile(path: Fixtures.folder + "/gemma3.safetensors")
        var examples = try Fixtures.examples(file)
        let trainer = try Fixtures.trainer(
            "gemma3", TrainingOptions(lora: Fixtures.lora), examples: examples)
        try trainer.begin(with: Fixtures.adapter(file, trainer.model))
        func gradients() -> [Float] {
            _ = trainer.pass.run(examples, gradientScale: 1, dropoutKey: nil)
            return Array(trainer.pass.gradients.floats)
        }
        let right = gradients()
        var inputs = examples[0].inputs
        inputs[1] = (inputs[1] + 1) % 500
        examples[0] = TrainingExample(inputs: inputs, targets: examples[0].targets)
        let wrong = gradients()
        let range = try #require(right.map(abs).max())
        #expect(zip(right, wrong).contains { abs($0 - $1) > 1e-2 * range })
    }
}
