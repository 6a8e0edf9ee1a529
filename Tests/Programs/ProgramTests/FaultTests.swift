import Foundation
import Glibc
import Ledger
import TestSupport
import Testing
import Transcript

/// The disk fails now and then, is full for a while, or has lost what was on it: what the daemon acknowledged is there in
/// the end, and it goes on by itself.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence))
struct FaultTests {
    private static let files = NumberedMeeting(name: "files", count: 200, words: "")
    private static let live = NumberedMeeting(name: "live", count: 200, words: "we take number ")

    @Test(.enabled(if: FaultLibrary.path != nil, "no C compiler"), arguments: FaultLibrary.seeds)
    func changesFailNowAndThen(seed: UInt64) async throws {
        let rig = try CrashRig(seed: seed)
        let (faulty, log) = (rig.scratch.path + "/faulty", rig.scratch.path + "/faults.log")
        let variables = [
            "LD_PRELOAD": try #require(FaultLibrary.path), "FAULTS_FOLDER": rig.state, "FAULTS_WHILE": faulty,
            "FAULTS_EVERY": "60", "FAULTS_SEED": "\(seed)", "FAULTS_LOG": log,
        ]
        try #require(await rig.start(variables))
        _ = try rig.scratch.write("", to: "faulty")
        let sender = NumberedSender(Self.live, socketPath: rig.ingestSocket, manner: .namedOverlapping)
        let limit = ContinuousClock.now + .seconds(300)
        let sending = Thread.detached { () -> Bool in
            // In portions, each its own transactions.
            for count in stride(from: 5, through: Self.live.count, by: 5) {
                while !sender.send(upTo: count, ends: false) {
                    guard ContinuousClock.now < limit else { return false }
                    usleep(20_000)
                }
            }
            return true
        }
        for count in stride(from: 10, through: Self.files.count, by: 10) {
            try rig.spool(Self.files, upTo: count, ends: count == Self.files.count)
            try await Task.sleep(for: .milliseconds(60))
        }
        #expect(await sending.value)
        // The cause goes away.
        try FileManager.default.removeItem(atPath: faulty)
        let ending = Thread.detached { sender.send(upTo: Self.live.count, ends: true) }
        try await rig.untilFinished([Self.files, Self.live])
        #expect(await ending.value)
        #expect(try await rig.stop(SIGTERM) == 0)
        #expect(rig.names(in: "spool/failed").isEmpty)
        let account = try rig.account(of: [Self.files, Self.live])
        #expect(account.isClean, "seed \(seed): \(account)")
        let faults = (try? String(contentsOfFile: log, encoding: .utf8))?.count ?? 0
        #expect(faults > 10)
        print("failed changes: \(faults); \(account)")
    }

    @Test(.enabled(if: SmallDisk.canBeMounted, "only root can mount a file system"))
    func aFullDiskIsWaitedOut() async throws {
        let rig = try CrashRig(seed: 1, spoolsElsewhere: true)
        let disk = try SmallDisk(at: rig.state, megabytes: 6)
        try #require(await rig.start())
        let full = try disk.fill()
        try rig.spool(Self.files, upTo: Self.files.count, ends: true)
        let sender = NumberedSender(Self.live, socketPath: rig.ingestSocket, manner: .named)
        let sending = Thread.detached { sender.send(upTo: Self.live.count, ends: true) }
        try await eventually("the daemon says that it waits", within: .seconds(60)) {
            rig.log.contains("cannot take files, trying again")
                && rig.log.contains("what comes over the socket waits")
        }
        #expect(rig.isRunning)
        try FileManager.default.removeItem(atPath: full)
        try await rig.untilFinished([Self.files, Self.live])
        #expect(await sending.value)
        #expect(rig.log.contains("taking files again") && rig.log.contains("the ledger can be written again"))
        #expect(try await rig.stop(SIGTERM) == 0)
        let account = try rig.account(of: [Self.files, Self.live])
        #expect(account.isClean, "\(account)")
        withExtendedLifetime(disk) {}
    }

    @Test func aDamagedLedgerIsSetAsideAndItsFilesTakenAgain() async throws {
        let rig = try CrashRig(seed: 2)
        try #require(await rig.start())
        try rig.spool(Self.files, upTo: Self.files.count, ends: true)
        try await rig.untilFinished([Self.files])
        #expect(try await rig.stop(SIGTERM) == 0)
        // Whoever closes it last moves everything from the write-ahead log into the file.
        #expect(try Ledger(path: rig.ledger).meetings().count == 1)
        var bytes = try Data(contentsOf: URL(filePath: rig.ledger))
        try #require(bytes.count > 8 * 4096)
        for page in stride(from: 4096, to: bytes.count, by: 8192) {
            bytes.replaceSubrange(page..<page + 64, with: repeatElement(0xA5, count: 64))
        }
        try bytes.write(to: URL(filePath: rig.ledger))

        // The daemon runs, says so, and takes what comes.
        try #require(await rig.start())
        #expect(rig.log.contains("was set aside"), "\(rig.log)")
        let sender = NumberedSender(Self.live, socketPath: rig.ingestSocket, manner: .named)
        #expect(await Thread.detached { sender.send(upTo: Self.live.count, ends: true) }.value)
        try await rig.untilFinished([Self.live])
        #expect(try await rig.stop(SIGTERM) == 0)
        #expect(try Ledger(path: rig.ledger, access: .readOnly).meetings().map(\.id.name) == ["live"])

        // What had come by the spool is taken again.
        let check = try await Self.fsck(rig)
        #expect(check.status == 4 && check.output.contains("put it back into incoming/"), "\(check)")
        let repair = try await Self.fsck(rig, "--repair")
        #expect(repair.output.contains("mended"), "\(repair)")
        // Those that are there are of the ledger that was lost, and finished.
        try FileManager.default.removeItem(atPath: rig.state + "/minutes/" + Self.files.name)
        try #require(await rig.start())
        try await eventually("the files are in the ledger again", within: .seconds(120)) {
            rig.names(in: "spool/incoming").isEmpty
        }
        try await rig.untilFinished([Self.files, Self.live])
        _ = try await rig.stop(SIGTERM)
        #expect(try rig.account(of: [Self.files, Self.live]).isClean)
    }

    @Test func fsckFindsAndMends() async throws {
        let rig = try CrashRig(seed: 3)
        try #require(await rig.start())
        try rig.spool(Self.files, upTo: 100, ends: false)
        let sender = NumberedSender(Self.live, socketPath: rig.ingestSocket, manner: .named)
        #expect(await Thread.detached { sender.send(upTo: Self.live.count, ends: true) }.value)
        try await rig.untilFinished([Self.live])
        try await eventually("a cache is saved", within: .seconds(60)) {
            !rig.names(in: "cache/kv").isEmpty && rig.minutes("files") != nil
        }
        // Beside the daemon it may look, and not mend.
        let beside = try await Self.fsck(rig)
        #expect(beside.status == 0, "\(beside)")
        #expect(try await Self.fsck(rig, "--repair").status == 75)
        #expect(try await rig.stop(SIGTERM) == 0)
        let sound = try await Self.fsck(rig)
        #expect(sound.status == 0 && sound.output.contains("0 problems"), "\(sound)")

        let cache = rig.state + "/cache/kv/" + (try #require(rig.names(in: "cache/kv").first))
        var bytes = try Data(contentsOf: URL(filePath: cache))
        // In the first position: the file's end may hold positions that were rolled back, whose content nobody reads.
        bytes[12_288 + 20] ^= 4
        try bytes.write(to: URL(filePath: cache))
        try FileManager.default.removeItem(atPath: rig.state + "/minutes/live/minutes.md")
        try Data("{".utf8).write(to: URL(filePath: rig.state + "/minutes/files/minutes.json"))
        try Data("Ada: nobody knows".utf8).write(to: URL(filePath: rig.state + "/spool/done/lost.txt"))
        try Data("?".utf8).write(to: URL(filePath: rig.state + "/spool/failed/odd.txt"))
        let found = try await Self.fsck(rig, "--json")
        #expect(found.status == 4)
        for name in ["files.kv", "live/minutes.md", "files/minutes.json", "done/lost.txt", "failed/odd.txt"] {
            #expect(found.output.contains(name), "\(name): \(found.output)")
        }
        #expect(try await Self.fsck(rig, "--repair").status == 0)
        #expect(try await Self.fsck(rig).status == 0)
        #expect(rig.names(in: "spool/incoming").contains("lost.txt"))
        let retry = try await Program.minutectl.run(
            ["retry", "odd.txt", "--config", rig.configuration], in: rig.scratch)
        #expect(retry.status == 0 && rig.names(in: "spool/incoming").contains("odd.txt"), "\(retry)")
    }

    private static func fsck(_ rig: CrashRig, _ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(
            ["fsck", "--config", rig.configuration] + arguments, in: rig.scratch)
    }
}

/// The library that lets changes fail, compiled from `Tests/Service/Faults`.
enum FaultLibrary {
    /// `make soak` tries more.
    static let seeds = Array(1...UInt64(max(1, Soak.number("MINUTED_SOAK_FAULTS") ?? 1)))

    /// Nil if there is no C compiler.
    static let path: String? = {
        let source = Repository.root.appending(path: "Tests/Service/Faults/faults.c").path
        let target = FileManager.default.temporaryDirectory.path + "/libfaults-\(getpid()).so"
        for compiler in ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"]
        where FileManager.default.isExecutableFile(atPath: compiler) {
            let process = Process()
            process.executableURL = URL(filePath: compiler)
            process.arguments = ["-std=gnu11", "-O1", "-shared", "-fPIC", "-o", target, source, "-ldl"]
            // Ignored: the next one may do.
            guard (try? process.run()) != nil else { continue }
            process.waitUntilExit()
            if process.terminationStatus == 0 { return target }
        }
        return nil
    }()
}

/// A file system in memory that is soon full; unmounted with the value.
final class SmallDisk {
    private let path: String

    static let canBeMounted: Bool = {
        guard let scratch = try? Scratch(), (try? SmallDisk(at: scratch.path, megabytes: 1)) != nil else {
            return false
        }
        return true
    }()

    init(at path: String, megabytes: Int) throws {
        self.path = path
        try Self.run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "minuted-test", path])
    }

    deinit {
        // Ignored: a mount that stays is seen by whoever cleans up.
        try? Self.run("/bin/umount", ["-l", path])
    }

    /// Takes all that is free; returns the file that has it.
    func fill() throws -> String {
        let ballast = path + "/ballast"
        let descriptor = open(ballast, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        for size in [1 << 16, 1 << 12, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(descriptor, bytes, size) > 0 {}
        }
        try #require(errno == ENOSPC)
        return ballast
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw POSIXError(.EPERM) }
    }
}
