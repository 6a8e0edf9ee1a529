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

/// A process may end between any two steps: the next one goes on as if nothing had been.
@Suite struct PipelineRestartTests {
    private static func deliver(to fixture: MeetingFixture) throws -> MeetingID {
        _ = try fixture.deliver(9, to: "m")
        _ = try fixture.deliver(11, to: "m", chunk: 2)
        return try fixture.deliver(4, to: "m", chunk: 3, endsMeeting: true)
    }

    @Test func aNewPipelineForEveryTurnGivesTheSameMinutes() async throws {
        let (whole, parts) = (try MeetingFixture(), try MeetingFixture())
        let meeting = try Self.deliver(to: whole)
        let wholeModel = ScriptedModel()
        try await whole.pipeline(wholeModel).drain()

        _ = try Self.deliver(to: parts)
        let partsModel = ScriptedModel()
        var turns = 0
        while try parts.ledger.meeting(meeting)?.state != .finished {
            #expect(await parts.pipeline(partsModel).turn(of: meeting))
            turns += 1
            try #require(turns < 100)
        }
        #expect(turns == 6)
        // Nothing was asked twice.
        #expect(partsModel.completions == wholeModel.completions)
        #expect(try whole.words(meeting) == parts.words(meeting))
    }

    /// Killed in the middle of the k-th answer, for every k: only that answer is made again.
    @Test(arguments: 1...6)
    func whatWasBegunIsDoneAgainAndNothingElse(killedAt: Int) async throws {
        let (whole, parts) = (try MeetingFixture(), try MeetingFixture())
        let meeting = try Self.deliver(to: whole)
        let wholeModel = ScriptedModel()
        try await whole.pipeline(wholeModel).drain()

        _ = try Self.deliver(to: parts)
        let count = Mutex(0)
        let model = ScriptedModel { _ in
            let number = count.withLock {
                $0 += 1
                return $0
            }
            // Never comes back: the process is gone.
            if number == killedAt { try await Task.sleep(for: .seconds(3600)) }
        }
        let first = Task { try await parts.pipeline(model).drain() }
        #expect(await eventually { model.completions.count == killedAt })
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        try await parts.pipeline(model).drain()

        var expected = wholeModel.completions
        expected.insert(expected[killedAt - 1], at: killedAt - 1)
        #expect(model.completions == expected)
        #expect(try whole.words(meeting) == parts.words(meeting))
    }

    /// Attempts are counted across restarts: a window that kills the daemon is given up in the end.
    @Test func failuresAreCountedAcrossRestarts() async throws {
        let fixture = try MeetingFixture()
        let meeting = try fixture.deliver(5, to: "m", endsMeeting: true)
        for attempt in 1...3 {
            let model = ScriptedModel { _ in throw ScriptedModel.Failure() }
            #expect(await fixture.pipeline(model).turn(of: meeting))
            #expect(try fixture.ledger.windows(of: meeting).first?.attempts == attempt)
        }
        #expect(try fixture.ledger.meeting(meeting)?.failedWindowCount == 1)
    }
}

extension MeetingFixture {
    /// The minutes without the times at which they were made.
    fileprivate func words(_ meeting: MeetingID) throws -> MinutesDocument {
        var document = try document(meeting)
        document.generatedAt = .distantPast
        document.endedAt = nil
        return document
    }
}
