import Foundation
import Transcript

extension MinutesDocument {
    /// A window of the meeting and what became of it.
    public struct WindowOutcome: Sendable, Hashable {
        /// The window.
        public var window: Window
        /// Its summary, if there is one.
        public var summary: WindowSummary?
        /// Why there is none, if it failed.
        public var failure: String?

        /// Makes an outcome; without summary and failure the window is pending.
        public init(window: Window, summary: WindowSummary? = nil, failure: String? = nil) {
            self.window = window
            self.summary = summary
            self.failure = failure
        }
    }

    /// Makes the minutes of a meeting: `utterances` are all that were received, in order, from sequence
    /// number 0.
    ///
    /// Counts participants and coverage, looks for the evidence of what a model wrote, and adds a note for every window
    /// whose summary no model wrote, and for sentences without evidence.
    public static func make(
        meeting: MeetingID, title: String? = nil, startedAt: Date? = nil, endedAt: Date? = nil, state: State,
        utterances: [Utterance], windows: [WindowOutcome], summary: MeetingSummary? = nil,
        notes: [String] = [],
        model: String? = nil, generatedAt: Date
    ) -> MinutesDocument {
        let shown = windows.map { MinutesWindow($0, utterances: utterances) }
        var notes = notes
        for window in shown {
            let number = window.index + 1
            switch window.state {
            case .failed:
                notes.append("Part \(number) could not be summarised: \(window.failure ?? "unknown reason").")
            case .summarised where window.summary?.origin == .extractive:
                notes.append(
                    "Part \(number): the model gave no usable answer, the longest statements are quoted.")
            default: break
            }
        }
        if summary?.origin == .extractive {
            notes.append("Summary: the model gave no usable answer, the parts' summaries are given instead.")
        }
        let statements =
            summary?.origin == .model
            ? summary.map { EvidenceFinder(utterances: utterances).statements(of: $0.text) } : nil
        notes += checkNotes(shown.flatMap { $0.statements ?? [] } + (statements ?? []))
        let people = participants(utterances)
        return MinutesDocument(
            meeting: meeting, title: title, startedAt: startedAt, endedAt: endedAt, state: state,
            participants: people, summary: summary, statements: statements,
            items: ItemFinder(speakers: people.map(\.name)).items(in: utterances, first: 0),
            windows: shown, coverage: coverage(utterances, windows: shown), notes: notes, model: model,
            generatedAt: generatedAt)
    }

    /// What the check of all statements came to, for people; nothing if all are grounded.
    private static func checkNotes(_ statements: [Statement]) -> [String] {
        let statements = statements.filter { !$0.isHeading }
        let wrong = statements.count { !$0.missing.isEmpty }
        let doubtful = statements.count { $0.missing.isEmpty && !$0.isGrounded }
        guard wrong + doubtful > 0 else { return [] }
        return [
            "\(wrong + doubtful) of \(statements.count) sentences that the model wrote are left out: \(wrong) have a "
                + "number, a name or a day that is not where they would have to come from, \(doubtful) have too little "
                + "in common with anything that was said. minutes.json has them."
        ]
    }

    private static func participants(_ utterances: [Utterance]) -> [Participant] {
        var order: [String] = []
        var counts: [String: (utterances: Int, words: Int)] = [:]
        for utterance in utterances {
            guard let name = utterance.speaker else { continue }
            if counts[name] == nil { order.append(name) }
            let known = counts[name] ?? (0, 0)
            counts[name] = (known.utterances + 1, known.words + utterance.text.wordCount)
        }
        let people = order.map { name in
            Participant(
                name: name, utterances: counts[name]?.utterances ?? 0, words: counts[name]?.words ?? 0)
        }
        // Ties keep the order of first speaking, so that the document is stable as it grows.
        return people.enumerated().sorted { ($1.element.words, $0.offset) < ($0.element.words, $1.offset) }
            .map(\.element)
    }

    private static func coverage(_ utterances: [Utterance], windows: [MinutesWindow]) -> Coverage {
        let words = utterances.map(\.text.wordCount)
        var (summarisedUtterances, summarisedWords) = (0, 0)
        for window in windows where window.state == .summarised {
            let range = (window.firstUtterance..<(window.firstUtterance + window.utteranceCount))
                .clamped(to: 0..<utterances.count)
            summarisedUtterances += range.count
            summarisedWords += words[range].reduce(0, +)
        }
        return Coverage(
            utterances: utterances.count, summarisedUtterances: summarisedUtterances,
            words: words.reduce(0, +), summarisedWords: summarisedWords)
    }
}

extension MinutesWindow {
    /// Makes the shown window of an outcome; `utterances` are the whole meeting's.
    init(_ outcome: MinutesDocument.WindowOutcome, utterances: [Utterance]) {
        let range = outcome.window.utterances
        let said = utterances[range.clamped(to: 0..<utterances.count)]
        var speakers: [String] = []
        for case let speaker? in said.map(\.speaker) where !speakers.contains(speaker) {
            speakers.append(speaker)
        }
        let state: State = outcome.summary != nil ? .summarised : outcome.failure != nil ? .failed : .pending
        let statements = outcome.summary.flatMap { summary in
            summary.origin == .model
                ? EvidenceFinder(utterances: Array(said), first: range.lowerBound).statements(
                    of: summary.text) : nil
        }
        self.init(
            index: outcome.window.index, start: said.lazy.compactMap(\.start).first,
            end: said.reversed().lazy.compactMap { $0.end ?? $0.start }.first,
            firstUtterance: range.lowerBound,
            utteranceCount: range.count, speakers: speakers, state: state, summary: outcome.summary,
            statements: statements, failure: outcome.summary == nil ? outcome.failure : nil)
    }
}

extension StringProtocol {
    /// Stretches between white space that have a letter or a digit in them.
    var wordCount: Int {
        var (count, inWord, counted) = (0, false, false)
        for scalar in unicodeScalars {
            if scalar.properties.isWhitespace {
                inWord = false
            } else {
                if !inWord { (inWord, counted) = (true, false) }
                if !counted, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                    count += 1
                    counted = true
                }
            }
        }
        return count
    }
}
