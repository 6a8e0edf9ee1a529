import Foundation
import Ledger
import Minutes
import ServiceTestSupport
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// The pipeline while a meeting goes on.
@Suite struct PipelineServiceTests {
    private let fixture: MeetingFixture

    init() throws {
        fixture = try MeetingFixture()
    }

    @Test func minutesGrowWhileTheMeetingRuns() async throws {
        let model = ScriptedModel()
        let meeting = try fixture.deliver(3, to: "m")
        try await running(fixture.pipeline(model)) {
            #expect(await eventually { (try? fixture.document(meeting).coverage.utterances) == 3 })
            #expect(try fixture.document(meeting).state == .open)
            #expect(try fixture.document(meeting).windows.isEmpty)
            _ = try fixture.deliver(4, to: "m", chunk: 2)
            #expect(await eventually { (try? fixture.document(meeting).coverage.summarisedUtterances) == 5 })
            #expect(await eventually { (try? fixture.document(meeting).coverage.utterances) == 7 })
            _ = try fixture.deliver(1, to: "m", chunk: 3, endsMeeting: true)
            #expect(await eventually { (try? fixture.document(meeting).state) == .finished })
        }
        #expect(try fixture.document(meeting).coverage.percent == 100)
    }

    /// The open window is read by the model before it closes, and each prompt goes on where the last one was.
    @Test func openWindowsArePrefilled() async throws {
        let model = ScriptedModel()
        _ = try fixture.deliver(2, to: "m")
        try await running(fixture.pipeline(model)) {
            #expect(await eventually { model.calls.contains { $0.prompt.contains("matter m1 ") } })
            _ = try fixture.deliver(2, to: "m", chunk: 2)
            #expect(await eventually { model.calls.contains { $0.prompt.contains("matter m3 ") } })
            _ = try fixture.deliver(1, to: "m", chunk: 3, endsMeeting: true)
            #expect(await eventually { model.completions.count == 1 })
        }
        let prompts = model.calls.map(\.prompt)
        #expect(prompts.count >= 3)
        for (earlier, later) in zip(prompts, prompts.dropFirst()) { #expect(later.hasPrefix(earlier)) }
    }

    @Test func silenceEndsAMeeting() async throws {
        var policy = MeetingFixture.policy
        policy.idleEnd = .milliseconds(50)
        let meeting = try fixture.deliver(7, to: "m", at: .now.addingTimeInterval(-3600))
        try await running(fixture.pipeline(ScriptedModel(), policy: policy)) {
            #expect(await eventually { (try? fixture.document(meeting).state) == .finished })
        }
        #expect(try fixture.document(meeting).coverage.percent == 100)
    }

    /// A failed window wakes the pipeline when its wait is over; nobody has to look for it.
    @Test func aFailureIsTriedAgainWhenItsWaitIsOver() async throws {
        var policy = MeetingFixture.policy
        policy.pollInterval = .seconds(3600)
        policy.retryDelay = .milliseconds(20)
        let failures = Mutex(2)
        let model = ScriptedModel { _ in
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw ScriptedModel.Failure() }
        }
        let meeting = try fixture.deliver(5, to: "m", endsMeeting: true)
        try await running(fixture.pipeline(model, policy: policy)) {
            #expect(await eventually { (try? fixture.document(meeting).state) == .finished })
        }
        #expect(try fixture.ledger.windows(of: meeting).map(\.attempts) == [2])
    }

    /// Stopping gives up the summary at hand, at once and without a trace; the next start makes it.
    @Test func stoppingInterruptsTheModel() async throws {
        let model = ScriptedModel { _ in try await Task.sleep(for: .seconds(3600)) }
        let meeting = try fixture.deliver(12, to: "m", endsMeeting: true)
        let pipeline = fixture.pipeline(model)
        try await running(pipeline) {
            #expect(await eventually { model.completions.count == 1 })
            #expect(await pipeline.activity?.window == 0)
        }
        #expect(await pipeline.activity == nil)
        #expect(model.completions.count == 1)
        let windows = try fixture.ledger.windows(of: meeting)
        #expect(windows.count == 3)
        #expect(windows.allSatisfy { $0.state == .closed && $0.attempts == 0 })
        try await fixture.pipeline(ScriptedModel()).drain()
        #expect(try fixture.document(meeting).coverage.percent == 100)
    }

    /// A full or broken output folder holds nothing up, and its minutes come when it is whole again.
    @Test func unwritableMinutesAreWrittenLater() async throws {
        let meeting = try MeetingID("m")
        let obstacle = fixture.folder.path + "/m"
        try Data().write(to: URL(filePath: obstacle))
        _ = try fixture.deliver(10, to: "m", endsMeeting: true)
        try await running(fixture.pipeline(ScriptedModel())) {
            #expect(await eventually { (try? fixture.ledger.meeting(meeting)?.state) == .finished })
            try FileManager.default.removeItem(atPath: obstacle)
            #expect(await eventually { (try? fixture.document(meeting).state) == .finished })
        }
    }

    @Test func progressIsTold() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        let events = pipeline.progress.events()
        let meeting = try fixture.deliver(9, to: "m", endsMeeting: true)
        try await pipeline.drain()
        var seen: [ProgressEvent] = []
        for await event in events {
            seen.append(event)
            if event.kind == .finished { break }
        }
        #expect(seen.allSatisfy { $0.meeting == meeting })
        let kinds = seen.filter { $0.kind != .text }.map(\.kind)
        #expect(
            kinds == [
                .windowClosed, .windowClosed, .started, .summarised, .started, .summarised, .started,
                .finished,
            ])
        let windows = try fixture.ledger.windows(of: meeting)
        for window in windows {
            let text = seen.filter { $0.kind == .text && $0.window == window.window.index }.compactMap(\.text)
                .joined()
            #expect(text.trimmingCharacters(in: .whitespaces) == window.summary?.text)
        }
        #expect(seen.last?.windowCount == 2)
        #expect(seen.last?.utteranceCount == 9)
    }
}
