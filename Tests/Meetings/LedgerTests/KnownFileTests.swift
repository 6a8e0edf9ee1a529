import Foundation
import GRDB
import Language
import Testing
import Transcript

@testable import Ledger

/// The same bytes are one meeting, whatever the file is called.
@Suite("Files that come again")
struct KnownFileTests {
    private let home: TemporaryLedger
    private var ledger: Ledger { home.ledger }
    private let standup: MeetingID

    init() throws {
        home = try TemporaryLedger()
        standup = try MeetingID("standup")
    }

    private func meetings() throws -> [String] { try ledger.meetings().map(\.id.name) }

    @Test func aCopyUnderAnotherNameIsKnownAndStated() throws {
        _ = try ledger.accept(file("standup", content: "same", utterances(4), ends: true))
        let before = try #require(try ledger.meeting(standup))
        let copy = try file("copy", content: "same", utterances(4), ends: true)
        for _ in 0..<2 {
            guard case .duplicate(_, let meeting) = try ledger.accept(copy) else {
                Issue.record("taken twice")
                return
            }
            #expect(meeting == standup)
            try home.reopen()
        }
        #expect(try meetings() == ["standup"])
        let notes = try ledger.notes(of: standup).map(\.note)
        #expect(notes == [Note(.contentKnown, .text("copy.vtt"), .text("standup.vtt"))])
        // The minutes are written again, since they say more.
        let after = try #require(try ledger.meeting(standup))
        #expect(after.changedAt > before.changedAt && after.state == before.state)
        #expect(after.utteranceCount == 4)
    }

    @Test func theSameFileAgainSaysNothingNew() throws {
        let delivery = try file("standup", content: "same", utterances(4), ends: true)
        _ = try ledger.accept(delivery)
        let before = try ledger.meeting(standup)
        _ = try ledger.accept(delivery)
        #expect(try ledger.meeting(standup) == before && (try ledger.notes(of: standup).isEmpty))
    }

    /// Two chunks of silence, or of the same jingle, are two chunks.
    @Test func chunksAreKnownByTheirNumbersToo() throws {
        for number in 1...3 {
            _ = try ledger.accept(file("m", content: "same", chunk: number, utterances(2)))
        }
        #expect(try ledger.meetings().map(\.utteranceCount) == [6])
        // Spelled otherwise, it was refused as a conflict.
        let renamed = try file("m", name: "m.0002.vtt", content: "same", chunk: 2, utterances(2))
        guard case .duplicate = try ledger.accept(renamed) else {
            Issue.record("taken twice")
            return
        }
        // The whole meeting, and the first chunk of another one, are none of them.
        _ = try ledger.accept(file("whole", content: "same", utterances(2), ends: true))
        _ = try ledger.accept(file("other", content: "same", chunk: 1, utterances(2)))
        #expect(try meetings() == ["m", "whole", "other"])
        #expect(try ledger.hasTaken(sha256: "same", called: MeetingID("m"), chunk: 3))
        #expect(try !ledger.hasTaken(sha256: "same", called: MeetingID("m"), chunk: 4))
        #expect(try ledger.hasTaken(sha256: "same", called: MeetingID("copy"), chunk: nil))
        #expect(try !ledger.hasTaken(sha256: "new", called: MeetingID("whole"), chunk: nil))
    }

    @Test func filesWithoutWordsAreAllAlike() throws {
        for name in ["one", "two"] { _ = try ledger.accept(file(name, content: "empty", [], ends: true)) }
        #expect(try meetings() == ["one", "two"])
    }

    /// Renamed while the daemon was down, in the midst of it.
    @Test func aFileThatWasBrokenOffGoesOnUnderItsNewName() throws {
        struct Break: Error {}
        let spoken = utterances(Ledger.partLimit + 5)
        #expect(throws: Break.self) {
            try ledger.accept(file("old", content: "long", spoken, ends: true)) { throw Break() }
        }
        let renamed = try file("new", content: "long", spoken, ends: true)
        guard case .accepted(_, let meeting, _) = try ledger.accept(renamed, betweenParts: {}) else {
            Issue.record("not taken")
            return
        }
        #expect(try meeting.name == "old" && ledger.meeting(meeting)?.utteranceCount == spoken.count)
        #expect(try ledger.meeting(meeting)?.state == .ended && (try meetings() == ["old"]))
    }

    /// A hundred thousand files are not looked through for each new one; older ledgers learn it too.
    @Test func contentIsFoundByAnIndex() throws {
        _ = try ledger.accept(file("standup", utterances(1)))
        let queue = try DatabaseQueue(path: home.path)
        try queue.write { try $0.execute(sql: "DROP INDEX deliveryContent") }
        try queue.close()
        try home.reopen()
        let plan = try ledger.read { db in
            try Row.fetchAll(
                db,
                sql: "EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE sha256 = 'x' AND chunkNumber IS NULL"
            ).description
        }
        #expect(plan.contains("deliveryContent"), "\(plan)")
    }
}
