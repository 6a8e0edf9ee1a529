import Foundation
import Ledger
import TestSupport
import Testing
import Transcript

/// Putting minutes right with the real programs.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence)) struct EditingTests {
    private func run(_ rig: CrashRig, _ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(arguments + ["--config", rig.configuration], in: rig.scratch)
    }

    private func speakers(_ rig: CrashRig, _ meeting: String) throws -> [String] {
        let json = rig.scratch.read("state/minutes/\(meeting)/minutes.json")
        struct Minutes: Decodable {
            struct Participant: Decodable { let name: String }
            let participants: [Participant]
        }
        return try JSONDecoder().decode(Minutes.self, from: Data(json.utf8)).participants.map(\.name)
    }

    @Test func aSpeakerIsRenamedWhileTheMeetingRunsAndWithoutADaemon() async throws {
        let rig = try CrashRig(seed: 11)
        try #require(await rig.start())
        let socket = try SocketClient(rig.ingestSocket)
        try socket.send(
            [#"{"meeting":"live","ack":true,"format":"text"}"#]
                + (0..<20).map { "Speaker \($0 % 2 + 1): we take number \($0) and go on with it now" })
        #expect(socket.answers(until: #"{"ack":19}"#).contains(#"{"ack":19}"#))
        try await eventually("there are minutes", within: .seconds(60)) { rig.minutes("live") != nil }
        let renamed = try await run(rig, "rename", "live", "Speaker 1", "Ada Okafor")
        #expect(
            renamed.status == 0 && renamed.output == "live: Speaker 1 is Ada Okafor in 10 turns\n",
            "\(renamed)")
        #expect(try speakers(rig, "live") == ["Ada Okafor", "Speaker 2"])
        try socket.send(["Speaker 1: I will send the report to the city by Friday."])
        #expect(socket.answers(until: #"{"ack":20}"#).contains(#"{"ack":20}"#))
        let turn = try await run(rig, "rename", "live", "Ada Okafor", "Marta", "--turn", "3-5", "--json")
        #expect(
            turn.status == 64 && turn.errors.contains("turn 4 of meeting 'live' is of 'Speaker 2'"), "\(turn)"
        )
        #expect(try await run(rig, "rename", "live", "Ada Okafor", "Marta", "--turn", "3").status == 0)
        #expect(try await run(rig, "rename", "live", "nobody", "x").status == 64)
        #expect(try await run(rig, "rename", "other", "a", "b").status == 66)
        #expect(try await run(rig, "end", "live").status == 0)
        try await eventually("it is finished", within: .seconds(60)) {
            rig.minutes("live")?.state == "finished"
        }
        #expect(try speakers(rig, "live") == ["Ada Okafor", "Speaker 2", "Marta"])
        let titled = try await run(rig, "edit", "live", "--title", "The bridge")
        #expect(titled.status == 0 && titled.output == "live: The bridge\n", "\(titled)")
        let items = try await run(rig, "done", "live")
        #expect(items.status == 0 && items.output.contains("[ ] a20  Ada Okafor: I will send"), "\(items)")
        let ticked = try await run(rig, "done", "live", "send the report")
        #expect(
            ticked.status == 0 && ticked.output.hasPrefix("[x] a20  Ada Okafor: I will send"), "\(ticked)")
        #expect(try await run(rig, "done", "live").output.contains("[x] a20  Ada Okafor: I will send"))
        #expect(try await run(rig, "done", "live", "a20", "--undo", "--json").status == 0)
        #expect(try await run(rig, "done", "live", "a99").status == 64)
        #expect(try await run(rig, "done", "nobody").status == 66)
        #expect(try await rig.stop(SIGTERM) == 0)

        #expect(try await run(rig, "rename", "live", "Speaker 2", "Ben").status == 0)
        #expect(try speakers(rig, "live").contains("Ben"))
        #expect(try await run(rig, "rename", "other", "a", "b").status == 66)
        let sound = try await run(rig, "fsck")
        #expect(sound.status == 0, "\(sound)")
    }

    /// Wherever the daemon is killed, a name is there as a whole or not at all, and the minutes say what the ledger says.
    @Test(arguments: [
        FaultPoint.ledgerBeforeCommit, .ledgerCommitted, .outputBegin, .outputWritten, .outputRenamed,
    ])
    func aKillLeavesNothingHalfDone(point: FaultPoint) async throws {
        let rig = try CrashRig(seed: 12)
        try #require(await rig.start())
        try rig.put((0..<12).map { "Speaker \($0 % 2 + 1): we take number \($0)\n" }.joined(), as: "m.txt")
        try await eventually("it is finished", within: .seconds(60)) { rig.minutes("m")?.state == "finished" }
        #expect(try await rig.stop(SIGTERM) == 0)
        // At its start the daemon changes the ledger, and writes the page of all meetings. If it dies of a further change
        // then, minutectl finds none and does the work itself.
        _ = try await rig.start([FaultPoint.variable: "\(point.rawValue):2"])
        let outcome = try await run(rig, "rename", "m", "Speaker 1", "Ada Okafor")
        #expect(try await rig.untilDead(within: .seconds(20)), "\(point) was not reached")
        try #require(await rig.start())
        let isRecorded = try Ledger(path: rig.ledger, access: .readOnly)
            .speakers(of: MeetingID("m")).map(\.name).contains("Ada Okafor")
        #expect(isRecorded || outcome.status != 0)
        try await eventually("all minutes say so", within: .seconds(60)) {
            ["md", "json", "html"].allSatisfy {
                rig.scratch.read("state/minutes/m/minutes.\($0)").contains("Ada Okafor") == isRecorded
            }
        }
        #expect(try await rig.stop(SIGTERM) == 0)
        #expect(try await run(rig, "fsck").status == 0)
    }
}
