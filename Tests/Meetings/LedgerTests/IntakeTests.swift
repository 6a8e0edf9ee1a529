import Foundation
import Language
import Ledger
import Testing
import Transcript

@Suite("What was received")
struct ReceivingTests {
    let home: TemporaryLedger
    var ledger: Ledger { home.ledger }
    let standup: MeetingID

    init() throws {
        home = try TemporaryLedger()
        standup = try MeetingID("standup")
    }

    @Test func deliveriesGetConsecutiveSequences() throws {
        var next = 0
        for (chunk, count) in [3, 1, 0, 7].enumerated() {
            let acceptance = try ledger.accept(file("standup", chunk: chunk, utterances(count)))
            guard case .accepted(_, let meeting, let sequences) = acceptance else {
                Issue.record("not accepted: \(acceptance)")
                return
            }
            #expect(meeting == standup)
            #expect(sequences == next..<next + count)
            next += count
        }
        #expect(try ledger.utterances(of: standup, in: 0..<100).count == next)
        #expect(try ledger.meeting(standup)?.utteranceCount == next)
        #expect(try ledger.meeting(standup)?.wordCount == 3 * next)
        #expect(try ledger.deliveries(of: standup).map(\.utteranceCount) == [3, 1, 0, 7])
    }

    @Test func utterancesComeBackAsTheyWere() throws {
        let spoken = [
            Utterance(text: "no speaker, no time", source: SourcePosition(name: "a.txt", line: 1)),
            Utterance(
                speaker: "Zoë 🦊", start: 0.125, end: 7.5, text: "naïve ‘text’; DROP TABLE utterance",
                source: SourcePosition(name: "a.txt", line: 9)),
        ]
        _ = try ledger.accept(file("standup", spoken, ends: true))
        try home.reopen()
        var recorded = try ledger.utterances(of: standup, in: 0..<2)
        #expect(try ledger.utterances(of: standup, in: 1..<2) == [recorded[1]])
        #expect(recorded.map(\.language) == [.english, .english])
        for place in recorded.indices { recorded[place].language = nil }
        #expect(recorded == spoken)
        #expect(try ledger.utterances(of: standup, in: 2..<9).isEmpty)
    }

    @Test func theSameFileAgainIsADuplicate() throws {
        let delivery = try file("standup", utterances(4), ends: true)
        guard case .accepted(let id, _, _) = try ledger.accept(delivery) else {
            Issue.record("not accepted")
            return
        }
        try home.reopen()
        #expect(try ledger.accept(delivery) == .duplicate(of: id, meeting: standup))
        #expect(try ledger.meetings().map(\.utteranceCount) == [4])
    }

    @Test func anEndedNameUsedAgainMakesANewMeeting() throws {
        _ = try ledger.accept(file("standup", content: "monday", utterances(2), ends: true))
        let tuesday = try file("standup", content: "tuesday", utterances(3), ends: true)
        guard case .accepted(let id, let second, 0..<3) = try ledger.accept(tuesday) else {
            Issue.record("not accepted as a meeting of its own")
            return
        }
        #expect(second.name == "standup-2")
        #expect(try ledger.notes(of: second).count == 1)
        #expect(try ledger.accept(tuesday) == .duplicate(of: id, meeting: second))
        _ = try ledger.accept(file("standup", content: "wednesday", utterances(1), ends: true))
        #expect(try ledger.meetings().map(\.id.name) == ["standup", "standup-2", "standup-3"])
        #expect(try ledger.latestMeeting(called: standup)?.id.name == "standup-3")
    }

    @Test func aLongNameUsedAgainStaysWithinTheLimit() throws {
        let name = String(repeating: "m", count: MeetingID.lengthLimit)
        _ = try ledger.accept(file(name, content: "1", [], ends: true))
        _ = try ledger.accept(file(name, content: "2", [], ends: true))
        #expect(try ledger.meetings().map(\.id.name.utf8.count) == [100, 100])
    }

    @Test func aChunkNumberIsTakenOnceWhileTheMeetingIsOpen() throws {
        _ = try ledger.accept(file("standup", content: "a", chunk: 1, utterances(2)))
        #expect(
            refusal { _ = try ledger.accept(file("standup", content: "b", chunk: 1, utterances(2))) }
                == .conflictingChunk)
        #expect(try ledger.meeting(standup)?.utteranceCount == 2)
        #expect(try ledger.end(standup, at: epoch))
        // A later chunk still belongs to it, and opens it again…
        _ = try ledger.accept(file("standup", content: "c", chunk: 2, utterances(2)))
        #expect(try ledger.meeting(standup)?.state == .open)
        #expect(try ledger.chunkProgress(called: standup)?.highestNumber == 2)
        // …but once ended, number 1 again is the next meeting.
        #expect(try ledger.end(standup, at: epoch))
        _ = try ledger.accept(file("standup", content: "d", chunk: 1, utterances(5)))
        let progress = try ledger.chunkProgress(called: standup)
        #expect(progress?.meeting.name == "standup-2")
        #expect(progress?.isOpen == true)
        #expect(progress?.highestNumber == 1)
    }

    @Test func timesThatBeginAgainAreShifted() throws {
        for chunk in 1...3 {
            _ = try ledger.accept(file("standup", content: "\(chunk)", chunk: chunk, utterances(60, from: 0)))
        }
        // Silence until second 40: without the memory of earlier chunks this would look like going on.
        _ = try ledger.accept(file("standup", content: "4", chunk: 4, utterances(20, from: 130)))
        let starts = try ledger.utterances(of: standup, in: 0..<500).compactMap(\.start)
        #expect(starts.count == 200)
        #expect(starts == starts.sorted())
        #expect(try ledger.deliveries(of: standup).map(\.timeOffset) == [0, 60, 120, 180])
    }

    @Test func timesThatGoOnAreLeftAlone() throws {
        for chunk in 0..<4 {
            // Each begins two seconds before the last one's end, as overlapping speech does.
            let begin = Double(chunk) * 58
            _ = try ledger.accept(
                file("standup", content: "\(chunk)", chunk: chunk, utterances(60, from: begin)))
        }
        #expect(try ledger.deliveries(of: standup).map(\.timeOffset) == [0, 0, 0, 0])
    }

    @Test func aConnectionGrowsUntilItIsClosed() throws {
        guard
            case .accepted(let id, _, 0..<1) = try ledger.accept(
                connection("call", utterances(1), ends: true))
        else {
            Issue.record("not accepted")
            return
        }
        let call = try MeetingID("call")
        #expect(try ledger.append(utterances(3), byteCount: 30, to: id) == 1..<4)
        #expect(try ledger.deliveries(of: call).map(\.byteCount) == [40])
        #expect(try ledger.meeting(call)?.state == .open)
        try ledger.close(id)
        try ledger.close(id)
        #expect(try ledger.meeting(call)?.state == .ended)
        #expect(refusal { _ = try ledger.append(utterances(1), byteCount: 1, to: id) } == .deliveryClosed)
        #expect(
            refusal { try ledger.close(DeliveryID(rawValue: 99)) } == .unknownDelivery)
    }

    @Test func connectionsCutByACrashAreClosedAtTheNextStart() throws {
        _ = try ledger.accept(connection("generated", utterances(2), ends: true))
        _ = try ledger.accept(connection("named", utterances(2)))
        try home.reopen()
        #expect(try ledger.closeInterruptedConnections().map(\.name) == ["generated", "named"])
        #expect(try ledger.meetings().map(\.state) == [.ended, .open])
        #expect(try ledger.closeInterruptedConnections().isEmpty)
        #expect(try ledger.meetings().allSatisfy { try ledger.notes(of: $0.id).count == 1 })
    }

    @Test func notesAreKeptOnce() throws {
        _ = try ledger.accept(file("standup", utterances(1), notes: [written("gap")]))
        let changedAt = try ledger.meeting(standup)?.changedAt
        try ledger.note(written("gap"), of: standup)
        #expect(try ledger.meeting(standup)?.changedAt == changedAt)
        try ledger.note(written("other"), of: standup)
        #expect(try ledger.notes(of: standup).map(\.text) == ["gap", "other"])
        // So that the minutes are written again, also of a meeting that is finished.
        #expect(try ledger.meeting(standup)?.changedAt != changedAt)
    }

    @Test func endingIsToldOnce() throws {
        _ = try ledger.accept(file("standup", utterances(1)))
        #expect(try ledger.end(standup))
        #expect(try !ledger.end(standup))
        #expect(refusal { _ = try ledger.end(MeetingID("nobody")) } == .unknownMeeting)
    }

    @Test func manyWritersLoseNothing() async throws {
        let ledger = ledger
        let meeting = standup
        let ids = try (0..<8).map { index -> DeliveryID in
            var first = try connection("standup", [])
            first.name = "socket:\(index)"
            guard case .accepted(let id, _, _) = try ledger.accept(first) else { throw CancellationError() }
            return id
        }
        let ranges = try await withThrowingTaskGroup(of: [Range<Int>].self) { group in
            for id in ids {
                group.addTask {
                    try (0..<20).map { _ in
                        try ledger.append(utterances(5, speaker: "\(id.rawValue)"), byteCount: 1, to: id)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let sequences = ranges.flatMap(Array.init).sorted()
        #expect(sequences == Array(0..<800))
        #expect(try ledger.speakers(of: meeting).map(\.utterances) == Array(repeating: 100, count: 8))
        #expect(try ledger.meeting(meeting)?.wordCount == 2400)
    }
}
