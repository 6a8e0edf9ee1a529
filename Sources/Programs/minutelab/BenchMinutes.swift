import Files
import Foundation
import Glibc
import Ledger
import Minutes
import Pipeline
import Summaries
import Transcript

/// What it takes to write the minutes of a meeting that goes on, by its length: the first time, and after another utterance.
///
/// Summaries are sentences of the windows themselves. What is measured is the processor time of the whole process, from
/// the ledger to the three files.
struct BenchMinutes {
    let repetitions: Int
    /// Words of the meetings.
    let lengths: [Int]
    let transcripts: [BenchTranscript]

    private static let windowWords = 700
    private static let summaryUtterances = 5

    func measure(_ onFigure: (BenchFigure) -> Void) async throws {
        for words in lengths {
            let folder = try TemporaryFolder()
            let ledger = try Ledger(path: folder.path + "/ledger.sqlite")
            let utterances = transcripts.meeting(words: words)
            let (meeting, delivery) = try record(utterances, in: ledger)
            func writer(_ name: String) throws -> MinutesWriter {
                MinutesWriter(ledger: ledger, folder: try OutputFolder(path: "\(folder.path)/\(name)"))
            }
            var first: [Double] = []
            for number in 0..<repetitions {
                let writer = try writer("first-\(number)")
                first.append(try await processorTime { _ = try await writer.write(meeting) })
            }
            let steady = try writer("minutes")
            _ = try await steady.write(meeting)
            var samples: [Double] = []
            for number in 0..<repetitions {
                var part = DeliveryPart()
                part.utterances = [utterances[number % utterances.count]]
                _ = try ledger.record(part, of: delivery)
                samples.append(try await processorTime { _ = try await steady.write(meeting) })
            }
            for (name, samples) in [("first", first), ("after another utterance", samples)] {
                onFigure(
                    BenchFigure(
                        section: "minutes", name: "\(words) words, \(name)", unit: "ms", samples: samples))
            }
        }
    }

    /// A meeting that goes on, with a summary of each window but the open one.
    private func record(
        _ utterances: [Utterance], in ledger: Ledger
    ) throws -> (meeting: MeetingID, delivery: DeliveryID) {
        let meeting = try MeetingID("bench")
        let acceptance = try ledger.accept(
            Delivery(
                meeting: meeting, name: "bench", kind: .socket, byteCount: 0, format: "jsonl",
                receivedAt: .now, utterances: utterances, endsMeeting: false))
        guard case .accepted(let delivery, _, _) = acceptance else {
            preconditionFailure("the ledger is new")
        }
        var (first, words, index) = (0, 0, 0)
        var judge = MeetingJudge()
        for (number, utterance) in utterances.enumerated() {
            words += utterance.text.split(separator: " ").count
            guard words >= Self.windowWords else { continue }
            let range = first..<(number + 1)
            let window = Window(index: index, utterances: range, tokenCount: words, closedBy: .size)
            try ledger.record(window, of: meeting)
            let summary = WindowSummary(
                window: index,
                text: utterances[range].prefix(Self.summaryUtterances).map(\.text).joined(separator: " "),
                model: "bench", promptTokens: 0, reusedTokens: 0, generatedTokens: 0, seconds: 0)
            let findings = judge.judge(
                window, utterances[range].map { ReadUtterance($0) }, answer: WindowAnswer(summary: summary))
            try ledger.commit(summary, findings: findings, of: meeting)
            (first, words, index) = (number + 1, 0, index + 1)
        }
        return (meeting, delivery)
    }

    /// Milliseconds.
    private func processorTime(_ body: () async throws -> Void) async rethrows -> Double {
        let begin = clock()
        try await body()
        return Double(clock() - begin) * 1000 / Double(CLOCKS_PER_SEC)
    }
}
