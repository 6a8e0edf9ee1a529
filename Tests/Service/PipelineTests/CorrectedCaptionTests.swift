import Foundation
import Ledger
import Minutes
import ServiceTestSupport
import Summaries
import Testing
import Transcript

@testable import Pipeline

@Suite("Captions that are corrected while the window is open")
struct CorrectedCaptionTests {
    private let fixture: MeetingFixture

    init() throws { fixture = try MeetingFixture() }

    private func said(_ number: Int, _ matter: String) -> Utterance {
        Utterance(
            speaker: "Ada", start: Double(number) * 6, end: Double(number) * 6 + 5,
            text: "we should now really come to a good end with matter \(matter) today",
            source: SourcePosition(name: "socket:1", line: number + 1), id: "\(number)")
    }

    /// The model reads the corrected words, before and at the summary; what it wrote before is not asked again.
    @Test func theModelReadsTheCorrectedWords() async throws {
        let model = ScriptedModel()
        let meeting = try MeetingID("live")
        let delivery = Delivery(
            meeting: meeting, name: "socket:1", kind: .socket, byteCount: 1, format: "jsonl",
            receivedAt: .now, utterances: (0..<8).map { said($0, "m\($0)") }, endsMeeting: false)
        guard case .accepted(let id, _, _) = try fixture.ledger.accept(delivery) else {
            Issue.record("not accepted")
            return
        }
        let pipeline = fixture.pipeline(model)
        try await pipeline.drain()
        #expect(model.completions.count == 1)
        let first = try #require(model.calls.last)
        #expect(first.isPrefill && first.prompt.contains("matter m6 "))

        var part = DeliveryPart()
        part.amendments = [.revision(said(6, "corrected")), .revision(said(1, "late"))]
        #expect(try fixture.ledger.record(part, of: id).amended == [6, 1])
        try await pipeline.drain()
        let prefill = try #require(model.calls.last)
        #expect(prefill.isPrefill && prefill.prompt.contains("matter corrected "))
        #expect(!prefill.prompt.contains("matter m6 "))
        #expect(model.completions.count == 1)

        _ = try fixture.ledger.end(meeting)
        try await pipeline.drain()
        let second = try #require(model.completions.dropFirst().first?.prompt)
        #expect(second.contains("matter corrected ") && !second.contains("matter m6 "))
        let document = try fixture.document(meeting)
        #expect(document.coverage.percent == 100 && document.coverage.utterances == 8)
        #expect(try fixture.markdown(meeting).contains("came after their part was closed: 1."))
    }

    /// Corrections come every few seconds: each of them saved the cache, however lately that was done.
    @Test func aCorrectionDoesNotBringTheNextSaveForward() async throws {
        let model = ScriptedModel(savesTimelines: true)
        let delivery = Delivery(
            meeting: try MeetingID("live"), name: "socket:1", kind: .socket, byteCount: 1, format: "jsonl",
            receivedAt: .now, utterances: (0..<3).map { said($0, "m\($0)") }, endsMeeting: false)
        guard case .accepted(let id, _, _) = try fixture.ledger.accept(delivery) else {
            Issue.record("not accepted")
            return
        }
        var policy = MeetingFixture.policy
        policy.saveInterval = .seconds(3600)
        let pipeline = fixture.pipeline(model, policy: policy)
        try await pipeline.drain()
        #expect(model.saved == ["live"])
        var part = DeliveryPart()
        part.amendments = [.revision(said(0, "corrected"))]
        _ = try fixture.ledger.record(part, of: id)
        try await pipeline.drain()
        #expect(try #require(model.calls.last).prompt.contains("matter corrected "), "it was read again")
        #expect(model.saved == ["live"])
    }
}
