import Foundation
import TestSupport
import Testing

/// The adapter in etc/adapters, with the model that it is for.
@Suite(.enabled(if: TestModel.isDefault && Program.areBuilt, TestModel.absence))
struct ShippedAdapterTests {
    private let adapter = Repository.root.appending(path: "etc/adapters/gemma-3-270m-minutes.gguf").path

    @Test func isForTheDefaultModelAndAskedAsTheDaemonDoes() async throws {
        let outcome = try await Program.minutelab.run(
            ["adapter", "inspect", adapter, "--model", try #require(TestModel.path)], in: Scratch())
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("prompt:       tuned"))
    }

    /// It ends its summary itself, in whole sentences, without repeating three tokens.
    @Test func writesASummaryOfAWindow() async throws {
        let scratch = try Scratch()
        let example = Repository.root.appending(path: "examples/planning.txt")
        let lines = try String(contentsOf: example, encoding: .utf8).split(separator: "\n").prefix(20)
        let window = lines.map { $0.drop { $0 != "]" }.dropFirst(2) }.joined(separator: "\n")
        let prompt = try scratch.write(window + "\n\n---\n\nSummary:", to: "prompt")
        let outcome = try await Program.minutelab.run(
            [
                "generate", try #require(TestModel.path), "--adapter", adapter, "--no-repeat-ngram", "3",
                "--maximum-tokens", "160", "--prompt", try String(contentsOfFile: prompt, encoding: .utf8),
            ], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let words = outcome.output.split(whereSeparator: \.isWhitespace)
        #expect(words.count >= 12 && words.last?.last == ".", "\(outcome.output)")
        #expect(outcome.errors.contains("stopToken"), "\(outcome.errors)")
    }
}
