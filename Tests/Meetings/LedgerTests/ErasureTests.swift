import Files
import Foundation
import GRDB
import Language
import Summaries
import TestSupport
import Testing
import Transcript

@testable import Ledger

/// Erasing rows, and all copies of them in the ledger's file.
@Suite final class ErasureTests {
    private let temporary: TemporaryLedger
    private var ledger: Ledger { temporary.ledger }

    init() throws { temporary = try TemporaryLedger() }

    /// Sentences of words that occur in no other meeting.
    private func said(_ meeting: String, _ count: Int, speaker: String = "Ada Okafor") -> [Utterance] {
        var random = SeededGenerator(seed: meeting.utf8.fnv1a)
        return (0..<count).map { number in
            // One is so long that the index for searching has a trace of it.
            let words = (0..<12).map { place in
                String(
                    (0..<(place == 5 ? 16 : 8)).compactMap { _ in
                        "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random)
                    })
            }
            return Utterance(
                speaker: speaker, start: Double(number), text: words.joined(separator: " ") + ".",
                source: SourcePosition(name: "\(meeting).txt", line: number + 1))
        }
    }

    /// A finished meeting with everything that a meeting may have; returns what was said.
    @discardableResult private func make(_ name: String, _ count: Int = 60) throws -> [String] {
        let utterances = said(name, count)
        _ = try ledger.accept(file(name, utterances, ends: true))
        let meeting = try MeetingID(name)
        try ledger.record(
            Window(index: 0, utterances: 0..<count, tokenCount: 1, closedBy: .size), of: meeting)
        let text = utterances[0].text + " Ada Okafor agrees with okafor."
        let statement = """
            {"text": "\(text)", "beginsLine": true, "isListed": false, "missing": [], "support": 1,
             "citations": [{"utterance": 0, "start": 0, "speaker": "Ada Okafor"}]}
            """
        try ledger.commit(
            WindowSummary(
                window: 0, text: text, model: "m", promptTokens: 1, reusedTokens: 0, generatedTokens: 1,
                seconds: 0),
            findings: WindowFindings(
                language: .english,
                statements: [
                    try JSONDecoder().decode(Summaries.Statement.self, from: Data(statement.utf8))
                ], topicWords: ["okafor", "plan"]),
            of: meeting)
        try ledger.note(Note(.lineRepeated, .number(2), .text(utterances[1].text)), of: meeting)
        try ledger.finish(
            meeting, overall: MeetingSummary(text: text, model: "m", tokens: 1, seconds: 0))
        return utterances.map(\.text)
    }

    @Test func nothingOfAMeetingIsLeftInTheFile() throws {
        // Interleaved, so that their rows share pages, and pages are split.
        var words: [String] = []
        for number in 0..<4 {
            try make("kept\(number)", 40)
            words += try make("secret\(number)", 40)
        }
        let traces = Traces(of: words)
        #expect(!traces.found(below: temporary.folder.path).isEmpty, "the search finds nothing at all")
        let longest = try words.map { try #require($0.split(separator: " ").max { $0.count < $1.count }) }
        #expect(try !ledger.search(SearchRequest(String(longest[7]))).hits.isEmpty)
        let asked = try (0..<4).map {
            try ledger.askErasure(of: MeetingID("secret\($0)"), .meeting, by: "root (0)", reason: "asked for")
        }
        for id in asked { try ledger.eraseMeeting(id, files: 1) }
        try ledger.rewrite()
        try ledger.finishErasures(asked)
        #expect(traces.found(below: temporary.folder.path) == [])
        #expect(try ledger.findings() == [])
        try ledger.checkIntegrity()
        #expect(try ledger.meetings().map(\.id.name) == (0..<4).map { "kept\($0)" })
        #expect(
            try ledger.utterances(of: MeetingID("kept3"), in: 0..<100).map(\.text)
                == said("kept3", 40).map(\.text))
        let records = try ledger.erasures()
        #expect(records.map(\.state) == [.done, .done, .done, .done])
        #expect(
            records.map(\.utteranceCount) == [40, 40, 40, 40] && records.map(\.fileCount) == [1, 1, 1, 1])
        #expect(try ledger.erasures(pending: true).isEmpty)
        // The definitions are as they were written.
        try temporary.reopen()
    }

    @Test func anErasureGoesOnWhereItWas() throws {
        try make("secret")
        let id = try ledger.askErasure(of: MeetingID("secret"), .meeting, by: "root (0)", reason: "x")
        try temporary.reopen()
        #expect(try ledger.erasures(pending: true).map(\.id) == [id])
        try ledger.eraseMeeting(id, files: 0)
        // A new meeting of this name is none of its business.
        try make("secret", 10)
        try temporary.reopen()
        try ledger.eraseMeeting(id, files: 0)
        #expect(try ledger.meeting(MeetingID("secret"))?.utteranceCount == 10)
        try ledger.finishErasures([id])
        #expect(try ledger.erasures().first?.state == .done)
    }

    /// SQLite gives the number of a removed meeting to the next one.
    @Test func anErasureIsAboutTheMeetingThatItWasAskedFor() throws {
        try make("secret")
        let name = try MeetingID("secret")
        let first = try ledger.askErasure(of: name, .meeting, by: "x", reason: "x")
        #expect(try ledger.askErasure(of: name, .meeting, by: "x", reason: "x") == first)
        let stale = try ledger.askErasure(of: name, .transcript, by: "x", reason: "x")
        try ledger.eraseMeeting(first, files: 0)
        let words = try make("other")
        #expect(try ledger.isDue(#require(try ledger.erasures().last)) == false)
        try ledger.eraseTranscript(stale, files: 0)
        #expect(try ledger.utterances(of: MeetingID("other"), in: 0..<100).map(\.text) == words)
        try ledger.finishErasures([first, stale])
        #expect(try ledger.erasures(pending: true).isEmpty)
    }

    /// What goes on is not what the rule has judged.
    @Test func whatARuleHasAskedForIsWithdrawn() throws {
        let name = try MeetingID("weekly")
        _ = try ledger.accept(file("weekly", chunk: 1, utterances(3), ends: true))
        let seen = try #require(try ledger.meeting(name))
        let id = try #require(
            try ledger.askErasure(byRule: .meeting, of: seen, by: "the daily sweep", reason: "old"))
        _ = try ledger.accept(file("weekly", chunk: 2, utterances(2)))
        try ledger.eraseMeeting(id, files: 0)
        #expect(try ledger.meeting(name)?.utteranceCount == 5 && ledger.erasures().isEmpty)
        #expect(try ledger.askErasure(byRule: .meeting, of: seen, by: "x", reason: "old") == nil)
    }

    @Test func whatIsSaidAfterwardsIsErasedInItsTurn() throws {
        let name = try MeetingID("weekly")
        _ = try ledger.accept(file("weekly", chunk: 1, utterances(3), ends: true))
        let id = try ledger.askErasure(of: name, .transcript, by: "x", reason: "x")
        try ledger.eraseTranscript(id, files: 0)
        try ledger.finishErasures([id])
        _ = try ledger.accept(file("weekly", chunk: 2, utterances(2), ends: true))
        #expect(try ledger.meeting(name)?.transcriptErasedAt == nil)
        let again = try ledger.askErasure(of: name, .transcript, by: "x", reason: "x")
        try ledger.eraseTranscript(again, files: 0)
        #expect(try ledger.utterances(of: name, in: 0..<9).allSatisfy { $0.text == "…" })
    }

    /// JSON writes quotation marks in another way.
    @Test func aNameWithQuotationMarksIsFound() throws {
        _ = try ledger.accept(file("weekly", utterances(1)))
        let name = #"Ada "Bo" Okafor"#
        try ledger.note(
            Note(.lineRepeated, .number(2), .text("so says \(name) here")), of: MeetingID("weekly"))
        #expect(try ledger.meetingsNaming([name]).map(\.name) == ["weekly"])
    }

    /// A connection that is still open must not write into somebody else's delivery.
    @Test func numbersOfDeliveriesAreNotUsedAgain() throws {
        let name = try MeetingID("live")
        func connection() throws -> DeliveryID {
            try ledger.begin(
                Delivery(
                    meeting: name, name: "socket:1", kind: .socket, byteCount: 1, format: "text",
                    receivedAt: epoch,
                    utterances: utterances(1), endsMeeting: false,
                    sender: SenderPosition(name: "recorder", lines: 0..<1))
            ).id
        }
        let old = try connection()
        #expect(try !ledger.isForgotten(sender: "recorder", meeting: name))
        let id = try ledger.askErasure(of: name, .meeting, by: "root (0)", reason: "x")
        try ledger.eraseMeeting(id, files: 0)
        #expect(try ledger.isForgotten(sender: "recorder", meeting: name))
        #expect(try !ledger.isForgotten(sender: "other", meeting: name))
        let new = try connection()
        #expect(new.rawValue > old.rawValue)
        #expect(try !ledger.isForgotten(sender: "recorder", meeting: name))
        var part = DeliveryPart()
        part.utterances = utterances(1)
        let error = #expect(throws: LedgerError.self) { try ledger.record(part, of: old) }
        #expect(error?.code == .unknownDelivery && error?.message.contains("was forgotten") == true)
        #expect(try ledger.meeting(name)?.utteranceCount == 1)
    }

    @Test func aTranscriptGoesAndTheMinutesStay() throws {
        let words = try make("secret")
        let id = try ledger.askErasure(
            of: MeetingID("secret"), .transcript, by: "the daily sweep", reason: "old")
        try ledger.eraseTranscript(id, files: 0)
        try ledger.rewrite()
        try ledger.finishErasures([id])
        // The first two are quoted in the summary and in a note.
        #expect(Traces(of: words.dropFirst(2)).found(below: temporary.folder.path) == [])
        let meeting = try #require(try ledger.meeting(MeetingID("secret")))
        #expect(meeting.transcriptErasedAt != nil && meeting.utteranceCount == 60 && meeting.wordCount > 60)
        #expect(try ledger.notes(of: meeting.id).contains { $0.note.kind == .transcriptErased })
        #expect(try ledger.windows(of: meeting.id).first?.summary?.text.hasPrefix(words[0]) == true)
        #expect(try ledger.findings() == [])
        #expect(throws: LedgerError.self) { try ledger.retry(meeting.id) }
        // Nothing else is changed from now on.
        #expect(throws: LedgerError.self) {
            try ledger.writeQuietly { try $0.execute(sql: "UPDATE summary SET text = 'x'") }
        }
    }

    @Test func aPersonIsReplacedEverywhere() throws {
        try make("secret")
        try make("kept")
        _ = try ledger.accept(
            file(
                "other",
                [Utterance(speaker: "Ben", text: "Only Adamant people.", source: .init(name: "o", line: 1))]))
        let names = ["ada okafor"]
        let id = try ledger.askErasure(ofPerson: names, by: "root (0)", reason: "asked for")
        #expect(try ledger.namesToReplace(of: id) == names)
        let meetings = try ledger.meetingsNaming(names)
        #expect(meetings.map(\.name) == ["secret", "kept"])
        for meeting in meetings {
            let count = try ledger.replacePerson(names, in: meeting, of: id) { _, taken in
                taken.contains("Person 1") ? "Person 2" : "Person 1"
            }
            #expect(count == 60)
        }
        try ledger.finishReplacing(id)
        try ledger.rewrite()
        try ledger.finishErasures([id])
        #expect(Traces(of: ["Ada Okafor agrees"]).found(below: temporary.folder.path) == [])
        for name in ["Ada Okafor", "ada okafor"] {
            let data = try Data(contentsOf: URL(filePath: temporary.path))
            #expect(data.range(of: Data(name.utf8)) == nil)
        }
        let window = try #require(try ledger.windows(of: MeetingID("secret")).first)
        #expect(window.summary?.text.hasSuffix("Person 1 agrees with okafor.") == true)
        #expect(window.findings?.statements?.first?.citations.first?.speaker == "Person 1")
        #expect(window.findings?.topicWords == ["", "plan"])
        #expect(try ledger.speakers(of: MeetingID("secret")).map(\.name) == ["Person 1"])
        #expect(try ledger.findings() == [])
        #expect(try ledger.erasures().first?.meetings.map(\.name) == ["secret", "kept"])
        #expect(try ledger.meetingsNaming(names).isEmpty)
        #expect(try ledger.count(of: ["Adamant"], in: MeetingID("other")) == ["Adamant": 1])
    }

    @Test func aSingleMissingMeetingIsRefused() throws {
        #expect(throws: LedgerError.self) {
            try ledger.askErasure(of: MeetingID("nobody"), .meeting, by: "x", reason: "x")
        }
        #expect(try ledger.erasures().isEmpty)
    }

    /// An older ledger gets the tables, and its rules go on.
    @Test func olderLedgersCanForget() throws {
        let path = try temporary.older(
            "8", "INSERT INTO meeting (name, calledName, createdAt, changedAt) VALUES ('m', 'm', 1, 1)")
        let ledger = try Ledger(path: path)
        let id = try ledger.askErasure(of: MeetingID("m"), .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(id, files: 0)
        try ledger.rewrite()
        #expect(try ledger.meetings().isEmpty)
    }
}
