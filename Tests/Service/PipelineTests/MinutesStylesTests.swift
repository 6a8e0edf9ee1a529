import Errors
import Foundation
import Minutes
import Settings
import Summaries
import Testing
import Transcript

@testable import Pipeline

@Suite struct MinutesStylesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "styles-\(UUID())")

    private func file(_ name: String, _ text: String) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appending(path: name)
        try text.write(to: url, atomically: true, encoding: .utf8)
        return url.path(percentEncoded: false)
    }

    private func settings(
        template: String = "none", language: String = "none", vocabulary: String = "none"
    ) async throws -> Settings {
        try await Settings.load(
            path: try file("none.yaml", ""), environment: [:],
            overrides: [
                "minutes.template": template, "minutes.language": language, "minutes.vocabulary": vocabulary,
            ])
    }

    @Test func eachKindOfMeetingHasItsOwn() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let call = try file("call.mustache", "{{!\nasks: Name wishes.\n}}\nCall {{title}}")
        let terms = try file("terms.txt", "Jitsi: jitsy")
        let settings = try await settings(
            template: "default=standard, call=\(call)", language: "call=German", vocabulary: "call=\(terms)")
        #expect(settings.minutes.template.text == "default=standard, call=\(call)")
        let styles = try MinutesStyles(settings.minutes)
        let style = styles.style(ofMeeting: "call-7")
        #expect(style.template.name == "call" && style.template.asks == "Name wishes.")
        #expect(
            style.summaries.language == "German" && style.summaries.vocabulary.corrected("jitsy") == "Jitsi")
        #expect(styles.style(ofMeeting: "board") == .standard)
    }

    @Test func whatIsWrongWithFilesIsAMatterOfTheConfiguration() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let template = try file("a.mustache", "x\n{{titel}}")
        let terms = try file("terms.txt", ": x")
        let settings = try await settings(template: template, vocabulary: terms)
        let error = #expect(throws: ApplicationError.self) { try MinutesStyles(settings.minutes) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("a.mustache:2: there is no 'titel'") == true)
        #expect(error?.message.contains("terms.txt:1:") == true)
    }

    @Test(arguments: [
        ("minutes.template", "standard.mustache"), ("minutes.language", "German, please!"),
        ("minutes.vocabulary", "terms.txt"), ("minutes.template", "a b=/x"),
    ])
    func badValuesAreRefused(key: String, value: String) async {
        await #expect(throws: ApplicationError.self) {
            try await Settings.load(path: nil, environment: [:], overrides: [key: value])
        }
    }

    @Test func aModelThatCannotBeToldALanguageIsRefused() async throws {
        let styles = try MinutesStyles(try await settings(language: "call=German").minutes)
        let chat = StyledModel(style: .instructionTuned)
        #expect(throws: Never.self) { try styles.check(chat) }
        let error = #expect(throws: ApplicationError.self) { try styles.check(StyledModel(style: .tuned)) }
        #expect(error?.message.contains("German") == true)
    }
}

/// A model that is of a style and does nothing.
private struct StyledModel: LanguageModel {
    let profile: ModelProfile

    init(style: ModelProfile.Style) {
        profile = ModelProfile(name: "styled", style: style, contextLength: 1024, fingerprint: "test")
    }

    func tokenCount(of text: String) -> Int { text.utf8.count }
    func prefill(_ prompt: [PromptPiece], timeline: String) {}
    func close(timeline: String) {}

    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) throws -> Completion {
        throw MinutesError(.nothingToSummarise, "does nothing")
    }
}
