import Foundation
import Ledger
import Pipeline
import Summaries
import TestSupport
import Testing
import Transcript

/// What one process has written another one finds to be right.
@Suite(.enabled(if: Program.areBuilt, Program.absence)) struct FsckTests {
    /// Each process hashes in its own way, and takes the elements of a set in an order of its own.
    @Test func everyProcessMakesTheSameMinutes() async throws {
        let scratch = try Scratch()
        let configuration = try scratch.write(
            RunningDaemon.configuration(in: scratch, model: "/none"), to: "minuted.yaml")
        let state = scratch.path + "/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        let ledger = try Ledger(path: state + "/ledger.sqlite")
        let meeting = try Self.record(in: ledger)
        _ = try await MinutesWriter(ledger: ledger, folder: OutputFolder(path: state + "/minutes")).write(
            meeting)
        for _ in 0..<6 {
            let outcome = try await Program.minutectl.run(["fsck", "--config", configuration], in: scratch)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        }
    }

    /// A finished meeting whose summaries have many words of many weights.
    private static func record(in ledger: Ledger) throws -> MeetingID {
        var random = SeededGenerator(seed: 7)
        let syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "so", "ti", "ve", "zu"]
        let words = (0..<60).map { _ in
            (0..<3).compactMap { _ in syllables.randomElement(using: &random) }.joined()
        }
        func sentence(_ count: Int) -> String {
            // The first words are said far more often than the last ones.
            (0..<count).map { _ in
                words[Int.random(in: 0..<Int.random(in: 1...words.count, using: &random), using: &random)]
            }.joined(separator: " ") + "."
        }
        let utterances = (0..<240).map { number in
            Utterance(
                speaker: ["Ada", "Ben", "Cleo"][number % 3], start: Double(number), text: sentence(12),
                source: SourcePosition(name: "m.txt", line: number + 1))
        }
        let meeting = try MeetingID("m")
        _ = try ledger.accept(
            Delivery(
                meeting: meeting, name: "m.txt", kind: .file, sha256: "m", byteCount: 1, format: "plain",
                receivedAt: .now, utterances: utterances, endsMeeting: true))
        var judge = MeetingJudge()
        for index in 0..<12 {
            let range = index * 20..<(index + 1) * 20
            try ledger.record(
                Window(index: index, utterances: range, tokenCount: 1, closedBy: .size), of: meeting)
            let summary = WindowSummary(
                window: index, text: (0..<8).map { _ in sentence(16) }.joined(separator: " "), model: "m",
                promptTokens: 1, reusedTokens: 0, generatedTokens: 1, seconds: 0)
            let findings = judge.judge(
                Window(index: index, utterances: range, tokenCount: 1, closedBy: .size),
                utterances[range].map { ReadUtterance($0) }, answer: WindowAnswer(summary: summary))
            try ledger.commit(summary, findings: findings, of: meeting)
        }
        try ledger.finish(
            meeting, overall: MeetingSummary(text: sentence(16), model: "m", tokens: 1, seconds: 0))
        return meeting
    }
}
