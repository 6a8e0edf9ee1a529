import Foundation
import Ledger
import Minutes
import ServiceTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

/// What an operator asks of a daemon that works.
@Suite struct OperatingTests {
    private let fixture: MeetingFixture

    init() throws {
        fixture = try MeetingFixture()
    }

    @Test func whatIsPausedIsBegunOnlyWhenItIsResumed() async throws {
        let model = ScriptedModel()
        let pipeline = fixture.pipeline(model)
        await pipeline.pause(nil)
        let one = try fixture.deliver(5, to: "one", endsMeeting: true)
        let two = try fixture.deliver(5, to: "two", endsMeeting: true)
        try await working(pipeline) {
            try await Task.sleep(for: .milliseconds(300))
            #expect(model.calls.isEmpty)
            await pipeline.pause(two)
            await pipeline.resume(nil)
            // With everything, what was paused by name goes on too.
            #expect(await pipeline.heldMeetings == [])
            await pipeline.pause(two)
            #expect(try await eventually { try fixture.ledger.meeting(one)?.state == .finished })
            await pipeline.resume(two)
            #expect(try await eventually { try fixture.ledger.meeting(two)?.state == .finished })
        }
    }

    @Test func aMeetingEndedAtOnceSaysWhatIsMissingAndCanBeRetried() async throws {
        let model = ScriptedModel()
        let pipeline = fixture.pipeline(model)
        let meeting = try fixture.deliver(9, to: "m")
        #expect(try await pipeline.endNow(meeting))
        try await pipeline.drain()
        #expect(model.completions.isEmpty)
        let document = try fixture.document(meeting)
        #expect(document.state == .finished)
        #expect(document.windows.count == 2 && document.coverage.summarisedUtterances == 0)
        #expect(try fixture.markdown(meeting).contains("minutectl end --now"))
        // A meeting that is finished has nothing left to wait for.
        #expect(try await !pipeline.endNow(meeting))

        #expect(try await pipeline.retry(meeting) == 2)
        try await pipeline.drain()
        let again = try fixture.document(meeting)
        #expect(again.state == .finished && again.coverage.summarisedUtterances == 9)
        #expect(again.summary != nil)
        #expect(try await pipeline.retry(meeting) == nil)
    }

    @Test func aWindowThatWasGivenUpIsRetriedOnce() async throws {
        let isBroken = Mutex(true)
        let model = ScriptedModel { call in
            if isBroken.withLock({ $0 }), call.prompt.contains("m0") { throw ScriptedModel.Failure() }
        }
        let pipeline = fixture.pipeline(model)
        let meeting = try fixture.deliver(9, to: "m", endsMeeting: true)
        try await pipeline.drain()
        #expect(try fixture.ledger.meeting(meeting)?.failedWindowCount == 1)
        #expect(try await pipeline.retry(meeting) == 1)
        let before = model.completions.count
        try await pipeline.drain()
        #expect(try fixture.ledger.meeting(meeting)?.failedWindowCount == 1)
        #expect(model.completions.count > before)
        isBroken.withLock { $0 = false }
        #expect(try await pipeline.retry(meeting) == 1)
        try await pipeline.drain()
        #expect(try fixture.document(meeting).coverage.percent == 100)
    }

    private func working(_ pipeline: Pipeline, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pipeline.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }
}
