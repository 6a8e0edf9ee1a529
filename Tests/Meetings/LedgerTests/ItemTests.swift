import Foundation
import Language
import Summaries
import Testing
import Transcript

@testable import Ledger

/// Items that are ticked off, titles that are changed, and what a series carries on.
@Suite final class ItemTests {
    private let temporary: TemporaryLedger
    private var ledger: Ledger { temporary.ledger }

    init() throws { temporary = try TemporaryLedger() }

    private func item(
        _ kind: MinutesItem.Kind, _ text: String, _ utterance: Int, owner: String? = nil
    ) -> MinutesItem {
        let json = """
            {"kind": "\(kind.rawValue)", "text": "\(text)", "isQuoted": true,
             "citation": {"utterance": \(utterance), "speaker": "Ada"}}
            """
        guard var item = try? JSONDecoder().decode(MinutesItem.self, from: Data(json.utf8)) else {
            preconditionFailure("no item: \(json)")
        }
        item.owner = owner
        return item
    }

    /// A meeting of one window in which these were found.
    @discardableResult private func make(_ name: String, _ items: [MinutesItem]) throws -> MeetingID {
        let meeting = try MeetingID(name)
        _ = try ledger.accept(file(name, utterances(6), ends: true))
        try ledger.record(window(0, 0..<6), of: meeting)
        try ledger.commit(
            summary(0), findings: WindowFindings(language: .english, items: items), of: meeting)
        return meeting
    }

    private func done(_ meeting: MeetingID) throws -> [String] {
        try ledger.items(of: meeting).filter { $0.isDone == true }.compactMap(\.id)
    }

    private func refused(_ body: () throws -> Void) -> String {
        let error = #expect(throws: LedgerError.self) { try body() }
        #expect(error?.code == .badEdit)
        return error?.message ?? ""
    }

    @Test func anItemIsKnownByWhatWasSaidAndWhere() throws {
        let items = [
            item(.action, "I will call the city", 2), item(.action, "I will send the plan", 2),
            item(.question, "Who pays?", 2), item(.decision, "We keep it", 5),
        ]
        let meeting = try make("weekly", items)
        #expect(try ledger.items(of: meeting).map(\.id) == ["a2", "a2.2", "q2", "d5"])
        let before = try #require(try ledger.meeting(meeting)).changedAt
        #expect(try ledger.tick("a2.2", true, in: meeting).text == "I will send the plan")
        #expect(try #require(try ledger.meeting(meeting)).changedAt > before)
        #expect(try ledger.tick("who PAYS", true, in: meeting).id == "q2")
        #expect(try done(meeting) == ["a2.2", "q2"])
        // When the window is judged once more, another item may stand before it.
        var more = items
        more.insert(item(.action, "I will open the door", 2), at: 0)
        try ledger.record(WindowFindings(language: .english, items: more), window: 0, of: meeting)
        try temporary.reopen()
        #expect(try done(meeting) == ["a2.3", "q2"])
        #expect(try ledger.tick("a2.3", false, in: meeting).isDone == nil)
        #expect(try ledger.tick("q2", false, in: meeting).isDone == nil)
        #expect(try ledger.doneItems(of: meeting).isEmpty)
        #expect(try ledger.findings() == [])
    }

    @Test func whatIsNotThereIsRefused() throws {
        let meeting = try make(
            "weekly",
            [item(.action, "I will call", 2), item(.action, "I will send", 3), item(.decision, "Keep", 5)])
        #expect(refused { _ = try ledger.tick("a9", true, in: meeting) }.contains("has no item 'a9'"))
        #expect(refused { _ = try ledger.tick("", true, in: meeting) }.contains("has no item"))
        #expect(
            refused { _ = try ledger.tick("i will", true, in: meeting) }.contains(
                "2 items with 'i will': a2, a3"))
        #expect(refused { _ = try ledger.tick("d5", true, in: meeting) }.contains("is a decision"))
        #expect(try ledger.doneItems(of: meeting).isEmpty)
    }

    @Test func anItemIsFoundAndReturnedAsItIsShown() throws {
        var written = item(.action, "Ada sends the plan", 2, owner: "Ada")
        written.isQuoted = false
        let meeting = try make("weekly", [written])
        _ = try ledger.renameSpeakers("Ada", to: "Marta", in: meeting)
        let ticked = try ledger.tick("marta sends", true, in: meeting)
        #expect(ticked.text == "Marta sends the plan" && ticked.owner == "Marta" && ticked.isDone == true)
        #expect(try done(meeting) == ["a2"])
        // What is recorded stays what it is known by.
        #expect(try ledger.doneItems(of: meeting).map(\.text) == ["Ada sends the plan"])
        #expect(try ledger.tick("a2", false, in: meeting).owner == "Marta")
        #expect(try done(meeting) == [])
    }

    @Test func aTickStaysWhenAPersonIsReplaced() throws {
        let meeting = try make("weekly", [item(.action, "Ada Okafor will call", 2, owner: "Ada Okafor")])
        _ = try ledger.tick("a2", true, in: meeting)
        let id = try ledger.askErasure(ofPerson: ["Ada Okafor"], by: "x", reason: "x")
        _ = try ledger.replacePerson(["Ada Okafor"], in: meeting, of: id) { _, _ in "Person 1" }
        try ledger.finishReplacing(id)
        #expect(try ledger.items(of: meeting).map(\.text) == ["Person 1 will call"])
        #expect(try done(meeting) == ["a2"])
        try ledger.rewrite()
        let data = try Data(contentsOf: URL(filePath: temporary.path))
        #expect(data.range(of: Data("Ada Okafor".utf8)) == nil)
    }

    @Test func aTitleStaysWhateverADeliverySays() throws {
        let meeting = try make("weekly", [])
        try ledger.retitle(meeting, to: "The bridge")
        var part = DeliveryPart()
        part.title = "weekly.vtt"
        let late = try ledger.begin(try connection("weekly", utterances(1)))
        _ = try ledger.record(part, of: late.id)
        #expect(try ledger.meeting(meeting)?.title == "The bridge")
        try ledger.retitle(meeting, to: nil)
        #expect(try ledger.meeting(meeting)?.title == nil)
    }

    // MARK: - Series

    private func open(_ meeting: MeetingID) throws -> [String] {
        try ledger.stillOpen(before: meeting).map { "\($0.meeting) \($0.item.id ?? "?")" }
    }

    @Test func aSeriesCarriesOnWhatIsOpen() throws {
        let first = try make("weekly-2026-11-14", [item(.action, "call", 1), item(.decision, "keep", 2)])
        let second = try make(
            "weekly-2026-11-21", [item(.question, "who", 3), item(.action, "send", 4, owner: "Ada")])
        let third = try make("weekly-2026-11-28", [item(.action, "later", 1)])
        for other in [
            "weekly-2026-11-22-2", "weeklyx-2026-11-20", "weekly.2026-11-20", "daily-2026-11-20", "weekly",
        ] {
            try make(other, [item(.action, "other", 1)])
        }
        #expect(try open(third) == ["weekly-2026-11-21 q3", "weekly-2026-11-21 a4", "weekly-2026-11-14 a1"])
        #expect(try open(second) == ["weekly-2026-11-14 a1"] && open(first) == [])
        #expect(try open(MeetingID("weekly")) == [])
        func changed(_ meeting: MeetingID) throws -> Date {
            try #require(try ledger.meeting(meeting)).changedAt
        }
        let before = try [first, second, third].map(changed)
        _ = try ledger.tick("q3", true, in: second)
        #expect(try open(third) == ["weekly-2026-11-21 a4", "weekly-2026-11-14 a1"])
        // Minutes that show it are to be written again, and no others.
        let after = try [first, second, third].map(changed)
        #expect(after[0] == before[0] && after[1] > before[1] && after[2] > before[2])
        #expect(try ledger.meetingsShowing(first) == [second, third])
        _ = try ledger.renameSpeakers("Ada", to: "Ada Okafor", in: second)
        #expect(try ledger.stillOpen(before: third).first?.item.owner == "Ada Okafor")
        #expect(try changed(third) > after[2])
        let id = try ledger.askErasure(of: second, .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(id, files: 0)
        #expect(try open(third) == ["weekly-2026-11-14 a1"])
        // It is gone, and those that showed it are still known.
        #expect(try ledger.meetingsShowing(second) == [third])
    }

    /// A meeting that comes late, between two others, is shown as well.
    @Test func theLatestMeetingsCount() throws {
        for day in 10..<28 { try make("weekly-2026-11-\(day)", [item(.action, "call", 1)]) }
        let last = try make("weekly-2026-11-30", [])
        #expect(try open(last).count == Ledger.seriesLimit)
        #expect(try open(last).first == "weekly-2026-11-27 a1")
        let before = try #require(try ledger.meeting(last)).changedAt
        try make("weekly-2026-11-29", [item(.action, "late", 2)])
        #expect(try open(last).first == "weekly-2026-11-29 a2")
        #expect(try #require(try ledger.meeting(last)).changedAt > before)
    }
    /// Minutes that showed a meeting before another came between may show it still.
    @Test func allLaterMeetingsAreAskedForWhatIsErased() throws {
        let first = try make("weekly-2026-11-01", [item(.action, "call", 1)])
        for day in 10..<22 { try make("weekly-2026-11-\(day)", []) }
        let last = try MeetingID("weekly-2026-11-21")
        #expect(try open(last) == ["weekly-2026-11-01 a1"])
        // Nothing was found in it yet.
        _ = try ledger.accept(file("weekly-2026-11-05", utterances(2), ends: false))
        #expect(try open(last) == [] && !ledger.meetingsShowing(first).contains(last))
        #expect(try ledger.meetingsAfter(first).count == 13 && ledger.meetingsAfter(first).last == last)
        #expect(try ledger.meetingsAfter(last) == [] && ledger.meetingsAfter(MeetingID("weekly")) == [])
        let before = try #require(try ledger.meeting(last)).changedAt
        let id = try ledger.askErasure(of: first, .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(id, files: 0)
        #expect(try #require(try ledger.meeting(last)).changedAt > before)
        #expect(try ledger.meetingsAfter(first).last == last)
    }
}
