import Foundation
import Language
import Minutes
import Summaries
import Transcript

/// Utterances of `count` × about `words` words each, every one different.
func talk(_ count: Int, words: Int = 15, from first: Int = 0) -> [Utterance] {
    (first..<(first + count)).map { number in
        let text = (0..<words).map { "word\(number)x\($0)" }.joined(separator: " ")
        return Utterance(
            speaker: ["Jane", "Bob", "Carla"][number % 3], start: Double(number * 10),
            end: Double(number * 10 + 8), text: text + ".",
            source: SourcePosition(name: "talk", line: number + 1))
    }
}

/// The same, read.
func read(_ utterances: [Utterance]) -> [ReadUtterance] { utterances.map { ReadUtterance($0) } }

func window(_ index: Int, _ utterances: Range<Int>) -> Window {
    Window(index: index, utterances: utterances, tokenCount: 100, closedBy: .size)
}

func summary(_ window: Int, _ text: String, model: String = "scripted") -> WindowSummary {
    WindowSummary(
        window: window, text: text, model: model, promptTokens: 100, reusedTokens: 60, generatedTokens: 20,
        seconds: 1.5)
}

/// A window, and what became of it.
struct Outcome {
    var window: Window
    var summary: WindowSummary?
    var stated: [StatedItem] = []
    var failure: Note?
}

extension MinutesDocument {
    /// Makes minutes of utterances and windows as the daemon does: each window judged once, in order.
    static func make(
        meeting: MeetingID, title: String? = nil, startedAt: Date? = nil, endedAt: Date? = nil, state: State,
        utterances: [Utterance], windows: [Outcome], summary: MeetingSummary? = nil, notes: [Note] = [],
        model: String? = nil, language: String? = nil, generatedAt: Date
    ) -> MinutesDocument {
        let read = read(utterances)
        var judge = MeetingJudge()
        let outcomes = windows.map { outcome in
            let said = Array(read[outcome.window.utterances.clamped(to: read.indices)])
            let isOver = outcome.summary != nil || outcome.failure != nil
            var window = outcome.window
            window.utterances = window.utterances.clamped(to: read.indices)
            let findings = judge.judge(
                window, said,
                answer: outcome.summary.map { WindowAnswer(summary: $0, stated: outcome.stated) })
            return WindowOutcome(
                window: outcome.window, wordCount: said.reduce(0) { $0 + $1.reading.wordCount },
                outline: .init(said.map(\.utterance)), summary: outcome.summary,
                findings: isOver ? findings : nil, failure: outcome.failure)
        }
        var speakers: [(name: String, utterances: Int, words: Int)] = []
        for one in read {
            guard let name = one.utterance.speaker else { continue }
            let place =
                speakers.firstIndex { $0.name == name }
                ?? {
                    speakers.append((name, 0, 0))
                    return speakers.count - 1
                }()
            speakers[place].utterances += 1
            speakers[place].words += one.reading.wordCount
        }
        return make(
            meeting: meeting, title: title, startedAt: startedAt, endedAt: endedAt, state: state,
            received: Received(
                utterances: read.count, words: read.reduce(0) { $0 + $1.reading.wordCount },
                speakers: speakers),
            windows: outcomes, summary: summary,
            statements: summary?.origin == .model
                ? summary.map { EvidenceFinder(utterances: read).statements(of: $0.text) } : nil,
            notes: notes, model: model, language: language, generatedAt: generatedAt)
    }
}

extension HTMLRenderer {
    /// The page of minutes that were made of `utterances`.
    func render(_ document: MinutesDocument, utterances: [Utterance]) -> String {
        let read = read(utterances)
        var transcript = PageTranscript()
        for window in document.windows {
            let range = window.firstUtterance..<(window.firstUtterance + window.utteranceCount)
            transcript.append(Array(read[range.clamped(to: read.indices)]))
        }
        transcript.append(Array(read.dropFirst(transcript.utteranceCount)))
        return render(document, transcript: transcript)
    }
}
