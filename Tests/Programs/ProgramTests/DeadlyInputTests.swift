import Foundation
import Glibc
import Ledger
import TestSupport
import Testing
import Transcript

/// Inputs that the daemon dies of: each is given up after a few deaths, and says so; the others are not held up.
///
/// They are planted: `MINUTED_TRAP_AT` has the daemon trap when it begins with one.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence))
struct DeadlyInputTests {
    private let rig: CrashRig

    init() throws {
        rig = try CrashRig(seed: 1)
        rig.deadlySignals = [SIGILL, SIGTRAP, SIGKILL]
    }

    /// Starts it and waits for its death.
    private func die(of trap: String, _ body: () throws -> Void = {}) async throws {
        if try await rig.start([AtHand.trapVariable: trap]) {
            try body()
            #expect(try await rig.untilDead(within: .seconds(60)), "it did not die of \(trap):\n\(rig.log)")
        }
    }

    private func spool(_ names: [String]) throws {
        for name in names { try rig.put("Ada: good morning to \(name)\n", as: name) }
    }

    @Test func aFileThatItDiesOfTwiceIsSetAside() async throws {
        try spool(["a.txt", "poison.txt", "z.txt"])
        for _ in 1...2 { try await die(of: "poison.txt") }
        #expect(rig.names(in: "spool/incoming").contains("poison.txt"))
        try #require(await rig.start([AtHand.trapVariable: "poison.txt"]))
        try await eventually("the others are taken; log:\n\(rig.log)", within: .seconds(60)) {
            rig.names(in: "spool/incoming").isEmpty
        }
        #expect(rig.names(in: "spool/done") == ["a.txt", "z.txt"])
        #expect(rig.names(in: "spool/failed") == ["poison.txt", "poison.txt.reason"])
        #expect(rig.scratch.read("state/spool/failed/poison.txt.reason").contains("died 2 times"))
        #expect(rig.log.contains("the daemon before this one died of a fault"))
        // Repaired, or tried again, it gets its two lives back.
        #expect(try await rig.stop(SIGTERM) == 0)
        try #require(
            rename(rig.state + "/spool/failed/poison.txt", rig.state + "/spool/incoming/poison.txt") == 0)
        try await die(of: "poison.txt")
        try #require(await rig.start())
        try await eventually("it is taken at last", within: .seconds(60)) {
            rig.names(in: "spool/done").contains("poison.txt")
        }
        #expect(try await rig.stop(SIGTERM) == 0)
    }

    /// Being killed, as often as you like, is nothing that a file can help.
    @Test func aFileIsNotBlamedForKills() async throws {
        try spool(["a.txt"])
        for _ in 1...4 where try await rig.start([FaultPoint.variable: "spool.read:1"]) {
            #expect(try await rig.untilDead(within: .seconds(60)))
        }
        try #require(await rig.start())
        try await eventually("it is taken", within: .seconds(60)) { rig.names(in: "spool/done") == ["a.txt"] }
        #expect(rig.names(in: "spool/failed").isEmpty)
        #expect(try await rig.stop(SIGTERM) == 0)
    }

    /// A file that is recorded in several transactions is killed after some: nothing is lost, or there twice.
    @Test func aLongFileIsThereOnceHoweverOftenItIsKilled() async throws {
        let said = (0..<9000).map { "we take number \($0)" }
        try rig.put(said.map { "Ada: \($0)\n" }.joined(), as: "long.txt")
        for time in [2, 3, 2, 4] where try await rig.start([FaultPoint.variable: "ledger.committed:\(time)"])
        {
            #expect(try await rig.untilDead(within: .seconds(60)))
        }
        try #require(await rig.start())
        try await eventually("it is taken; log:\n\(rig.log)", within: .seconds(60)) {
            rig.names(in: "spool/done") == ["long.txt"]
        }
        #expect(rig.names(in: "spool/failed").isEmpty)
        #expect(try await rig.stop(SIGKILL) == -SIGKILL)
        let ledger = try Ledger(path: rig.ledger, access: .readOnly)
        #expect(try ledger.utterances(of: try MeetingID("long"), in: 0..<Int.max).map(\.text) == said)
    }

    @Test func aLineThatItDiesOfTwiceIsLeftOut() async throws {
        let digest = AtHand.digest(of: "Ada: poison".utf8)
        let trap = AtHand.Work.line(digest).key
        let lines = [
            #"{"meeting":"live","sender":"desk","ack":true,"from":0,"format":"text"}"#, "Ada: one",
            "Ada: poison",
            "Ada: three",
        ]
        for _ in 1...2 {
            try await die(of: trap) { try SocketClient(rig.ingestSocket).send(lines) }
        }
        try #require(await rig.start([AtHand.trapVariable: trap]))
        let client = try SocketClient(rig.ingestSocket)
        try client.send(lines)
        let answers = client.answers(until: "{\"ack\":1}")
        #expect(
            answers.contains("died twice while it read it") && answers.contains("{\"ack\":1}"), "\(answers)")
        #expect(try await rig.stop(SIGTERM) == 0)
        let ledger = try Ledger(path: rig.ledger, access: .readOnly)
        let texts = try ledger.utterances(of: try MeetingID("live"), in: 0..<9).map(\.text)
        #expect(texts == ["one", "three"])
    }

    @Test func aWindowThatItDiesOfIsGivenUp() async throws {
        let words = (0..<300).map { "word\($0)" }.joined(separator: " ")
        try rig.put("Ada: \(words).\nBen: And \(words) again.\n", as: "talk.txt")
        let trap = AtHand.Work.window(try MeetingID("talk"), 0).key
        for _ in 1...3 { try await die(of: trap) }
        try #require(await rig.start([AtHand.trapVariable: trap]))
        try await eventually("the meeting is finished; log:\n\(rig.log)", within: .seconds(120)) {
            rig.minutes("talk")?.state == "finished"
        }
        let windows = try #require(rig.minutes("talk")).windows
        #expect(windows.count > 1 && windows[0].summary == nil, "\(windows)")
        #expect(windows.dropFirst().allSatisfy { $0.summary != nil })
        #expect(rig.scratch.read("state/minutes/talk/minutes.md").contains("died of a fault"))
        #expect(try await rig.stop(SIGTERM) == 0)
    }
}
