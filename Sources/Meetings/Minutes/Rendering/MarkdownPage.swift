import Foundation
import Transcript

/// What a template of the minutes can name: a document in pieces, ready for Markdown.
///
/// All texts are escaped (``MarkdownText``). A list is nil if it is empty, so that a template can leave out its heading
/// with it: `{{#decisions}}## Decided {{#items}}- {{text}}{{/items}}{{/decisions}}`.
struct MarkdownPage: TemplateScope {
    /// Some of a kind.
    struct List<Item: Sendable>: TemplateScope {
        let count: Int
        let items: [Item]
    }

    /// Something that was said or written, and where it comes from.
    struct Line: TemplateScope {
        let text: String
        /// Who said it.
        let speaker: String?
        /// Where: times, or turns.
        let place: String
        /// Who is going to do it.
        let owner: String?
        /// By when.
        let due: String?
    }

    struct Exchange: TemplateScope {
        let question: String
        let asker: String?
        let answer: String
        let answerer: String?
        let place: String
    }

    struct Person: TemplateScope {
        let name: String
        let words: String
        let turns: String
        let share: Int
        /// Whether nobody follows in the list.
        let isLast: Bool
        let actions: List<Line>?
        let done: List<Line>?
        let next: List<Line>?
        let blocked: List<Line>?
        let quotes: List<Line>?
        let agreements: List<Line>?
        let praise: List<Line>?
        let concerns: List<Line>?
        let objections: List<Line>?
        let wishes: List<Line>?
        let hasProgress: Bool
        let hasTone: Bool
    }

    struct Topic: TemplateScope {
        let number: Int
        let title: String?
        let time: String?
        /// Its parts' summaries, if there is one.
        let summary: String?
    }

    struct Part: TemplateScope {
        let number: Int
        let title: String?
        let time: String?
        let speakers: String?
        let summary: String?
        let isPending: Bool
        let failure: String?
        /// Whether nothing of the summary passed the check.
        let isLeftOut: Bool
        /// What was said, if nothing of the summary passed the check.
        let quotes: List<Line>?
        /// Whether the summary of the whole is this one's.
        let isWhole: Bool
    }

    let title: String
    /// The meeting's name, if it has a title beside it.
    let meeting: String?
    let when: String?
    let isOpen: Bool
    let isEnded: Bool
    let isFinished: Bool
    let people: List<Person>?
    /// Of the whole meeting.
    let summary: String?
    /// Whether nothing of the summary, nor of the parts' in its place, passed the check.
    let isLeftOut: Bool
    /// The sentence that says most.
    let highlight: Line?
    /// What the parts' summaries say.
    let points: List<Line>?
    let decisions: List<Line>?
    let actions: List<Line>?
    let questions: List<Line>?
    let quotes: List<Line>?
    let agreements: List<Line>?
    let praise: List<Line>?
    let concerns: List<Line>?
    let objections: List<Line>?
    let wishes: List<Line>?
    let exchanges: List<Exchange>?
    let topics: List<Topic>?
    let parts: List<Part>?
    let isEmpty: Bool
    let percent: Int
    let summarisedWords: Int
    let words: String
    let summarisedTurns: Int
    let turns: String
    let notes: List<Line>?
    let model: String?
    /// Whether what is written are the speakers' own words, since no model had a part in it.
    let isOwnWords: Bool
    let date: String
}

extension MarkdownPage.List {
    init?(_ items: [Item]) {
        guard !items.isEmpty else { return nil }
        self.init(count: items.count, items: items)
    }
}

extension MarkdownPage {
    init(_ document: MinutesDocument) {
        let remarks = document.remarks ?? []
        title = MarkdownText.inline(document.title ?? document.meeting.name)
        meeting = document.title == nil ? nil : MarkdownText.inline(document.meeting.name)
        when = Self.when(document)
        (isOpen, isEnded, isFinished) = (
            document.state == .open, document.state == .ended, document.state == .finished
        )
        people = List(
            document.participants.map {
                Self.person($0, isLast: $0 == document.participants.last, document: document)
            })
        let summary = Self.summary(document)
        self.summary = summary
        isLeftOut = document.summary != nil && summary == nil
        highlight = Highlight.of(document).map { Self.line($0.text, $0.citations) }
        points = List(Highlight.points(of: document).map { Self.line($0.text, $0.citations) })
        (decisions, actions, questions) = (
            Self.items(document, .decision), Self.items(document, .action), Self.items(document, .question)
        )
        quotes = Self.remarks(remarks, .quote)
        agreements = Self.remarks(remarks, .agreement)
        praise = Self.remarks(remarks, .praise)
        concerns = Self.remarks(remarks, .concern)
        objections = Self.remarks(remarks, .objection)
        wishes = Self.remarks(remarks, .wish)
        exchanges = List((document.exchanges ?? []).map(Self.exchange))
        topics = List(Self.topics(document))
        parts = List(document.windows.map { Self.part($0, document: document) })
        isEmpty = document.coverage.utterances == 0
        percent = document.coverage.percent
        summarisedWords = document.coverage.summarisedWords
        words = Self.count(document.coverage.words, "word")
        summarisedTurns = document.coverage.summarisedUtterances
        turns = Self.count(document.coverage.utterances, "turn")
        notes = List(
            document.notes.map {
                Line(text: MarkdownText.inline($0), speaker: nil, place: "", owner: nil, due: nil)
            })
        model = document.model.map(MarkdownText.inline)
        isOwnWords = document.model == nil && document.windows.contains { $0.summary != nil }
        date = MinutesClock.date(document.generatedAt)
    }

    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func when(_ document: MinutesDocument) -> String? {
        let length = document.windows.compactMap(\.end).max().map(MinutesClock.time)
        switch (document.startedAt, document.endedAt) {
        case (let start?, let end?): return "\(MinutesClock.date(start)) to \(MinutesClock.date(end))"
        case (let start?, nil):
            return "from \(MinutesClock.date(start))" + (length.map { ", \($0) so far" } ?? "")
        case (nil, let end?):
            // Nothing says when it was held.
            return (length.map { "\($0) long, " } ?? "") + "received by \(MinutesClock.date(end))"
        case (nil, nil): return length.map { "\($0) long" }
        }
    }

    /// The checked summary; if nothing of it is left, the first grounded sentence of each part, which says more than
    /// nothing; nil if there is none of these.
    private static func summary(_ document: MinutesDocument) -> String? {
        guard let summary = document.summary else { return nil }
        if let text = checked(summary.text, document.statements) { return text }
        let firsts = document.windows.compactMap { window in
            window.statements?.first(where: \.isGrounded).map { "- \($0.text) (\(place($0.citations)))" }
        }
        return firsts.isEmpty ? nil : MarkdownText.block(firsts.joined(separator: "\n"))
    }

    /// A summary with its evidence behind each sentence, and without what the check left out; nil if nothing is left.
    private static func checked(_ text: String, _ statements: [Statement]?) -> String? {
        guard let statements else { return MarkdownText.block(text) }
        let grounded = statements.groundedText { " (" + place($0) + ")" }
        return grounded.isEmpty ? nil : MarkdownText.block(grounded)
    }

    private static func place(_ citations: [Statement.Citation]) -> String {
        citations.map { citation in
            citation.start.map(MinutesClock.time) ?? "turn \(citation.utterance + 1)"
        }.joined(separator: ", ")
    }

    private static func line(
        _ text: String, _ citations: [Statement.Citation], owner: String? = nil, due: String? = nil
    ) -> Line {
        let speakers = Set(citations.map(\.speaker))
        return Line(
            text: MarkdownText.inline(text),
            speaker: speakers.count == 1 ? citations.first?.speaker.map(MarkdownText.inline) : nil,
            place: place(citations), owner: owner.map(MarkdownText.inline), due: due.map(MarkdownText.inline))
    }

    private static func items(
        _ document: MinutesDocument, _ kind: MinutesItem.Kind, ofOwner owner: String? = nil
    ) -> List<Line>? {
        List(
            (document.items ?? []).filter { $0.kind == kind && (owner == nil || $0.owner == owner) }
                .map {
                    line(
                        $0.isQuoted ? "“\($0.text)”" : $0.text, [$0.citation], owner: $0.owner, due: $0.due)
                })
    }

    private static func remarks(_ remarks: [Remark], _ kind: Remark.Kind) -> List<Line>? {
        List(remarks.filter { $0.kind == kind }.map { line("“\($0.text)”", [$0.citation]) })
    }

    private static func person(
        _ person: MinutesDocument.Participant, isLast: Bool, document: MinutesDocument
    ) -> Person {
        let own = (document.remarks ?? []).filter { $0.citation.speaker == person.name }
        let (done, next, blocked) = (remarks(own, .done), remarks(own, .next), remarks(own, .blocked))
        let (agreements, praise) = (remarks(own, .agreement), remarks(own, .praise))
        let (concerns, objections, wishes) = (
            remarks(own, .concern), remarks(own, .objection), remarks(own, .wish)
        )
        return Person(
            name: MarkdownText.inline(person.name), words: count(person.words, "word"),
            turns: count(person.utterances, "turn"), share: person.share, isLast: isLast,
            actions: items(document, .action, ofOwner: person.name), done: done, next: next, blocked: blocked,
            quotes: remarks(own, .quote), agreements: agreements, praise: praise, concerns: concerns,
            objections: objections, wishes: wishes,
            hasProgress: done != nil || next != nil || blocked != nil,
            hasTone: agreements != nil || praise != nil || concerns != nil || objections != nil)
    }

    private static func exchange(_ exchange: Minutes.Exchange) -> Exchange {
        Exchange(
            question: MarkdownText.inline(exchange.question),
            asker: exchange.asked.speaker.map(MarkdownText.inline),
            answer: MarkdownText.inline(exchange.answer),
            answerer: exchange.answered.speaker.map(MarkdownText.inline), place: place([exchange.asked]))
    }

    private static func time(_ start: Double?, _ end: Double?) -> String? {
        start.map { start in
            MinutesClock.time(start) + (end.map { $0 > start ? " to \(MinutesClock.time($0))" : "" } ?? "")
        }
    }

    private static func topics(_ document: MinutesDocument) -> [Topic] {
        (document.topics ?? []).enumerated().map { offset, topic in
            let windows = document.windows.dropFirst(topic.firstWindow).prefix(topic.windowCount)
            let texts = windows.compactMap { window in
                window.summary.flatMap { checked($0.text, window.statements) }
            }
            return Topic(
                number: offset + 1, title: topic.title.map(MarkdownText.inline),
                time: time(topic.start, topic.end),
                summary: texts.isEmpty ? nil : texts.joined(separator: "\n\n"))
        }
    }

    private static func part(_ window: MinutesWindow, document: MinutesDocument) -> Part {
        let topic = document.topics?.first {
            ($0.firstWindow..<($0.firstWindow + $0.windowCount)).contains(window.index)
        }
        let speakers = window.speakers.map(MarkdownText.inline).joined(separator: ", ")
        // A meeting of one window has that window's summary already.
        let isWhole =
            document.windows.count == 1 && window.summary != nil
            && document.summary?.text == window.summary?.text
        let text = window.summary.flatMap { checked($0.text, window.statements) }
        return Part(
            number: window.index + 1, title: topic?.title.map(MarkdownText.inline),
            time: time(window.start, window.end), speakers: speakers.isEmpty ? nil : speakers,
            summary: isWhole ? nil : text, isPending: window.state == .pending,
            failure: window.state == .failed
                ? MarkdownText.inline(window.failure ?? "unknown reason") : nil,
            isLeftOut: window.summary != nil && text == nil && !isWhole,
            quotes: remarks(window.quotes ?? [], .quote), isWhole: isWhole)
    }
}
