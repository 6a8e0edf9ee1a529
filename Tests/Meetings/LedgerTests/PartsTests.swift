import Foundation
import Language
import Testing
import Transcript

@testable import Ledger

@Suite("Long files")
struct PartsTests {
    private struct Break: Error {}

    let home: TemporaryLedger
    var ledger: Ledger { home.ledger }
    private let standup: MeetingID
    private let count = 2 * Ledger.partLimit + 500

    init() throws {
        home = try TemporaryLedger()
        standup = try MeetingID("standup")
    }

    private func file(ends: Bool = true) throws -> Delivery {
        let utterances = (0..<count).map { number in
            Utterance(
                speaker: "Ada", start: Double(number), text: "number \(number)",
                source: SourcePosition(name: "standup.vtt", line: number + 1))
        }
        return try LedgerTests.file("standup", utterances, ends: ends, notes: [written("All of it came.")])
    }

    private func texts() throws -> [String] {
        try ledger.utterances(of: standup, in: 0..<Int.max).map(\.text)
    }

    @Test func othersGetTheirTurnBetweenParts() throws {
        let long = try file()
        var turns = 0
        let live = MeetingLines(ledger)
        let taken = try ledger.accept(long) {
            turns += 1
            try live.say("turn \(turns)")
        }
        guard case .accepted(_, let meeting, let sequences) = taken else {
            Issue.record("\(taken)")
            return
        }
        #expect(meeting == standup && sequences.count == count && turns == 2)
        #expect(try texts() == long.utterances.map(\.text))
        #expect(
            try ledger.utterances(of: try MeetingID("live"), in: 0..<9).map(\.text) == ["turn 1", "turn 2"])
        #expect(try ledger.meeting(standup)?.state == .ended)
        #expect(try ledger.notes(of: standup).map(\.text) == ["All of it came."])
        #expect(try ledger.findings().isEmpty)
    }

    /// Broken off after each part: it goes on there, and nothing is lost, twice there, or said too early.
    @Test func aBreakIsMadeUpFor() throws {
        let long = try file()
        for recorded in [1, 2] {
            #expect(throws: Break.self) { try ledger.accept(long) { throw Break() } }
            try home.reopen()
            let meeting = try #require(try ledger.meeting(standup))
            #expect(meeting.utteranceCount == recorded * Ledger.partLimit && meeting.state == .open)
            #expect(try ledger.recordedDigests().isEmpty, "it would be moved away as recorded")
            #expect(try ledger.notes(of: standup).isEmpty)
        }
        let taken = try ledger.accept(long) {}
        guard case .accepted = taken else {
            Issue.record("\(taken)")
            return
        }
        #expect(try texts() == long.utterances.map(\.text))
        #expect(try ledger.recordedDigests().count == 1)
        #expect(try ledger.meeting(standup)?.state == .ended)
        let again = try ledger.accept(long) {}
        guard case .duplicate = again else {
            Issue.record("\(again)")
            return
        }
        #expect(try texts().count == count && (try ledger.findings().isEmpty))
    }

    /// What a connection says for the same meeting meanwhile stands between the parts.
    @Test func aMeetingMayBeFedByAConnectionMeanwhile() throws {
        let long = try file(ends: false)
        let live = MeetingLines(ledger, "standup")
        _ = try ledger.accept(long) { try live.say("meanwhile") }
        let texts = try texts()
        #expect(texts.count == count + 2 && texts.filter { $0 != "meanwhile" } == long.utterances.map(\.text))
        #expect(texts[Ledger.partLimit] == "meanwhile")
        #expect(try ledger.findings().isEmpty)
    }
}

/// A connection's lines.
private final class MeetingLines {
    private let ledger: Ledger
    private let name: String

    init(_ ledger: Ledger, _ name: String = "live") {
        self.ledger = ledger
        self.name = name
    }

    func say(_ text: String) throws {
        let said = Utterance(text: text, source: SourcePosition(name: "socket:1", line: 1))
        _ = try ledger.accept(
            Delivery(
                meeting: try MeetingID(name), name: "socket:1", kind: .socket, byteCount: 5, format: "text",
                receivedAt: epoch, utterances: [said], endsMeeting: false))
    }
}
