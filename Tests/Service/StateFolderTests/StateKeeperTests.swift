import Errors
import Foundation
import Glibc
import Language
import Ledger
import Logging
import Minutes
import Pipeline
import ServiceTestSupport
import Settings
import Summaries
import TestSupport
import Testing
import Transcript

@testable import Intake
@testable import StateFolder

/// Forgetting and keeping, in real folders, where no daemon runs.
@Suite struct StateKeeperTests {
    private let scratch: Scratch
    private let ledger: Ledger
    private let spool: SpoolFolder
    private var settings: Settings

    init() throws {
        scratch = try Scratch()
        settings = Settings(state: scratch.path + "/state", runtime: scratch.path + "/run")
        try FileManager.default.createDirectory(
            atPath: settings.folders.state, withIntermediateDirectories: true)
        ledger = try Ledger(path: settings.folders.ledger)
        spool = try SpoolFolder(path: settings.folders.spool)
    }

    private var state: String { settings.folders.state }

    /// Words that nobody says in another meeting.
    private static func words(_ meeting: String, _ count: Int) -> [String] {
        var random = SeededGenerator(seed: meeting.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        return (0..<count).map { _ in
            (0..<6).map { _ in
                String((0..<7).compactMap { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random) })
            }.joined(separator: " ")
        }
    }

    private static func text(_ meeting: String, _ count: Int) -> String {
        words(meeting, count).enumerated().map { number, words in
            "\(number % 2 == 0 ? "Ada Okafor" : "Ben"): \(words) is what Ada Okafor will settle\n"
        }.joined()
    }

    /// Has the spool take a file, as the daemon does; returns the outcome.
    @discardableResult private func take(_ name: String, _ text: String) throws -> SpoolIntake.Outcome {
        try scratch.write(text, to: "state/spool/incoming/\(name)")
        let chunk = try #require(try ChunkName(name))
        return try SpoolIntake(folder: spool, ledger: ledger, byteLimit: 1 << 20).take(
            SpoolQueue.Candidate(name: name, chunk: chunk, kind: .file))
    }

    /// A finished meeting from a file, with its minutes.
    private func finished(_ name: String, _ count: Int = 12, file: String? = nil) async throws -> MeetingID {
        try take(file ?? "\(name).txt", Self.text(name, count))
        let meeting = try MeetingID(name)
        let pipeline = Pipeline(
            ledger: ledger, model: ScriptedModel(),
            writer: MinutesWriter(ledger: ledger, folder: try output()),
            policy: MeetingFixture.policy, logger: .init(label: "test"))
        try await pipeline.drain()
        return meeting
    }

    private func output() throws -> OutputFolder { try OutputFolder(path: settings.folders.output) }

    private func keeper(_ change: (inout Settings.Retention) -> Void = { _ in }) throws -> StateKeeper {
        var settings = settings
        change(&settings.retention)
        return try StateKeeper(settings: settings, ledger: ledger)
    }

    private func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: state + "/" + folder)) ?? []).sorted()
    }

    /// Changes times in the ledger, as if `days` had passed since.
    private func later(_ days: Double) -> Date { Date.now.addingTimeInterval(days * 86_400) }

    // MARK: - Forgetting

    @Test func aMeetingIsErasedInAllFolders() async throws {
        let kept = try await finished("kept")
        let secret = try await finished("secret")
        // The same under another name, a refused one of its name, the rest of a copy, and one that was set aside.
        try take("copy.txt", Self.text("secret", 12))
        try scratch.write(Self.text("secret", 3), to: "state/spool/failed/secret.txt.2")
        try scratch.write("no transcript", to: "state/spool/failed/secret.txt.2.reason")
        let rest = try scratch.write(Self.text("secret", 5), to: "state/spool/incoming/.secret.txt.77")
        try FileManager.default.setAttributes(
            [.modificationDate: Date.now.addingTimeInterval(-7200)], ofItemAtPath: rest)
        try scratch.write("{\"title\": \"Secret\"}", to: "state/spool/done/secret.meta.json")
        try scratch.write(Self.text("secret", 2), to: "state/minutes/secret/.minutes.md.tmp")
        try scratch.write("x", to: "state/cache/kv/secret.kv")
        try scratch.write("x", to: "state/cache/kv/kept.kv")
        let traces = Traces(of: Self.words("secret", 12))
        let before = traces.found(below: state)
        #expect(before.count >= 8, "\(before)")

        let outcome = try await keeper().forget([secret], by: "root (0)", reason: "asked for")
        #expect(traces.found(below: state) == [])
        #expect(outcome.erasures.map(\.state) == [.done] && outcome.trouble == nil && outcome.left.isEmpty)
        #expect(outcome.erasures.first?.utteranceCount == 12)
        #expect(names("spool/done") == ["kept.txt"] && names("spool/failed").isEmpty)
        #expect(names("minutes") == ["index.html", "kept"] && names("cache/kv") == ["kept.kv"])
        #expect(try ledger.utterances(of: kept, in: 0..<100).count == 12)
        // Nothing is wrong with what is left, but the cache of a finished meeting.
        let report = try await StateCheck(settings: settings, repairing: false).run()
        #expect(report.findings.map(\.area) == [.cache], "\(report.findings)")

        // The same file again is a new meeting.
        #expect(try take("secret.txt", Self.text("secret", 12)) == .accepted(secret, utteranceCount: 12))
    }

    @Test func anUnknownMeetingLeavesTheOthersAlone() async throws {
        let kept = try await finished("kept")
        await #expect(throws: LedgerError.self) {
            try await keeper().forget([kept, MeetingID("nobody")], by: "x", reason: "x")
        }
        #expect(try ledger.meeting(kept) != nil && ledger.erasures().isEmpty)
    }

    @Test func aDamagedLedgerThatWasSetAsideIsNamed() async throws {
        let secret = try await finished("secret")
        try scratch.write("x", to: "state/ledger.sqlite.damaged-20260101T000000Z")
        let outcome = try await keeper().forget([secret], by: "x", reason: "x")
        #expect(outcome.left.count == 1 && outcome.left[0].contains("ledger.sqlite.damaged-20260101T000000Z"))
    }

    @Test func aPersonIsReplacedInLedgerAndMinutes() async throws {
        let meeting = try await finished("weekly")
        try scratch.write("refused: ada okafor", to: "state/spool/failed/other.txt")
        try scratch.write("no transcript", to: "state/spool/failed/other.txt.reason")
        let outcome = try await keeper().forget(
            person: ["Ada Okafor", "ada okafor"], by: "root (0)", reason: "asked for")
        #expect(outcome.erasures.first?.meetings == [meeting] && outcome.erasures.first?.state == .done)
        #expect(outcome.left.count == 1 && outcome.left[0].contains("failed/other.txt"))
        unlink(state + "/spool/failed/other.txt")
        for text in ["Ada Okafor", "Okafor wil"] {
            for path in FileManager.default.enumerator(atPath: state)?.compactMap({ $0 as? String }) ?? [] {
                let data = (try? Data(contentsOf: URL(filePath: state + "/" + path))) ?? Data()
                #expect(data.range(of: Data(text.utf8)) == nil, "\(text) in \(path)")
            }
        }
        let markdown = try String(contentsOfFile: output().markdownPath(of: meeting), encoding: .utf8)
        #expect(
            markdown.contains("Person 1") && markdown.contains("A person’s name was replaced on request."))
        #expect(names("spool/done").isEmpty)
        // The file is known all the same.
        #expect(try take("weekly.txt", Self.text("weekly", 12)) == .duplicate(meeting))
    }

    /// Of another meeting nothing goes, though its bytes are the same; nor does an upload that runs.
    @Test func filesOfOthersStay() async throws {
        let secret = try await finished("secret")
        try take("kept.0001.txt", Self.text("secret", 12))
        let uploads = [".secret.txt.77", ".secret.txt2.part"]
        for name in uploads { try scratch.write("half", to: "state/spool/incoming/\(name)") }
        try scratch.write(Self.text("secret", 12), to: "state/spool/incoming/next.0001.txt")
        let kept = names("spool/done").filter { $0.hasPrefix("kept") }
        #expect(kept.count == 1)
        let outcome = try await keeper().forget([secret, secret], by: "x", reason: "x")
        #expect(outcome.erasures.count == 1)
        #expect(names("spool/done") == kept)
        #expect(names("spool/incoming") == uploads + ["next.0001.txt"])
    }

    /// An erasure that cannot be completed keeps no other from it.
    @Test func oneThatFailsLeavesTheOthers() async throws {
        let (one, two) = (try await finished("one"), try await finished("two"))
        // A folder is no saved cache.
        try FileManager.default.createDirectory(
            atPath: state + "/cache/kv/one.kv/x", withIntermediateDirectories: true)
        let outcome = try await keeper().forget([one, two], by: "x", reason: "x")
        #expect(outcome.trouble != nil && outcome.erasures.map(\.state) == [.erased, .done])
        try FileManager.default.removeItem(atPath: state + "/cache/kv/one.kv")
        #expect(try await keeper().resume()?.erasures.map(\.state) == [.done])
    }

    /// By a clock that is years ahead nothing goes unasked.
    @Test func aSweepAfterALongPauseIsRefused() async throws {
        _ = try await finished("old")
        let keeper = try keeper { $0.minutes = ChoiceByKind(all: "30") }
        let refused = try await keeper.sweep(isAutomatic: true, by: "x", at: later(91))
        #expect(refused.items.isEmpty && refused.refusal?.contains("run minutectl sweep once") == true)
        #expect(try ledger.meetings().count == 1)
        #expect(try await keeper.sweep(isAutomatic: true, by: "x", at: later(20)).refusal == nil)
        #expect(try await keeper.sweep(isAutomatic: true, by: "x", at: later(109)).count == 1)
    }

    /// What was interrupted goes on, whatever was done of it.
    @Test func whatWasAskedForIsCompleted() async throws {
        let secret = try await finished("secret")
        let id = try ledger.askErasure(of: secret, .meeting, by: "root (0)", reason: "x")
        #expect(try await keeper().resume()?.erasures.map(\.id) == [id])
        #expect(Traces(of: Self.words("secret", 12)).found(below: state) == [])
        #expect(try await keeper().resume() == nil)
    }

    // MARK: - Keeping

    @Test func byDefaultEverythingIsKept() async throws {
        _ = try await finished("old")
        let report = try await keeper().sweep(by: "x", at: later(20_000))
        #expect(report.items.isEmpty && report.count == 0)
        #expect(names("spool/done") == ["old.txt"])
    }

    @Test func aSweepRemovesWhatIsOlderByKind() async throws {
        let (call, interview) = (try await finished("call-1"), try await finished("interview-1"))
        let keeper = try keeper {
            $0.minutes = ChoiceByKind("interview=30, default=365", isValue: { _ in true }) ?? .none
            $0.transcripts = ChoiceByKind(all: "90")
            $0.received = ChoiceByKind(all: "10")
        }
        #expect(try await keeper.sweep(by: "x", at: later(9)).items.isEmpty)
        let dry = try await keeper.sweep(isDry: true, by: "x", at: later(11))
        #expect(dry.items.map(\.action) == [.received, .received])
        #expect(dry.items[0].reason == "received 11 days ago; retention.received is 10")
        #expect(names("spool/done").count == 2)
        #expect(try await keeper.sweep(by: "x", at: later(11)).count == 2)
        #expect(names("spool/done").isEmpty)

        let second = try await keeper.sweep(by: "the daily sweep", at: later(31))
        #expect(second.items.map(\.action) == [.meeting] && second.items[0].subject == "interview-1")
        #expect(try ledger.meeting(interview) == nil && ledger.meeting(call) != nil)
        #expect(Traces(of: Self.words("interview-1", 12)).found(below: state) == [])

        let summaries = try ledger.windows(of: call).map(\.summary)
        #expect(!summaries.isEmpty)
        let third = try await keeper.sweep(by: "the daily sweep", at: later(91))
        #expect(third.items.map(\.action) == [.transcript])
        #expect(try await keeper.sweep(by: "x", at: later(92)).items.isEmpty)
        #expect(try ledger.utterances(of: call, in: 0..<100).allSatisfy { $0.text == "…" })
        let markdown = try String(contentsOfFile: output().markdownPath(of: call), encoding: .utf8)
        #expect(markdown.contains("was erased when its time had come"))
        #expect(try ledger.windows(of: call).map(\.summary) == summaries)
        // Minutes written again from the ledger are the same, and so is their page.
        let report = try await StateCheck(settings: settings, repairing: false).run()
        #expect(report.isSound, "\(report.findings)")
        #expect(try await keeper.sweep(by: "x", at: later(366)).items.map(\.action) == [.meeting])
        #expect(
            try ledger.meetings().isEmpty
                && ledger.erasures().map(\.kind) == [.meeting, .transcript, .meeting])
        #expect(try ledger.erasures().allSatisfy { $0.reason.contains("retention.") })
    }

    @Test func unfinishedAndFailedMeetingsGoByRulesOfTheirOwn() async throws {
        try take("open.0001.txt", Self.text("open", 3))
        let failed = try await finished("failed")
        try ledger.recordFailure(window: 0, of: failed, reason: .init(.reasonUnknown), givingUp: true)
        try Self.loseSummary(of: failed, settings.folders.ledger)
        let keeper = try keeper {
            $0.minutes = ChoiceByKind(all: "30")
            $0.received = ChoiceByKind(all: "1")
        }
        let report = try await keeper.sweep(isDry: true, by: "x", at: later(31))
        let actions = Dictionary(uniqueKeysWithValues: report.items.map { ($0.subject, $0.action) })
        #expect(actions["open"] == .kept && actions["failed"] == .kept, "\(report.items)")
        // Files of what is not finished stay.
        #expect(actions[state + "/spool/done/open.0001.txt"] == nil)
        #expect(actions[state + "/spool/done/failed.txt"] == .received)
        #expect(
            try await keeper.sweep(isDry: true, by: "x", at: later(61)).items.contains {
                $0.subject == "failed" && $0.action == .meeting
            })
        let own = try self.keeper { $0.failed = ChoiceByKind(all: "7") }
        #expect(try await own.sweep(by: "x", at: later(8)).items.map(\.subject) == ["failed"])
        #expect(try ledger.meetings().map(\.id.name) == ["open"])
    }

    /// As if the only window had never been summarised.
    private static func loseSummary(of meeting: MeetingID, _ path: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "sqlite3", path, "PRAGMA busy_timeout=9000; DELETE FROM summary WHERE window = 0",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test func refusedFilesCachesAndOldLedgersGo() async throws {
        try take("open.0001.txt", Self.text("open", 3))
        for name in ["open.kv", "stray.kv"] { try scratch.write("x", to: "state/cache/kv/\(name)") }
        try scratch.write("x", to: "state/spool/failed/a.txt")
        try scratch.write("y", to: "state/spool/failed/a.txt.reason")
        try scratch.write("x", to: "state/ledger.sqlite.damaged-20260101T000000Z")
        let keeper = try keeper {
            $0.caches = ChoiceByKind(all: "5")
            $0.failed = ChoiceByKind(all: "8")
        }
        // Set aside just now, though its content is old.
        let path = try Ledger.setAside(scratch.write("x", to: "state/other/ledger.sqlite"))
        let aside = state + "/" + URL(filePath: path).lastPathComponent
        try FileManager.default.moveItem(atPath: path, toPath: aside)
        try FileManager.default.setAttributes(
            [.modificationDate: Date.now.addingTimeInterval(-50 * 86_400)], ofItemAtPath: aside)
        #expect(try await keeper.sweep(by: "x", at: later(4)).items.isEmpty)
        #expect(try await keeper.sweep(by: "x", at: later(6)).items.map(\.action) == [.cache, .cache])
        #expect(names("cache/kv").isEmpty)
        #expect(
            try await keeper.sweep(by: "x", at: later(9)).items.map(\.action) == [
                .refused, .damagedLedger, .damagedLedger,
            ])
        #expect(names("spool/failed").isEmpty && !names("").contains { $0.contains("damaged") })
    }

    // MARK: - The gate

    @Test func noFileIsTakenWhileSomethingIsErased() async throws {
        let gate = IntakeGate()
        let order = Order()
        let taking = Thread.detached {
            gate.taking {
                order.note("taken")
                while !gate.isAwaited { usleep(1000) }
                order.note("awaited")
            }
        }
        #expect(await eventually { order.notes.contains("taken") })
        let erasing = Thread.detached { gate.erasing { order.note("erased") } }
        await taking.value
        await erasing.value
        #expect(order.notes == ["taken", "awaited", "erased"] && !gate.isAwaited)
    }
}

/// What happened, in order.
private final class Order: @unchecked Sendable {
    // Guards: the notes.
    private let lock = NSLock()
    private var all: [String] = []

    var notes: [String] { lock.withLock { all } }
    func note(_ text: String) { lock.withLock { all.append(text) } }
}

extension Thread {
    /// Runs what blocks on a thread of its own.
    fileprivate static func detached(_ body: @escaping @Sendable () -> Void) -> Task<Void, Never> {
        Task {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    body()
                    continuation.resume()
                }
            }
        }
    }
}
