import Errors
import Foundation
import Ledger
import Logging
import Minutes
import ServiceManager
import Summaries
import Synchronization
import Testing
import Transcript

@testable import Application

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

    @Test func reloadingTakesOverWhatCanBeAndKeepsTheOldIfItIsBad() async throws {
        let file = try fixture.scratch.file("m.yaml", "log:\n  level: debug\nmodel:\n  threads: 1\n")
        let threshold = LogThreshold(.info)
        let pipeline = fixture.pipeline(ScriptedModel())
        let reload = ConfigurationReload(
            settings: Settings(), load: { try await Settings.load(path: file, environment: [:]) },
            pipeline: pipeline, threshold: threshold,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let outcome = try await reload.reload()
        #expect(outcome.changed == ["log.level"])
        #expect(outcome.waiting == ["model.threads"])
        #expect(threshold.level == .debug)

        try "summaries:\n  attempts: none\n".write(toFile: file, atomically: true, encoding: .utf8)
        let error = await #expect(throws: ApplicationError.self) { try await reload.reload() }
        #expect(error?.code == .configuration)
        #expect(threshold.level == .debug)
        #expect(await pipeline.policy.attempts != 7)

        try "summaries:\n  attempts: 7\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await reload.reload().changed == ["summaries.attempts", "log.level"])
        #expect(await pipeline.policy.attempts == 7)
    }

    @Test func theStatusLineTellsMeetingsAndWhatWaits() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        let line = StatusLine(ledger: fixture.ledger, pipeline: pipeline, model: "scripted") { _ in }
        #expect(await line.text() == "0 meetings open, 0 windows wait; scripted")
        _ = try fixture.deliver(3, to: "m")
        await pipeline.pause(nil)
        line.trouble = "trouble"
        #expect(await line.text() == "trouble, paused, 1 meeting open, 0 windows wait; scripted")
    }

    @Test func rootTheDaemonsUserAndItsGroupMayOperateIt() {
        let stranger = PeerCredentials(user: 1000, process: 1, groups: [1000, 27])
        #expect(!stranger.mayOperate(user: 990, group: 990))
        #expect(PeerCredentials(user: 0, process: 1, groups: [0]).mayOperate(user: 990, group: 990))
        #expect(PeerCredentials(user: 990, process: 1, groups: [5]).mayOperate(user: 990, group: 990))
        let member = PeerCredentials(user: 1000, process: 1, groups: [1000, 990])
        #expect(member.mayOperate(user: 990, group: 990))
        #expect(!member.isAdministrator(user: 990))
    }

    @Test func theKernelSaysWhoIsAtTheOtherEnd() throws {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let peer = try #require(PeerCredentials(descriptor: ends[0]))
        #expect(peer.user == geteuid() && peer.process == getpid() && peer.groups.contains(getegid()))
        #expect(PeerCredentials(descriptor: STDERR_FILENO) == nil)
    }

    private func working(_ pipeline: Pipeline, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pipeline.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }
}

/// The watchdog is fed by answers, and by nothing else.
@Suite struct WatchdogTests {
    /// Answers until it is told to be stuck.
    private actor Part: Responding {
        private var waiting: [CheckedContinuation<Void, Never>] = []
        var isStuck = false

        func respond() async {
            if isStuck { await withCheckedContinuation { waiting.append($0) } }
        }

        func stick() { isStuck = true }

        func letGo() {
            isStuck = false
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }

    @Test func aPartThatDoesNotAnswerKeepsTheFoodBack() async throws {
        let fed = Mutex(0)
        let (good, bad) = (Part(), Part())
        let watchdog = Watchdog(
            parts: [.init(name: "good", responder: good), .init(name: "bad", responder: bad)],
            interval: .milliseconds(40), feed: { fed.withLock { $0 += 1 } },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watchdog.run() }
            #expect(await eventually { fed.withLock { $0 } > 3 })
            await bad.stick()
            // One round may be on its way.
            try await Task.sleep(for: .milliseconds(100))
            let before = fed.withLock { $0 }
            try await Task.sleep(for: .milliseconds(300))
            #expect(fed.withLock { $0 } == before)
            await bad.letGo()
            #expect(await eventually { fed.withLock { $0 } > before })
            group.cancelAll()
        }
    }
}
