import Foundation
import Glibc
import Ledger
import TestSupport
import Testing
import Transcript

/// Minutes are handed on by the shipped commands to real servers on loopback.
///
/// `make soak` sets `MINUTED_SOAK_DELIVERIES`.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence))
struct HandingOnTests {
    private static let count = Soak.number("MINUTED_SOAK_DELIVERIES") ?? 8
    private static let seed = UInt64(Soak.number("MINUTED_SOAK_SEED") ?? 1)
    private static let python = "/usr/bin/python3"
    private static let commands = Repository.root.appending(path: "etc/deliver").path
    private static let receivers = Repository.root.appending(
        path: "Tests/Programs/ProgramTests/Fixtures/receivers.py"
    ).path

    /// A server of `receivers.py`, which may die and is started again.
    private final class Receiver {
        let scratch: Scratch
        private let arguments: [String]
        private var process: Process?
        private(set) var deaths = -1

        var port: Int? { Int(scratch.read("port")) }
        var log: [[String: Any]] {
            scratch.read("log").split(separator: "\n").compactMap {
                // Ignored: not written to its end yet.
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }

        init(_ kind: String, _ further: String...) async throws {
            scratch = try Scratch()
            arguments =
                [HandingOnTests.receivers, kind, scratch.path + "/log", scratch.path + "/port"] + further
            try keepUp()
            try await eventually("the server listens", within: .seconds(30)) { port != nil }
        }

        func keepUp() throws {
            if process?.isRunning == true { return }
            deaths += 1
            let new = Process()
            new.executableURL = URL(filePath: HandingOnTests.python)
            new.arguments = arguments
            new.standardError = FileHandle.nullDevice
            try new.run()
            process = new
        }

        deinit { if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    }

    /// What a meeting of three lines says.
    private static func text(_ number: Int) -> String {
        (0..<3).map { "Ada: we take number \(number * 3 + $0) into the plan of this week\n" }.joined()
    }

    /// Each is delivered at least once, none is lost, and each keeps its identifier.
    ///
    /// The server fails, hangs, forgets what it has, answers twice, sends elsewhere and is killed; meanwhile the daemon and
    /// whoever hands on are killed as well.
    @Test func eachIsDeliveredWhateverTheServerDoes() async throws {
        let server = try await Receiver("http", "a secret", "\(Self.seed)")
        let secret = try server.scratch.write("a secret\n", to: "secret")
        let url = "http://127.0.0.1:\(try #require(server.port))/hook"
        let rig = try CrashRig(
            seed: Self.seed,
            settings: """
                delivery:
                  hook:
                    command: \(Self.python) \(Self.commands)/webhook --secret-file \(secret) --timeout 1 \(url)
                    attempts: 1000
                    retrySeconds: 0.1
                    timeoutSeconds: 30

                """)
        try #require(await rig.start())
        var deliverers = 0
        func deliver() throws -> Process {
            deliverers += 1
            return try Program.minutectl.start(
                ["deliver", "hook", "--config", rig.configuration], in: rig.scratch,
                log: "deliver\(deliverers)")
        }
        var deliverer = try deliver()
        defer { kill(deliverer.processIdentifier, SIGKILL) }
        for number in 0..<Self.count { try rig.put(Self.text(number), as: "talk\(number).txt") }
        var rounds = 0
        var records: [OutboxRecord] = []
        let end = ContinuousClock.now + .seconds(300 + Self.count * 8)
        repeat {
            try #require(ContinuousClock.now < end, "not all are delivered: \(records)")
            try await Task.sleep(for: .milliseconds(100))
            rounds += 1
            try server.keepUp()
            if rounds % 40 == 0 { kill(deliverer.processIdentifier, SIGKILL) }
            if rounds % 70 == 0 {
                #expect(try await rig.stop(SIGKILL) == -SIGKILL)
                try #require(await rig.start())
            }
            if !deliverer.isRunning { deliverer = try deliver() }
            records = try Ledger(path: rig.ledger, access: .readOnly).outbox(latest: 1000)
        } while records.count < Self.count || records.contains { $0.state != .delivered }
        #expect(records.count == Self.count && Set(records.map(\.id)).count == Self.count)
        var received: [String: [String]] = [:]
        for entry in server.log {
            #expect(entry["wrong"] == nil && entry["state"] as? String == "finished")
            let meeting = try #require(entry["meeting"] as? String)
            received[meeting, default: []].append(try #require(entry["id"] as? String))
            #expect((entry["text"] as? String)?.hasPrefix("# \(meeting)") == true)
        }
        for record in records {
            let ids = try #require(received[record.meeting.name], "\(record.meeting) was not received")
            #expect(Set(ids) == [record.id])
        }
        let sum = received.values.reduce(0) { $0 + $1.count }
        print(
            "handed on: \(Self.count), received \(sum) times, in \(records.reduce(0) { $0 + $1.attempts }) attempts; "
                + "kills of the server \(server.deaths), of whoever hands on \(deliverers - 1), of the daemon "
                + "\(rig.starts - 1). Lost: \(Self.count - received.count)")
        #expect(try await rig.stop(SIGTERM) == 0)
    }

    @Test func mailAndNotesAreMadeOfMinutes() async throws {
        let relay = try await Receiver("smtp")
        let scratch = relay.scratch
        let sendmail = try scratch.write(
            "#!/bin/sh\n[ -e \(scratch.path)/broken ] && { echo not today >&2; exit 75; }\n"
                + "echo \"$@\" >>\(scratch.path)/sent; cat >>\(scratch.path)/sent\n", to: "sendmail")
        chmod(sendmail, 0o755)
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/notes", withIntermediateDirectories: false)
        let mail = "\(Self.python) \(Self.commands)/mail --from minutes@example.org"
        let rig = try CrashRig(
            seed: 1,
            settings: """
                delivery:
                  mail:
                    command: \(mail) --sendmail \(sendmail) --page board@example.org
                    attempts: 2
                    retrySeconds: 0
                  relay:
                    command: \(mail) --smtp 127.0.0.1:\(try #require(relay.port)) a@example.org b@example.org
                  partly:
                    command: \(mail) --smtp 127.0.0.1:\(relay.port ?? 0) a@example.org refused@example.org
                    attempts: 1
                  notes:
                    command: \(Self.python) \(Self.commands)/markdown --tag minutes \(scratch.path)/notes
                  slow:
                    command: /bin/sleep 60
                    timeoutSeconds: 1
                    attempts: 1
                  absent:
                    command: /nonexistent/program
                    meetings: weekly
                    attempts: 1
                  never:
                    command: /bin/true
                    meetings: board

                """)
        try #require(await rig.start())
        func run(_ arguments: String...) async throws -> Outcome {
            try await Program.minutectl.run(arguments + ["--config", rig.configuration], in: rig.scratch)
        }
        let rare = "zwickelgarn and pumpernusskern belong into the vault"
        try rig.put("Ada: \(rare)\nÉlodie: we take it\n", as: "weekly.txt")
        try await eventually("it is finished", within: .seconds(60)) {
            rig.minutes("weekly")?.state == "finished"
        }
        #expect(try await run("status").output.contains("outbox    6 to be handed on, the oldest since"))
        // A command that fails, then one that does not.
        _ = try scratch.write("", to: "broken")
        let failed = try await run("deliver", "mail", "--once")
        #expect(failed.status == 1 && failed.errors.contains("exit status 1"), "\(failed)")
        // Standard error may be the journal, which is no place for words of the minutes.
        #expect(!failed.errors.contains("not today"), "\(failed)")
        let listed = try await run("deliveries", "weekly")
        #expect(listed.output.contains("exit status 75: not today"), "\(listed)")
        #expect(try await run("status").output.contains("1 failed, see minutectl deliveries"))
        unlink(scratch.path + "/broken")
        #expect(try await run("retry", "delivery").output == "1 is tried again\n")
        #expect(try await run("deliver", "mail", "--once").status == 0)
        let sent = scratch.read("sent")
        #expect(
            sent.hasPrefix("-i -f minutes@example.org -- board@example.org\nSubject: weekly\n"), "\(sent)")
        #expect(sent.contains("filename=\"weekly.html\"") && sent.contains("zwickelgarn"))
        // By SMTP.
        let relayed = try await run("deliver", "relay", "--once")
        #expect(relayed.status == 0, "\(relayed)")
        let letter = try #require(relay.log.first)
        #expect((letter["to"] as? [String])?.count == 2)
        #expect((letter["data"] as? String)?.contains("Message-ID: <") == true)
        let partly = try await run("deliver", "partly", "--once")
        #expect(partly.status == 1)
        let refusedOne = "1 of 2 recipients refused: refused@example.org"
        #expect(try await run("deliveries", "weekly").output.contains(refusedOne))
        #expect((relay.log.last?["to"] as? [String])?.count == 1)
        // A folder of notes.
        #expect(try await run("deliver", "notes", "--once").status == 0)
        let note = scratch.read("notes/weekly.md")
        #expect(note.hasPrefix("---\ntitle: \"weekly\"\ndate: \""), "\(note)")
        #expect(note.contains("participants: [\"Ada\", \"Élodie\"]\n"), "\(note)")
        #expect(note.contains("\n---\n\n# weekly\n"), "\(note)")
        // Neither a command that hangs nor one that is not there holds anything up.
        let slow = try await run("deliver", "slow", "--once")
        #expect(slow.status == 1 && slow.errors.contains("not done within 1 s"), "\(slow)")
        let absent = try await run("deliver", "absent", "--once")
        #expect(absent.status == 1 && absent.errors.contains("cannot be run: No such file"), "\(absent)")
        let never = try await run("deliver", "never", "--once")
        #expect(never.status == 0 && never.output.isEmpty && never.errors.isEmpty, "\(never)")
        #expect(try await run("deliver", "nobody", "--once").status == 78)
        let states = try Ledger(path: rig.ledger, access: .readOnly).outbox(latest: 100).map {
            "\($0.target) \($0.state.rawValue)"
        }.sorted()
        let expected = [
            "absent failed", "mail delivered", "notes delivered", "partly failed", "relay delivered",
            "slow failed",
        ]
        #expect(states == expected)
        // What is out of reach is said.
        let forgotten = try await run("forget", "weekly")
        #expect(forgotten.status == 0, "\(forgotten)")
        for target in ["mail", "relay", "notes"] {
            #expect(
                forgotten.errors.contains("minutes of weekly were handed on to '\(target)' at "),
                "\(forgotten.errors)")
        }
        #expect(forgotten.errors.contains("may have been handed on to 'slow'"))
        #expect(Traces(of: [rare]).found(below: rig.state) == [])
        #expect(try await run("deliveries", "--json").output.contains("\"deliveries\":[]"))
        #expect(try await rig.stop(SIGTERM) == 0)
    }

    /// Whoever is asked to stop ends the command, and says so, so that nobody waits for it.
    @Test func stoppingHandsBackWhatIsUnderWay() async throws {
        let rig = try CrashRig(
            seed: 2,
            settings: """
                delivery:
                  slow:
                    command: /bin/sh -c exec${IFS}sleep${IFS}600
                    timeoutSeconds: 600

                """)
        try #require(await rig.start())
        try rig.put(Self.text(1), as: "talk.txt")
        let deliverer = try Program.minutectl.start(
            ["deliver", "slow", "--config", rig.configuration], in: rig.scratch, log: "deliver")
        defer { kill(deliverer.processIdentifier, SIGKILL) }
        func record() throws -> OutboxRecord? {
            try Ledger(path: rig.ledger, access: .readOnly).outbox(latest: 1).first
        }
        try await eventually("it is under way", within: .seconds(60)) { try record()?.state == .running }
        kill(deliverer.processIdentifier, SIGTERM)
        #expect(try await deliverer.exitStatus(within: .seconds(20)) == 130)
        let after = try #require(try record())
        #expect(after.state == .waiting && after.problem == "it was stopped")
        #expect(try await rig.stop(SIGTERM) == 0)
    }
}
