import Foundation
import GRDB
@testable import Ledger
import Testing
@testable import Transcript

@Suite("The file of the ledger")
struct FileTests {
    let home: TemporaryLedger
    var ledger: Ledger { home.ledger }

    init() throws { home = try TemporaryLedger() }

    @Test func othersCannotReadIt() throws {
        _ = try ledger.accept(file("standup", utterances(1)))
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: home.path + suffix)
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(suffix) has mode \(String(mode, radix: 8))")
        }
    }

    /// An older release let the group read them.
    @Test func whatOthersCouldReadIsClosed() throws {
        let aside = home.path + ".damaged-20260101T000000Z"
        try Data().write(to: URL(fileURLWithPath: aside))
        for path in [home.path, aside] { try #require(chmod(path, 0o640) == 0) }
        _ = try Ledger(path: home.path)
        for path in [home.path, aside] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    /// GRDB sets NORMAL by itself, with which a commit may be lost with the power.
    @Test func commitsReachTheDisk() throws {
        let values = try ledger.writeQuietly { db in
            try ["synchronous", "foreign_keys", "journal_mode"].map {
                try String.fetchOne(db, sql: "PRAGMA \($0)")
            }
        }
        #expect(values == ["2", "1", "wal"])
    }

    @Test func toolsReadWhileTheDaemonWrites() throws {
        let reader = try Ledger(path: home.path, access: .readOnly)
        let standup = try MeetingID("standup")
        #expect(try reader.meetings().isEmpty)
        _ = try ledger.accept(file("standup", utterances(3)))
        #expect(try reader.utterances(of: standup, in: 0..<9).count == 3)
        #expect(refusal { _ = try reader.end(standup) } == .readOnly)
    }

    @Test func aMissingLedgerIsNotMadeByReaders() {
        let path = home.folder.appendingPathComponent("none.sqlite").path
        #expect(refusal { _ = try Ledger(path: path, access: .readOnly) } == .missing)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aFileThatIsNoLedgerIsRefused() throws {
        let path = home.folder.appendingPathComponent("text.sqlite").path
        try Data(String(repeating: "not a database ", count: 500).utf8).write(to: URL(fileURLWithPath: path))
        #expect(refusal { _ = try Ledger(path: path) } == .damaged)
    }

    /// A ledger from before windows could end with a topic goes on being used.
    @Test func anOlderLedgerLearnsOfTopics() throws {
        let path = try home.older("1")
        #expect(refusal { _ = try Ledger(path: path, access: .readOnly) } == .olderSchema)
        let older = try Ledger(path: path)
        _ = try older.accept(file("standup", utterances(3)))
        let standup = try MeetingID("standup")
        let topic = Window(index: 0, utterances: 0..<2, tokenCount: 10, closedBy: .topic)
        try older.record(topic, of: standup)
        #expect(try older.windows(of: standup).map(\.window) == [topic])
        #expect(throws: (any Error).self) {
            try older.writeQuietly {
                try $0.execute(
                    sql: """
                        INSERT INTO window (meeting, number, firstUtterance, endUtterance, tokenCount, closedBy,
                            closedAt, wordCount) VALUES (1, 1, 2, 3, 1, 'boredom', 0, 1)
                        """)
            }
        }
    }

    /// A ledger from before it held how files were read, and what was written in chats.
    @Test(arguments: ["7", "8"]) func anOlderLedgerLearnsHowFilesWereRead(version: String) throws {
        let path = try home.older(
            version,
            """
            INSERT INTO meeting (id, name, calledName, createdAt, changedAt) VALUES (1, 'standup', 'standup', 0, 0);
            INSERT INTO delivery (id, meeting, calledName, name, kind, chunkNumber, sha256, byteCount, format,
                receivedAt, endsMeeting, state)
            VALUES (1, 1, 'standup', 'standup.0001.vtt', 'file', 1, 'a', 1, 'webVTT', 1, 0, 'accepted');
            INSERT INTO utterance (meeting, sequence, delivery, speaker, text, sourceName, sourceLine, wordCount,
                wordsBefore)
            VALUES (1, 0, 1, 'Ada', 'We close the roof.', 'standup.0001.vtt', 1, 4, 0);
            """)
        #expect(refusal { _ = try Ledger(path: path, access: .readOnly) } == .olderSchema)
        let older = try Ledger(path: path)
        let standup = try MeetingID("standup")
        #expect(try older.readings(of: standup).isEmpty)
        #expect(try older.utterances(of: standup, in: 0..<9).map(\.isWritten) == [false])
        var chat = utterances(1)
        chat[0].isWritten = true
        var delivery = try file("standup", chunk: 2, chat)
        let facts = TranscriptFacts(TranscriptFile(format: .chat, utterances: chat), encoding: "UTF-8")
        delivery.facts = facts
        _ = try older.accept(delivery)
        let again = try Ledger(path: path, access: .readOnly)
        #expect(try again.readings(of: standup).map(\.name) == ["standup.2"])
        #expect(try again.readings(of: standup).map(\.facts) == [facts])
        #expect(try again.utterances(of: standup, in: 0..<9).map(\.isWritten) == [false, true])
        #expect(try again.findings().isEmpty)
    }

    /// Facts of a later version that this one cannot read are passed over; the rest of the meeting is as good.
    @Test func factsOfALaterVersionAreNoHindrance() throws {
        var delivery = try file("standup", utterances(1))
        delivery.facts = TranscriptFacts(
            TranscriptFile(format: .plainText, utterances: utterances(1)), encoding: "UTF-8")
        _ = try ledger.accept(delivery)
        try DatabaseQueue(path: home.path).write {
            try $0.execute(sql: "UPDATE reading SET facts = '{\"format\": 7}'")
        }
        let standup = try MeetingID("standup")
        #expect(try ledger.readings(of: standup).isEmpty)
        #expect(try ledger.utterances(of: standup, in: 0..<9).count == 1)
    }

    @Test func aNewerSchemaIsRefused() throws {
        try DatabaseQueue(path: home.path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('from the future')")
        }
        #expect(refusal { _ = try Ledger(path: home.path) } == .newerSchema)
        #expect(refusal { _ = try Ledger(path: home.path, access: .readOnly) } == .newerSchema)
    }

    @Test func anOlderSchemaIsRefusedForReadingOnly() throws {
        let path = home.folder.appendingPathComponent("old.sqlite").path
        try DatabasePool(path: path).write { try $0.execute(sql: "CREATE TABLE t (a)") }
        #expect(refusal { _ = try Ledger(path: path, access: .readOnly) } == .olderSchema)
    }

    /// Whatever a program tries, SQLite keeps the rules itself.
    @Test(arguments: [
        "INSERT INTO utterance SELECT meeting, 7, delivery, speaker, start, \"end\", text, sourceName, sourceLine,"
            + " wordCount, 9, NULL, 0, NULL, 0 FROM utterance WHERE sequence = 0",
        "INSERT INTO utterance SELECT * FROM utterance WHERE sequence = 0",
        "UPDATE utterance SET text = 'other'",
        "UPDATE window SET endUtterance = 3",
        "UPDATE summary SET text = 'other'",
        "INSERT INTO summary SELECT * FROM summary",
        "INSERT INTO summary SELECT meeting, 5, text, model, 1, 1, 1, 1.0, 1.0 FROM summary",
        "INSERT INTO window SELECT meeting, 1, 1, 3, 5, 'size', 0.0, 9, 0 FROM window",
        "INSERT INTO window SELECT meeting, 1, 2, 4, 5, 'size', 0.0, 9, 0 FROM window",
        "UPDATE meeting SET state = 'ended'",
        "UPDATE meeting SET state = 'lost'",
        "INSERT INTO overall (meeting, revision, utteranceCount, committedAt) VALUES (1, 2, 0, 0.0)",
        "INSERT INTO delivery SELECT NULL, meeting, calledName, name, kind, NULL, sha256, 1, format, 0.0, 0, 0.0,"
            + " state, NULL, NULL FROM delivery",
    ])
    func theSchemaRefuses(_ sql: String) throws {
        let standup = try MeetingID("standup")
        _ = try ledger.accept(file("standup", utterances(3)))
        try ledger.record(window(0, 0..<2), of: standup)
        try ledger.commit(summary(0), of: standup)
        let other = try DatabaseQueue(path: home.path)
        #expect {
            try other.write { try $0.execute(sql: sql) }
        } throws: { error in
            (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
        }
    }

    /// What a window costs must not depend on how long the meeting is: SQLite may not walk a whole table.
    @Test func aLongMeetingIsNotWalkedThrough() throws {
        let standup = try MeetingID("standup")
        guard case .accepted(let id, _, _) = try ledger.accept(connection("standup", [])) else {
            Issue.record("not accepted")
            return
        }
        for _ in 0..<20 { _ = try ledger.append(utterances(5_000), byteCount: 1, to: id) }
        #expect(try ledger.meeting(standup)?.utteranceCount == 100_000)
        #expect(try ledger.utterances(of: standup, in: 99_990..<100_100).count == 10)
        for index in 0..<100 {
            try ledger.record(window(index, index * 1000..<index * 1000 + 1000), of: standup)
            try ledger.commit(summary(index), of: standup)
        }
        #expect(try ledger.windows(of: standup).reduce(0) { $0 + $1.wordCount } == 300_000)
        let plans = try DatabaseQueue(path: home.path).read { db in
            try [
                "SELECT wordsBefore FROM utterance WHERE meeting = 1 AND sequence = 5",
                "SELECT text FROM utterance WHERE meeting = 1 AND sequence >= 5 AND sequence < 9 ORDER BY sequence",
            ].map { try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + $0).description }
        }
        #expect(plans.allSatisfy { $0.contains("SEARCH") && !$0.contains("SCAN") })
    }
}
