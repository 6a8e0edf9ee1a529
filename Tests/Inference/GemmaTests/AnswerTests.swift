import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// Stop texts and the token limit, on answers that the test spells instead of a model.
@Suite struct AnswerTests {
    private let tokenizer: SentencePieceTokenizer

    init() throws {
        tokenizer = try SentencePieceTokenizer(modelFile: Fixtures.path("gemma3") + "/tokenizer.model")
    }

    private func answer(
        _ text: String, stop: [String], limit: Int = 1000
    ) -> (text: String, streamed: String, end: Generation.End?) {
        var builder = AnswerBuilder(
            options: GenerationOptions(maximumTokens: limit, stopTexts: stop), tokenizer: tokenizer,
            stopTokens: [1])
        let streamed = Streamed()
        var end: Generation.End?
        for id in tokenizer.encode(text) {
            end = builder.accept(id) { streamed.text += $0 }
            if end != nil { break }
        }
        if end == nil { end = builder.accept(1) { streamed.text += $0 } }
        return (builder.text, streamed.text, end)
    }

    private final class Streamed { var text = "" }

    @Test func endsBeforeTheStopText() {
        let result = answer("One line.\n\nAnother line.", stop: ["\n\n"])
        #expect(result.text == "One line.")
        #expect(result.streamed == "One line.")
        #expect(result.end == .stopText)
    }

    @Test func whatOnlyBeginsLikeAStopTextIsKept() {
        let result = answer("a #b ## c", stop: ["###"])
        #expect(result.text == "a #b ## c")
        #expect(result.streamed == result.text)
        #expect(result.end == .stopToken)
    }

    @Test func theFirstStopTextWins() {
        #expect(answer("x END y STOP", stop: ["STOP", "END"]).text == "x ")
    }

    @Test func charactersOfSeveralTokensStayWhole() {
        let text = "naïve 🎉👩‍👩‍👧 日本"
        let result = answer(text, stop: [])
        #expect(result.text == text)
        #expect(result.streamed == text)
    }

    @Test func theLimitCuts() {
        let result = answer("one two three four five six seven", stop: [], limit: 3)
        #expect(result.end == .limit)
        #expect("one two three four five six seven".hasPrefix(result.text))
    }

    /// Reasoning and calls of tools, which begin with control tokens, are never part of an answer, whatever the model
    /// prefers.
    @Test(arguments: [SamplingOptions.greedy, SamplingOptions(temperature: 1.5, topK: 0, seed: 4)])
    func answersOfGemma4HaveNoControlTokens(sampling: SamplingOptions) async throws {
        let engine = try Fixtures.engine("gemma4")
        #expect(engine.model.withheldTokens.count > 8)
        #expect(Set(engine.model.withheldTokens).isDisjoint(with: engine.model.stopTokens))
        let ids = try Fixtures.expected("gemma4").ids
        let answer = try await engine.generate(
            Array(ids[..<20]), timeline: "a",
            options: GenerationOptions(maximumTokens: 200, sampling: sampling, ignoresStopTokens: true))
        #expect(answer.tokens.count == 200)
        let controls = answer.tokens.filter(engine.model.tokenizer.isControl)
        #expect(Set(controls).isSubset(of: engine.model.stopTokens))
    }
}
