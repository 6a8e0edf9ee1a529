import Evaluation
import Foundation
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct StructuredAnswerTests {
    private static let answer = #"""
        {"notes": [{"turns": [1], "text": "The crane failed on Tuesday"}, {"turns": [2], "text": "The  repair costs 4,200 euros."}],
         "decisions": [{"turns": [2], "text": "The crane is repaired."}],
         "actions": [{"turns": [3], "who": "Ben", "what": "calls the mechanic", "due": "by Friday"},
                     {"turns": [4, 3], "who": "Ann", "what": "Ann prints 900 posters", "due": ""}],
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
        #expect(text == StructuredAnswer.publishedSchema)
        let answer = Self.answer.split(whereSeparator: \.isNewline).joined()
        #expect(try SchemaCheck(schema: StructuredAnswer.schema(turns: 4)).complaint(about: answer) == nil)
        // A turn that the part does not have cannot be cited.
        #expect(try SchemaCheck(schema: StructuredAnswer.schema(turns: 3)).complaint(about: answer) != nil)
        #expect(try SchemaCheck(schema: text).complaint(about: #"{"notes": []}"#) != nil)
        let whole = try SchemaCheck(schema: SummaryAnswer.schema)
        #expect(whole.complaint(about: #"{"summary": ["It failed."]}"#) == nil)
        #expect(whole.complaint(about: #"{"summary": []}"#) != nil)
    }

    @Test func itBecomesSentencesAndItems() throws {
        let answer = try #require(StructuredAnswer(Self.answer))
        #expect(answer.text == "- The crane failed on Tuesday.\n- The repair costs 4,200 euros.")
        #expect(answer.stated.map(\.turns) == [[0], [1]])
        #expect(
            answer.items == [
                StatedItem(kind: .decision, text: "The crane is repaired.", turns: [1]),
                StatedItem(
                    kind: .action, text: "calls the mechanic", owner: "Ben", due: "by Friday", turns: [2]),
                StatedItem(kind: .action, text: "Ann prints 900 posters", owner: "Ann", turns: [2, 3]),
            ])
        #expect(StructuredAnswer("They talked.") == nil)
        func answered(_ notes: String, _ decisions: String) -> StructuredAnswer? {
            StructuredAnswer(
                #"{"notes": [\#(notes)], "decisions": [\#(decisions)], "actions": [], "questions": []}"#)
        }
        let empty = answered(#"{"turns": [1], "text": "Nothing.\n"}"#, #"{"turns": [1], "text": " "}"#)
        #expect(empty?.text == "- Nothing." && empty?.items == [])
        #expect(answered("", #"{"turns": [1], "text": "It is sold"}"#)?.text == "- It is sold.")
        #expect(answered("", "")?.text == "")
        #expect(SummaryAnswer(#"{"summary": ["It  is sold", "Ann left."]}"#)?.text == "It is sold. Ann left.")
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
        #expect(result.notes == StructuredAnswer(Self.answer)?.stated)
        let prompts = Prompts(template: .instructionTuned)
        #expect(prompts.utterance(said[0], number: 7).hasPrefix("[7] Ann: The harbour crane"))
        #expect(Prompts(template: .tuned).utterance(said[0], number: 7).hasPrefix("Ann: The harbour"))
        #expect(!PromptTemplate.tuned.asksForNotes && !PromptTemplate.base.asksForNotes)
    }

    @Test func turnsThatANoteCitesAreItsEvidence() throws {
        let again = Utterance(
            speaker: "Ben", start: 9, text: "I call the mechanic by Friday.",
            source: SourcePosition(name: "t", line: 5))
        let finder = EvidenceFinder(utterances: read(said + [again]))
        func statement(_ text: String, _ turns: [Int]) throws -> Statement {
            try #require(
                finder.statements(of: "- " + text, notes: [StatedNote(text: text, turns: turns)]).first)
        }
        // Of what was said twice, what the model cites.
        let later = try statement("Ben calls the mechanic by Friday.", [4])
        #expect(later.citations.map(\.utterance) == [4])
        let right = try statement("Ben calls the mechanic by Friday.", [2])
        #expect(right.isGrounded && right.citations.map(\.utterance) == [2])
        // Turns that do not bear it out do not count, nor do those that are not there.
        let cited = try statement("Ben calls the mechanic by Friday.", [0, 9])
        #expect(cited.isGrounded && cited.citations.contains { $0.utterance == 2 })
        #expect(try !statement("Ann calls the mechanic by Friday.", [2]).isGrounded)
    }
}
