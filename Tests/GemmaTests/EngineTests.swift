import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// What must hold whatever the numbers are: reuse of caches never changes an answer.
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
}
