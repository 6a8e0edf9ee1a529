import Foundation
import GRDB
import Language
import Summaries
import TestSupport
import Testing
import Transcript

@testable import Ledger

/// Minutes that are made once more: the new set takes the place of the old one at once, or not at all.
@Suite final class RedoTests {
    private let temporary: TemporaryLedger
    private var ledger: Ledger { temporary.ledger }
    private let template = StoredTemplate(name: "short", text: "{{title}}")

    init() throws { temporary = try TemporaryLedger() }

    private func item(_ text: String, _ utterance: Int) throws -> MinutesItem {
        try JSONDecoder().decode(
            MinutesItem.self,
            from: Data(
                #"{"kind":"action","text":"\#(text)","isQuoted":false,"citation":{"utterance":\#(utterance)}}"#
                    .utf8))
    }

    /// A finished meeting of two windows with one item each.
    @discardableResult private func finish(_ name: String) throws -> MeetingID {
        let meeting = try MeetingID(name)
        _ = try ledger.accept(file(name, utterances(4), ends: true))
        for (number, text) in ["call the city", "send the plan"].enumerated() {
            try ledger.record(window(number, number * 2..<(number * 2 + 2)), of: meeting)
            try ledger.commit(
                summary(number),
                findings: WindowFindings(language: .english, items: [try item(text, number * 2)]), of: meeting
            )
        }
        try ledger.finish(meeting, overall: overall)
        return meeting
    }

    private func redone(_ number: Int, _ text: String, _ items: [MinutesItem] = []) -> RedoWindow {
        var summary = summary(number)
        summary.text = text
        return RedoWindow(summary: summary, findings: WindowFindings(language: .english, items: items))
    }

    private func complete(_ meeting: MeetingID, changed: Date? = nil, json: String = "{}") throws -> Bool {
        try ledger.completeRedo(
            of: meeting, asked: ledger.redo(of: meeting)?.asked ?? 0,
            overall: MeetingSummary(text: "all again", model: "n", tokens: 1, seconds: 1),
            statements: nil, isTold: true, earlier: (json, template),
            changed: try changed ?? ledger.meeting(meeting)?.changedAt ?? .distantPast)
    }

    private func record(_ window: RedoWindow, _ meeting: MeetingID) throws {
        try ledger.record(window, inRedoOf: meeting, asked: ledger.redo(of: meeting)?.asked ?? 0)
    }

    private func refused(_ body: () throws -> Void) -> String {
        let error = #expect(throws: LedgerError.self) { try body() }
        #expect(error?.code == .badEdit)
        return error?.message ?? ""
    }

    @Test func theNewSetTakesThePlaceOfTheOldOneWhenItIsWhole() throws {
        try ledger.adopt([OutboxTarget(name: "mail")])
        let meeting = try finish("weekly")
        _ = try ledger.tick("a0", true, in: meeting)
        _ = try ledger.tick("a2", true, in: meeting)
        _ = try ledger.claim(for: "mail")
        try ledger.askRedo(of: meeting, style: OwnStyle(language: "de"), isElsewhere: false)
        #expect(try ledger.pendingMeetings() == [meeting])
        #expect(try ledger.meeting(meeting)?.redoneWindowCount == 0)
        #expect(
            refused { try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false) }
                .contains("--cancel"))
        let before = try #require(try ledger.meeting(meeting))
        #expect(refusal { try record(redone(1, "x"), meeting) } == .notContiguous)
        try record(redone(0, "zwickelgarn", [item("ring the city", 0)]), meeting)
        #expect(try !complete(meeting), "it is not whole")
        try temporary.reopen()
        try record(redone(1, "quitzdorf", [item("one", 2), item("two", 2)]), meeting)
        // Nothing is seen of it.
        #expect(try ledger.meeting(meeting)?.changedAt == before.changedAt)
        #expect(try ledger.windows(of: meeting).map(\.summary?.text) == ["summary 0", "summary 1"])
        #expect(try ledger.search(SearchRequest("zwickelgarn")).hits.isEmpty)
        #expect(try !complete(meeting, changed: epoch), "it has changed since")
        #expect(try complete(meeting))

        #expect(try ledger.windows(of: meeting).map(\.summary?.text) == ["zwickelgarn", "quitzdorf"])
        #expect(try ledger.overalls(of: meeting).map(\.summary?.text) == ["all", "all again"])
        #expect(try ledger.earlierMinutes(of: meeting) == [.init(number: 1, json: "{}", template: template)])
        #expect(try ledger.ownStyle(of: meeting).language == "de" && ledger.ownStyle(of: meeting).isTold)
        #expect(try ledger.search(SearchRequest("zwickelgarn")).hits.count == 1)
        #expect(try ledger.search(SearchRequest("summary")).hits.isEmpty)
        // Of two that might be meant none is ticked off.
        #expect(try ledger.items(of: meeting).map(\.isDone) == [true, nil, nil])
        #expect(try ledger.outbox(latest: 9).map(\.state) == [.running, .waiting])
        #expect(try ledger.pendingMeetings().isEmpty && ledger.redo(of: meeting) == nil)
        #expect(try ledger.findings() == [])
        #expect(try !complete(meeting), "it is done")
    }

    @Test func whatCannotBeMadeAgainIsRefused() throws {
        _ = try ledger.accept(file("open", utterances(2)))
        let open = try MeetingID("open")
        let message = refused { try ledger.askRedo(of: open, style: OwnStyle(), isElsewhere: false) }
        #expect(message.contains("minutectl end open"))
        let meeting = try finish("weekly")
        let asked = try ledger.askErasure(of: meeting, .transcript, by: "x", reason: "x")
        try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false)
        try ledger.eraseTranscript(asked, files: 0)
        #expect(try ledger.redo(of: meeting) == nil)
        #expect(
            refused { try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false) }
                .contains("was erased"))
    }

    @Test func itIsGivenUpAndGoesOnWithItsMeeting() throws {
        let meeting = try finish("weekly")
        try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false)
        try record(redone(0, "x"), meeting)
        try ledger.countRedoFailure(of: meeting, asked: ledger.redo(of: meeting)?.asked ?? 0)
        #expect(try ledger.redo(of: meeting)?.failureCount == 1)
        #expect(try ledger.cancelRedo(of: meeting))
        #expect(try !ledger.cancelRedo(of: meeting))
        try record(redone(1, "x"), meeting)
        #expect(try ledger.redo(of: meeting) == nil)
        // More is said: it waits until that is in the minutes, too.
        try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false)
        for number in 0..<2 { try record(redone(number, "x"), meeting) }
        _ = try ledger.accept(connection("weekly", utterances(2)))
        #expect(try ledger.pendingMeetings() == [meeting] && !complete(meeting))
        _ = try ledger.end(meeting)
        try ledger.record(window(2, 4..<6), of: meeting)
        try ledger.commit(summary(2), of: meeting)
        try ledger.finish(meeting, overall: overall)
        #expect(try !complete(meeting))
        try record(redone(2, "x"), meeting)
        #expect(try complete(meeting))
    }

    /// What was made for one that was given up is none of the next one's.
    @Test func whatIsGivenUpIsNotMixedIntoTheNextOne() throws {
        let meeting = try finish("weekly")
        try ledger.askRedo(
            of: meeting, style: OwnStyle(language: "de"), isElsewhere: false, at: epoch)
        let first = try #require(try ledger.redo(of: meeting)).asked
        #expect(try ledger.cancelRedo(of: meeting, asked: first))
        try ledger.askRedo(
            of: meeting, style: OwnStyle(language: "fr"), isElsewhere: false, at: epoch.addingTimeInterval(9))
        try ledger.record(redone(0, "auf Deutsch"), inRedoOf: meeting, asked: first)
        try ledger.countRedoFailure(of: meeting, asked: first)
        #expect(try !ledger.cancelRedo(of: meeting, asked: first))
        let second = try #require(try ledger.redo(of: meeting))
        #expect(second.windows.isEmpty && second.failureCount == 0 && second.style.language == "fr")
        for number in 0..<2 { try record(redone(number, "x"), meeting) }
        #expect(
            try !ledger.completeRedo(
                of: meeting, asked: first, overall: nil, statements: nil, isTold: true,
                earlier: ("{}", template), changed: ledger.meeting(meeting)?.changedAt ?? .distantPast))
        #expect(try complete(meeting))
    }

    /// An entry that came later gets nothing when old minutes are put right.
    @Test func newReceiversGetNoOldMinutes() throws {
        try ledger.adopt([OutboxTarget(name: "mail")])
        let meeting = try finish("weekly")
        try ledger.adopt([OutboxTarget(name: "mail"), OutboxTarget(name: "team")])
        _ = try ledger.tick("a0", true, in: meeting)
        try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false)
        for number in 0..<2 { try record(redone(number, "x"), meeting) }
        #expect(try complete(meeting))
        #expect(Set(try ledger.outbox(latest: 9).map(\.target)) == ["mail"])
    }

    @Test func anotherLayoutLeavesSummariesAlone() throws {
        let meeting = try finish("weekly")
        let changed = try #require(try ledger.meeting(meeting)).changedAt
        #expect(
            try ledger.relay(
                meeting, style: OwnStyle(template: template), earlier: ("{}", template), changed: changed))
        #expect(try ledger.ownStyle(of: meeting).template == template)
        #expect(try ledger.windows(of: meeting).map(\.summary?.text) == ["summary 0", "summary 1"])
        #expect(try ledger.overalls(of: meeting).count == 1)
    }

    @Test func noSetKeepsWhatIsForgotten() throws {
        let meeting = try finish("secret")
        let words = "Marta Vogel of quitzdorf and zwickelgarn"
        try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false)
        for number in 0..<2 { try record(redone(number, words), meeting) }
        #expect(try complete(meeting, json: #"{"owner":"Marta Vogel","text":"\#(words)"}"#))
        try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: false)
        try record(redone(0, words), meeting)
        let person = try ledger.askErasure(ofPerson: ["Marta Vogel"], by: "x", reason: "x")
        _ = try ledger.replacePerson(["Marta Vogel"], in: meeting, of: person) { _, _ in "Person 1" }
        try ledger.finishReplacing(person)
        try ledger.rewrite()
        #expect(Traces(of: ["Marta Vogel of"]).found(below: temporary.folder.path) == [])
        #expect(try ledger.earlierMinutes(of: meeting)[0].json.contains(#""owner":"Person 1""#))
        #expect(try ledger.redo(of: meeting)?.windows.first?.summary.text.hasPrefix("Person 1 of") == true)
        let traces = Traces(of: ["quitzdorf and zwickelgarn"])
        #expect(!traces.found(below: temporary.folder.path).isEmpty)
        try ledger.eraseMeeting(
            ledger.askErasure(of: meeting, .meeting, by: "x", reason: "x"), files: 0)
        try ledger.rewrite()
        #expect(traces.found(below: temporary.folder.path) == [])
    }

    /// Another process that has read the name does not bring it back.
    @Test func whatIsMadeElsewhereOfAPersonIsGivenUp() throws {
        let meeting = try MeetingID("weekly")
        _ = try ledger.accept(file("weekly", utterances(2, speaker: "Marta Vogel"), ends: true))
        try ledger.record(window(0, 0..<2), of: meeting)
        try ledger.commit(summary(0), of: meeting)
        try ledger.finish(meeting, overall: overall)
        try ledger.askRedo(of: meeting, style: OwnStyle(), isElsewhere: true)
        #expect(try ledger.pendingMeetings().isEmpty)
        let person = try ledger.askErasure(ofPerson: ["Marta Vogel"], by: "x", reason: "x")
        _ = try ledger.replacePerson(["Marta Vogel"], in: meeting, of: person) { _, _ in "Person 1" }
        #expect(try ledger.redo(of: meeting) == nil)
    }

    // MARK: - Titles

    /// Whoever gave a title, or took it away, is not overruled by what comes later.
    @Test(arguments: ["The bridge", nil]) func aGivenTitleStays(title: String?) throws {
        let meeting = try MeetingID("weekly")
        var first = try connection("weekly", utterances(1))
        first.title = "Received"
        guard case .accepted(let id, _, _) = try ledger.accept(first) else {
            Issue.record("not accepted")
            return
        }
        try ledger.retitle(meeting, to: title)
        var part = DeliveryPart()
        (part.utterances, part.title) = (utterances(1), "Later")
        _ = try ledger.record(part, of: id)
        #expect(try ledger.meeting(meeting)?.title == title)
    }

    /// A ledger of any version before goes on being used.
    @Test(arguments: ["12", "14"]) func anOlderLedgerLearnsIt(version: String) throws {
        let path = try temporary.older(
            version,
            """
            INSERT INTO meeting (id, name, calledName, createdAt, changedAt, title)
            VALUES (1, 'standup', 'standup', 0, 0, 'Received')
            """)
        let older = try Ledger(path: path)
        let standup = try MeetingID("standup")
        #expect(try older.meeting(standup)?.title == "Received")
        #expect(try older.meeting(standup)?.redoneWindowCount == nil)
        try older.retitle(standup, to: nil)
        #expect(try older.ownStyle(of: standup) == OwnStyle() && older.findings().isEmpty)
    }
}
