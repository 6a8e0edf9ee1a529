import Foundation
import Language
import Testing
import Transcript

@testable import Ledger

@Suite("What a connection brings at once")
struct DeliveryPartTests {
    private let home: TemporaryLedger
    private var ledger: Ledger { home.ledger }
    private let live: MeetingID
    private let delivery: DeliveryID

    init() throws {
        home = try TemporaryLedger()
        live = try MeetingID("live")
        var first = try connection("live", utterances(2))
        first.sender = SenderPosition(name: "recorder", lines: 0..<2)
        guard case .accepted(let id, _, _) = try home.ledger.accept(first) else {
            throw LedgerError(.invariant, "not accepted")
        }
        delivery = id
    }

    /// One of everything, with the sender's lines in `range`.
    private func part(lines range: Range<Int>) -> DeliveryPart {
        var part = DeliveryPart()
        part.amendments = [.repetition(utterances(2)[1])]
        part.utterances = utterances(3)
        (part.byteCount, part.notes, part.title) = (30, [written("a note")], "A title")
        part.sender = SenderPosition(name: "recorder", lines: range)
        (part.endsMeeting, part.closes) = (true, true)
        return part
    }

    /// Whatever is wrong with it, nothing of it is recorded; and lines that do not follow are never taken for others.
    @Test(arguments: [0..<5, 1..<6, 3..<8, 99..<104])
    func linesOutOfPlaceAreRefusedAsAWhole(lines: Range<Int>) throws {
        let before = try #require(try ledger.meeting(live))
        #expect(refusal { _ = try ledger.record(part(lines: lines), of: delivery) } == .linesOutOfPlace)
        #expect(try ledger.meeting(live) == before)
        #expect(try ledger.utterances(of: live, in: 0..<9).map(\.repeatCount) == [0, 0])
        #expect(try ledger.notes(of: live).isEmpty)
        #expect(try ledger.deliveries(of: live).map(\.state) == [.growing])
        #expect(try ledger.progress(ofSender: "recorder", meeting: live).lineCount == 2)
        var end = DeliveryPart()
        end.sender = SenderPosition(name: "recorder", lines: lines)
        #expect(refusal { _ = try ledger.end(live, with: end) } == .linesOutOfPlace)
        var again = try connection("live", utterances(1))
        again.sender = end.sender
        #expect(refusal { _ = try ledger.accept(again) } == .linesOutOfPlace)
        #expect(try ledger.meeting(live) == before)
    }

    @Test func linesInTheirPlaceAreTakenWithAllThatTheySay() throws {
        let receipt = try ledger.record(part(lines: 2..<8), of: delivery)
        #expect(receipt == PartReceipt(amended: [1], sequences: 2..<5))
        let meeting = try #require(try ledger.meeting(live))
        #expect(meeting.state == .ended && meeting.utteranceCount == 5 && meeting.title == "A title")
        #expect(try ledger.utterances(of: live, in: 0..<9).map(\.repeatCount) == [0, 1, 0, 0, 0])
        #expect(try ledger.deliveries(of: live).map(\.state) == [.closed])
        #expect(try ledger.deliveries(of: live).map(\.byteCount) == [40])
        #expect(try ledger.progress(ofSender: "recorder", meeting: live).lineCount == 8)
    }

    /// It is the same as it was, so nobody has to be told.
    @Test func endingAnEndedMeetingChangesNothing() throws {
        _ = try ledger.end(live)
        let before = try ledger.meeting(live)
        var end = DeliveryPart()
        end.endsMeeting = true
        #expect(try ledger.record(end, of: delivery) == PartReceipt())
        #expect(try !ledger.end(live))
        #expect(try ledger.meeting(live) == before)
    }
}
