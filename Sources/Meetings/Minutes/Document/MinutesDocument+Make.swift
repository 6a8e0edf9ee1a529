import Foundation
import Transcript

extension MinutesDocument {
    /// A window of the meeting and what became of it.
    package struct WindowOutcome: Sendable, Hashable {
        /// The window.
        package var window: Window
        /// Its summary, if there is one.
        package var summary: WindowSummary?
        /// Why there is none, if it failed.
        package var failure: String?

        /// Makes an outcome; without summary and failure the window is pending.
        package init(window: Window, summary: WindowSummary? = nil, failure: String? = nil) {
            self.window = window
            self.summary = summary
            self.failure = failure
        }
    }

    /// Makes the minutes of a meeting: `utterances` are all that were received, in order, from sequence
    /// number 0.
    ///
    /// `language` is the one that the model was told to write in: sentences of another than the transcript's cannot be
    /// compared with it.
    ///
    /// `memory` is that of the meeting: with what it knows from the last time, only what is new is worked out.
    ///
    /// Counts participants and coverage, looks for the evidence of what a model wrote, and adds a note for every window
    /// whose summary no model wrote, and for sentences without evidence.
    package static func make(
        meeting: MeetingID, title: String? = nil, startedAt: Date? = nil, endedAt: Date? = nil, state: State,
        utterances: [Utterance], windows: [WindowOutcome], summary: MeetingSummary? = nil,
        notes: [String] = [],
        model: String? = nil, language: String? = nil, generatedAt: Date,
        memory: MinutesMemory = MinutesMemory()
    ) -> MinutesDocument {
        let checks = language == nil
        memory.read(utterances)
        let readings = memory.readings
        let judged = windows.map { memory.window($0, checksEvidence: checks) }
        let stemCounts = RemarkFinder.counts(in: readings)
        let shown = judged.map { judged in
            var window = judged.shown
            if window.statements?.contains(where: \.isGrounded) == false {
                window.quotes = RemarkFinder.quotes(
                    in: utterances, readings: readings, counts: stemCounts,
                    topics: [judged.outcome.window.utterances], without: [], limit: MinutesWindow.quoteLimit)
            }
            return window
        }
        var notes = notes
        if let language {
            notes.append(
                "The model was told to write \(language): its sentences are not checked against what was said."
            )
        }
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
            checks && summary?.origin == .model
            ? summary.map { memory.evidence(in: utterances.indices).statements(of: $0.text) } : nil
        notes += checkNotes(shown.flatMap { $0.statements ?? [] } + (statements ?? []))
        let people = participants(utterances, readings)
        let quoted = ItemFinder(speakers: people.map(\.name))
            .items(in: utterances, first: 0, readings: readings)
        let items = merged(quoted, with: judged.flatMap(\.items))
        let topics = topics(of: windows.map(\.window), memory)
        let remarks = RemarkFinder.remarks(in: utterances, readings: readings)
        // Quotes of a meeting that is given word by word would say everything twice.
        let quotes =
            readings.reduce(0) { $0 + $1.wordCount } < Extract.verbatimWords
            ? []
            : RemarkFinder.quotes(
                in: utterances, readings: readings, counts: stemCounts,
                topics: topics.map { $0.firstUtterance..<($0.firstUtterance + $0.utteranceCount) },
                without: Set(items.map { AnswerCleaner.normalised($0.text) }), limit: quoteLimit)
        return MinutesDocument(
            meeting: meeting, title: title, startedAt: startedAt, endedAt: endedAt, state: state,
            participants: people, summary: summary, statements: statements,
            items: items, topics: topics, remarks: merged(remarks, with: quotes),
            exchanges: RemarkFinder.exchanges(in: utterances, readings: readings, limit: exchangeLimit),
            windows: shown, coverage: coverage(readings, windows: shown), notes: notes, model: model,
            generatedAt: generatedAt)
    }

    /// What the check of all statements came to, for people; nothing if all are grounded.
    private static func checkNotes(_ statements: [Statement]) -> [String] {
        let statements = statements.filter { !$0.isHeading }
        let wrong = statements.count { !$0.missing.isEmpty }
        let doubtful = statements.count { $0.missing.isEmpty && !$0.isGrounded }
        guard wrong + doubtful > 0 else { return [] }
        return [
            "\(wrong + doubtful) of \(statements.count) sentences that the model wrote are left out "
                + "(\(wrong) with a number, name or day that was not said there, \(doubtful) too unlike anything that "
                + "was said); minutes.json has them."
        ]
    }

    /// Both in order; where a quote of the same kind is cited already, a model's words add nothing.
    private static func merged(_ quoted: [MinutesItem], with stated: [MinutesItem]) -> [MinutesItem] {
        let known = Set(quoted.map { [$0.kind.rawValue, String($0.citation.utterance)] })
        let new = stated.filter { !known.contains([$0.kind.rawValue, String($0.citation.utterance)]) }
        return (quoted + new).enumerated()
            .sorted {
                ($0.element.citation.utterance, $0.offset) < ($1.element.citation.utterance, $1.offset)
            }
            .map(\.element)
    }

    /// More would be a second transcript.
    private static let (quoteLimit, exchangeLimit) = (6, 20)

    private static func topics(of windows: [Window], _ memory: MinutesMemory) -> [MinutesTopic] {
        let namer = TopicNamer(memory)
        return windows.topics.map { windows in
            let range =
                windows[windows.startIndex].utterances
                .lowerBound..<windows[windows.endIndex - 1].utterances.upperBound
            let said = memory.utterances[range.clamped(to: memory.utterances.indices)]
            return MinutesTopic(
                words: namer.words(of: windows.map(\.utterances)), firstWindow: windows.startIndex,
                windowCount: windows.count,
                start: said.firstTime, end: said.lastTime, firstUtterance: range.lowerBound,
                utteranceCount: range.count)
        }
    }

    /// Both in order.
    private static func merged(_ remarks: [Remark], with quotes: [Remark]) -> [Remark] {
        (remarks + quotes).enumerated()
            .sorted {
                ($0.element.citation.utterance, $0.offset) < ($1.element.citation.utterance, $1.offset)
            }
            .map(\.element)
    }

    private static func participants(
        _ utterances: [Utterance], _ readings: [UtteranceReading]
    ) -> [Participant] {
        var order: [String] = []
        var counts: [String: (utterances: Int, words: Int)] = [:]
        for (utterance, reading) in zip(utterances, readings) {
            guard let name = utterance.speaker else { continue }
            if counts[name] == nil { order.append(name) }
            let known = counts[name] ?? (0, 0)
            counts[name] = (known.utterances + 1, known.words + reading.wordCount)
        }
        let all = counts.values.reduce(0) { $0 + $1.words }
        let people = order.map { name in
            let (turns, words) = counts[name] ?? (0, 0)
            return Participant(
                name: name, utterances: turns, words: words,
                share: all > 0 ? (200 * words + all) / (2 * all) : 0)
        }
        // Ties keep the order of first speaking, so that the document is stable as it grows.
        return people.enumerated().sorted { ($1.element.words, $0.offset) < ($0.element.words, $1.offset) }
            .map(\.element)
    }

    private static func coverage(_ readings: [UtteranceReading], windows: [MinutesWindow]) -> Coverage {
        let words = readings.map(\.wordCount)
        var (summarisedUtterances, summarisedWords) = (0, 0)
        for window in windows where window.state == .summarised {
            let range = (window.firstUtterance..<(window.firstUtterance + window.utteranceCount))
                .clamped(to: words.indices)
            summarisedUtterances += range.count
            summarisedWords += words[range].reduce(0, +)
        }
        return Coverage(
            utterances: words.count, summarisedUtterances: summarisedUtterances,
            words: words.reduce(0, +), summarisedWords: summarisedWords)
    }
}

extension MinutesWindow {
    /// Quotes in place of a summary.
    fileprivate static let quoteLimit = 3

    /// Makes the shown window of an outcome, without quotes; `memory` has read the meeting.
    init(_ outcome: MinutesDocument.WindowOutcome, memory: MinutesMemory, checksEvidence: Bool) {
        let range = outcome.window.utterances
        let places = range.clamped(to: memory.utterances.indices)
        let said = memory.utterances[places]
        var speakers: [String] = []
        for case let speaker? in said.map(\.speaker) where !speakers.contains(speaker) {
            speakers.append(speaker)
        }
        let state: State = outcome.summary != nil ? .summarised : outcome.failure != nil ? .failed : .pending
        let statements = outcome.summary.flatMap { summary in
            checksEvidence && summary.origin == .model
                ? memory.evidence(in: places).statements(of: summary.text) : nil
        }
        self.init(
            index: outcome.window.index, start: said.firstTime, end: said.lastTime,
            firstUtterance: range.lowerBound, utteranceCount: range.count, speakers: speakers, state: state,
            summary: outcome.summary, statements: statements,
            failure: outcome.summary == nil ? outcome.failure : nil)
    }
}

extension ArraySlice<Utterance> {
    /// Seconds from the meeting's start to the first utterance that has a time.
    fileprivate var firstTime: Double? { lazy.compactMap(\.start).first }

    /// Seconds from the meeting's start to the end of the last utterance that has a time.
    fileprivate var lastTime: Double? { reversed().lazy.compactMap { $0.end ?? $0.start }.first }
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
