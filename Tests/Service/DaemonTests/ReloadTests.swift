import Control
import Errors
import Foundation
import Ledger
import Logging
import Minutes
import ServiceManager
import ServiceTestSupport
import Settings
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Daemon
@testable import Pipeline

/// The configuration that is read again, and the status line.
@Suite struct ReloadTests {
    private let fixture: MeetingFixture

    init() throws {
        fixture = try MeetingFixture()
    }

    @Test func reloadingTakesOverWhatCanBeAndKeepsTheOldIfItIsBad() async throws {
        let file = try fixture.scratch.write("log:\n  level: debug\nmodel:\n  threads: 1\n", to: "m.yaml")
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

    @Test func entriesThatHandOnAreTakenOver() async throws {
        let file = try fixture.scratch.write(
            "delivery:\n  mail:\n    command: /bin/true\n    attempts: 7\n", to: "d.yaml")
        let reload = ConfigurationReload(
            settings: Settings(), load: { try await Settings.load(path: file, environment: [:]) },
            ledger: fixture.ledger, pipeline: fixture.pipeline(ScriptedModel()), threshold: nil,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        #expect(try await reload.reload().changed == ["delivery"])
        #expect(try fixture.ledger.outboxTargets() == [OutboxTarget(name: "mail", attempts: 7)])
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
