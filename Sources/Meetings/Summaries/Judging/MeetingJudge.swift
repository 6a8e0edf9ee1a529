import Language
import Transcript

/// Finds in the windows of a meeting what its minutes show, one window after the other.
///
/// The findings of a window depend on it and on the windows before it, never on later ones: so they are found
/// once, and a process that starts in the middle of a meeting finds the same as one that never stopped, after
/// ``hear(_:_:)`` of the windows before.
package struct MeetingJudge {
    /// How many windows it has heard.
    package private(set) var windowCount = 0

    /// In how many utterances each stem is.
    private var stemCounts: [String: Int] = [:]
    private var topic = TopicNamer()
    private var matters = MatterFinder()
    private var speakers: [String] = []
    /// The normalised texts of earlier findings: people repeat themselves.
    private var seen: Set<String> = []
    /// What the items so far say: people come back to what they agreed on.
    private var itemGists: [ItemGist] = []
    /// The last utterances: somebody may answer them in the next window.
    private var recent: [UtteranceReading] = []

    /// What is said points back no further.
    private static let recentCount = 10
    /// More than a few would be a second transcript.
    private static let quoteLimit = 6

    private let allowsTranslation: Bool
    /// Who was invited, first name first: somebody who says nothing may be given something to do.
    package var invited: [String] = []

    /// Creates a judge that has heard nothing.
    ///
    /// `allowsTranslation` if the model was told to write in a language of its own: then of what it writes only numbers,
    /// names and dates are compared with what was said. Else a summary in another language is not borne out.
    package init(allowsTranslation: Bool = false) { self.allowsTranslation = allowsTranslation }

    /// Reads the next window, which has the `findings` that were made when it was judged; nil if it was given up.
    ///
    /// What is found from then on is the same as if it had been judged by this judge.
    package mutating func hear(_ window: Window, _ utterances: [ReadUtterance], findings: WindowFindings?) {
        let gists = itemGists
        let read = judge(window, utterances, answer: nil, known: findings)
        guard let findings else { return }
        itemGists = gists + findings.items.filter(\.isQuoted).map { ItemGist($0, read.language) }
        seen.formUnion((findings.statements ?? []).filter(\.isQuoted).map(Self.key))
    }

    /// Judges the next window: what was said in it, and what was written about it.
    ///
    /// `answer` is nil if the window was given up.
    package mutating func judge(
        _ window: Window, _ utterances: [ReadUtterance], answer: WindowAnswer?
    ) -> WindowFindings {
        judge(window, utterances, answer: answer, known: nil)
    }

    /// Judges the next window, whose findings are `known` if it was judged before.
    private mutating func judge(
        _ window: Window, _ utterances: [ReadUtterance], answer: WindowAnswer?, known: WindowFindings?
    ) -> WindowFindings {
        precondition(window.index == windowCount && window.utterances.count == utterances.count)
        windowCount += 1
        let readings = utterances.map(UtteranceReading.init)
        let first = window.utterances.lowerBound
        let language = readings.mainLanguage
        for reading in readings { for stem in reading.source.stems { stemCounts[stem, default: 0] += 1 } }
        for speaker in readings.speakers where !speakers.contains(speaker) { speakers.append(speaker) }
        defer {
            if window.endsTopic { topic.begin() }
            recent = Array((recent + readings).suffix(Self.recentCount))
        }
        let finder = EvidenceFinder(
            readings: readings[...], first: first, participants: speakers,
            allowsTranslation: allowsTranslation)
        let (summary, picked) = (answer?.summary, answer?.picked)
        let isWritten = summary?.origin == .model
        let written = summary.map { finder.language(of: $0.text) }
        let opened = matters.hear(readings, first: first, weighed: picked?.sentences, known: known?.matters)
        let context = ContextFinder(readings, before: recent, first: first, matters: matters)
        let quoted = newItems(
            ItemFinder(speakers: speakers, invited: invited, language: language)
                .items(
                    in: readings[...], before: recent.suffix(1), first: first, weighed: picked?.sentences,
                    context: context),
            language)
        let remarks = unseen(RemarkFinder.remarks(in: readings[...], first: first), \.text)
        let statements =
            picked.map {
                quotations(of: $0.picks, readings, first: first, context).map { Self.ranked($0, by: quoted) }
            }
            ?? (isWritten
                ? summary.map {
                    $0.isQuiet ? [] : finder.statements(of: $0.text, notes: answer?.notes ?? [])
                } : nil)
        topic.add(
            readings, speakers: speakers, shown: Self.shown(known?.statements ?? statements, first: first),
            opened: Self.texts(opened.openings.flatMap(\.turns).map { ($0.citation, $0.text) }, first: first))
        return WindowFindings(
            language: language, statements: statements,
            items: Self.merged(
                quoted, with: (answer?.stated ?? []).compactMap { Self.item($0, finder, written) }),
            remarks: remarks,
            quotes: RemarkFinder.quotes(
                in: readings[...], first: first, counts: stemCounts, limit: Self.quoteLimit),
            exchanges: RemarkFinder.exchanges(
                in: recent.suffix(1) + readings, first: first - recent.suffix(1).count),
            matters: picked == nil ? nil : opened, topicWords: topic.words, topicTitle: topic.title)
    }

    /// What of a window's utterances is quoted, in small letters, by their numbers in it; nil if its statements are a model's words.
    private static func shown(_ statements: [Statement]?, first: Int) -> [Int: String]? {
        guard let statements, statements.allSatisfy(\.isQuoted) else { return nil }
        return texts(statements.flatMap { one in one.citations.map { ($0, one.text) } }, first: first)
    }

    /// Texts in small letters, by the numbers in the window of the utterances that they cite.
    private static func texts(_ texts: [(Statement.Citation, String)], first: Int) -> [Int: String] {
        Dictionary(texts.map { ($0.utterance - first, $1.lowercased()) }) { $0 + "\n" + $1 }
    }

    /// A quotation in which something is decided comes before others.
    private static func ranked(_ statement: Statement, by items: [MinutesItem]) -> Statement {
        var statement = statement
        let decides = items.contains { $0.kind == .decision && statement.text.contains($0.text) }
        if decides { statement.rank? += 1 }
        return statement
    }

    /// The items that say something new.
    private mutating func newItems(_ items: [MinutesItem], _ language: LanguageCode) -> [MinutesItem] {
        items.filter { item in
            let gist = ItemGist(item, language)
            guard !itemGists.contains(where: gist.repeats) else { return false }
            itemGists.append(gist)
            return true
        }
    }

    /// What an item says, to be compared with others.
    private struct ItemGist {
        let kind: MinutesItem.Kind
        let owner: String?
        let stems: Set<String>
        /// Numbers and days: with others it is another item, or the same one changed.
        let claims: Set<String>

        init(_ item: MinutesItem, _ language: LanguageCode) {
            let reading = TextReader.read(item.text, language: language)
            (kind, owner, stems) = (item.kind, item.owner, Set(reading.stems))
            claims = reading.saidNumbers.union(reading.saidDates)
        }

        /// Whether it says hardly anything that `other` does not say.
        func repeats(_ other: ItemGist) -> Bool {
            kind == other.kind && owner == other.owner && claims.isSubset(of: other.claims)
                && 4 * stems.intersection(other.stems).count >= 3 * stems.count
        }
    }

    /// The quotations of picks, but for those whose words were quoted before.
    private mutating func quotations(
        of picks: [Pick], _ readings: [UtteranceReading], first: Int, _ context: ContextFinder
    ) -> [Statement] {
        picks.enumerated().compactMap { number, pick in
            // What is shown for a pick must not reach into its neighbours.
            let before = picks[..<number].last { $0.utterance == pick.utterance }?.sentences.upperBound
            let after = picks[(number + 1)...].first { $0.utterance == pick.utterance }?.sentences.lowerBound
            let free = (before ?? 0)..<(after ?? readings[pick.utterance].sentences.count)
            let statement = Statement(pick, of: readings, first: first, context: context, free: free)
            return seen.insert(Self.key(statement)).inserted ? statement : nil
        }
    }

    private static func key(_ quotation: Statement) -> String {
        "Pick " + TextReader.normalised(quotation.text)
    }

    private mutating func unseen<Finding>(
        _ findings: [Finding], _ text: KeyPath<Finding, String>
    ) -> [Finding] {
        findings.filter {
            seen.insert("\(Finding.self) " + TextReader.normalised($0[keyPath: text])).inserted
        }
    }

    /// A stated item, if what was said bears it out.
    private static func item(
        _ stated: StatedItem, _ finder: EvidenceFinder, _ language: LanguageCode?
    ) -> MinutesItem? {
        let claim = [stated.owner, stated.text, stated.due].compactMap(\.self).joined(separator: " ")
        let statement = finder.statement(claim, language, turns: stated.turns)
        guard statement.isGrounded, let citation = statement.citations.first else { return nil }
        return MinutesItem(
            kind: stated.kind, text: stated.text, isQuoted: false, owner: stated.owner, due: stated.due,
            citation: citation)
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
}
