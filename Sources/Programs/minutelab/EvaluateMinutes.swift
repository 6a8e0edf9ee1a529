import Evaluation
import Foundation
import Language
import Minutes
import Summaries
import Transcript

/// Measures the minutes of a meeting against its transcript, without a reference.
struct EvaluateMinutes {
    private let transcriptName: String
    private let minutesName: String
    private let utterances: [Utterance]
    private let document: MinutesDocument

    /// Reads both files.
    init(transcript: String, minutes: String) throws {
        guard let bytes = FileManager.default.contents(atPath: transcript) else {
            throw TranscriptError(.empty, "\(transcript): cannot be read")
        }
        transcriptName = URL(filePath: transcript).lastPathComponent
        minutesName = URL(filePath: minutes).lastPathComponent
        utterances = try TranscriptReader.read([UInt8](bytes), name: transcriptName).utterances
        document = try JSONRenderer.read(String(contentsOfFile: minutes, encoding: .utf8))
    }

    private var source: [String] {
        utterances.map { utterance in utterance.speaker.map { "\($0): \(utterance.text)" } ?? utterance.text }
    }

    /// Utterances of a window that the transcript has.
    private func range(_ window: MinutesWindow) -> Range<Int> {
        (window.firstUtterance..<(window.firstUtterance + window.utteranceCount)).clamped(
            to: 0..<utterances.count)
    }

    /// What was found, a row for each measure.
    func table() -> ScoreReport.Table {
        let summarised = document.windows.filter { $0.summary != nil }
        let texts = summarised.compactMap { $0.summary?.text }
        let all = (texts + [document.summary?.text].compactMap(\.self)).joined(separator: "\n")
        let source = source
        let citations = summarised.flatMap { window in
            let text = window.summary?.text ?? ""
            let reading = TextReader.read(text, language: LanguageIdentifier.language(of: text))
            return reading.sentenceTexts.map { sentence in
                SummaryMeasures.Citation(sentence: sentence, utterances: Array(source[range(window)]))
            }
        }
        let rows: [(String, Double?)] = [
            (
                "utterances in summarised parts",
                SummaryMeasures.citedShare(summarised.flatMap(range), utteranceCount: utterances.count)
            ),
            ("parts with a summary", share(summarised.count, of: document.windows.count)),
            (
                "parts whose summary a model wrote",
                share(summarised.count { $0.summary?.origin == .model }, of: document.windows.count)
            ),
            (
                "quarters that the summary of the whole speaks of",
                document.summary.flatMap { SummaryMeasures.reach(summary: $0.text, source: source) }
            ),
            ("sentences that their part supports", SummaryMeasures.citationPrecision(citations)),
            ("content words in the source", SummaryMeasures.support(summary: all, source: source)),
            ("numbers in the source", SummaryMeasures.numberFaithfulness(summary: all, source: source)),
            ("names in the source", SummaryMeasures.nameFaithfulness(summary: all, source: source)),
            ("repetition", SummaryMeasures.repetition(all)),
        ]
        return ScoreReport.Table(
            title: "Minutes of \(document.meeting.name)",
            text: "\(minutesName) against \(transcriptName), \(utterances.count) utterances. All are shares.",
            columns: ["measure", "value"],
            rows: rows.map { name, value in [name, value.map { String(format: "%.4f", $0) } ?? "–"] })
    }

    private func share(_ count: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(count) / Double(whole) : nil
    }
}
