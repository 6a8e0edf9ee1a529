import Foundation
import Glibc
import Ledger
import TestSupport
import Testing
import Transcript

/// What is forgotten leaves no trace below the state folder, wherever the daemon is killed on the way.
///
/// `make soak` sets `MINUTED_SOAK_KILLS`; `make test` kills once at each point, and eleven times at random.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence))
struct ErasureTests {
    private static let kept = NumberedMeeting(name: "kept", count: 60, words: "we take number ")
    private static let kills = Soak.number("MINUTED_SOAK_KILLS") ?? 20
    private static let seed = UInt64(Soak.number("MINUTED_SOAK_SEED") ?? 1)

    @Test func nothingIsLeftHoweverOftenItIsKilled() async throws {
        var random = SeededGenerator(seed: Self.seed &* 99)
        let rig = try CrashRig(seed: random.next())
        try #require(await rig.start())
        try rig.spool(Self.kept, upTo: Self.kept.count, ends: true)
        try await rig.untilFinished([Self.kept])
        #expect(try await rig.stop(SIGTERM) == 0)
        var tried: [String: Int] = [:]
        for number in 0..<Self.kills {
            let point = number < FaultPoint.ofErasure.count ? FaultPoint.ofErasure[number].rawValue : nil
            let secret = Secret(name: "secret\(number)", seed: random.next())
            try #require(await rig.start(point.map { [FaultPoint.variable: "\($0):1"] } ?? [:]))
            try await secret.bring(to: rig)
            let traces = Traces(of: secret.lines)
            let before = traces.found(below: rig.state)
            // Otherwise the search would find nothing whatever is there.
            for place in ["ledger.sqlite", "spool/done/", "minutes/"] {
                #expect(before.contains { $0.hasPrefix(place) }, "\(before)")
            }
            #expect(rig.names(in: "cache/kv").contains { $0.hasPrefix(secret.name) })
            let asking = Task { [configuration = rig.configuration, scratch = rig.scratch] in
                try await Program.minutectl.run(
                    ["forget", secret.name, "--reason", "a test", "--config", configuration], in: scratch)
            }
            let limit = point == nil ? Int.random(in: 0...250, using: &random) : 20_000
            let byPoint = try await rig.untilDead(within: .milliseconds(limit))
            #expect(byPoint || point == nil, "\(point ?? "") was not reached")
            let outcome = try await asking.value
            tried[byPoint ? point ?? "?" : "at a random time", default: 0] += 1
            try #require(await rig.start())
            // A kill before anything was recorded leaves it to whoever asked to ask again.
            if try Self.isThere(secret.name, rig) {
                #expect(point == nil && outcome.status != 0)
                let again = try await Self.forget(secret.name, rig)
                #expect(again.status == 0, "\(again.errors)")
            }
            let after = traces.found(below: rig.state)
            #expect(after == [], "kill \(number), \(point ?? "at random")")
            #expect(!rig.names(in: "cache/kv").contains { $0.hasPrefix(secret.name) })
            #expect(try await rig.stop(SIGTERM) == 0, "\(rig.log)")
            #expect(traces.found(below: rig.state) == [])
        }
        let ledger = try Ledger(path: rig.ledger, access: .readOnly)
        #expect(try ledger.findings() == [])
        let erasures = try ledger.erasures()
        #expect(erasures.count >= Self.kills && erasures.allSatisfy { $0.state == .done })
        #expect(try Account.ofLedger(rig.ledger, Self.kept).isClean)
        #expect(try rig.account(of: [Self.kept]).isClean)
        print("kills while erasing: \(tried.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
    }

    private static func isThere(_ meeting: String, _ rig: CrashRig) throws -> Bool {
        try Ledger(path: rig.ledger, access: .readOnly).meeting(MeetingID(meeting)) != nil
    }

    private static func forget(_ meeting: String, _ rig: CrashRig) async throws -> Outcome {
        try await Program.minutectl.run(["forget", meeting, "--config", rig.configuration], in: rig.scratch)
    }

    /// Lines that are on their way when a meeting is forgotten do not bring it back.
    @Test func aMeetingIsForgottenWhileItRuns() async throws {
        let rig = try CrashRig(seed: 5)
        try #require(await rig.start())
        let secret = Secret(name: "live", seed: 5)
        let greeting = #"{"meeting":"live","ack":true,"sender":"recorder","format":"text"}"#
        let socket = try SocketClient(rig.ingestSocket)
        try socket.send([greeting] + secret.lines.prefix(40))
        #expect(socket.answers(until: #"{"ack":39}"#).contains(#"{"ack":39}"#))
        try await eventually("there are minutes", within: .seconds(60)) { rig.minutes("live") != nil }
        let outcome = try await Self.forget("live", rig)
        #expect(
            outcome.status == 0 && outcome.output.contains("forgotten: live: 40 utterances"), "\(outcome)")
        try socket.send(Array(secret.lines[40..<50]))
        #expect(socket.answers(until: "}").contains("was forgotten"))
        // A recorder that connects again by itself is stopped; one that begins anew is not.
        let again = try SocketClient(rig.ingestSocket)
        try again.send([greeting] + secret.lines)
        #expect(again.answers(until: "}").contains(#"say \"from\": 0"#))
        #expect(Traces(of: secret.lines).found(below: rig.state) == [])
        let new = try SocketClient(rig.ingestSocket)
        try new.send([greeting.replacing("}", with: #","from":0}"#), "Ada: something else is said here now"])
        #expect(new.answers(until: #"{"ack":0}"#).contains(#"{"ack":0}"#))
        try await eventually("the new one has minutes", within: .seconds(60)) { rig.minutes("live") != nil }
        #expect(Traces(of: secret.lines).found(below: rig.state) == [])
        let list = try await Program.minutectl.run(
            ["forgotten", "--config", rig.configuration], in: rig.scratch)
        #expect(list.status == 0 && list.output.contains("live, by ") && list.output.contains("asked for"))
        #expect(try await rig.stop(SIGTERM) == 0, "\(rig.log)")
    }

    /// A copy that is made while lines come is of one moment, and the daemon goes on with it.
    @Test func aBackupIsMadeWhileTheDaemonRuns() async throws {
        let rig = try CrashRig(seed: 7)
        try #require(await rig.start())
        let meeting = NumberedMeeting(name: "live", count: 400, words: "we take number ")
        let sender = NumberedSender(meeting, socketPath: rig.ingestSocket, manner: .named)
        let sending = Thread.detached { sender.send(upTo: meeting.count, ends: true) }
        try await eventually("lines come", within: .seconds(60)) {
            try Ledger(path: rig.ledger, access: .readOnly).meeting(MeetingID("live")) != nil
        }
        let file = rig.scratch.path + "/backup.db"
        func run(_ arguments: String...) async throws -> Outcome {
            try await Program.minutectl.run(arguments + ["--config", rig.configuration], in: rig.scratch)
        }
        let outcome = try await run("backup", file)
        #expect(outcome.status == 0 && outcome.output.contains("1 meetings"), "\(outcome)")
        #expect(await sending.value)
        try await rig.untilFinished([meeting])
        #expect(try Account.ofLedger(rig.ledger, meeting).isClean)
        #expect(try await run("restore", file, "--replace").status == 75)
        #expect(try await rig.stop(SIGTERM) == 0)
        #expect(try await run("restore", file).status == 64)
        let restored = try await run("restore", file, "--replace")
        #expect(restored.status == 0, "\(restored)")
        let count = try #require(
            try Ledger(path: rig.ledger, access: .readOnly).meeting(MeetingID("live"))?.utteranceCount)
        let first = NumberedMeeting(name: "live", count: count, words: meeting.words)
        #expect(try Account.ofLedger(rig.ledger, first).isClean)
        // The sender goes on where the copy ends.
        try #require(await rig.start())
        let again = NumberedSender(meeting, socketPath: rig.ingestSocket, manner: .named)
        let resending = Thread.detached { again.send(upTo: meeting.count, ends: true) }
        #expect(await resending.value)
        try await rig.untilFinished([meeting])
        #expect(try Account.ofLedger(rig.ledger, meeting).isClean)
    }

    /// Without a daemon `minutectl` does it itself.
    @Test func whatIsKeptTooLongGoesWithoutADaemonToo() async throws {
        let rig = try CrashRig(seed: 6)
        try #require(await rig.start())
        try rig.spool(Self.kept, upTo: 20, ends: true)
        try await eventually("it is finished", within: .seconds(60)) {
            rig.minutes("kept")?.state == "finished"
        }
        #expect(try await rig.stop(SIGTERM) == 0)
        func run(_ arguments: String...) async throws -> Outcome {
            try await Program.minutectl.run(arguments + ["--config", rig.configuration], in: rig.scratch)
        }
        #expect(try await run("sweep", "--dry-run").output == "0 things would go\n")
        let unknown = try await run("forget", "nobody")
        #expect(unknown.status == 66 && unknown.errors.contains("there is no meeting 'nobody'"), "\(unknown)")
        #expect(try await run("forget", "--speaker", "A").status == 64)
        let person = try await run("forget", "--speaker", "ada")
        #expect(person.status == 0 && person.output.contains("replaced in kept: 20 utterances"), "\(person)")
        let outcome = try await run("forget", "kept")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(rig.names(in: "minutes").isEmpty && rig.names(in: "spool/done").isEmpty)
    }
}

/// A meeting of words that nobody else says, by file and by socket.
private struct Secret: Sendable {
    let name: String
    let lines: [String]

    init(name: String, seed: UInt64) {
        self.name = name
        var random = SeededGenerator(seed: seed)
        lines = (0..<80).map { _ in
            // One is so long that the index for searching has a trace of it.
            (0..<8).map { place in
                String(
                    (0..<(place == 3 ? 16 : 8)).compactMap { _ in
                        "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random)
                    })
            }.joined(separator: " ")
        }
    }

    /// Delivers the first lines as two chunks, one of them twice, and the rest over the socket; the meeting stays open.
    func bring(to rig: CrashRig) async throws {
        let chunks = [lines[0..<20], lines[20..<40]].map { $0.map { "Ada: \($0)\n" }.joined() }
        try rig.put(chunks[0], as: "\(name).1.txt")
        try rig.put(chunks[1], as: "\(name).2.txt")
        try await eventually("the chunks are taken; log:\n\(rig.log)", within: .seconds(60)) {
            rig.names(in: "spool/done").filter { $0.hasPrefix(name + ".") }.count == 2
        }
        // The same chunk once more, under another name.
        try rig.put(chunks[1], as: "\(name).02.txt")
        try await eventually("it is recognised", within: .seconds(60)) {
            rig.names(in: "spool/done").contains("\(name).02.txt")
        }
        let socket = try SocketClient(rig.ingestSocket)
        try socket.send(
            [#"{"meeting":"\#(name)","ack":true,"format":"text"}"#] + lines[40...].map { "Ben: \($0)" })
        try #require(socket.answers(until: #"{"ack":79}"#).contains(#"{"ack":79}"#))
        try await eventually("there are minutes and a cache; log:\n\(rig.log)", within: .seconds(60)) {
            rig.minutes(name)?.windows.isEmpty == false
                && rig.names(in: "cache/kv").contains { $0.hasPrefix(name) }
        }
    }
}
