import Foundation
import Ledger
import Minutes
import Pipeline
import ServiceTestSupport
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import LanguageModels

/// What the model has read outlives the process: with a real model, tiny and of random weights.
@Suite struct SavedCacheTests {
    private let fixture: MeetingFixture

    init() throws { fixture = try MeetingFixture() }

    private var folder: String { fixture.scratch.path + "/kv" }

    /// Five utterances make a window; every prefill of an open window is saved.
    private static var policy: Pipeline.Policy {
        var policy = MeetingFixture.policy
        policy.segmentation = SegmentationPolicy(
            maximumTokens: 260, minimumTokens: 10, pauseSeconds: 60, findsTopics: false)
        policy.saveInterval = .zero
        return policy
    }

    /// A process: nothing is left of it but its files.
    private func model(bytesLimit: Int = 1 << 30) throws -> WatchedModel {
        WatchedModel(
            try GemmaLanguageModel(
                path: try Self.modelFolder(in: fixture.scratch),
                options: GemmaLanguageModel.Options(
                    contextLength: 4096, threads: 1, style: .instructionTuned, snapshotFolder: folder,
                    snapshotBytesLimit: bytesLimit)))
    }

    /// The tiny model of the engine's tests with a context that the prompts fit into.
    private static func modelFolder(in scratch: Scratch) throws -> String {
        let source = Repository.tinyModels.appending(path: "gemma3")
        let target = URL(filePath: scratch.path).appending(path: "model")
        if FileManager.default.fileExists(atPath: target.path()) { return target.path() }
        try FileManager.default.copyItem(at: source, to: target)
        let config = target.appending(path: "config.json")
        let text = try String(contentsOf: config, encoding: .utf8)
        try text.replacing(#""max_position_embeddings": 256"#, with: #""max_position_embeddings": 4096"#)
            .write(to: config, atomically: true, encoding: .utf8)
        return target.path()
    }

    private func drain(_ model: WatchedModel) async throws {
        try await fixture.pipeline(model, policy: Self.policy).drain()
    }

    /// The open window and the summaries before it are read from the disk: only the request is prefilled.
    @Test func theNextProcessReadsNothingAgain() async throws {
        let meeting = try fixture.deliver(14, to: "m")
        try await drain(try model())
        let closed = try fixture.ledger.windows(of: meeting).count
        let record = try #require(try fixture.ledger.meeting(meeting))
        #expect(closed == 2 && record.summarisedWindowCount == closed)

        let second = try model()
        _ = try fixture.ledger.end(meeting)
        try await drain(second)
        let first = try #require(second.completions.first)
        #expect(first.prompt.contains("matter m13 "))
        // The prompt but for the request is what was saved; its last token is never taken from the cache.
        #expect(first.reused >= first.tokens - first.lastPieces)
        #expect(try fixture.ledger.meeting(meeting)?.state == .finished)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty, "finished: nothing is left")
    }

    @Test func aMeetingEndedAtOnceLeavesNothingSaved() async throws {
        let meeting = try fixture.deliver(14, to: "m")
        let pipeline = fixture.pipeline(try model(), policy: Self.policy)
        try await pipeline.drain()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["m.kv"])
        #expect(try await pipeline.endNow(meeting))
        try await pipeline.drain()
        #expect(try fixture.ledger.meeting(meeting)?.state == .finished)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    /// Killed while the second window is summarised: the instructions and the first summary are not read again.
    @Test func committedWindowsAreNotReadAgain() async throws {
        let meeting = try fixture.deliver(14, to: "m")
        let first = try model()
        first.hangs.withLock { $0 = { $0.prompt.contains("matter m5 ") } }
        let task = Task { try await drain(first) }
        #expect(await eventually { first.isHanging.withLock(\.self) })
        // Looked at before the process is told of its end.
        let atTheEnd = try copyOfSaved()
        task.cancel()
        _ = await task.result
        try putBack(atTheEnd)

        let committed = try fixture.ledger.windows(of: meeting).compactMap(\.summary)
        #expect(!committed.isEmpty)
        let second = try model()
        try await drain(second)
        let prompts = Prompts(style: .instructionTuned)
        let common = try
            (prompts.instructions
            + committed.map { .text(prompts.earlier($0.text, number: $0.window + 1)) }
            + [.text(prompts.windowOpening(number: committed.count + 1))]).reduce(0) { sum, piece in
                if case .text(let text) = piece { try sum + second.tokenCount(of: text) } else { sum + 1 }
            }
        #expect(try #require(second.completions.first).reused >= common)
    }

    private func copyOfSaved() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            files[name] = try Data(contentsOf: URL(filePath: folder + "/" + name))
        }
        return files
    }

    private func putBack(_ files: [String: Data]) throws {
        for (name, data) in files { try data.write(to: URL(filePath: folder + "/" + name)) }
    }

    /// A save that fails is no trouble of the meeting's.
    @Test(arguments: [0, 1 << 30]) func minutesAreWrittenThoughNothingCanBeSaved(bytesLimit: Int) async throws
    {
        // A file where the folder should be; or no room at all.
        if bytesLimit > 0 { try Data().write(to: URL(filePath: folder)) }
        let meeting = try fixture.deliver(14, to: "m", endsMeeting: true)
        try await drain(try model(bytesLimit: bytesLimit))
        #expect(try fixture.document(meeting).state == .finished)
        #expect(try fixture.document(meeting).coverage.percent == 100)
    }
}

/// A model that notes what each answer cost, and may never answer.
private final class WatchedModel: LanguageModel {
    struct Call: Sendable {
        var prompt: String
        var tokens: Int
        var reused: Int
        /// Tokens of the request behind the window.
        var lastPieces: Int
    }

    struct Question: Sendable {
        var prompt: String
    }

    private let model: GemmaLanguageModel
    // Guards: the answers so far.
    private let calls = Mutex<[Call]>([])
    // Guards: what is never answered.
    let hangs = Mutex<@Sendable (Question) -> Bool>({ _ in false })
    // Guards: whether something waits for an answer that never comes.
    let isHanging = Mutex(false)

    init(_ model: GemmaLanguageModel) { self.model = model }

    var completions: [Call] { calls.withLock(\.self) }
    var profile: ModelProfile { model.profile }
    var savesTimelines: Bool { model.savesTimelines }

    func tokenCount(of text: String) throws -> Int { model.tokenCount(of: text) }

    func prefill(_ prompt: [PromptPiece], timeline: String) async throws {
        try await model.prefill(prompt, timeline: timeline)
    }

    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Completion {
        let text = prompt.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        if hangs.withLock({ $0(Question(prompt: text)) }) {
            isHanging.withLock { $0 = true }
            try await Task.sleep(for: .seconds(3600))
        }
        var short = options
        short.maximumTokens = min(options.maximumTokens, 16)
        // No document is so short.
        short.schema = nil
        let answer = try await model.complete(prompt, timeline: timeline, options: short, onText: onText)
        // Behind the window's last utterance.
        let request = prompt.suffix(while: {
            if case .text(let text) = $0 { !text.contains("matter") } else { true }
        })
        let last = request.reduce(0) { sum, piece in
            if case .text(let text) = piece { sum + model.tokenCount(of: text) } else { sum + 1 }
        }
        calls.withLock {
            $0.append(
                Call(
                    prompt: text, tokens: answer.promptTokens, reused: answer.reusedTokens, lastPieces: last))
        }
        return answer
    }

    func save(timeline: String) async throws { try await model.save(timeline: timeline) }

    func savedTimelines() async -> SavedTimelines? { await model.savedTimelines() }

    func close(timeline: String) async { await model.close(timeline: timeline) }
}

extension [PromptPiece] {
    /// The longest end of which all pieces are such.
    fileprivate func suffix(while isSuch: (PromptPiece) -> Bool) -> [PromptPiece] {
        reversed().prefix(while: isSuch).reversed()
    }
}
