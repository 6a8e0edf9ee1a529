import Language
import Transcript

/// The names that people are shown under where somebody has put right those of the transcript.
///
/// What is recorded keeps the labels of the transcript, and the model sees these; whatever is shown gets its names from
/// here. So a name can be put right once more, or back, without a trace of the first attempt, and exactly. Words that
/// people said stay as they said them: only who spoke, who is to do something, and names in a model's sentences change.
package struct ShownNames: Sendable, Hashable {
    /// A turn that somebody else spoke than its label says.
    package struct Turn: Sendable, Hashable {
        /// Who it was.
        package let name: String
        /// What the transcript calls the speaker; nil if it names nobody.
        package let speaker: String?
        /// What was said.
        package let text: String

        /// Creates a turn.
        package init(name: String, speaker: String?, text: String) {
            (self.name, self.speaker, self.text) = (name, speaker, text)
        }
    }

    /// The name for each label of the transcript that has another one; `""` is the label of those whom it does not name.
    private let labels: [String: String]
    private let turns: [Int: Turn]
    /// All labels, and what each is shown as.
    private let all: [String: String]
    private let sentences: NameReplacement

    /// The names of the transcript, as they are.
    package static let transcribed = ShownNames(labels: [:], turns: [:], speakers: [])

    /// Shows `labels` under their names, and single `turns`, by number in the meeting, under others; `speakers` are all
    /// labels of the transcript.
    package init(labels: [String: String], turns: [Int: Turn], speakers: some Sequence<String>) {
        self.labels = labels
        self.turns = turns
        // A name that is part of another one's is not replaced in it.
        var all = Dictionary(uniqueKeysWithValues: Set(speakers).union(labels.values).map { ($0, $0) })
        for turn in turns.values { all[turn.name] = turn.name }
        all.merge(labels) { _, new in new }
        self.all = all
        sentences = NameReplacement(exactly: all)
    }

    /// Whether everybody is called what the transcript calls them.
    package var isEmpty: Bool { labels.isEmpty && turns.isEmpty }

    /// Who is shown to speak in a turn, of which the transcript says `speaker`.
    package func name(of speaker: String?, turn: Int) -> String? {
        turns[turn]?.name ?? labels[speaker ?? ""] ?? speaker
    }

    // MARK: - What is shown

    /// An utterance with the number `turn`.
    package func shown(_ read: ReadUtterance, turn: Int) -> ReadUtterance {
        isEmpty ? read : read.spoken(by: name(of: read.utterance.speaker, turn: turn))
    }

    /// What was found in a window.
    package func shown(_ findings: WindowFindings) -> WindowFindings {
        guard !isEmpty else { return findings }
        var findings = findings
        findings.statements = findings.statements.map { $0.map(shown) }
        findings.items = findings.items.map(shown)
        findings.remarks = findings.remarks.map(shown)
        findings.quotes = findings.quotes.map { ScoredQuote(worth: $0.worth, remark: shown($0.remark)) }
        findings.exchanges = findings.exchanges.map { exchange in
            var exchange = exchange
            exchange.asked = shown(exchange.asked)
            exchange.answered = shown(exchange.answered)
            return exchange
        }
        return findings
    }

    /// A sentence of a summary.
    package func shown(_ statement: Statement) -> Statement {
        var shown = statement
        if statement.isQuoted {
            shown.speaker =
                statement.citations.first.map { name(of: statement.speaker, turn: $0.utterance) }
                ?? statement.speaker
        } else {
            shown.text = replacement(statement.citations).replaced(in: statement.text)
        }
        shown.citations = statement.citations.map(self.shown)
        shown.before = statement.before.map { $0.map(self.shown) }
        shown.after = statement.after.map { $0.map(self.shown) }
        return shown
    }

    /// The text of a summary of the utterances `said`, of which `statements` are the sentences as they are recorded, if a
    /// model wrote it.
    package func shown(
        _ text: String, of said: Range<Int>, origin: SummaryOrigin, statements: [Statement]?
    ) -> String {
        guard !isEmpty else { return text }
        let isSpoken = origin == .verbatim || text.hasPrefix(FallbackSummary.quotesHeading)
        if isSpoken {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            // Each utterance has its line, unless one has several itself: then, and among quotes, it is known by its words.
            let isNumbered = origin == .verbatim && lines.count == said.count
            return zip(said.lowerBound..., lines).map { number, line in
                spoken(String(line), turns: isNumbered ? number..<(number + 1) : said, isKnown: isNumbered)
            }.joined(separator: "\n")
        }
        var result = ""
        var rest = text[...]
        for statement in statements ?? [] {
            guard let range = rest.firstRange(of: statement.text) else { continue }
            let own = replacement(statement.citations)
            let between = String(rest[..<range.lowerBound])
            // Before a quotation stands who said it.
            result += (statement.isQuoted ? own : sentences).replaced(in: between)
            result += statement.isQuoted ? statement.text : own.replaced(in: statement.text)
            rest = rest[range.upperBound...]
        }
        return result + sentences.replaced(in: String(rest))
    }

    /// A decision, an action item or an open question.
    package func shown(_ item: MinutesItem) -> MinutesItem {
        guard !isEmpty else { return item }
        var shown = item
        if !item.isQuoted { shown.text = replacement([item.citation]).replaced(in: item.text) }
        shown.owner = item.owner.map { owner in
            owner == item.citation.speaker
                ? name(of: owner, turn: item.citation.utterance) ?? owner : all[owner] ?? owner
        }
        shown.citation = self.shown(item.citation)
        shown.before = item.before.map { $0.map(self.shown) }
        return shown
    }

    // MARK: - Parts

    private func shown(_ citation: Statement.Citation) -> Statement.Citation {
        var citation = citation
        citation.speaker = name(of: citation.speaker, turn: citation.utterance)
        return citation
    }

    private func shown(_ turn: Statement.Turn) -> Statement.Turn {
        Statement.Turn(text: turn.text, citation: shown(turn.citation))
    }

    private func shown(_ remark: Remark) -> Remark {
        Remark(kind: remark.kind, text: remark.text, citation: shown(remark.citation))
    }

    /// The names in a sentence: where it rests on turns of one person alone that were put right, its speaker is meant.
    private func replacement(_ citations: [Statement.Citation]) -> NameReplacement {
        guard let first = citations.first.flatMap({ turns[$0.utterance] }), let speaker = first.speaker,
            citations.allSatisfy({
                turns[$0.utterance]?.name == first.name && turns[$0.utterance]?.speaker == speaker
            })
        else { return sentences }
        return NameReplacement(exactly: all.merging([speaker: first.name]) { _, new in new })
    }

    /// A line of a summary that consists of what was said: one of `said`, which `isKnown` if there is no other.
    private func spoken(_ line: String, turns said: Range<Int>, isKnown: Bool) -> String {
        let mark = "- "
        guard line.hasPrefix(mark) else { return line }
        let text = String(line.dropFirst(mark.count))
        for (number, turn) in turns where said.contains(number) {
            let old = FallbackSummary.spoken(turn.speaker, "")
            guard text.hasPrefix(old) else { continue }
            let words = text.dropFirst(old.count)
            // A long one is quoted shortened.
            let beginning = words.trimmingPrefix("“").prefix { $0 != "…" && $0 != "”" }
            if isKnown || turn.text == words || words.hasPrefix("“") && turn.text.hasPrefix(beginning) {
                return mark + FallbackSummary.spoken(turn.name, String(words))
            }
        }
        let label = all.keys.filter { !$0.isEmpty && text.hasPrefix(FallbackSummary.spoken($0, "")) }
            .max { $0.count < $1.count }
        guard let label else { return mark + FallbackSummary.spoken(labels[""], text) }
        let words = text.dropFirst(FallbackSummary.spoken(label, "").count)
        return mark + FallbackSummary.spoken(all[label], String(words))
    }
}

extension WindowSummary {
    /// Takes the names that people are shown under; it is of the utterances `said`, and `statements` are its sentences as
    /// they are recorded.
    package mutating func show(_ names: ShownNames, of said: Range<Int>, _ statements: [Statement]?) {
        text = names.shown(text, of: said, origin: origin, statements: statements)
    }
}

extension MeetingSummary {
    /// Takes the names that people are shown under; it is of the utterances `said`, and `statements` are its sentences as
    /// they are recorded.
    package mutating func show(_ names: ShownNames, of said: Range<Int>, _ statements: [Statement]?) {
        text = names.shown(text, of: said, origin: origin, statements: statements)
    }
}
