import Foundation
import Summaries
import Synchronization

/// A model that answers by a script and remembers what it was asked.
///
/// A token is a word. What it answers depends on the prompt alone, as with a greedy model.
package final class ScriptedModel: LanguageModel {
    /// What it was asked.
    package struct Call: Sendable, Hashable {
        /// For which meeting.
        package var timeline: String
        /// The prompt's ordinary text.
        package var prompt: String
        /// Whether it was only to read.
        package var isPrefill = false
    }

    /// For scripts that fail.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String { "the model is out of order" }

        package init() {}
    }

    package let profile: ModelProfile
    package let savesTimelines: Bool
    // Guards: what was asked so far.
    private let state = Mutex<[Call]>([])
    // Guards: timelines in the order in which they were saved.
    private let savings = Mutex<[String]>([])
    private let script: @Sendable (Call) async throws -> Void

    /// `script` runs before each answer: it may throw or wait.
    package init(
        contextLength: Int = 8192, savesTimelines: Bool = false,
        script: @escaping @Sendable (Call) async throws -> Void = { _ in }
    ) {
        self.savesTimelines = savesTimelines
        profile = ModelProfile(
            name: "scripted", style: .instructionTuned, contextLength: contextLength, fingerprint: "0")
        self.script = script
    }

    package var calls: [Call] { state.withLock { $0 } }
    package var saved: [String] { savings.withLock { $0 } }
    package var completions: [Call] { calls.filter { !$0.isPrefill } }

    package func tokenCount(of text: String) -> Int {
        text.split(whereSeparator: \.isWhitespace).count
    }

    package func prefill(_ prompt: [PromptPiece], timeline: String) async throws {
        state.withLock { $0.append(Call(timeline: timeline, prompt: Self.text(prompt), isPrefill: true)) }
    }

    package func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Completion {
        let call = Call(timeline: timeline, prompt: Self.text(prompt))
        state.withLock { $0.append(call) }
        try await script(call)
        try Task.checkCancellation()
        let answer = Self.answer(to: call.prompt)
        for word in answer.split(separator: " ") { onText(word + " ") }
        return Completion(
            text: answer, end: .stopToken, promptTokens: tokenCount(of: call.prompt), reusedTokens: 0,
            generatedTokens: tokenCount(of: answer), prefillSeconds: 0.25, decodeSeconds: 0.5)
    }

    package func save(timeline: String) async throws { savings.withLock { $0.append(timeline) } }

    package func close(timeline: String) async {}

    private static func answer(to prompt: String) -> String {
        // The latest matter in the prompt, so that each window's summary is its own.
        let matter = prompt.matches(of: /matter (\w+)/).last.map { String($0.1) } ?? "unknown"
        // Borne out by what ``MeetingFixture`` has people say.
        return "They come to a good end now: matter \(matter). It should be today that they come to it."
    }

    private static func text(_ prompt: [PromptPiece]) -> String {
        prompt.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }
}
