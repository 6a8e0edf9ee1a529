import Foundation
import Language
import Summaries
import Transcript

extension MinutesDocument {
    /// A window of the meeting and what became of it.
    package struct WindowOutcome: Sendable, Hashable {
        /// The window.
        package var window: Window
        /// How many words it has.
        package var wordCount: Int
        /// When it took place, and who spoke in it.
        package var outline: WindowOutline
        /// Its summary, if there is one.
        package var summary: WindowSummary?
        /// What was found in it; nil while it is pending.
        package var findings: WindowFindings? {
            didSet { words = FoundWords(findings) }
        }
        /// Worked out once: the outcome of a window is kept while the meeting goes on.
        fileprivate private(set) var words: FoundWords
        /// Why there is no summary, if it failed.
        package var failure: Note?

        /// An outcome; a window with neither a summary nor a failure is pending.
        package init(
            window: Window, wordCount: Int, outline: WindowOutline, summary: WindowSummary? = nil,
            findings: WindowFindings? = nil, failure: Note? = nil
        ) {
            self.window = window
            self.wordCount = wordCount
            self.outline = outline
            self.summary = summary
            self.findings = findings
            self.failure = failure
            words = FoundWords(findings)
        }
    }

    /// What is compared when some of the findings are chosen.
    fileprivate struct FoundWords: Sendable, Hashable {
        /// The items' texts, normalised.
        let items: Set<String>
        /// The quotes' texts, normalised, in order.
        let quotes: [String]
        /// The number of characters in each answer, in order.
        let answerLengths: [Int]

        init(_ findings: WindowFindings?) {
            items = Set((findings?.items ?? []).map { TextReader.normalised($0.text) })
            quotes = (findings?.quotes ?? []).map { TextReader.normalised($0.remark.text) }
            answerLengths = (findings?.exchanges ?? []).map(\.answer.count)
        }
    }

    /// When a window took place, and who spoke in it.
    package struct WindowOutline: Sendable, Hashable {
        /// Seconds from the meeting's start to its first utterance that has a time.
        package var start: Double?
        /// Seconds from the meeting's start to the end of its last utterance that has a time.
        package var end: Double?
        /// Who spoke, in the order in which they first did.
        package var speakers: [String]

        /// The outline of a window's utterances.
        package init(_ utterances: some BidirectionalCollection<Utterance>) {
            start = utterances.lazy.compactMap(\.start).first
            end = utterances.reversed().lazy.compactMap { $0.end ?? $0.start }.first
            var seen: Set<String> = []
            speakers = utterances.compactMap(\.speaker).filter { seen.insert($0).inserted }
        }
    }

    /// Counts of what was received of a meeting.
    package struct Received: Sendable, Hashable {
        /// The number of utterances.
        package var utterances: Int
        /// The number of words.
        package var words: Int
        /// Who spoke, in the order in which they first did, with their utterances and words.
        package var speakers: [(name: String, utterances: Int, words: Int)]

        /// The counts of a meeting.
        package init(utterances: Int, words: Int, speakers: [(name: String, utterances: Int, words: Int)]) {
            self.utterances = utterances
            self.words = words
            self.speakers = speakers
        }

        package static func == (one: Received, other: Received) -> Bool {
            one.utterances == other.utterances && one.words == other.words
                && one.speakers.elementsEqual(other.speakers, by: ==)
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(utterances)
            hasher.combine(words)
        }
    }

    /// Puts the minutes of a meeting together from what was found in its windows; no text is analysed here.
    ///
    /// `statements` are the sentences of `summary` with their evidence. `language` names the one that a model was
    /// told to write in, if any; otherwise the minutes are in the language in which most was said. Every window whose
    /// summary was not written by a model gets a note.
    package static func make(
        meeting: MeetingID, title: String? = nil, startedAt: Date? = nil, endedAt: Date? = nil, state: State,
        received: Received, windows: [WindowOutcome], summary: MeetingSummary? = nil,
        statements: [Statement]? = nil, stillOpen: [CarriedItem] = [], notes: [Note] = [],
        sources: [Source] = [], model: String? = nil,
        language: String? = nil, invitation: Invitation = Invitation(),
        generatedAt: Date
    ) -> MinutesDocument {
        let found = windows.compactMap(\.findings)
        let spoken = spokenLanguage(windows)
        let written = language.flatMap(LanguageCode.init(named:)) ?? spoken
        let labels = Labels.of(written ?? .english)
        let shown = withoutRepeatedOpenings(windows.map { MinutesWindow($0, labels) })
        var notes = notes.map { $0.text(in: labels.language) }
        if let spoken, let written, spoken != written {
            notes.append(labels.noteLanguages(meeting: spoken, minutes: written))
        }
        notes += windowNotes(shown, labels)
        if summary?.origin == .extractive { notes.append(labels[.noteWholeFromParts]) }
        // What was picked so far tells what the meeting comes down to, before it is over.
        let picked = summary == nil ? InShort.statements(of: found.compactMap(\.statements)) : []
        let inShort = InShort.summary(of: picked, model: model ?? "")
        let topics = topics(of: windows)
        let items = found.flatMap(\.items)
        // A short meeting is shown word for word, and picks are quotes, so quotes would only repeat them.
        let isQuoted =
            received.words < FallbackSummary.verbatimWords
            || found.contains { $0.statements?.contains(where: \.isQuoted) == true }
        let quotes = isQuoted ? [] : quotes(of: topics, windows)
        let invited = InvitedPeople.compared(
            invitation.people, speakers: received.speakers.map(\.name),
            unnamedCount: received.utterances - received.speakers.reduce(0) { $0 + $1.utterances })
        return MinutesDocument(
            meeting: meeting, language: written, title: title, startedAt: startedAt, endedAt: endedAt,
            day: startedAt == nil ? invitation.day : nil, place: invitation.place,
            invited: invited.isEmpty ? nil : invited, state: state, participants: participants(received),
            summary: summary ?? inShort,
            statements: (inShort == nil ? statements : picked).map {
                var last: [Statement.Turn] = []
                return withoutRepeatedOpenings($0, after: &last)
            },
            items: items, stillOpen: stillOpen.isEmpty ? nil : stillOpen, topics: topics,
            remarks: merged(found.flatMap(\.remarks), with: quotes),
            exchanges: exchanges(windows), windows: shown,
            coverage: coverage(received, windows: windows), notes: notes,
            sources: sources.isEmpty ? nil : sources, model: model,
            generatedAt: generatedAt)
    }

    /// The language in which most words were said; nil while nothing was found in any window.
    private static func spokenLanguage(_ windows: [WindowOutcome]) -> LanguageCode? {
        var words: [LanguageCode: Int] = [:]
        for window in windows {
            guard let language = window.findings?.language, language != .undetermined else { continue }
            words[language, default: 0] += window.wordCount
        }
        // A tie always has the same winner.
        return words.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
    }

    /// Windows in which what opens a matter is shown with the first of the lines about it that follow each other.
    private static func withoutRepeatedOpenings(_ windows: [MinutesWindow]) -> [MinutesWindow] {
        var last: [Statement.Turn] = []
        return windows.map { window in
            var window = window
            window.statements = window.statements.map { withoutRepeatedOpenings($0, after: &last) }
            return window
        }
    }

    /// The same of lines; `last` is what opened the matter of the line before them.
    private static func withoutRepeatedOpenings(
        _ statements: [Statement], after last: inout [Statement.Turn]
    ) -> [Statement] {
        statements.map { statement in
            var statement = statement
            let openings = (statement.before ?? []).filter { $0.opensMatter == true }
            if !openings.isEmpty, openings == last {
                statement.before = statement.before?.filter { $0.opensMatter != true }.nonEmpty
            }
            last = openings
            return statement
        }
    }

    private static func windowNotes(_ windows: [MinutesWindow], _ labels: Labels) -> [String] {
        windows.compactMap { window in
            let number = window.index + 1
            switch window.state {
            case .failed:
                return labels.noteWindowFailed(number, window.failure ?? labels[.reasonUnknown])
            case .summarised where window.summary?.origin == .extractive:
                return labels.noteWindowQuoted(number)
            default: return nil
            }
        }
    }

    /// With more of them the minutes would be a second transcript.
    private static let (quoteLimit, exchangeLimit) = (6, 20)

    private static func topics(of windows: [WindowOutcome]) -> [MinutesTopic] {
        windows.map(\.window).topics.map { topic in
            let parts = windows[topic.startIndex..<topic.endIndex]
            let range =
                topic[topic.startIndex].utterances
                .lowerBound..<topic[topic.endIndex - 1].utterances.upperBound
            // A later window has seen more of the topic, so its words describe it better.
            let latest = parts.last { $0.findings != nil }?.findings
            return MinutesTopic(
                words: latest?.topicWords ?? [], said: latest?.topicTitle,
                firstWindow: topic.startIndex, windowCount: topic.count,
                start: parts.lazy.compactMap(\.outline.start).first,
                end: parts.reversed().lazy.compactMap(\.outline.end).first, firstUtterance: range.lowerBound,
                utteranceCount: range.count)
        }
    }

    /// The best quotes, spread over the topics, without sentences that are shown as items.
    private static func quotes(of topics: [MinutesTopic], _ windows: [WindowOutcome]) -> [Remark] {
        let shown = windows.reduce(into: Set<String>()) { $0.formUnion($1.words.items) }
        let perTopic = max(1, quoteLimit / max(1, topics.count))
        let best = topics.flatMap { topic in
            windows[topic.firstWindow..<(topic.firstWindow + topic.windowCount)]
                .flatMap { zip($0.findings?.quotes ?? [], $0.words.quotes) }
                .filter { !shown.contains($1) }.map(\.0)
                .sorted(by: RemarkFinder.isBetter).prefix(perTopic)
        }
        return best.sorted(by: RemarkFinder.isBetter).prefix(quoteLimit).map(\.remark)
    }

    /// Remarks and quotes together, in the order of the meeting.
    private static func merged(_ remarks: [Remark], with quotes: [Remark]) -> [Remark] {
        (remarks + quotes).enumerated()
            .sorted {
                ($0.element.citation.utterance, $0.offset) < ($1.element.citation.utterance, $1.offset)
            }
            .map(\.element)
    }

    /// The exchanges with the longest answers, in order: small talk is short.
    private static func exchanges(_ windows: [WindowOutcome]) -> [Exchange] {
        let all = windows.flatMap { $0.findings?.exchanges ?? [] }
        guard all.count > exchangeLimit else { return all }
        return windows.flatMap(\.words.answerLengths).enumerated()
            .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
            .prefix(exchangeLimit).map(\.offset).sorted().map { all[$0] }
    }

    private static func participants(_ received: Received) -> [Participant] {
        let all = received.speakers.reduce(0) { $0 + $1.words }
        let people = received.speakers.map { speaker in
            Participant(
                name: speaker.name, utterances: speaker.utterances, words: speaker.words,
                share: all > 0 ? (200 * speaker.words + all) / (2 * all) : 0)
        }
        // Ties keep the order of first speaking, so that the document is stable as it grows.
        return people.enumerated().sorted { ($1.element.words, $0.offset) < ($0.element.words, $1.offset) }
            .map(\.element)
    }

    private static func coverage(_ received: Received, windows: [WindowOutcome]) -> Coverage {
        let summarised = windows.filter { $0.summary != nil }
        return Coverage(
            utterances: received.utterances,
            summarisedUtterances: summarised.reduce(0) { $0 + $1.window.utterances.count },
            words: received.words, summarisedWords: summarised.reduce(0) { $0 + $1.wordCount })
    }
}

extension MinutesWindow {
    /// How many quotes may stand in place of a summary.
    private static let quoteLimit = 3

    /// The window of an outcome as the minutes show it.
    init(_ outcome: MinutesDocument.WindowOutcome, _ labels: Labels) {
        let statements = outcome.findings?.statements
        let quotes = outcome.findings?.quotes.prefix(Self.quoteLimit).map(\.remark) ?? []
        self.init(
            index: outcome.window.index, start: outcome.outline.start, end: outcome.outline.end,
            firstUtterance: outcome.window.utterances.lowerBound,
            utteranceCount: outcome.window.utterances.count, speakers: outcome.outline.speakers,
            state: outcome.summary != nil ? .summarised : outcome.failure != nil ? .failed : .pending,
            summary: outcome.summary, statements: statements,
            // Of a window in which a model picked nothing there is nothing to quote either.
            quotes: statements?.isEmpty == false && statements?.contains(where: \.isGrounded) == false
                ? quotes.sorted { $0.citation.utterance < $1.citation.utterance } : nil,
            failure: outcome.summary == nil ? outcome.failure?.text(in: labels.language) : nil)
    }
}
