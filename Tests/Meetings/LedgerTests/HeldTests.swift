import Foundation
import Testing
import Transcript

@testable import Ledger

/// A sender's connections are one stream: what it holds back and what it corrects goes on from one to the next.
@Suite("What a sender's connections have in common")
struct HeldTests {
    private let home: TemporaryLedger
    private var ledger: Ledger { home.ledger }
    private let live: MeetingID

    init() throws {
        home = try TemporaryLedger()
        live = try MeetingID("live")
    }

    private func said(_ text: String, id: String? = nil) -> Utterance {
        Utterance(speaker: "Ada", text: text, source: SourcePosition(name: "socket:1", line: 1), id: id)
    }

    /// The first lines of a connection of `sender`; the connection stays open.
    private func begin(
        _ sender: String?, _ lines: Range<Int>, _ utterances: [Utterance] = [], amendments: [Amendment] = [],
        state: String? = nil, closes: Bool = false
    ) throws -> (id: DeliveryID, receipt: PartReceipt) {
        var delivery = try connection("live", utterances)
        delivery.sender = sender.map {
            SenderPosition(name: $0, lines: lines, state: state, holdsBack: state != nil)
        }
        (delivery.amendments, delivery.closes) = (amendments, closes)
        return try ledger.begin(delivery)
    }

    /// The state of a decoder that holds back `text` of the result `id`.
    private func holding(_ text: String, id: String) throws -> String {
        var decoder = LineDecoder()
        _ = try decoder.decode(#"{"id": "\#(id)", "final": false, "text": "\#(text)"}"#)
        return decoder.savedState()
    }

    private func texts() throws -> [String] { try ledger.utterances(of: live, in: 0..<99).map(\.text) }

    @Test func aLaterConnectionCorrectsWhatAnEarlierOneBrought() throws {
        _ = try begin("one", 0..<2, [said("first", id: "a"), said("second", id: "b")], closes: true)
        _ = try begin("two", 0..<1, [said("another's", id: "a")], closes: true)
        let later = try begin("one", 2..<3, [said("third")], amendments: [.revision(said("First.", id: "a"))])
        #expect(later.receipt == PartReceipt(amended: [0], sequences: 3..<4))
        #expect(try texts() == ["First.", "second", "another's", "third"])
        #expect(try ledger.amend([.repetition(said("third"))], byteCount: 1, of: later.id) == [3])
    }

    @Test func aSenderWithoutANameCorrectsItsOwnConnectionAlone() throws {
        _ = try begin(nil, 0..<0, [said("first", id: "a")], closes: true)
        let later = try begin(nil, 0..<0, amendments: [.revision(said("First.", id: "a"))])
        #expect(later.receipt == PartReceipt(amended: [1], sequences: 2..<2))
        #expect(try texts() == ["first", "First."])
    }

    @Test func whatIsHeldIsSaidOnceItsSenderIsGoneAndTheMeetingOver() throws {
        let held = try holding("and the rest", id: "c")
        let first = try begin("one", 0..<3, [said("first")], state: held)
        #expect(try ledger.progress(ofSender: "one", meeting: live) == (3, held))
        _ = try begin("two", 0..<2, [said("second")], state: try holding("of two", id: "c"), closes: true)
        #expect(try texts() == ["first", "second"])
        #expect(try ledger.end(live))
        #expect(try texts() == ["first", "second", "of two"])
        #expect(try ledger.end(live) == false)
        try ledger.close(first.id)
        #expect(try texts() == ["first", "second", "of two", "and the rest"])
        let meeting = try #require(try ledger.meeting(live))
        #expect(meeting.state == .ended && meeting.utteranceCount == 4)
        #expect(try ledger.notes(of: live).contains { $0.text.contains("never settled") })
        #expect(try ledger.progress(ofSender: "one", meeting: live).lineCount == 3)
        // Once.
        #expect(try ledger.closeInterruptedConnections().isEmpty)
        _ = try begin("three", 0..<1, [said("third")], closes: true)
        #expect(try ledger.end(live))
        #expect(try ledger.meeting(live)?.utteranceCount == 5)
    }

    /// Nobody may rely on what a version before this one held back: it held nothing back.
    @Test func anOlderLedgersSendersGoOn() throws {
        let path = try home.older(
            "6",
            """
            INSERT INTO meeting (id, name, calledName, createdAt, changedAt) VALUES (1, 'live', 'live', 0, 0);
            INSERT INTO sender (meeting, name, lineCount) VALUES (1, 'one', 7);
            """)
        let older = try Ledger(path: path)
        #expect(try older.progress(ofSender: "one", meeting: live) == (7, nil))
        var delivery = try connection("live", [said("eighth")])
        delivery.sender = SenderPosition(name: "one", lines: 7..<8)
        _ = try older.begin(delivery)
        #expect(try older.end(live))
        #expect(try older.progress(ofSender: "one", meeting: live).lineCount == 8)
    }
}
