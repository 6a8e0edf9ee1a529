import Foundation
import Glibc
import Ledger
import TestSupport
import Testing
import Transcript

/// What root does in the daemon's folders leaves them the daemon's.
@Suite(
    .enabled(if: Program.areBuilt, Program.absence),
    .enabled(if: geteuid() == 0, "only root can give files to somebody else"))
struct OwnerTests {
    private let scratch: Scratch
    private let state: String
    private let configuration: String
    private var ledger: String { state + "/ledger.sqlite" }
    /// The user and group called nobody.
    private static let owner: UInt32 = 65_534

    init() throws {
        scratch = try Scratch()
        state = scratch.path + "/state"
        configuration = try scratch.write("folders:\n  state: \(state)\n", to: "minuted.yaml")
        for folder in ["/spool/incoming", "/spool/done", "/spool/failed", "/minutes"] {
            try FileManager.default.createDirectory(atPath: state + folder, withIntermediateDirectories: true)
        }
        // An open meeting; its minutes are missing.
        let utterances = [
            Utterance(text: "We meet again.", source: SourcePosition(name: "standup.txt", line: 1))
        ]
        _ = try Ledger(path: ledger).accept(
            Delivery(
                meeting: try MeetingID("standup"), name: "standup.txt", kind: .file, chunkNumber: 1,
                sha256: "1",
                byteCount: 14, format: "plainText", receivedAt: .now, title: nil, utterances: utterances,
                endsMeeting: false))
        try Data("Ada: nobody knows\n".utf8).write(to: URL(filePath: state + "/spool/done/lost.txt"))
        try Data("?".utf8).write(to: URL(filePath: state + "/spool/failed/odd.txt"))
        for path in try paths() { try #require(chown(path, Self.owner, Self.owner) == 0) }
    }

    @Test func lookingLeavesNothingOfRoots() async throws {
        for suffix in ["-wal", "-shm"] { unlink(ledger + suffix) }
        #expect(try await fsck().status == 4)
        try expectNothingOfRoots()
    }

    @Test func rebuiltMinutesAndFilesAreTheDaemons() async throws {
        let repair = try await fsck("--repair")
        #expect(repair.status == 0, "\(repair)")
        for path in ["minutes/standup/minutes.md", "spool/incoming/lost.txt", "spool/failed/odd.txt.reason"] {
            #expect(FileManager.default.fileExists(atPath: state + "/" + path), "\(path)")
        }
        try expectNothingOfRoots()
        let retry = try await minutectl("retry", "odd.txt")
        #expect(retry.status == 0, "\(retry)")
        try expectNothingOfRoots()
    }

    @Test func aLedgerThatIsBegunAnewIsTheDaemons() async throws {
        for suffix in ["-wal", "-shm"] { unlink(ledger + suffix) }
        try Data(repeating: 0xA5, count: 8192).write(to: URL(filePath: ledger))
        try #require(chown(ledger, Self.owner, Self.owner) == 0)
        let repair = try await fsck("--repair")
        #expect(repair.output.contains("mended: set it aside"), "\(repair)")
        #expect(try Ledger(path: ledger).meetings().isEmpty)
        try expectNothingOfRoots()
    }

    /// What an older release's repair left behind.
    @Test func whatBelongsToRootIsGivenBack() async throws {
        _ = try await fsck("--repair")
        let taken = [ledger, state + "/minutes/standup", state + "/minutes/standup/minutes.md"]
        for path in taken { try #require(chown(path, 0, 0) == 0) }
        // Not through a link, and not under a second name.
        let others = ["one", "two"].map { scratch.path + "/" + $0 }
        for path in others { try Data().write(to: URL(filePath: path)) }
        try #require(symlink(others[0], state + "/minutes/standup/link") == 0)
        try #require(link(others[1], state + "/minutes/standup/second") == 0)
        let found = try await fsck()
        for path in taken { #expect(found.output.contains("\(path): it belongs to root"), "\(found)") }
        let repair = try await fsck("--repair")
        #expect(repair.status == 0, "\(repair)")
        for path in taken { #expect(try owner(path) == Self.owner, "\(path)") }
        for path in others { #expect(try owner(path) == 0, "\(path)") }
    }

    private func fsck(_ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(["fsck", "--config", configuration] + arguments, in: scratch)
    }

    private func minutectl(_ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(arguments + ["--config", configuration], in: scratch)
    }

    private func paths() throws -> [String] {
        try [state] + FileManager.default.subpathsOfDirectory(atPath: state).map { "\(state)/\($0)" }
    }

    private func owner(_ path: String) throws -> UInt32 {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_uid
    }

    private func expectNothingOfRoots() throws {
        for path in try paths() { #expect(try owner(path) == Self.owner, "\(path)") }
    }
}
