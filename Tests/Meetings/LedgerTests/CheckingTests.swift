import Foundation
import GRDB
import Testing
import Transcript

@testable import Ledger

@Suite("Whether the ledger is sound")
struct CheckingTests {
    private let home: TemporaryLedger
    private var ledger: Ledger { home.ledger }

    init() throws {
        home = try TemporaryLedger()
        _ = try ledger.accept(file("standup", chunk: 1, utterances(12)))
        _ = try ledger.accept(file("standup", chunk: 2, utterances(8, speaker: nil), ends: true))
        _ = try ledger.accept(connection("live", utterances(5)))
        let standup = try MeetingID("standup")
        for index in 0..<2 {
            try ledger.record(window(index, index * 10..<index * 10 + 10), of: standup)
            try ledger.commit(summary(index), of: standup)
        }
        try ledger.finish(standup, overall: nil)
    }

    private func edit(_ sql: String) throws {
        try ledger.writeQuietly { try $0.execute(sql: sql) }
    }

    @Test func oneThatWasUsedIsSound() throws {
        #expect(try ledger.findings().isEmpty)
        try ledger.checkIntegrity()
    }

    @Test(arguments: [
        "UPDATE meeting SET utteranceCount = utteranceCount + 1 WHERE name = 'live'",
        "UPDATE meeting SET wordCount = 1",
        "UPDATE participant SET wordCount = wordCount + 1 WHERE speaker = 'Ada'",
        "UPDATE meeting SET windowCount = 7 WHERE name = 'standup'",
        "DELETE FROM overall",
        "DELETE FROM summary WHERE window = 1",
    ])
    func whatCanBeWorkedOutIsMended(_ damage: String) throws {
        try edit(damage)
        let findings = try ledger.findings()
        #expect(!findings.isEmpty && findings.allSatisfy(\.canBeMended), "\(findings)")
        try ledger.mend()
        #expect(try ledger.findings().isEmpty)
    }

    @Test(arguments: [
        "DELETE FROM utterance WHERE sequence = 3",
        "DELETE FROM window WHERE number = 0",
    ])
    func whatIsLostIsSaid(_ damage: String) throws {
        try edit(damage)
        #expect(try ledger.findings().contains { $0.meeting == "standup" && !$0.canBeMended })
        try ledger.mend()
        #expect(try !ledger.findings().isEmpty)
    }

    /// However the file is damaged: it is refused, or read; nothing traps.
    @Test func aDamagedFileIsRefusedOrRead() throws {
        try DatabaseQueue(path: home.path).writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: home.path))
        var random = SystemRandomNumberGenerator()
        var refused = 0
        for round in 0..<120 {
            var bytes = whole
            if round % 3 == 0 {
                bytes = bytes.prefix(Int.random(in: 1..<bytes.count, using: &random))
            } else {
                for _ in 0..<40 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                        1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            let path = home.folder.appendingPathComponent("damaged-\(round).sqlite").path
            try bytes.write(to: URL(fileURLWithPath: path))
            do {
                let ledger = try Ledger(path: path)
                try ledger.checkIntegrity()
                for meeting in try ledger.meetings() {
                    _ = try ledger.utterances(of: meeting.id, in: 0..<100)
                }
                _ = try ledger.findings()
            } catch is LedgerError {
                refused += 1
            } catch is TranscriptError {
                refused += 1
            }
        }
        #expect(refused > 40)
    }

    /// SQLite itself sees nothing wrong with it.
    @Test(arguments: ["changedAt", "utteranceCount", "sequence"]) func aColumnOfAnotherNameIsDamage(
        _ column: String
    ) throws {
        try DatabaseQueue(path: home.path).writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: home.path))
        let changed = "X" + column.dropFirst()
        var bytes = whole
        while let place = bytes.range(of: Data(column.utf8)) {
            bytes.replaceSubrange(place, with: Data(changed.utf8))
        }
        let path = home.folder.appendingPathComponent("renamed.sqlite").path
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: LedgerError.self) { try Ledger(path: path) }
        #expect(error?.code == .damaged)
        try whole.write(to: URL(fileURLWithPath: path))
        #expect(try !Ledger(path: path).meetings().isEmpty)
    }

    @Test func aDamagedOneIsSetAsideWhole() throws {
        let path = home.folder.appendingPathComponent("text.sqlite").path
        let content = Data(String(repeating: "not a database ", count: 500).utf8)
        try content.write(to: URL(fileURLWithPath: path))
        #expect(throws: LedgerError.self) { try Ledger(path: path) }
        let aside = try Ledger.setAside(path, at: epoch)
        #expect(aside.hasPrefix(path + ".damaged-2023"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == content)
        #expect(try Ledger(path: path).meetings().isEmpty)
    }

    @Test func aChangeIsSeenThoughTheClockWasSetBack() throws {
        let live = try MeetingID("live")
        var part = DeliveryPart()
        part.title = "A title"
        _ = try ledger.end(live, with: part, at: epoch + 3600)
        let before = try #require(try ledger.meeting(live)).changedAt
        part.meetingStart = epoch
        _ = try ledger.end(live, with: part, at: epoch)
        #expect(try #require(try ledger.meeting(live)).changedAt > before)
    }

    @Test func aSendersLinesAreCountedWithWhatTheySaid() throws {
        let live = try MeetingID("live")
        var first = try connection("live", utterances(3))
        first.sender = SenderPosition(name: "recorder", lines: 0..<4)
        guard case .accepted(let id, _, _) = try ledger.accept(first) else {
            Issue.record("not accepted")
            return
        }
        #expect(try ledger.progress(ofSender: "recorder", meeting: live).lineCount == 4)
        _ = try ledger.append(
            utterances(1), byteCount: 1, to: id, sender: SenderPosition(name: "recorder", lines: 4..<6),
            isLast: true)
        try home.reopen()
        #expect(try ledger.progress(ofSender: "recorder", meeting: live).lineCount == 6)
        #expect(try ledger.progress(ofSender: "another", meeting: live).lineCount == 0)
        #expect(try ledger.meeting(live)?.state == .ended)
    }
}
