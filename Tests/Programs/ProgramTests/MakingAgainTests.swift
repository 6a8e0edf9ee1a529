import Foundation
import Ledger
import TestSupport
import Testing
import Transcript

/// Minutes that are made once more, with the real programs.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence)) struct MakingAgainTests {
    private func run(_ rig: CrashRig, _ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(arguments + ["--config", rig.configuration], in: rig.scratch)
    }

    private func text(_ rig: CrashRig, _ name: String) -> String {
        rig.scratch.read("state/minutes/m/\(name)")
    }

    private func earlier(_ rig: CrashRig) throws -> (sets: Int, isGoingOn: Bool) {
        let ledger = try Ledger(path: rig.ledger, access: .readOnly)
        let meeting = try MeetingID("m")
        return (try ledger.earlierMinutes(of: meeting).count, try ledger.redo(of: meeting) != nil)
    }

    /// Whether all files of the minutes are of the ledger's state, whose time they bear.
    private func areUpToDate(_ rig: CrashRig) throws -> Bool {
        let ledger = try Ledger(path: rig.ledger, access: .readOnly)
        let changedAt = try #require(try ledger.meeting(MeetingID("m"))).changedAt
        return try ["md", "json", "html"].allSatisfy { kind in
            let path = "\(rig.state)/minutes/m/minutes.\(kind)"
            let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
            return time.map { abs($0.timeIntervalSince(changedAt)) < 0.0001 } == true
        }
    }

    private static let lines = (0..<60).map {
        "Speaker \($0 % 2 + 1): we take number \($0) and go on with the next one now\n"
    }

    /// A daemon with a finished meeting of several windows.
    private func finished(seed: UInt64) async throws -> CrashRig {
        let rig = try CrashRig(seed: seed)
        try #require(await rig.start())
        try rig.put(Self.lines.joined(), as: "m.txt")
        try await eventually("it is finished", within: .seconds(60)) { rig.minutes("m")?.state == "finished" }
        return rig
    }

    @Test func theFirstMinutesAreKeptBesideTheNewOnes() async throws {
        let rig = try await finished(seed: 21)
        let first = text(rig, "minutes.md")
        let begun = try await run(rig, "redo", "m")
        #expect(begun.status == 0 && begun.output.hasPrefix("m: being made again"), "\(begun)")
        try await eventually("they are made", within: .seconds(60)) {
            text(rig, "minutes.1.md") == first && (try? earlier(rig))?.isGoingOn == false
        }
        let shown = try await run(rig, "show", "m", "--set", "1")
        #expect(shown.status == 0 && shown.output == first)
        #expect(try await run(rig, "show", "m", "--set", "2").status == 64)

        let layout = try rig.scratch.write("Only {{title}}, {{labels.summary}}\n", to: "short.mustache")
        let written = try await run(rig, "redo", "m", "--template", layout)
        #expect(written.status == 0 && written.output.hasPrefix("m: written again"), "\(written)")
        #expect(text(rig, "minutes.md").hasPrefix("Only "))
        #expect(try await run(rig, "redo", "m", "--template", layout).status == 64)
        #expect(try await run(rig, "redo", "m", "--template", "nosuchlayout").status == 78)
        #expect(try await run(rig, "redo", "m", "--language", "German").status == 0)
        #expect(text(rig, "minutes.md").contains("Kurz gefasst"))
        #expect(try await run(rig, "redo", "m", "--language", "Klingonesque").status == 64)
        #expect(try await run(rig, "redo", "nobody").status == 66)
        #expect(try await run(rig, "redo", "m", "--cancel").output.contains("nothing was being made"))

        let other = try await run(rig, "redo", "m", "--model", rig.scratch.path + "/model")
        #expect(other.status == 0 && other.errors.contains("part 1 of "), "\(other)")
        #expect(try earlier(rig) == (4, false))
        #expect(text(rig, "minutes.md").contains("Kurz gefasst"))
        let missing = try await run(rig, "redo", "m", "--model", rig.scratch.path + "/nothing.gguf")
        #expect(missing.status != 0)
        #expect(try earlier(rig) == (4, false), "it is given up")
        let list = try await run(rig, "list")
        #expect(!list.output.contains("again"), "\(list.output)")
        #expect(try await rig.stop(SIGTERM) == 0)
        let sound = try await run(rig, "fsck")
        #expect(sound.status == 0, "\(sound)")
        #expect(text(rig, "minutes.1.md").contains("go on with the next one now"))
        let traces = Traces(of: Self.lines)
        #expect(!traces.found(below: rig.state).isEmpty)
        #expect(try await run(rig, "forget", "m").status == 0)
        #expect(traces.found(below: rig.state) == [])
    }

    /// Wherever the daemon is killed, the first minutes are whole or the second are, and what was begun is gone on with.
    @Test(arguments: [
        (FaultPoint.ledgerBeforeCommit, 2), (.ledgerCommitted, 2), (.ledgerBeforeCommit, 3),
        (.summaryWritten, 1), (.summaryWritten, 2), (.outputWritten, 2), (.outputRenamed, 3),
        (.outputBegin, 4),
    ])
    func aKillLosesNeither(point: FaultPoint, number: Int) async throws {
        let rig = try await finished(seed: 22)
        #expect(try await rig.stop(SIGTERM) == 0)
        let first = text(rig, "minutes.md")
        _ = try await rig.start([FaultPoint.variable: "\(point.rawValue):\(number)"])
        let asked = try await run(rig, "redo", "m")
        #expect(try await rig.untilDead(within: .seconds(20)), "\(point) was not reached")
        if try earlier(rig).sets == 0 { #expect(text(rig, "minutes.md") == first) }
        try #require(await rig.start())
        try await eventually("it is done", within: .seconds(60)) { try !earlier(rig).isGoingOn }
        let sets = try earlier(rig).sets
        #expect(sets == 1 || sets == 0 && asked.status != 0)
        try await eventually("the files say so", within: .seconds(60)) {
            text(rig, sets == 1 ? "minutes.1.md" : "minutes.md") == first && (try? areUpToDate(rig)) == true
        }
        #expect(try await rig.stop(SIGTERM) == 0)
        let sound = try await run(rig, "fsck")
        #expect(sound.status == 0, "\(sound)")
    }
}
