import Foundation
import TestSupport
import Testing

/// `minutelab adapter average`, as it is run.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct AdapterTests {
    private let fixtures = Repository.tinyModels.path

    @Test func averagesAreWrittenAndFitTheModel() async throws {
        let scratch = try Scratch()
        let adapters = fixtures + "/adapters/gemma3"
        let output = scratch.path + "/soup.gguf"
        let model = ["--model", fixtures + "/gemma3"]
        // In both formats; the model has another name in each, so it has to be given.
        let sources = [adapters, adapters + "/adapter.gguf"]
        let average = try await Program.minutelab.run(
            ["adapter", "average"] + sources + ["--output", output] + model, in: scratch)
        #expect(average.status == 0, "\(average.errors)")
        #expect(average.errors.contains("rank 8"))
        let inspection = try await Program.minutelab.run(["adapter", "inspect", output] + model, in: scratch)
        #expect(inspection.status == 0, "\(inspection.errors)")
        #expect(
            inspection.output.contains("soup") && inspection.output.contains("rank:         8, alpha 8.0"))
    }

    @Test func whatCannotBeAveragedIsRefused() async throws {
        let scratch = try Scratch()
        let adapters = fixtures + "/adapters/"
        let output = ["--output", scratch.path + "/soup.gguf"]
        let single = try await Program.minutelab.run(
            ["adapter", "average", adapters + "gemma3"] + output, in: scratch)
        #expect(single.status == 64 && single.errors.contains("two adapters"))
        let mixed = try await Program.minutelab.run(
            ["adapter", "average", adapters + "gemma3", adapters + "gemma2"] + output, in: scratch)
        #expect(mixed.status != 0 && mixed.errors.contains("cannot be averaged"), "\(mixed.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/soup.gguf"))
    }
}
