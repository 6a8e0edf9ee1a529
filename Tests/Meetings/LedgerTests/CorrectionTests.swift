import Foundation
import GRDB
import Language
@testable import Ledger
import Testing
import Transcript

@Suite("Captions that are corrected")
struct CorrectionTests {
    let home: TemporaryLedger
    var ledger: Ledger { home.ledger }
    let standup: MeetingID

    init() throws {
        home = try TemporaryLedger()
        standup = try MeetingID("standup")
    }

    private func said(_ text: String, id: String? = nil, by speaker: String? = "Ada") -> Utterance {
        Utterance(
            speaker: speaker, start: 1, end: 2, text: text, source: SourcePosition(name: "socket:1", line: 1),
            id: id)
    }

    private func begin(_ utterances: [Utterance]) throws -> DeliveryID {
        guard case .accepted(let id, _, _) = try ledger.accept(connection("standup", utterances)) else {
            throw LedgerError(.invariant, "not accepted")
        }
        return id
    }

    private func texts() throws -> [String] {
        try ledger.utterances(of: standup, in: 0..<100).map { "\($0.speaker ?? "-"): \($0.text)" }
    }

    /// The counters agree with the rows, however they came about.
    private func expectSoundCounters() throws {
        let utterances = try ledger.utterances(of: standup, in: 0..<100)
        let counts = utterances.map { $0.text.split(separator: " ").count }
        #expect(try ledger.meeting(standup)?.wordCount == counts.reduce(0, +))
        let bySpeaker = Dictionary(grouping: zip(utterances, counts)) { $0.0.speaker }
        let speakers = try ledger.speakers(of: standup)
        #expect(speakers.count == bySpeaker.keys.count { $0 != nil })
        for speaker in speakers {
            let own = bySpeaker[speaker.name] ?? []
            #expect(speaker.utterances == own.count && speaker.words == own.reduce(0) { $0 + $1.1 })
        }
        let before = try ledger.read { db in
            try Int.fetchAll(db, sql: "SELECT wordsBefore FROM utterance ORDER BY sequence")
        }
        #expect(before == counts.indices.map { counts[..<$0].reduce(0, +) })
    }

    @Test func anUtteranceInNoWindowIsReplaced() throws {
        let delivery = try begin([said("one two", id: "a"), said("three four five", id: "b"), said("six")])
        let revision = said("three four five and a half", id: "b", by: "Bob")
        #expect(try ledger.amend([.revision(revision)], byteCount: 5, of: delivery) == [1])
        #expect(try texts() == ["Ada: one two", "Bob: three four five and a half", "Ada: six"])
        #expect(try ledger.meeting(standup)?.correctionCount == 1)
        #expect(try ledger.corrections(of: standup).map(\.textBefore) == ["three four five"])
        #expect(try ledger.notes(of: standup).isEmpty)
        try expectSoundCounters()
        // The same again changes nothing, and a window counts the new words.
        #expect(try ledger.amend([.revision(revision)], byteCount: 5, of: delivery) == [1])
        #expect(try ledger.meeting(standup)?.correctionCount == 1)
        try ledger.record(window(0, 0..<3), of: standup)
        #expect(try ledger.windows(of: standup).map(\.wordCount) == [9])
    }

    /// A correction may say that it was written in the chat, or take that back.
    @Test func aCorrectionBringsTheMarkOfTheChat() throws {
        var first = said("one two", id: "a")
        first.isWritten = true
        let delivery = try begin([first, said("three", id: "b")])
        var second = said("three four", id: "b")
        second.isWritten = true
        let corrected = said("one two three", id: "a")
        #expect(
            try ledger.amend([.revision(corrected), .revision(second)], byteCount: 5, of: delivery) == [0, 1])
        #expect(try ledger.utterances(of: standup, in: 0..<100).map(\.isWritten) == [false, true])
    }

    @Test func aCorrectionThatEndsBeforeTheStartKeepsTheEnd() throws {
        let delivery = try begin([said("one two", id: "a")])
        var revision = said("one and two", id: "a")
        revision.setTimes(start: nil, end: 0.5)
        #expect(try ledger.amend([.revision(revision)], byteCount: 0, of: delivery) == [0])
        let utterance = try #require(try ledger.utterances(of: standup, in: 0..<1).first)
        #expect(utterance.text == "one and two" && utterance.start == 1 && utterance.end == 2)
    }

    @Test func anUtteranceOfAWindowStaysAndTheCorrectionIsStated() throws {
        let delivery = try begin([said("one two", id: "a"), said("three", id: "b")])
        try ledger.record(window(0, 0..<1), of: standup)
        for _ in 0..<2 {
            let amendments: [Amendment] = [
                .revision(said("one and two", id: "a")), .revision(said("three!", id: "b")),
            ]
            #expect(try ledger.amend(amendments, byteCount: 0, of: delivery) == [0, 1])
        }
        #expect(try texts() == ["Ada: one two", "Ada: three!"])
        let corrections = try ledger.corrections(of: standup)
        #expect(corrections.map(\.isApplied) == [false, true])
        #expect(corrections.map(\.text) == ["one and two", "three!"])
        #expect(
            try ledger.notes(of: standup).map(\.text).filter {
                $0.contains("after their part was closed: 1.")
            }.count == 1)
        try expectSoundCounters()
    }

    @Test func anUnknownUtteranceIsANewOne() throws {
        let delivery = try begin([said("one", id: "a")])
        let amendments: [Amendment] = [.revision(said("two", id: "x")), .repetition(said("three"))]
        #expect(try ledger.amend(amendments, byteCount: 0, of: delivery) == [1, 2])
        #expect(try texts() == ["Ada: one", "Ada: two", "Ada: three"])
        try expectSoundCounters()
    }

    @Test func idsBelongToTheirConnection() throws {
        _ = try begin([said("one", id: "1")])
        let other = try begin([said("two", id: "1")])
        #expect(try ledger.amend([.revision(said("zwei", id: "1"))], byteCount: 0, of: other) == [1])
        #expect(try texts() == ["Ada: one", "Ada: zwei"])
    }

    /// The decoder calls it a repetition whatever the case and the full stop: the ledger did not, and appended it.
    @Test func repetitionsAreToldByTheDecodersRule() throws {
        let delivery = try begin([said("Thank you.")])
        for text in ["thank you", "Thank you!", "THANK YOU........................"] {
            #expect(try ledger.amend([.repetition(said(text))], byteCount: 0, of: delivery) == [0])
        }
        #expect(
            try ledger.amend([.repetition(said("thank you", by: "Bob"))], byteCount: 0, of: delivery) == [1])
        #expect(try ledger.utterances(of: standup, in: 0..<9).map(\.repeatCount) == [3, 0])
    }

    @Test func repetitionsAreCountedAndStated() throws {
        let delivery = try begin([said("one"), said("thank you")])
        try ledger.record(window(0, 0..<2), of: standup)
        for _ in 0..<3 {
            #expect(try ledger.amend([.repetition(said("thank you"))], byteCount: 0, of: delivery) == [1])
        }
        #expect(try ledger.utterances(of: standup, in: 1..<2).map(\.repeatCount) == [3])
        let notes = try ledger.notes(of: standup).map(\.text)
        #expect(notes.count == 1 && notes[0].contains("Left out 3 ×") && notes[0].contains("thank you"))
    }

    @Test func repetitionsOfAFileAreStatedToo() throws {
        var spoken = utterances(8)
        for index in spoken.indices { spoken[index].repeatCount = index == 0 ? 0 : index }
        _ = try ledger.accept(file("standup", spoken))
        let notes = try ledger.notes(of: standup).map(\.text)
        #expect(notes.count == 6 && notes[5] == "Left out 13 × in the same way, in further places: 2.")
    }

    @Test func aClosedConnectionCorrectsNothing() throws {
        let delivery = try begin([said("one", id: "a")])
        try ledger.close(delivery)
        #expect(
            refusal { _ = try ledger.amend([.revision(said("two", id: "a"))], byteCount: 0, of: delivery) }
                == .deliveryClosed)
    }

    @Test func aCorrectionOpensAnEndedMeetingAgain() throws {
        let delivery = try begin([said("one", id: "a")])
        _ = try ledger.end(standup)
        _ = try ledger.amend([.revision(said("two", id: "a"))], byteCount: 0, of: delivery)
        #expect(try ledger.meeting(standup)?.state == .open)
    }

    /// A ledger from before corrections were known goes on being used, with what it holds.
    @Test func anOlderLedgerLearnsOfCorrections() throws {
        let path = try home.older(
            "2",
            """
            INSERT INTO meeting (id, name, calledName, createdAt, changedAt) VALUES (1, 'standup', 'standup', 0, 0);
            INSERT INTO delivery (id, meeting, calledName, name, kind, byteCount, format, receivedAt,
                endsMeeting, state) VALUES (1, 1, 'standup', 'socket:1', 'socket', 1, 'text', 0, 0, 'growing');
            INSERT INTO utterance VALUES (1, 0, 1, 'Ada', 1.0, 2.0, 'one two', 'socket:1', 1, 2, 0);
            """)
        let older = try Ledger(path: path)
        let spoken = try older.utterances(of: standup, in: 0..<9)
        #expect(spoken.map(\.text) == ["one two"] && spoken[0].id == nil && spoken[0].repeatCount == 0)
        let delivery = DeliveryID(rawValue: 1)
        #expect(try older.append([said("three", id: "c")], byteCount: 1, to: delivery) == 1..<2)
        #expect(try older.amend([.revision(said("four", id: "c"))], byteCount: 1, of: delivery) == [1])
        #expect(try older.utterances(of: standup, in: 1..<2).map(\.text) == ["four"])
    }

    /// Whatever a program tries, SQLite keeps the rules itself.
    @Test(arguments: [
        "UPDATE utterance SET text = 'other' WHERE sequence = 0",
        "UPDATE utterance SET speaker = NULL WHERE sequence = 0",
        "UPDATE utterance SET sequence = 9 WHERE sequence = 1",
        "UPDATE utterance SET start = 9.0 WHERE sequence = 1",
        "UPDATE utterance SET sourceID = 'x' WHERE sequence = 1",
        "UPDATE utterance SET text = '' WHERE sequence = 1",
        "UPDATE utterance SET repeatCount = -1 WHERE sequence = 1", "UPDATE correction SET text = 'other'",
        "INSERT INTO correction SELECT 9, meeting, 77, NULL, 'a', NULL, 'b', 0, 0.0 FROM correction",
    ])
    func theSchemaRefuses(_ sql: String) throws {
        let delivery = try begin([said("one", id: "a"), said("two", id: "b")])
        try ledger.record(window(0, 0..<1), of: standup)
        _ = try ledger.amend([.revision(said("zwei", id: "b"))], byteCount: 0, of: delivery)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        let other = try DatabaseQueue(path: home.path, configuration: configuration)
        #expect {
            try other.write { try $0.execute(sql: sql) }
        } throws: { error in
            (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
        }
    }

    /// A correction in a long meeting looks at the open utterances only.
    @Test func aLongMeetingIsNotWalkedThrough() throws {
        let plans = try DatabaseQueue(path: home.path).read { db in
            try [
                "SELECT sequence FROM utterance WHERE delivery = 1 AND sourceID = 'x' ORDER BY sequence DESC LIMIT 1",
                "SELECT sequence FROM utterance WHERE delivery = 1 ORDER BY sequence DESC LIMIT 1",
                "SELECT text FROM utterance WHERE meeting = 1 AND repeatCount > 0 ORDER BY sequence",
                "SELECT text FROM correction WHERE meeting = 1 AND sequence = 5 ORDER BY id DESC LIMIT 1",
            ].map { try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + $0).description }
        }
        #expect(
            plans.allSatisfy { $0.contains("SEARCH") && !$0.contains("SCAN") && !$0.contains("TEMP B-TREE") },
            "\(plans)")
    }
}
