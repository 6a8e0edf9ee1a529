import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// Reusing caches, sharing passes and guessing tokens never change an answer.
@Suite struct EngineTests {
    private static let names = ReferenceTests.names
    private let options = GenerationOptions(maximumTokens: 12)

    private func ids(_ name: String) throws -> [TokenID] { try Fixtures.expected(name).ids }

    @Test(arguments: names) func rewindingEqualsNeverHavingGoneThere(name: String) async throws {
        let ids = try ids(name)
        let engine = try Fixtures.engine(name, sliceTokens: 16)
        let detour = Array(ids[..<40]) + ids[60...].reversed()
        _ = try await engine.generate(detour, timeline: "a", options: options)
        let reused = try await engine.generate(ids, timeline: "a", options: options)
        let fresh = try await Fixtures.engine(name, sliceTokens: 16).generate(
            ids, timeline: "a", options: options)
        #expect(reused.tokens == fresh.tokens)
        #expect(reused.reusedTokens == 40)
        #expect(fresh.reusedTokens == 0)
    }

    @Test(arguments: names) func growingPromptsEqualWholeOnes(name: String) async throws {
        let ids = try ids(name)
        let engine = try Fixtures.engine(name)
        for count in [10, 11, 30, 77] { try await engine.prefill(Array(ids[..<count]), timeline: "a") }
        let grown = try await engine.generate(ids, timeline: "a", options: options)
        let whole = try await Fixtures.engine(name).generate(ids, timeline: "a", options: options)
        #expect(grown.tokens == whole.tokens)
        #expect(grown.reusedTokens == 77)
    }

    @Test func aPrefixOfAnotherTimelineIsCopied() async throws {
        let ids = try ids("gemma3")
        let engine = try Fixtures.engine("gemma3")
        try await engine.prefill(Array(ids[..<50]), timeline: "a")
        let copied = try await engine.generate(ids, timeline: "b", options: options)
        let fresh = try await Fixtures.engine("gemma3").generate(ids, timeline: "b", options: options)
        #expect(copied.reusedTokens == 50)
        #expect(copied.tokens == fresh.tokens)
        #expect(await engine.tokens(ofTimeline: "a") == Array(ids[..<50]))
    }

    @Test func askingTheSameAgainReusesAllButTheLastToken() async throws {
        let ids = try ids("gemma")
        let engine = try Fixtures.engine("gemma")
        let first = try await engine.generate(ids, timeline: "a", options: options)
        let second = try await engine.generate(ids, timeline: "a", options: options)
        #expect(second.reusedTokens == ids.count - 1)
        #expect(second.tokens == first.tokens)
    }

    /// Whether the prompt is read in one slice or in several, and again from a cache that holds it.
    @Test(arguments: names, [16, 256]) func choicesHaveTheLogitsOfTheirPlaces(
        name: String, slice: Int
    ) async throws {
        let (ids, expected) = try Fixtures.expected(name)
        let engine = try Fixtures.engine(name, sliceTokens: slice)
        let question = ChoiceQuestion(places: [3, 17, 18, ids.count - 1], choices: [7, 2, 40])
        let wanted = question.places.map { place in question.choices.map { expected[place][Int($0)] } }
        try await engine.prefill(Array(ids[..<20]), timeline: "a")
        for reused in [3, 3] {
            let answer = try await engine.ask(question, about: ids, timeline: "a")
            #expect(Fixtures.difference(answer.choiceLogits, wanted) < 1e-3)
            #expect(answer.reusedTokens == reused && answer.tokens.isEmpty)
        }
        // What is asked behind a prompt leaves the prompt itself in the cache.
        #expect(try await engine.prefill(Array(ids[..<40]), timeline: "a") == 40)
        await #expect(throws: GemmaError.self) {
            try await engine.ask(
                ChoiceQuestion(places: [1], choices: [1 << 30]), about: ids, timeline: "a")
        }
    }

    /// How likely a prompt's last tokens are is what the softmax of the logits before each says, read in one slice or in
    /// several, and again from a cache.
    @Test(arguments: names, [16, 256]) func likelihoodsAreThoseOfTheLogits(
        name: String, slice: Int
    ) async throws {
        let (ids, expected) = try Fixtures.expected(name)
        let engine = try Fixtures.engine(name, sliceTokens: slice)
        let first = ids.count - 21
        let wanted = (first..<ids.count).map { place -> Float in
            let logits = expected[place - 1]
            let highest = logits.max() ?? 0
            return logits[Int(ids[place])] - highest - log(logits.reduce(0) { $0 + exp($1 - highest) })
        }
        for reused in [0, first - 1] {
            let answer = try await engine.likelihoods(of: ids, from: first, timeline: "a")
            #expect(Fixtures.difference([answer.logLikelihoods], [wanted]) < 1e-3)
            #expect(answer.reusedTokens == reused && answer.tokens.isEmpty)
        }
    }

    /// Tokens whose logits nobody wants do not go through the layers that share keys and values; the logits of the others
    /// are those of a pass in which all are wanted.
    @Test(arguments: ["gemma4", "gemma4-f32.gguf"], [1, 2, 3]) func skippedLayersChangeNothing(
        name: String, threads: Int
    ) async throws {
        let ids = try ids("gemma4")
        let all = try await Fixtures.logits(Fixtures.engine(name, threads: threads), ids)
        let some = (100..<300).map { TokenID($0) }
        for places in [[ids.count - 1], [0, 1, 40, 99], [5, 98]] {
            for slice in [16, 64, 256] {
                let engine = try Fixtures.engine(name, sliceTokens: slice, threads: threads)
                let answer = try await engine.ask(
                    ChoiceQuestion(places: places, choices: some), about: ids, timeline: "a")
                let wanted = places.map { Array(all[$0][100..<300]) }
                #expect(Fixtures.difference(answer.choiceLogits, wanted) < 1e-5)
            }
        }
    }

    @Test(arguments: [1, 2, 3]) func threadsDoNotChangeTheAnswer(threads: Int) async throws {
        let (ids, expected) = try Fixtures.expected("gemma2")
        let actual = try await Fixtures.logits(Fixtures.engine("gemma2", threads: threads), ids)
        #expect(Fixtures.difference(actual, expected) < 1e-4)
    }

    @Test func aCancelledRequestLeavesTheCacheUsable() async throws {
        let ids = try ids("gemma3")
        let engine = try Fixtures.engine("gemma3", sliceTokens: 4)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await engine.generate(
                ids, timeline: "a", options: GenerationOptions(maximumTokens: 12))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let after = try await engine.generate(ids, timeline: "a", options: options)
        let fresh = try await Fixtures.engine("gemma3", sliceTokens: 4).generate(
            ids, timeline: "a", options: options)
        #expect(after.tokens == fresh.tokens)
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        let engine = try Fixtures.engine("gemma")
        let ids = try ids("gemma")
        await #expect {
            try await engine.generate(ids, timeline: "a", options: GenerationOptions(maximumTokens: 200))
        } throws: {
            ($0 as? GemmaError)?.code == .promptTooLong
        }
        await #expect { try await engine.prefill([2, 9999], timeline: "a") } throws: {
            ($0 as? GemmaError)?.code == .badToken
        }
        await #expect { try await engine.prefill([], timeline: "a") } throws: {
            ($0 as? GemmaError)?.code == .badToken
        }
    }

    @Test func closedTimelinesAreForgotten() async throws {
        let engine = try Fixtures.engine("gemma")
        let ids = try ids("gemma")
        try await engine.prefill(ids, timeline: "a")
        await engine.close(timeline: "a")
        #expect(await engine.tokens(ofTimeline: "a").isEmpty)
        #expect(try await engine.prefill(ids, timeline: "a") == 0)
    }

    /// The limit holds for what grows as it does for what is new, and counts memory, which rewinding does not free.
    @Test func timelinesThatGrowPushIdleOnesOut() async throws {
        let ids = try ids("gemma3")
        let model = try GemmaModel(path: Fixtures.path("gemma3"))
        let bytesPerToken = KVCache.bytesPerToken(of: model.configuration, elementType: .f16)
        let engine = try InferenceEngine(
            model: model,
            options: InferenceEngine.Options(
                contextLength: 256, threads: 1, cacheBytesLimit: 60 * bytesPerToken))
        try await engine.prefill(Array(ids[..<20]), timeline: "a")
        let long = Array(ids.reversed())
        try await engine.prefill(Array(long[..<20]), timeline: "b")
        #expect(await engine.names() == ["a", "b"])
        try await engine.prefill(Array(long[..<50]), timeline: "b")
        #expect(await engine.names() == ["b"])
        // Never itself, however large it is.
        try await engine.prefill(Array(long[..<70]), timeline: "b")
        #expect(await engine.tokens(ofTimeline: "b").count == 70)
        try await engine.prefill(Array(long[..<5]), timeline: "b")
        try await engine.prefill(Array(ids[..<20]), timeline: "a")
        #expect(await engine.names() == ["a"])
    }

    /// Concurrent requests share passes and get the same answers as alone.
    @Test(arguments: names, [false, true]) func togetherEqualsAlone(name: String, isDeterministic: Bool)
        async throws
    {
        let ids = try ids(name)
        let prompts = [ids, Array(ids[..<50]), Array(ids[..<7]), [ids[0]] + ids[20..<90]]
        let together = try Fixtures.engine(name, sliceTokens: 32, isDeterministic: isDeterministic)
        let answers = try await withThrowingTaskGroup(of: (Int, Generation).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask {
                    let options = GenerationOptions(maximumTokens: 10 + index, ignoresStopTokens: true)
                    return (
                        index, try await together.generate(prompt, timeline: "\(index)", options: options)
                    )
                }
            }
            return try await group.reduce(into: [Int: Generation]()) { $0[$1.0] = $1.1 }
        }
        for (index, prompt) in prompts.enumerated() {
            let options = GenerationOptions(maximumTokens: 10 + index, ignoresStopTokens: true)
            let alone = try await Fixtures.engine(name, sliceTokens: 32, isDeterministic: isDeterministic)
                .generate(prompt, timeline: "a", options: options)
            #expect(answers[index]?.tokens == alone.tokens)
            #expect(answers[index]?.tokens.count == 10 + index)
        }
    }

    @Test func requestsForOneTimelineWaitForEachOther() async throws {
        let engine = try Fixtures.engine("gemma3", sliceTokens: 16)
        let ids = try ids("gemma3")
        let options = GenerationOptions(maximumTokens: 6)
        let expected = try await Fixtures.engine("gemma3", sliceTokens: 16)
            .generate(ids, timeline: "a", options: options).tokens
        try await withThrowingTaskGroup(of: [TokenID].self) { group in
            for _ in 0..<5 {
                group.addTask { try await engine.generate(ids, timeline: "a", options: options).tokens }
            }
            for try await tokens in group { #expect(tokens == expected) }
        }
    }

    /// In a prompt full of repetitions many guesses are right; the answer is the same with and without guesses.
    @Test(arguments: names) func guessesChangeNothing(name: String) async throws {
        let ids = try ids(name)
        let prompt = Array(ids[..<30] + ids[5..<30] + ids[5..<30])
        for sampling in [SamplingOptions.greedy, SamplingOptions(temperature: 0.8, topK: 20, seed: 3)] {
            let plain = try await Fixtures.engine(name).generate(
                prompt, timeline: "a",
                options: GenerationOptions(
                    maximumTokens: 60, sampling: sampling, usesLookup: false, ignoresStopTokens: true))
            let guessed = try await Fixtures.engine(name).generate(
                prompt, timeline: "a",
                options: GenerationOptions(maximumTokens: 60, sampling: sampling, ignoresStopTokens: true))
            #expect(guessed.tokens == plain.tokens)
            #expect(guessed.text == plain.text)
        }
    }

    @Test func oneCancelledRequestLeavesTheOthersAlone() async throws {
        let engine = try Fixtures.engine("gemma2", sliceTokens: 8)
        let ids = try ids("gemma2")
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await engine.generate(
                ids, timeline: "a", options: GenerationOptions(maximumTokens: 50))
        }
        let kept = try await engine.generate(ids, timeline: "b", options: options)
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let alone = try await Fixtures.engine("gemma2", sliceTokens: 8).generate(
            ids, timeline: "b", options: options)
        #expect(kept.tokens == alone.tokens)
    }
}

extension InferenceEngine {
    /// Names of the timelines that are in memory.
    fileprivate func names() -> [String] { timelines.keys.sorted() }
}
