import Foundation
import Glibc
import Ledger
import Logging
import TestSupport
import Testing
import Transcript

@testable import Intake

@Suite("The spool, with real files and events")
struct SpoolWatcherTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    /// By default nothing but the kernel's events can make a file complete.
    private func watcher(
        settle: Duration = never, gapWait: Duration = never, scan: Duration = never, byteLimit: Int = 1 << 20,
        log: LogCount = LogCount()
    ) -> SpoolWatcher {
        SpoolWatcher(
            folder: home.spool, ledger: home.ledger,
            settings: .init(byteLimit: byteLimit, settle: settle, gapWait: gapWait, scanInterval: scan),
            logger: log.logger)
    }

    /// Runs the watcher, and makes sure that it watches before `body` goes on.
    private func withWatcher(
        settle: Duration = never, gapWait: Duration = never, scan: Duration = never, byteLimit: Int = 1 << 20,
        log: LogCount = LogCount(), _ body: () async throws -> Void
    ) async throws {
        let watcher = watcher(settle: settle, gapWait: gapWait, scan: scan, byteLimit: byteLimit, log: log)
        try await withService(watcher) {
            #expect(await eventually { log.text.contains("watching the spool") })
            try await body()
        }
    }

    private var waiting: [String] { home.names(in: home.spool.incoming) }
    private var done: [String] { home.names(in: home.spool.done) }
    private var failed: [String] { home.names(in: home.spool.failed) }

    @Test func aRenamedFileIsTakenAtOnce() async throws {
        try await withWatcher {
            try home.drop("standup.txt", "Ada: good morning\nGrace: hello")
            #expect(await eventually { done == ["standup.txt"] })
            #expect(try home.texts("standup") == ["good morning", "hello"])
            #expect(try home.meeting("standup")?.state == .ended)
        }
    }

    /// Hints beside a file are believed, and go with it; how it was read is recorded and in the journal.
    @Test func hintsBesideAFileDecide() async throws {
        let log = LogCount()
        try await withWatcher(log: log) {
            try home.drop(
                "pier.txt.meta.json",
                #"{"timeBase": "clock", "title": "Pier", "participants": ["the chair of it"]}"#)
            try home.drop("pier.txt", "[11:03] the chair of it: Hi.\n[11:05] Ben: Yes.\n")
            #expect(await eventually { done == ["pier.txt", "pier.txt.meta.json"] })
            let id = try MeetingID("pier")
            #expect(try home.ledger.utterances(of: id, in: 0..<2).map(\.start) == [0, 120])
            #expect(try home.meeting("pier")?.title == "Pier")
            let facts = try #require(try home.ledger.readings(of: id).first).facts
            #expect(facts.format == "plainText" && facts.speakers.map(\.name) == ["Ben", "the chair of it"])
            #expect(await eventually { log.text.contains("plainText") })
            try home.drop("roof.meta.json", "[]")
            try home.drop("roof.txt", "Ada: Hi.")
            #expect(await eventually { failed == ["roof.meta.json", "roof.txt", "roof.txt.reason"] })
            // Hints that are too large to be any are said, not passed over.
            try home.drop("mole.meta.json", String(repeating: " ", count: 1 << 17))
            try home.drop("mole.txt", "Ada: Hi.")
            #expect(
                await eventually {
                    failed.contains("mole.txt.reason")
                        && home.text(of: home.spool.failed + "/mole.txt.reason")?.contains("131072 bytes")
                            == true
                })
        }
    }

    @Test func aFileIsTakenWhenItsWriterClosesIt() async throws {
        try await withWatcher(settle: .milliseconds(1)) {
            let path = home.spool.incoming + "/slow.txt"
            let writer = try #require(fopen(path, "w"))
            fputs("Ada: first\n", writer)
            fflush(writer)
            // Another file goes through while this one stands still, and is left alone.
            try home.drop("quick.txt", "Ada: quick")
            #expect(await eventually { done == ["quick.txt"] })
            #expect(waiting == ["slow.txt"])
            fputs("Ada: second\n", writer)
            fclose(writer)
            #expect(await eventually { done == ["quick.txt", "slow.txt"] })
            #expect(try home.texts("slow") == ["first", "second"])
        }
    }

    @Test func filesFromBeforeTheStartAreTaken() async throws {
        try home.drop("old.txt", "Ada: old")
        try home.drop(".hidden.txt", "Ada: hidden")
        try home.drop("partial.txt.part", "Ada: partial")
        try await withService(watcher(settle: .milliseconds(50))) {
            #expect(await eventually { done == ["old.txt"] })
        }
        #expect(waiting == [".hidden.txt", "partial.txt.part"])
    }

    @Test func chunksAreTakenInOrder() async throws {
        try await withWatcher {
            for number in [3, 2, 1] { try home.drop("m.\(number).txt", "Ada: chunk \(number)") }
            try home.drop("m.end", "")
            #expect(await eventually { done.count == 4 })
            #expect(try home.texts("m") == ["chunk 1", "chunk 2", "chunk 3"])
            #expect(try home.meeting("m")?.state == .ended)
            #expect(try home.notes("m").isEmpty)
        }
    }

    @Test func chunksStayOpenWithoutAnEnd() async throws {
        try await withWatcher {
            try home.drop("m.0001.txt", "Ada: one")
            #expect(await eventually { done.count == 1 })
            #expect(try home.meeting("m")?.state == .open)
        }
    }

    @Test func aGapIsWaitedForAndNoted() async throws {
        try await withWatcher(gapWait: .milliseconds(100)) {
            try home.drop("m.1.txt", "Ada: one")
            try home.drop("m.3.txt", "Ada: three")
            #expect(await eventually { done.count == 2 })
            #expect(try home.notes("m").filter { $0.contains(": chunk 2.") }.count == 1)
            try home.drop("m.2.txt", "Ada: two")
            #expect(await eventually { done.count == 3 })
            #expect(try home.texts("m") == ["one", "three", "two"])
            #expect(try home.notes("m").count == 2)
        }
    }

    @Test func aNameThatIsTakenIsNotOverwritten() async throws {
        let taken = home.spool.done + "/standup.txt"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: taken))
        try await withWatcher {
            for (day, name) in ["standup.txt.2", "standup.txt.3"].enumerated() {
                try home.drop("standup.txt", "Ada: day \(day)")
                #expect(await eventually { done.contains(name) })
            }
        }
        #expect(home.text(of: taken) == "precious")
        #expect(home.text(of: home.spool.done + "/standup.txt.3") == "Ada: day 1")
        // The name was used again after the meeting had ended.
        #expect(try home.texts("standup") == ["day 0"])
        #expect(try home.texts("standup-2") == ["day 1"])
    }

    @Test func whatIsNoTranscriptGoesToFailedWithAReason() async throws {
        let precious = home.path + "/precious.txt"
        try Data("Ada: precious".utf8).write(to: URL(fileURLWithPath: precious))
        try await withWatcher(settle: .milliseconds(50), byteLimit: 1000) {
            try home.drop("binary.txt", "\u{0}\u{1}\u{2}")
            try home.drop("empty.txt", "")
            try home.drop("large.txt", String(repeating: "Ada: word\n", count: 200))
            try home.drop("ööö.vtt", "WEBVTT")
            #expect(symlink(precious, home.spool.incoming + "/link.txt") == 0)
            #expect(mkfifo(home.spool.incoming + "/pipe.txt", 0o600) == 0)
            #expect(await eventually { failed.count == 12 })
        }
        let names = ["binary.txt", "empty.txt", "large.txt", "link.txt", "pipe.txt", "ööö.vtt"]
        #expect(Set(failed) == Set(names + names.map { $0 + ".reason" }))
        for name in names {
            let reason = try #require(home.text(of: home.spool.failed + "/\(name).reason"))
            #expect(reason.contains("Reason: ") && reason.contains(home.spool.incoming), "\(reason)")
        }
        #expect(home.text(of: precious) == "Ada: precious")
        #expect(try home.ledger.meetings().isEmpty)
    }

    @Test func anEndOfNothingIsRefused() async throws {
        try await withWatcher(gapWait: .milliseconds(20)) {
            try home.drop("nobody.end", "")
            #expect(await eventually { failed == ["nobody.end", "nobody.end.reason"] })
        }
    }

    @Test func theSameChunkNumberWithOtherContentIsRefused() async throws {
        try await withWatcher {
            try home.drop("m.1.txt", "Ada: one")
            #expect(await eventually { done.count == 1 })
            try home.drop("m.1.txt", "Ada: another one")
            #expect(await eventually { failed.count == 2 })
            #expect(try home.texts("m") == ["one"])
        }
    }

    /// The daemon dies between the transaction and the rename.
    @Test func aFileThatIsInTheLedgerIsOnlyMoved() async throws {
        try home.drop("standup.txt", "Ada: good morning")
        try home.drop("m.1.txt", "Ada: chunk")
        let intake = SpoolIntake(
            folder: try SpoolFolder(path: home.path + "/other"), ledger: home.ledger, byteLimit: 1000)
        // Another spool with the same files stands for the life before the crash.
        for name in ["standup.txt", "m.1.txt"] {
            try FileManager.default.copyItem(
                atPath: home.spool.incoming + "/" + name, toPath: intake.folder.incoming + "/" + name)
            let candidate = SpoolQueue.Candidate(name: name, chunk: try ChunkName(name), kind: .file)
            guard case .accepted = try intake.take(candidate) else {
                Issue.record("not accepted")
                return
            }
        }
        try await withService(watcher(settle: .zero)) {
            #expect(await eventually { done == ["m.1.txt", "standup.txt"] })
        }
        #expect(try home.texts("standup") == ["good morning"])
        #expect(try home.texts("m") == ["chunk"])
        #expect(try home.ledger.meetings().count == 2)
    }

    /// It made a second meeting, with the same minutes.
    @Test func aCopyUnderAnotherNameIsOnlyMoved() async throws {
        let log = LogCount()
        try await withWatcher(log: log) {
            try home.drop("standup.txt", "Ada: good morning")
            #expect(await eventually { done == ["standup.txt"] })
            try home.drop("copy of standup.txt", "Ada: good morning")
            #expect(await eventually { done.count == 2 })
        }
        #expect(try home.ledger.meetings().map(\.id.name) == ["standup"])
        #expect(
            try home.notes("standup") == [
                "copy of standup.txt has the same content as standup.txt and was not taken a second time."
            ])
        #expect(log.text.contains("a file was taken before, nothing is added"))
    }

    /// What waits is moved away by a check only if it was taken: a chunk like another one was not.
    @Test func aCheckLeavesAChunkThatIsLikeAnotherOne() async throws {
        try await withWatcher {
            try home.drop("m.1.txt", "Ada: silence")
            #expect(await eventually { done == ["m.1.txt"] })
        }
        try home.drop("m.2.txt", "Ada: silence")
        try home.drop("m.01.txt", "Ada: silence")
        let problems = try SpoolCheck(path: home.spool.path, ledger: home.ledger).problems().all
        #expect(problems.map(\.path) == [home.spool.incoming + "/m.01.txt"])
    }

    @Test func aThousandFilesAtOnceAreTakenOnceEach() async throws {
        let log = LogCount()
        try await withWatcher(log: log) {
            for number in 0..<500 { try home.drop("meeting-\(number).txt", "Ada: whole \(number)") }
            for number in (1...500).reversed() { try home.drop("long.\(number).txt", "Ada: chunk \(number)") }
            #expect(await eventually { done.count == 1000 })
        }
        #expect(waiting.isEmpty && failed.isEmpty)
        #expect(try home.texts("long") == (1...500).map { "chunk \($0)" })
        #expect(try home.notes("long").isEmpty)
        #expect(try (0..<500).allSatisfy { try home.texts("meeting-\($0)") == ["whole \($0)"] })
        #expect(!log.text.contains("whole") && !log.text.contains("Ada"))
    }

    @Test func aFolderThatGoesAwayIsMadeAgain() async throws {
        let log = LogCount()
        try await withWatcher(settle: .milliseconds(10), scan: .milliseconds(50), log: log) {
            #expect(rename(home.spool.incoming, home.path + "/away") == 0)
            #expect(await eventually { FileManager.default.fileExists(atPath: home.spool.incoming) })
            try home.drop("after.txt", "Ada: after")
            #expect(await eventually { done == ["after.txt"] })
            // The folder above it: no event tells.
            #expect(rename(home.spool.path, home.path + "/far-away") == 0)
            #expect(await eventually { FileManager.default.fileExists(atPath: home.spool.incoming) })
            try home.drop("later.txt", "Ada: later")
            #expect(await eventually { done == ["later.txt"] })
        }
        #expect(log.all(.warning).count <= 3, "\(log.text)")
    }

    @Test func foldersInTheSpoolAreReportedOnce() async throws {
        let log = LogCount()
        try FileManager.default.createDirectory(
            atPath: home.spool.incoming + "/folder", withIntermediateDirectories: false)
        try await withWatcher(scan: .milliseconds(1), log: log) {
            try home.drop("standup.txt", "Ada: good morning")
            #expect(await eventually { done == ["standup.txt"] })
        }
        #expect(waiting == ["folder"])
        #expect(log.all(.notice).count == 1)
    }
}
