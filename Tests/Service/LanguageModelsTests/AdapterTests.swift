import Corpora
import Foundation
import Gemma
import LanguageModels
import Minutes
import Settings
import Summaries
import TestSupport
import Testing
import Transcript
import Weights

/// Adapters by kind of meeting, from the settings to the model's answers.
@Suite struct AdapterTests {
    private let scratch: Scratch
    private static let fixtures = Repository.tinyModels.path(percentEncoded: false)

    init() throws { scratch = try Scratch() }

    @Test func settingsNameThem() async throws {
        let file = try scratch.write("model:\n  adapters: board=/b.gguf, default=/c.gguf\n", to: "a.yaml")
        let settings = try await Settings.load(path: file, environment: [:])
        #expect(settings.model.adapters.values == ["board": "/b.gguf", "": "/c.gguf"])
        await #expect {
            _ = try await Settings.load(path: file, environment: ["MINUTED_MODEL_ADAPTERS": "c.gguf"])
        } throws: {
            "\($0)".contains("MINUTED_MODEL_ADAPTERS") && "\($0)".contains("KIND=VALUE")
        }
    }

    private func adapter(prompt: String?, name: String) throws -> String {
        var adapter = try LoRAAdapter(path: Self.fixtures + "/adapters/gemma3")
        adapter.name = name
        adapter.promptTemplate = prompt
        let path = scratch.path + "/\(name).gguf"
        try adapter.writeGGUF(to: path, type: .f32)
        return path
    }

    private func model(_ adapters: String, style: ModelProfile.Style? = nil) throws -> GemmaLanguageModel {
        try GemmaLanguageModel(
            path: Self.fixtures + "/gemma3-f32.gguf",
            options: .init(
                contextLength: 256, threads: 2, style: style,
                adapters: #require(ChoiceByKind(adapters, isValue: ChoiceByKind.isPath))))
    }

    @Test func eachMeetingHasTheModelOfItsKind() async throws {
        let path = try adapter(prompt: "tuned", name: "boards")
        let model = try model("board=\(path)")
        let plain = model.profile(ofTimeline: "other")
        let tuned = model.profile(ofTimeline: "board-7")
        #expect(plain == model.profile && plain.style == .base && plain.name == "tiny gemma3")
        #expect(tuned.style == .tuned && tuned.name == "tiny gemma3 with boards")
        #expect(tuned.fingerprint != plain.fingerprint && tuned.contextLength == plain.contextLength)
        #expect(Summarizer(model: model, timeline: "board-7").prompts == Prompts(template: .tuned))
        #expect(Summarizer(model: model, timeline: "other").prompts == Prompts(template: .base))
        // What one adapter has computed serves other meetings of the kind, and no others.
        for (timeline, isShared) in [("board-1", false), ("board-2", true), ("other", false)] {
            let answer = try await model.complete(
                [.beginningOfSequence, .text("A: hello there\n")], timeline: timeline,
                options: CompletionOptions(maximumTokens: 12)
            ) { _ in }
            #expect((answer.reusedTokens > 0) == isShared, "\(timeline)")
        }
    }

    @Test func theDefaultAdapterIsThatOfTheModelAsAWhole() throws {
        let path = try adapter(prompt: "tuned", name: "minutes")
        #expect(try model(path).profile.style == .tuned)
        // What was decided counts more than what the adapter says.
        #expect(try model(path, style: .base).profile.style == .base)
        let untold = try adapter(prompt: nil, name: "untold")
        #expect(try model(untold).profile.style == .base)
        let strange = try adapter(prompt: "dialogsum", name: "strange")
        #expect { try model(strange) } throws: {
            "\($0)".contains("dialogsum") && "\($0)".contains("model.style")
        }
        #expect(try model(strange, style: .tuned).profile.style == .tuned)
    }

    @Test func aMissingAdapterIsNamed() throws {
        #expect { try model("/nowhere/a.gguf") } throws: { "\($0)".contains("/nowhere/a.gguf") }
    }

    /// The daemon asks as the adapters were trained.
    @Test func theTunedPromptIsTheOneThatIsTrainedWith() throws {
        let said: [(String?, String)] = [
            ("Ann", "We ship on Friday."), (nil, "Noted."), ("Ben", "I'll write the mail."),
        ]
        let trained = PromptFormat.tuned.prompt(
            utterances: said.map { CorpusUtterance(speaker: $0.0, text: $0.1, index: 0) })
        let prompts = Prompts(template: .tuned)
        let pieces = said.map {
            prompts.utterance(
                Utterance(speaker: $0.0, text: $0.1, source: SourcePosition(name: "a", line: 1)),
                number: 1)
        }
        let asked =
            prompts.window(number: 1, earlier: [], pieces: pieces)
            + prompts.windowRequest(number: 1, speakers: ["Ann", "Ben"])
        #expect(asked == [.beginningOfSequence] + trained.pieces.map { .text($0) })
        #expect(prompts.template.stopTexts == [PromptFormat.answerEnd])
        // The meeting's summary is asked for as that of a conversation whose utterances are the parts' summaries.
        let parts = PromptFormat.tuned.prompt(
            utterances: ["One.", "Two."].map { CorpusUtterance(speaker: nil, text: $0, index: 0) })
        for request in [prompts.overallRequest, prompts.groupRequest] {
            let asked =
                prompts.instructions + ["One.", "Two."].map { .text(prompts.earlier($0, number: 1)) }
                + request
            #expect(asked == [.beginningOfSequence] + parts.pieces.map { .text($0) })
        }
    }
}
