import Foundation
import Glibc
import Ledger
import Logging
import TestSupport
import Testing
import Transcript

@testable import Intake

@Suite("What a spool has to put up with")
struct SpoolTroubleTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private func withWatcher(
        _ settings: SpoolWatcher.Settings, log: LogCount = LogCount(), _ body: () async throws -> Void
    ) async throws {
        let watcher = SpoolWatcher(
            folder: home.spool, ledger: home.ledger, settings: settings, logger: log.logger)
        try await withService(watcher) {
            #expect(await eventually { log.text.contains("the spool") })
            try await body()
        }
    }

    private var done: [String] { home.names(in: home.spool.done) }
    private var failed: [String] { home.names(in: home.spool.failed) }

    @Test func linksPipesAndSocketsAreRefused() async throws {
        let secret = home.path + "/secret.txt"
        try Data("Ada: not for the minutes".utf8).write(to: URL(fileURLWithPath: secret))
        try await withWatcher(.init(settle: .zero, scanInterval: .milliseconds(20))) {
            try #require(symlink(secret, home.spool.incoming + "/link.txt") == 0)
            try #require(symlink("/nowhere", home.spool.incoming + "/broken.txt") == 0)
            try #require(mkfifo(home.spool.incoming + "/pipe.txt", 0o600) == 0)
            #expect(await eventually { failed.count == 6 })
        }
        #expect(try home.ledger.meetings().isEmpty)
        #expect(home.text(of: home.spool.failed + "/link.txt.reason")?.contains("only plain files") == true)
        #expect(home.text(of: secret) == "Ada: not for the minutes")
    }

    /// Tried for a while, since its owner may still be setting the mode; then it stands in nobody's way.
    @Test func anUnreadableFileGoesToFailedWithItsReason() throws {
        try home.drop("closed.txt", "Ada: hello")
        let intake = SpoolIntake(folder: home.spool, ledger: home.ledger, byteLimit: 1000) {
            _, _ throws(SpoolReadFailure) in
            throw SpoolReadFailure.hindrance(EACCES)
        }
        var candidate = SpoolQueue.Candidate(
            name: "closed.txt", chunk: try ChunkName("closed.txt"), kind: .file)
        for attempt in 0..<SpoolIntake.readAttempts {
            candidate.attempts = attempt
            #expect(throws: SpoolIntake.Hindrance.self) { try intake.take(candidate) }
        }
        candidate.attempts = SpoolIntake.readAttempts
        guard case .refused(let reason) = try intake.take(candidate) else {
            Issue.record("not refused")
            return
        }
        #expect(reason.contains("Permission denied"))
        #expect(failed == ["closed.txt", "closed.txt.reason"])
        #expect(try home.spool.retry("closed.txt") == "closed.txt")
        #expect(failed.isEmpty && home.names(in: home.spool.incoming) == ["closed.txt"])
    }

    @Test func whatWasRefusedComesBackAndIsTaken() async throws {
        try await withWatcher(.init(byteLimit: 20, settle: .zero)) {
            try home.drop("long.txt", "Ada: this is more than twenty bytes")
            #expect(await eventually { failed.count == 2 })
        }
        #expect(home.spool.failedNames() == ["long.txt"])
        try await withWatcher(.init(settle: .zero)) {
            let name = try home.spool.retry("long.txt")
            #expect(name == "long.txt")
            #expect(await eventually { done == ["long.txt"] })
        }
        #expect(failed.isEmpty)
        #expect(try home.spool.retry("long.txt") == nil)
        #expect(throws: IntakeError.self) { try home.spool.retry("../done/long.txt") }
    }

    @Test func aFileOfTheSameNameIsNotOverwrittenByOneThatComesBack() throws {
        try home.drop("a.txt", "Ada: one")
        _ = try home.spool.moveToFailed("a.txt", reason: "because")
        try home.drop("a.txt", "Ada: two")
        #expect(throws: IntakeError.self) { try home.spool.retry("a.txt") }
        #expect(home.text(of: home.spool.incoming + "/a.txt") == "Ada: two")
        #expect(failed == ["a.txt", "a.txt.reason"])
    }

    /// More events than the kernel keeps: it says so, and a look at the folder finds all.
    @Test func lostEventsAreToldAndNothingIsMissed() async throws {
        let watch = try DirectoryWatch(home.spool.incoming)
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let count = (Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 16384) / 3 + 200
        for number in 0..<count {
            let descriptor = open(home.spool.incoming + "/.\(number)", O_WRONLY | O_CREAT, 0o600)
            try #require(descriptor >= 0)
            close(descriptor)
        }
        #expect(watch.events().contains(.overflow))
        var queue = SpoolQueue(settle: .zero, gapWait: .zero)
        queue.note(.overflow)
        try home.drop("a.txt", "Ada: hello")
        queue.update(try home.spool.list().entries, now: .now)
        #expect(queue.complete(now: .now) == ["a.txt"])
    }

    @Test func aPolledFolderNeedsNoEvents() async throws {
        let log = LogCount()
        try await withWatcher(
            .init(settle: .milliseconds(20), scanInterval: .milliseconds(20), polls: true), log: log
        ) {
            #expect(log.text.contains("polling the spool"))
            try home.drop("a.txt", "Ada: hello")
            #expect(await eventually { done == ["a.txt"] })
        }
    }

    @Test func remoteFileSystemsAreKnownByTheirNumbers() {
        #expect(RemoteFileSystem(type: 0x6969)?.name == "NFS")
        #expect(RemoteFileSystem(type: 0xFF53_4D42)?.name == "SMB")
        // As a signed number, which is how statfs gives it on some machines.
        #expect(RemoteFileSystem(type: Int(Int32(bitPattern: 0xFE53_4D42)))?.name == "SMB")
        #expect(RemoteFileSystem(type: 0x6573_5546)?.name == "FUSE")
        for local in [0xEF53, 0x0102_1994, 0x5846_5342, 0x9123_683E] {
            #expect(RemoteFileSystem(type: local) == nil)
        }
        #expect(RemoteFileSystem(of: "/tmp") == nil)
    }

    /// `make soak` sets MINUTED_SOAK_FILES.
    @Test func manyFilesAtOnceInBoundedMemory() async throws {
        let count = Soak.number("MINUTED_SOAK_FILES") ?? 2000
        for number in 0..<count { try home.drop("meeting-\(number).txt", "Ada: whole \(number)") }
        let before = try residentMegabytes()
        let begin = ContinuousClock.now
        try await withWatcher(.init(settle: .zero)) {
            var taken = 0
            // As long as it gets on.
            while taken < count {
                try await Task.sleep(for: .milliseconds(200))
                taken = try home.ledger.meetings().count
                try #require(ContinuousClock.now - begin < .seconds(3600))
            }
            #expect(await eventually { home.names(in: home.spool.incoming).isEmpty })
        }
        #expect(done.count == count && failed.isEmpty)
        let grown = try residentMegabytes() - before
        #expect(grown < 100 + count / 500, "\(grown) MB more")
        if count > 2000 { print("\(count) files at once: \(ContinuousClock.now - begin), \(grown) MB more") }
    }

    @Test func theSpoolAgainstTheLedger() async throws {
        try await withWatcher(.init(settle: .zero)) {
            for number in 1...3 { try home.drop("m.\(number).txt", "Ada: chunk \(number)") }
            try home.drop("m.end", "")
            #expect(await eventually { done.count == 4 })
        }
        func check(_ ledger: Ledger) throws -> SpoolCheck {
            try SpoolCheck(path: home.spool.path, ledger: ledger)
        }
        #expect(try check(home.ledger).problems().all.isEmpty)
        // Another ledger, as after one that was damaged: all has to be taken again.
        let other = try Ledger(path: home.path + "/other.sqlite")
        let problems = try check(other).problems().all
        #expect(problems.count == 4)
        for problem in problems { try check(other).mend(problem) }
        #expect(home.names(in: home.spool.incoming) == ["m.1.txt", "m.2.txt", "m.3.txt", "m.end"])
        // What is recorded goes back to done/; the end marker has no content to be known by.
        for problem in try check(home.ledger).problems().all { try check(home.ledger).mend(problem) }
        #expect(home.names(in: home.spool.incoming) == ["m.end"])
        try Data().write(to: URL(fileURLWithPath: home.spool.failed + "/a.vtt"))
        try Data("why".utf8).write(to: URL(fileURLWithPath: home.spool.failed + "/b.vtt.reason"))
        for problem in try check(home.ledger).problems().all { try check(home.ledger).mend(problem) }
        #expect(failed == ["a.vtt", "a.vtt.reason"])
        #expect(try check(home.ledger).problems().all.isEmpty)
    }

    @Test func namesGetBackWhatTheyCameWith() {
        for (name, original) in [
            ("a.vtt", "a.vtt"), ("a.vtt.2", "a.vtt"), ("m.0001.txt", "m.0001.txt"),
            ("m.0001.txt.13", "m.0001.txt"), ("m.end.2", "m.end"), ("m.1", "m.1"),
            ("2024.05.01", "2024.05.01"),
        ] {
            #expect(SpoolFolder.original(of: name) == original)
        }
    }
}
