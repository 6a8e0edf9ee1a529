import Errors
import Foundation
import Ledger
import ServiceTestSupport
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// Questions beside the summaries.
@Suite struct AskingTests {
    private let fixture: MeetingFixture

    init() throws { fixture = try MeetingFixture() }

    /// Whether the model is asked a question, and not to summarise.
    private static func isQuestion(_ call: ScriptedModel.Call) -> Bool {
        call.timeline.hasSuffix("/question")
    }

    /// What the fixture's people say of their matters has such names.
    private static let question = "Who comes to an end with matter m3?"

    @Test func aRunningMeetingIsAsked() async throws {
        let model = ScriptedModel()
        let meeting = try fixture.deliver(4, to: "m")
        let pipeline = fixture.pipeline(model)
        try await running(pipeline) {
            let answer = try await pipeline.ask(Self.question, about: meeting)
            #expect(answer.kind != .notSaid && answer.turns.contains(3), "\(answer)")
            #expect(answer.passages.contains { $0.speaker == "Ben" })
            // What was said meanwhile counts at once.
            #expect(try await pipeline.ask("Is there anything on m9?", about: meeting).kind == .notSaid)
            _ = try fixture.deliver(6, to: "m", chunk: 2)
            #expect(try await pipeline.ask("Is there anything on m9?", about: meeting).turns.contains(9))
        }
        #expect(try fixture.ledger.meeting(meeting)?.state == .open)
        await #expect(throws: LedgerError.self) {
            try await pipeline.ask(Self.question, about: MeetingID("other"))
        }
        await #expect(throws: ApplicationError.self) { try await pipeline.ask("?", about: meeting) }
    }

    @Test func namesThatPeopleGaveAreKnown() async throws {
        let meeting = try fixture.deliver(8, to: "m")
        _ = try fixture.ledger.renameSpeakers("Ben", to: "Gudrun", in: meeting)
        let answer = try await fixture.pipeline(ScriptedModel()).ask("What does Gudrun say?", about: meeting)
        #expect(answer.passages.first?.speaker == "Gudrun", "\(answer)")
    }

    /// A question that is asked while the first of many windows is summarised is put to the model after the others.
    @Test func windowsComeFirst() async throws {
        let model = ScriptedModel { _ in try await Task.sleep(for: .milliseconds(60)) }
        let meeting = try fixture.deliver(40, to: "m", endsMeeting: true)
        let pipeline = fixture.pipeline(model)
        try await running(pipeline) {
            #expect(await eventually { model.completions.count >= 1 })
            _ = try await pipeline.ask(Self.question, about: meeting)
        }
        let place = try #require(model.completions.firstIndex(where: Self.isQuestion))
        // 8 windows; on a crowded machine one of them may begin late.
        #expect(place >= 5, "after \(place)")
    }

    /// Where windows never end, a question is answered all the same once it has waited long enough.
    @Test func aBusyDaemonAnswersWithinABound() async throws {
        let model = ScriptedModel { call in
            if !Self.isQuestion(call) { try await Task.sleep(for: .seconds(3600)) }
        }
        let meeting = try fixture.deliver(12, to: "m", endsMeeting: true)
        let pipeline = fixture.pipeline(model)
        await pipeline.setQuestionPatience(.milliseconds(300))
        try await running(pipeline) {
            #expect(await eventually { await pipeline.activity != nil })
            let begin = ContinuousClock.now
            let answer = try await pipeline.ask(Self.question, about: meeting)
            #expect(answer.kind != .notSaid)
            #expect(ContinuousClock.now - begin >= .milliseconds(300))
            #expect(model.completions.contains(where: Self.isQuestion))
        }
    }

    @Test func tooManyAreRefusedAndOneIsWorkedOnAtATime() async throws {
        let atOnce = Mutex(0)
        let most = Mutex(0)
        let isOpen = Mutex(false)
        let model = ScriptedModel { call in
            guard Self.isQuestion(call) else { return }
            let count = atOnce.withLock { count in
                count += 1
                return count
            }
            most.withLock { $0 = max($0, count) }
            while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            atOnce.withLock { $0 -= 1 }
        }
        let meeting = try fixture.deliver(5, to: "m")
        let pipeline = fixture.pipeline(model)
        let waiting = (0..<Pipeline.Asking.limit).map { _ in
            Task { try await pipeline.ask(Self.question, about: meeting) }
        }
        #expect(await eventually { await pipeline.questionCount == Pipeline.Asking.limit })
        let refusal = await #expect(throws: ApplicationError.self) {
            try await pipeline.ask(Self.question, about: meeting)
        }
        #expect(refusal?.code == .busy)
        isOpen.withLock { $0 = true }
        for task in waiting { #expect(try await task.value.kind != .notSaid) }
        #expect(most.withLock { $0 } == 1)
        #expect(await pipeline.questionCount == 0)
    }

    /// Whoever asked has gone: the work ends, and the next one has its turn.
    @Test func aQuestionThatNobodyWaitsForEnds() async throws {
        let model = ScriptedModel { call in
            if call.prompt.contains("for ever") { try await Task.sleep(for: .seconds(3600)) }
        }
        let meeting = try fixture.deliver(5, to: "m")
        let pipeline = fixture.pipeline(model)
        let gone = Task { try await pipeline.ask("Who goes on with matter m3 for ever?", about: meeting) }
        #expect(await eventually { model.completions.count == 1 })
        gone.cancel()
        await #expect(throws: CancellationError.self) { try await gone.value }
        #expect(try await pipeline.ask(Self.question, about: meeting).kind != .notSaid)
    }

    @Test func theEndOfTheDaemonIsTold() async throws {
        let model = ScriptedModel { call in
            if Self.isQuestion(call) { try await Task.sleep(for: .seconds(3600)) }
        }
        let meeting = try fixture.deliver(5, to: "m")
        let pipeline = fixture.pipeline(model)
        let asked = (0..<3).map { _ in Task { try await pipeline.ask(Self.question, about: meeting) } }
        #expect(await eventually { await pipeline.questionCount == 3 && model.completions.count == 1 })
        await pipeline.endQuestions()
        for task in asked {
            let error = await #expect(throws: ApplicationError.self) { try await task.value }
            #expect(error?.code == .busy && error?.message.contains("stopping") == true)
        }
        await #expect(throws: ApplicationError.self) { try await pipeline.ask(Self.question, about: meeting) }
    }

    /// While a meeting is erased nothing of it is answered, and the model's cache of a question is let go of.
    @Test func erasingEndsQuestions() async throws {
        let model = ScriptedModel { call in
            if Self.isQuestion(call) { try await Task.sleep(for: .seconds(3600)) }
        }
        let (meeting, other) = (try fixture.deliver(5, to: "m"), try fixture.deliver(5, to: "n"))
        let pipeline = fixture.pipeline(model)
        let asked = Task { try await pipeline.ask(Self.question, about: meeting) }
        #expect(await eventually { model.completions.count == 1 })
        let second = Task { try await pipeline.ask("Who comes to an end with matter n3?", about: other) }
        await pipeline.beginErasure(of: meeting)
        let error = await #expect(throws: ApplicationError.self) { try await asked.value }
        #expect(error?.message.contains("erased") == true)
        await #expect(throws: ApplicationError.self) { try await pipeline.ask(Self.question, about: meeting) }
        await pipeline.endErasure(of: meeting)
        // The other one goes on.
        #expect(await eventually { model.completions.count == 2 })
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
    }
}

extension Pipeline {
    fileprivate func setQuestionPatience(_ patience: Duration) { asking.patience = patience }
    fileprivate var questionCount: Int { asking.questions.count }
}
