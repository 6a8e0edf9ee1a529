import Foundation
import Synchronization
import Testing
import Tokenizer

@testable import Gemma

/// An engine restores the timelines that another one has saved.
@Suite struct KVSnapshotEngineTests {
    private let folder: SnapshotFolder

    init() throws { folder = try SnapshotFolder() }

    private static let options = GenerationOptions(maximumTokens: 12)

    private func engine(
        _ name: String = "gemma3", fullPrecision: Bool = true, sliceTokens: Int = 16,
        onRefusal: @escaping @Sendable (GemmaError) -> Void = { Issue.record("\($0)") }
    ) throws -> InferenceEngine {
        try InferenceEngine(
            model: GemmaModel(path: Fixtures.path(name)),
            options: InferenceEngine.Options(
                contextLength: 256, threads: 2, fullPrecisionCache: fullPrecision, isDeterministic: true,
                sliceTokens: sliceTokens, snapshotFolder: folder.path),
            onSnapshotRefusal: onRefusal)
    }

    /// All bytes of a timeline's keys and values.
    private func bytes(_ engine: InferenceEngine, _ name: String) async -> [UInt8] {
        await engine.cacheBytes(name)
    }

    /// A restored cache has the same bits as the saved one, and so have the logits of the tokens after it.
    @Test(arguments: ReferenceTests.names, [false, true]) func aRestoredCacheGivesTheSameBits(
        name: String, fullPrecision: Bool
    ) async throws {
        let ids = try Fixtures.expected(name).ids
        let first = try engine(name, fullPrecision: fullPrecision)
        // The timeline grows, takes a detour and is rewound; it is saved each time.
        let detour = Array(ids[..<30]) + ids[40...].reversed()
        for prompt in [Array(ids[..<20]), detour, Array(ids[..<50])] {
            try await first.prefill(prompt, timeline: "m")
            try await first.save(timeline: "m")
        }
        let second = try engine(name, fullPrecision: fullPrecision)
        let reused = try await second.prefill(Array(ids[..<50]), timeline: "m")
        #expect(reused == 50)
        let saved = await bytes(first, "m")
        let restored = await bytes(second, "m")
        #expect(restored == saved && !saved.isEmpty)
        let live = try await first.logits(of: ids[50...], after: "m")
        let again = try await second.logits(of: ids[50...], after: "m")
        #expect(again.map { $0.map(\.bitPattern) } == live.map { $0.map(\.bitPattern) })
        let onward = try await first.generate(ids, timeline: "m", options: Self.options)
        let answer = try await second.generate(ids, timeline: "m", options: Self.options)
        #expect(answer.reusedTokens == 50 && answer.tokens == onward.tokens)
    }

    @Test func onlyWhatThePromptSharesIsUsed() async throws {
        let ids = try Fixtures.expected("gemma3").ids
        let first = try engine()
        try await first.prefill(ids, timeline: "m")
        try await first.save(timeline: "m")
        let other = Array(ids[..<33]) + ids[34...].reversed()
        let answer = try await engine().generate(other, timeline: "m", options: Self.options)
        #expect(answer.reusedTokens == 33)
        let fresh = try await Fixtures.engine("gemma3", sliceTokens: 16).generate(
            other, timeline: "m", options: Self.options)
        #expect(answer.tokens == fresh.tokens)
    }

    @Test func aTimelineThatLeftTheMemoryIsFoundOnTheDisk() async throws {
        let ids = try Fixtures.expected("gemma3").ids
        let engine = try InferenceEngine(
            model: GemmaModel(path: Fixtures.path("gemma3")),
            options: InferenceEngine.Options(
                contextLength: 256, threads: 2, cacheBytesLimit: 1, snapshotFolder: folder.path))
        try await engine.prefill(ids, timeline: "a")
        try await engine.save(timeline: "a")
        try await engine.prefill([2, 5, 6], timeline: "b")
        #expect(await engine.tokens(ofTimeline: "a").isEmpty)
        #expect(try await engine.prefill(ids, timeline: "a") == ids.count)
    }

    /// A snapshot of another model or another precision, or a damaged one, is reported once; the prompt is read again
    /// and the answer is right.
    @Test(arguments: [0, 1, 2]) func whatDoesNotFitIsReadAgain(kind: Int) async throws {
        let ids = try Fixtures.expected("gemma3").ids
        let first = try engine(kind == 0 ? "gemma2" : "gemma3", fullPrecision: kind != 1)
        try await first.prefill(ids, timeline: "m")
        try await first.save(timeline: "m")
        if kind == 2 { try damage(folder.path + "/m.kv") }
        let told = Told()
        let second = try engine {
            told.errors.withLock { $0 += 1 }; #expect($0.code == .badSnapshot)
        }
        let answer = try await second.generate(ids, timeline: "m", options: Self.options)
        #expect(answer.reusedTokens == 0)
        let fresh = try await Fixtures.engine("gemma3", sliceTokens: 16).generate(
            ids, timeline: "m", options: Self.options)
        #expect(answer.tokens == fresh.tokens)
        try await second.save(timeline: "m")
        #expect(try await engine().prefill(ids, timeline: "m") == ids.count)
        #expect(told.errors.withLock(\.self) == 1)
    }

    private final class Told: Sendable {
        // Guards: the number of refusals so far.
        let errors = Mutex(0)
    }

    private func damage(_ path: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count / 2] ^= 0x40
        try bytes.write(to: URL(filePath: path))
    }

    @Test func aClosedTimelineLeavesNothingBehind() async throws {
        let engine = try engine()
        try await engine.prefill(Fixtures.expected("gemma3").ids, timeline: "m")
        try await engine.save(timeline: "m")
        #expect(engine.snapshotUsage?.fileCount == 1)
        await engine.close(timeline: "m")
        #expect(engine.snapshotUsage == KVSnapshotUsage(fileCount: 0, bytes: 0, bytesLimit: 1 << 30))
        try await engine.save(timeline: "m")
        #expect(engine.snapshotUsage?.fileCount == 0)
    }

    @Test func withoutAFolderNothingIsSaved() async throws {
        let engine = try Fixtures.engine("gemma3")
        try await engine.prefill(Fixtures.expected("gemma3").ids, timeline: "m")
        try await engine.save(timeline: "m")
        #expect(engine.snapshotUsage == nil)
    }
}

extension InferenceEngine {
    /// The keys and values of a timeline, in the order of a snapshot.
    fileprivate func cacheBytes(_ name: String) -> [UInt8] {
        timelines[name].map { RandomTimeline.bytes(of: $0.cache, $0.tokens.count) } ?? []
    }

    /// The logits of `tokens` after those that a timeline holds, computed in a copy of its cache.
    fileprivate func logits(of tokens: ArraySlice<TokenID>, after name: String) throws -> [[Float]] {
        guard let timeline = timelines[name] else { return [] }
        let pass = try ForwardPass(
            model: model, pool: ThreadPool(threadCount: 1), capacity: contextLength, sliceLimit: 256,
            isExact: false)
        let cache = try makeCache()
        cache.copyPrefix(of: timeline.cache, count: timeline.tokens.count)
        var rows: [[Float]] = []
        try pass.run(
            [BatchSegment(tokens: tokens, cache: cache, position: timeline.tokens.count, logits: .all)],
            onLogits: { _, _, logits in rows.append(Array(logits)) })
        return rows
    }
}
