import Foundation
import Ledger
import Logging
import Minutes
import ServiceTestSupport
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// What follows when the process before this one died of a fault.
@Suite struct DeathTests {
    private let fixture: MeetingFixture
    private let atHand: AtHand

    init() throws {
        fixture = try MeetingFixture()
        atHand = try AtHand(path: fixture.scratch.path + "/at-hand")
    }

    private func die(_ works: AtHand.Work...) throws -> Set<MeetingID> {
        try Pipeline.settle(
            AtHand.Death(signal: 4, works: works), ledger: fixture.ledger, attempts: 3,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test func aWindowHasFailedOnceMoreWithEachDeath() async throws {
        let meeting = try fixture.deliver(9, to: "m", endsMeeting: true)
        try fixture.ledger.record(
            Window(index: 0, utterances: 0..<5, tokenCount: 70, closedBy: .size), of: meeting)
        for attempts in 1...3 {
            #expect(try die(.window(meeting, 0)) == [meeting])
            let window = try #require(try fixture.ledger.windows(of: meeting).first)
            #expect(window.attempts == attempts && (window.state == .closed) == (attempts < 3))
        }
        // Windows and meetings that are not there any more.
        #expect(try die(.window(meeting, .max), .window(try MeetingID("gone"), 0)).count == 2)
        try await fixture.pipeline(ScriptedModel(), atHand: atHand).drain()
        let document = try fixture.document(meeting)
        #expect(document.state == .finished && document.coverage.summarisedUtterances == 4)
        #expect(try fixture.markdown(meeting).contains("died of a fault (signal 4)"))
    }

    @Test func aMeetingIsHeldUntilItIsResumed() async throws {
        let meeting = try fixture.deliver(5, to: "m", endsMeeting: true)
        let other = try fixture.deliver(5, to: "other", endsMeeting: true)
        for _ in 1...3 { _ = try die(.input(meeting)) }
        let pipeline = fixture.pipeline(ScriptedModel(), atHand: atHand)
        try await pipeline.drain()
        #expect(await pipeline.heldMeetings == [meeting])
        #expect(try fixture.ledger.windows(of: meeting).isEmpty)
        #expect(try fixture.markdown(meeting).contains("minutectl resume m"))
        #expect(try fixture.document(other).state == .finished)
        await pipeline.resume(meeting)
        try await pipeline.drain()
        #expect(try fixture.document(meeting).state == .finished)
    }

    @Test func theSummaryOfTheWholeIsGivenUpUntilItIsTriedAgain() async throws {
        let meeting = try fixture.deliver(5, to: "m", endsMeeting: true)
        for _ in 1...3 { _ = try die(.whole(meeting)) }
        let pipeline = fixture.pipeline(ScriptedModel(), atHand: atHand)
        try await pipeline.drain()
        let document = try fixture.document(meeting)
        #expect(document.state == .finished && document.summary == nil)
        #expect(try fixture.markdown(meeting).contains("died 3 × of a fault"))
        _ = try await pipeline.retry(meeting)
        try await pipeline.drain()
        #expect(try fixture.document(meeting).summary != nil)
    }

    /// One of those that were at hand is at fault: each gets a turn alone, so that the next death tells which.
    @Test func suspectsHaveTheirTurnsAlone() async throws {
        let meetings = try (0..<6).map { try fixture.deliver(5, to: "m\($0)", endsMeeting: true) }
        let suspects = try die(.window(meetings[0], 0))
        let mayGoOn = Mutex(false)
        let model = ScriptedModel { call in
            guard call.timeline == "m0" else { return }
            _ = await eventually { mayGoOn.withLock { $0 } }
        }
        let pipeline = fixture.pipeline(model, atHand: atHand, suspects: suspects)
        let running = Task { try await pipeline.run() }
        #expect(await eventually { model.calls.contains { $0.timeline == "m0" } })
        let before = model.calls.count
        try await Task.sleep(for: .milliseconds(200))
        #expect(model.calls.count == before, "others were begun beside it")
        mayGoOn.withLock { $0 = true }
        #expect(try await eventually { try fixture.ledger.meetings().allSatisfy { $0.state == .finished } })
        #expect(await pipeline.suspects.isEmpty)
        running.cancel()
        _ = try? await running.value
    }
}
