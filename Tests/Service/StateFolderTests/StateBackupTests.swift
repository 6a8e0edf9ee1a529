import Errors
import Foundation
import Glibc
import Ledger
import Settings
import TestSupport
import Testing
import Transcript

@testable import StateFolder

/// Copies of the state folder, and coming back from them.
@Suite struct StateBackupTests {
    private let scratch: Scratch
    private let settings: Settings
    private var backup: String { scratch.path + "/backup.db" }

    init() throws {
        scratch = try Scratch()
        settings = Settings(state: scratch.path + "/state", runtime: scratch.path + "/run")
        try FileManager.default.createDirectory(
            atPath: settings.folders.state, withIntermediateDirectories: true)
    }

    private static func record(_ name: String, in ledger: Ledger, count: Int = 5) throws -> MeetingID {
        let meeting = try MeetingID(name)
        let said = (0..<count).map {
            Utterance(
                speaker: "Ada", text: "matter \(name) \($0)", source: SourcePosition(name: name, line: $0 + 1)
            )
        }
        _ = try ledger.accept(
            Delivery(
                meeting: meeting, name: "\(name).txt", kind: .file, sha256: name, byteCount: 9,
                format: "plainText",
                receivedAt: .now, utterances: said, endsMeeting: true))
        return meeting
    }

    @Test func aCopyHasLedgerAndSpool() async throws {
        let ledger = try Ledger(path: settings.folders.ledger)
        let one = try Self.record("one", in: ledger)
        try scratch.write("waits", to: "state/spool/incoming/next.txt")
        try scratch.write("was taken after the copy", to: "state/spool/done/late.txt")
        try scratch.write("{}", to: "state/spool/done/one.meta.json")
        try scratch.write("{}", to: "state/spool/done/late.meta.json")
        try scratch.write("another one of this name", to: "state/spool/done/late.txt.2")
        try scratch.write("no", to: "state/spool/failed/bad.txt")
        try scratch.write("because", to: "state/spool/failed/bad.txt.reason")
        let report = try StateBackup(settings: settings).write(to: backup)
        #expect(report.meetingCount == 1 && report.fileCount == 7)
        var status = stat()
        #expect(stat(backup, &status) == 0 && status.st_mode & 0o777 == 0o600)
        // What comes later is not in it.
        _ = try Self.record("two", in: ledger)
        try ledger.close()

        let other = Settings(state: scratch.path + "/other", runtime: scratch.path + "/run")
        let back = try await StateBackup(settings: other).restore(from: backup, replacing: false)
        #expect(back.meetingCount == 1 && back.fileCount == 7 && back.left.isEmpty)
        let restored = try Ledger(path: other.folders.ledger)
        #expect(try restored.utterances(of: one, in: 0..<9).map(\.text) == (0..<5).map { "matter one \($0)" })
        #expect(try restored.findings().isEmpty && restored.meetings().count == 1)
        #expect(scratch.read("other/spool/incoming/next.txt") == "waits")
        // Its words are not in the ledger.
        #expect(scratch.read("other/spool/incoming/late.txt") == "was taken after the copy")
        #expect(scratch.read("other/spool/incoming/late.meta.json") == "{}")
        #expect(scratch.read("other/spool/done/one.meta.json") == "{}")
        #expect(scratch.read("other/spool/failed/late.txt.2") == "another one of this name")
        #expect(scratch.read("other/spool/failed/late.txt.2.reason").contains("waits in"))
        #expect(scratch.read("other/spool/failed/bad.txt.reason") == "because")
        let names = try FileManager.default.contentsOfDirectory(atPath: other.folders.state)
        #expect(!names.contains { $0.hasSuffix(".tmp") }, "\(names)")
    }

    @Test func whatIsThereIsNotGivenUpUnasked() async throws {
        let ledger = try Ledger(path: settings.folders.ledger)
        _ = try Self.record("one", in: ledger)
        _ = try StateBackup(settings: settings).write(to: backup)
        let (secret, later) = (try Self.record("two", in: ledger), try Self.record("three", in: ledger))
        try ledger.close()
        let error = await #expect(throws: ApplicationError.self) {
            try await StateBackup(settings: settings).restore(from: backup, replacing: false)
        }
        #expect(error?.message.contains("has 3 meetings: give --replace") == true)
        let untouched = try Ledger(path: settings.folders.ledger)
        #expect(try untouched.meeting(secret) != nil && untouched.meeting(later) != nil)
        try untouched.close()
        _ = try await StateBackup(settings: settings).restore(from: backup, replacing: true)
        #expect(try Ledger(path: settings.folders.ledger).meetings().map(\.id.name) == ["one"])
    }

    /// A backup does not bring back what was forgotten since.
    @Test func whatWasForgottenSinceIsForgottenAgain() async throws {
        let ledger = try Ledger(path: settings.folders.ledger)
        let (one, secret) = (try Self.record("one", in: ledger), try Self.record("secret", in: ledger))
        _ = try StateBackup(settings: settings).write(to: backup)
        let keeper = try StateKeeper(settings: settings, ledger: ledger)
        _ = try await keeper.forget([secret], by: "root (0)", reason: "asked for")
        _ = try await keeper.forget(person: ["Ada"], by: "root (0)", reason: "asked for")
        try ledger.close()
        let report = try await StateBackup(settings: settings).restore(from: backup, replacing: true)
        #expect(report.forgottenAgain == ["secret"])
        #expect(report.left.count == 1 && report.left[0].contains("a person was replaced in one"))
        let restored = try Ledger(path: settings.folders.ledger)
        #expect(try restored.meetings().map(\.id) == [one])
        #expect(Traces(of: (0..<5).map { "matter secret \($0)" }).found(below: settings.folders.state) == [])
        #expect(
            try restored.erasures().map(\.state) == [.done] && restored.erasures()[0].reason == "asked for")
    }

    /// Broken off when the ledger is replaced and the files are not back: what was forgotten since is forgotten by the
    /// next start of the daemon, and by another restore, which also brings the files.
    @Test(arguments: [true, false]) func aRestoreThatIsBrokenOffForgetsAllTheSame(isRestoredAgain: Bool)
        async throws
    {
        let ledger = try Ledger(path: settings.folders.ledger)
        let (one, secret) = (try Self.record("one", in: ledger), try Self.record("secret", in: ledger))
        try scratch.write("waits", to: "state/spool/incoming/next.txt")
        _ = try StateBackup(settings: settings).write(to: backup)
        let keeper = try StateKeeper(settings: settings, ledger: ledger)
        _ = try await keeper.forget([secret], by: "root (0)", reason: "asked for")
        try ledger.close()
        // A file in the place of the spool: the files cannot be put back.
        let spool = settings.folders.spool
        try FileManager.default.removeItem(atPath: spool)
        try Data().write(to: URL(filePath: spool))
        await #expect(throws: (any Error).self) {
            try await StateBackup(settings: settings).restore(from: backup, replacing: true)
        }
        let half = try Ledger(path: settings.folders.ledger)
        #expect(try half.meetings().map(\.id) == [one, secret], "the ledger of the backup")
        #expect(try half.erasures(pending: true).map(\.meetings) == [[secret]])
        try half.close()
        try FileManager.default.removeItem(atPath: spool)
        if isRestoredAgain {
            let report = try await StateBackup(settings: settings).restore(from: backup, replacing: true)
            #expect(report.forgottenAgain == ["secret"])
            #expect(scratch.read("state/spool/incoming/next.txt") == "waits")
        } else {
            let ledger = try Ledger(path: settings.folders.ledger)
            _ = try await StateKeeper(settings: settings, ledger: ledger).resume()
            try ledger.close()
        }
        let restored = try Ledger(path: settings.folders.ledger)
        #expect(try restored.meetings().map(\.id) == [one])
        #expect(Traces(of: (0..<5).map { "matter secret \($0)" }).found(below: settings.folders.state) == [])
    }

    /// A file that cannot be read is not in the backup, and that is said.
    @Test(.enabled(if: geteuid() == 0, "only root can act as a user who may read less"))
    func whatCannotBeReadIsSaid() throws {
        let ledger = try Ledger(path: settings.folders.ledger)
        _ = try Self.record("one", in: ledger)
        try ledger.close()
        try scratch.write("waits", to: "state/spool/incoming/next.txt")
        try scratch.write("closed", to: "state/spool/incoming/closed.txt")
        for path in try FileManager.default.subpathsOfDirectory(atPath: scratch.path) + [""] {
            try #require(chmod(scratch.path + "/" + path, path.hasSuffix("closed.txt") ? 0 : 0o777) == 0)
        }
        // Of this thread alone; Swift's module of the C library does not show it.
        typealias SetUser = @convention(c) (uid_t) -> CInt
        let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
        _ = setUser(65_534)
        defer { _ = setUser(0) }
        let report = try StateBackup(settings: settings).write(to: backup)
        #expect(report.fileCount == 1)
        #expect(report.left.count == 1 && report.left.first?.contains("closed.txt") == true, "\(report.left)")
    }

    /// A ledger that cannot be used takes no other's place.
    @Test func anUnusableBackupChangesNothing() async throws {
        let ledger = try Ledger(path: settings.folders.ledger)
        let one = try Self.record("one", in: ledger)
        _ = try StateBackup(settings: settings).write(to: backup)
        try ledger.close()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sqlite3", backup, "INSERT INTO grdb_migrations VALUES ('9999')"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let error = await #expect(throws: LedgerError.self) {
            try await StateBackup(settings: settings).restore(from: backup, replacing: true)
        }
        #expect(error?.message.contains("nothing was changed") == true, "\(String(describing: error))")
        #expect(try Ledger(path: settings.folders.ledger).meeting(one) != nil)
        let names = try FileManager.default.contentsOfDirectory(atPath: settings.folders.state)
        #expect(!names.contains { $0.contains(".tmp") }, "\(names)")
    }

    @Test func filesThatAreNoBackupAreRefused() async throws {
        func refusal(_ path: String) async -> String {
            let error = await #expect(throws: LedgerError.self) {
                try await StateBackup(settings: settings).restore(from: path, replacing: false)
            }
            return error?.message ?? ""
        }
        #expect(await refusal(scratch.path + "/nothing").contains("there is no file"))
        #expect(
            await refusal(try scratch.write(String(repeating: "x", count: 5000), to: "text")).contains(
                "SQLite"))
        let ledger = try Ledger(path: scratch.path + "/ledger.sqlite")
        try ledger.close()
        #expect(await refusal(scratch.path + "/ledger.sqlite").contains("is no backup"))
        #expect(!FileManager.default.fileExists(atPath: settings.folders.ledger))
    }

    @Test func aBackupBesideTheLedgerIsRefused() throws {
        _ = try Self.record("one", in: Ledger(path: settings.folders.ledger))
        let error = #expect(throws: ApplicationError.self) {
            try StateBackup(settings: settings).write(to: settings.folders.state + "/backup.db")
        }
        #expect(error?.message.contains("write it to another disk") == true)
    }
}
