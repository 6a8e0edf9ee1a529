import Foundation
import Minutes
import ServiceTestSupport
import Summaries
import Synchronization
import Testing
import Transcript

@testable import Pipeline

/// How often minutes are written.
@Suite struct OutputScheduleTests {
    /// A meeting that changes all the time, and whose minutes take ever longer.
    @Test(arguments: [0.001, 0.1, 1, 7])
    func writingTakesATenthOfTheTimeAtMost(cost: Double) throws {
        let meeting = try MeetingID("m")
        var schedule = OutputSchedule()
        let begin = ContinuousClock.now
        var now = begin
        var (spent, count) = (Duration.zero, 0)
        while now < begin + .seconds(3600) {
            schedule.note([meeting])
            for meeting in schedule.due(at: now) {
                schedule.begin(meeting)
                let took = Duration.seconds(cost * (1 + Double(count % 5)))
                (spent, count) = (spent + took, count + 1)
                now += took
                schedule.finish(meeting, cost: took, interval: .milliseconds(10), at: now)
            }
            now += .milliseconds(10)
        }
        let share = spent / (now - begin)
        #expect(share < 0.11, "\(count) times")
        // Not less often than is needed either.
        #expect(share > (cost < 0.01 ? 0.02 : 0.07), "\(count) times")
    }

    @Test func theFirstIsWrittenAtOnceAndChangesDuringAWriteAreNotForgotten() throws {
        let (one, other) = (try MeetingID("one"), try MeetingID("other"))
        var schedule = OutputSchedule()
        let now = ContinuousClock.now
        schedule.note([one, other])
        #expect(Set(schedule.due(at: now)) == [one, other])
        schedule.begin(one)
        schedule.note([one])
        schedule.finish(one, cost: .seconds(2), interval: .seconds(5), at: now)
        #expect(schedule.due(at: now) == [other])
        #expect(schedule.next == now + .seconds(18))
        #expect(Set(schedule.due(at: now + .seconds(18))) == [one, other])
    }

    @Test func whatCannotBeWrittenIsTriedEverLessOften() throws {
        let meeting = try MeetingID("m")
        var schedule = OutputSchedule()
        let begin = ContinuousClock.now
        var now = begin
        var tries: [Duration] = []
        schedule.note([meeting])
        while now < begin + .seconds(300) {
            for meeting in schedule.due(at: now) {
                schedule.begin(meeting)
                tries.append(now - begin)
                schedule.fail(meeting, interval: .seconds(5), at: now)
            }
            now += .seconds(1)
        }
        #expect(tries == [0, 5, 15, 35, 75, 135, 195, 255].map { .seconds($0) })
    }

    /// A file of many windows does not write its minutes for each.
    @Test func aBacklogWritesItsMinutesAtFirstAndAtTheEnd() async throws {
        let fixture = try MeetingFixture()
        var policy = MeetingFixture.policy
        policy.refreshInterval = .seconds(3600)
        let seen = Mutex<Set<Int>>([])
        let meeting = try fixture.deliver(200, to: "m", endsMeeting: true)
        let model = ScriptedModel { _ in
            guard let document = try? fixture.document(meeting) else { return }
            _ = seen.withLock { $0.insert(document.coverage.summarisedUtterances) }
        }
        try await fixture.pipeline(model, policy: policy).drain()
        #expect(model.completions.count == 41)
        #expect(seen.withLock { $0 } == [5], "the minutes after the first window")
        #expect(try fixture.document(meeting).state == .finished)
        #expect(try fixture.document(meeting).coverage.percent == 100)
    }
}
