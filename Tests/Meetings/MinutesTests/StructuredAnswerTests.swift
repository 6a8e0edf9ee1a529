import Evaluation
import Foundation
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct StructuredAnswerTests {
    private static let answer = #"""
        {"summary": ["The crane failed on Tuesday", "The  repair costs 4,200 euros."], "decisions": ["The crane is repaired."],
         "actions": [{"who": "Ben", "what": "calls the mechanic", "due": "by Friday"},
                     {"who": "Ann", "what": "Ann prints 900 posters", "due": ""}],
         "questions": []}
        """#

    private let said = [
        ("Ann", "The harbour crane failed its inspection on Tuesday."),
        ("Ben", "The repair costs 4,200 euros, and the crane has to be repaired."),
        ("Ben", "I call the mechanic by Friday."), ("Ann", "I print 300 posters for the kiosks."),
    ].enumerated().map { offset, line in
        Utterance(
            speaker: line.0, start: Double(offset), text: line.1,
            source: SourcePosition(name: "t", line: offset + 1))
    }

    @Test func theSchemaIsThePublishedOne() throws {
        let url = Repository.root.appending(path: "etc/answer.schema.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text == StructuredAnswer.schema)
        let check = try SchemaCheck(schema: text)
        #expect(check.complaint(about: Self.answer.split(whereSeparator: \.isNewline).joined()) == nil)
        #expect(check.complaint(about: #"{"summary": []}"#) != nil)
    }

    @Test func itBecomesSentencesAndItems() throws {
        let answer = try #require(StructuredAnswer(Self.answer))
        #expect(answer.text == "The crane failed on Tuesday. The repair costs 4,200 euros.")
        #expect(
            answer.items == [
                StatedItem(kind: .decision, text: "The crane is repaired."),
                StatedItem(kind: .action, text: "calls the mechanic", owner: "Ben", due: "by Friday"),
                StatedItem(kind: .action, text: "Ann prints 900 posters", owner: "Ann"),
            ])
        #expect(StructuredAnswer("They talked.") == nil)
        let empty = #"{"summary": ["Nothing.\n"], "decisions": [" "], "actions": [], "questions": []}"#
        #expect(StructuredAnswer(empty)?.text == "Nothing." && StructuredAnswer(empty)?.items == [])
        let items = #"{"summary": [], "decisions": ["It is sold"], "actions": [], "questions": []}"#
        #expect(StructuredAnswer(items)?.text == "It is sold.")
    }

    @Test func itsGroundedItemsAreListed() throws {
        let answer = try #require(StructuredAnswer(Self.answer))
        let document = MinutesDocument.make(
            meeting: try MeetingID("a"), state: .finished, utterances: said,
            windows: [
                Outcome(window: window(0, 0..<4), summary: summary(0, answer.text), stated: answer.items)
            ], generatedAt: .distantPast)
        let stated = (document.items ?? []).filter { !$0.isQuoted }
        // 900 posters were not said.
        #expect(stated.map(\.kind) == [.decision, .action])
        #expect(stated.map(\.text) == ["The crane is repaired.", "calls the mechanic"])
        #expect(stated.last?.owner == "Ben" && stated.last?.due == "by Friday")
        #expect(stated.last?.citation.utterance == 2)
        let markdown = MarkdownRenderer().render(document)
        #expect(markdown.contains("- **Ben**: calls the mechanic (by Friday, 0:00:02)"))
    }

    @Test func chatModelsAreHeldToItAndOthersAreNot() async throws {
        let model = ScriptedModel { call, _ in call.options?.schema == nil ? "" : Self.answer }
        let result = try await Summarizer(
            model: model, prompts: Prompts(template: .instructionTuned)
        ).summarize(window: window(0, 0..<9), utterances: read(talk(9)), earlier: [], timeline: "m")
        #expect(result.summary.origin == .model && result.summary.text == StructuredAnswer(Self.answer)?.text)
        #expect(result.stated == StructuredAnswer(Self.answer)?.items)
        #expect(PromptTemplate.tuned.answerSchema == nil && PromptTemplate.base.answerSchema == nil)
    }
}
