import Foundation
import Language
import Minutes
import Pipeline
import Summaries
import TestSupport
import Testing
import Transcript

/// The adapter in etc/adapters, with the model that it is for.
@Suite(.enabled(if: TestModel.isDefault && Program.areBuilt, TestModel.absence))
struct ShippedAdapterTests {
    private let adapter = Repository.root.appending(path: "etc/adapters/gemma-3-270m-minutes.gguf").path

    @Test func isForTheDefaultModelAndAskedAsTheDaemonDoes() async throws {
        let outcome = try await Program.minutelab.run(
            ["adapter", "inspect", adapter, "--model", try #require(TestModel.path)], in: Scratch())
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("prompt:       pointing"))
    }

    /// It is found beside the model, and what the minutes show is what was said, in its order.
    @Test func quotesWhatWasSaid() async throws {
        let scratch = try Scratch()
        let example = Repository.root.appending(path: "examples/planning.txt").path
        let outcome = try await Program.minutectl.run(
            [
                "summarize", example, "--model", try #require(TestModel.path), "--output", scratch.path,
                "--quiet",
            ], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let minutes = try JSONRenderer.read(
            String(contentsOfFile: scratch.path + "/planning/minutes.json", encoding: .utf8))
        let said = try readTranscript(path: example).file.utterances
        let statements = minutes.windows.flatMap { $0.statements ?? [] } + (minutes.statements ?? [])
        #expect(statements.count >= 20 && statements.allSatisfy(\.isQuoted))
        for statement in statements {
            let citation = try #require(statement.citations.first)
            #expect(statement.speaker == said[citation.utterance].speaker)
            var rest = words(said[citation.utterance].text)[...]
            for word in words(statement.text) {
                let place = try #require(rest.firstIndex(of: word), "\(word) in \(statement.text)")
                rest = rest[(place + 1)...]
            }
        }
        #expect(minutes.items?.contains { $0.kind == .action && $0.owner != nil } == true)
        #expect((3...6).contains(minutes.statements?.count ?? 0))
    }

    private func words(_ text: String) -> [String] {
        TextReader.read(text, language: .english).words.map(\.folded)
    }
}
