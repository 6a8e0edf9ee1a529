import Foundation
import Language
import Ledger
import Minutes
import ServiceTestSupport
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Pipeline

@Suite struct PipelineTests {
    private let fixture: MeetingFixture

    init() throws {
        fixture = try MeetingFixture()
    }

    @Test func aMeetingBecomesMinutes() async throws {
        let model = ScriptedModel()
        let meeting = try fixture.deliver(24, to: "standup", endsMeeting: true)
        try await fixture.pipeline(model).drain()

        let windows = try fixture.ledger.windows(of: meeting)
        #expect(windows.map(\.window.utterances) == [0..<5, 5..<10, 10..<15, 15..<20, 20..<24])
        #expect(windows.allSatisfy { $0.state == .summarised && $0.attempts == 0 })
        #expect(model.completions.count == windows.count + 1)

        let document = try fixture.document(meeting)
        #expect(document.state == .finished)
        #expect(document.coverage.percent == 100)
        #expect(document.coverage.utterances == 24)
        #expect(document.windows.map(\.summary?.text) == windows.map(\.summary?.text))
        #expect(document.windows.first?.summary?.text.contains("matter standup4") == true)
        #expect(document.summary != nil)
        #expect(document.notes.isEmpty)
        #expect(try fixture.markdown(meeting).contains("About standup"))
        #expect(try fixture.ledger.pendingMeetings().isEmpty)
    }

    /// A window's prompt carries the summaries of those before it, and nothing of their transcripts.
    @Test func summariesRollOn() async throws {
        let model = ScriptedModel()
        let meeting = try fixture.deliver(15, to: "m", endsMeeting: true)
        try await fixture.pipeline(model).drain()
        let third = try #require(model.completions.dropFirst(2).first?.prompt)
        let summaries = try fixture.ledger.windows(of: meeting).compactMap(\.summary?.text)
        #expect(third.contains(summaries[0]) && third.contains(summaries[1]))
        #expect(!third.contains("good end with matter m9"))
        #expect(third.contains("good end with matter m10"))
    }

    @Test func meetingsTakeTurnsWindowByWindow() async throws {
        let model = ScriptedModel()
        let long = try fixture.deliver(60, to: "long", endsMeeting: true)
        let short = try fixture.deliver(20, to: "short", endsMeeting: true)
        try await fixture.pipeline(model).drain()
        let order = model.completions.map(\.timeline)
        let shortEnd = try #require(order.lastIndex(of: short.name))
        for end in 0...shortEnd {
            let difference = order[0...end].reduce(0) { $0 + ($1 == long.name ? 1 : -1) }
            #expect(abs(difference) <= 1, "\(order)")
        }
        #expect(try fixture.document(long).coverage.percent == 100)
        #expect(try fixture.document(short).coverage.percent == 100)
    }

    @Test func aFailingWindowIsTriedAgainThenStated() async throws {
        let model = ScriptedModel { call in
            if call.prompt.contains("good end with matter m7 ") { throw ScriptedModel.Failure() }
        }
        let meeting = try fixture.deliver(15, to: "m", endsMeeting: true)
        try await fixture.pipeline(model).drain()

        let windows = try fixture.ledger.windows(of: meeting)
        #expect(windows.map(\.attempts) == [0, 3, 0])
        #expect(windows[1].state == .failed(reason: Note(.programError, .text("the model is out of order"))))
        #expect(windows[0].state == .summarised && windows[2].state == .summarised)
        let document = try fixture.document(meeting)
        #expect(document.state == .finished)
        #expect(document.coverage.summarisedUtterances == 10)
        #expect(document.windows[1].state == .failed)
        #expect(try fixture.markdown(meeting).contains("the model is out of order"))
    }

    @Test func aPassingFailureLeavesNoTraceInTheMinutes() async throws {
        let failures = Mutex(2)
        let model = ScriptedModel { call in
            guard call.prompt.contains("good end with matter m7 ") else { return }
            try failures.withLock {
                guard $0 > 0 else { return }
                $0 -= 1
                throw ScriptedModel.Failure()
            }
        }
        let meeting = try fixture.deliver(15, to: "m", endsMeeting: true)
        try await fixture.pipeline(model).drain()
        #expect(try fixture.ledger.windows(of: meeting).map(\.attempts) == [0, 2, 0])
        #expect(try fixture.document(meeting).coverage.percent == 100)
        #expect(try fixture.document(meeting).notes.isEmpty)
    }

    @Test func aFailingSummaryOfTheWholeIsStated() async throws {
        let model = ScriptedModel { call in
            if !call.prompt.contains("good end with") { throw ScriptedModel.Failure() }
        }
        let meeting = try fixture.deliver(10, to: "m", endsMeeting: true)
        try await fixture.pipeline(model).drain()
        #expect(model.completions.count == 2 + 3)
        let document = try fixture.document(meeting)
        #expect(document.state == .finished)
        #expect(document.summary == nil)
        #expect(document.coverage.percent == 100)
        #expect(document.notes.contains { $0.contains("the model is out of order") })
    }

    /// A context too short for any window is a refusal: asking again does not help.
    @Test func aRefusalIsNotRepeated() async throws {
        let model = ScriptedModel(contextLength: 100)
        let meeting = try fixture.deliver(10, to: "m", endsMeeting: true)
        try await fixture.pipeline(model).drain()
        #expect(try fixture.ledger.windows(of: meeting).map(\.attempts) == [1, 1])
        #expect(try fixture.document(meeting).state == .finished)
        #expect(try fixture.document(meeting).coverage.percent == 0)
    }

    @Test func aSilentMeetingIsFinishedToo() async throws {
        let meeting = try fixture.deliver(0, to: "silent", endsMeeting: true)
        try await fixture.pipeline(ScriptedModel()).drain()
        #expect(try fixture.document(meeting).state == .finished)
        #expect(try fixture.document(meeting).summary == nil)
    }

    @Test func laterInputOpensAFinishedMeetingAgain() async throws {
        let model = ScriptedModel()
        let meeting = try fixture.deliver(10, to: "m", endsMeeting: true)
        let pipeline = fixture.pipeline(model)
        try await pipeline.drain()
        let before = try fixture.ledger.windows(of: meeting)
        _ = try fixture.deliver(8, to: "m", chunk: 2)
        try await pipeline.drain()
        #expect(try fixture.document(meeting).state == .open)
        #expect(try fixture.document(meeting).summary == nil)
        #expect(try await pipeline.end(meeting))
        #expect(try await !pipeline.end(meeting))
        try await pipeline.drain()
        let after = try fixture.ledger.windows(of: meeting)
        #expect(Array(after.prefix(before.count)) == before)
        #expect(try fixture.ledger.meeting(meeting)?.revision == 2)
        #expect(try fixture.document(meeting).coverage.utterances == 18)
        #expect(try fixture.document(meeting).coverage.percent == 100)
    }

    /// Whatever is found in the ledger, the minutes are written from it.
    @Test func minutesThatAreMissingAreWrittenAgain() async throws {
        let meeting = try fixture.deliver(10, to: "m", endsMeeting: true)
        try await fixture.pipeline(ScriptedModel()).drain()
        let folder = fixture.folder
        let before = try (fixture.markdown(meeting), fixture.document(meeting))
        let page = try String(contentsOfFile: folder.htmlPath(of: meeting), encoding: .utf8)
        try FileManager.default.removeItem(atPath: folder.markdownPath(of: meeting))
        try FileManager.default.removeItem(atPath: folder.htmlPath(of: meeting))
        try "{".write(toFile: folder.jsonPath(of: meeting), atomically: true, encoding: .utf8)

        let model = ScriptedModel()
        try await running(fixture.pipeline(model)) {
            #expect(await eventually { (try? fixture.markdown(meeting)) == before.0 })
            #expect(await eventually { (try? fixture.document(meeting)) == before.1 })
            #expect(
                await eventually {
                    (try? String(contentsOfFile: folder.htmlPath(of: meeting), encoding: .utf8)) == page
                })
        }
        #expect(model.calls.isEmpty)
    }
}

/// Runs `body` beside a running pipeline, which then has to stop when it is cancelled.
func running(_ pipeline: Pipeline, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await pipeline.run() }
        try await body()
        group.cancelAll()
        try await group.waitForAll()
    }
}
