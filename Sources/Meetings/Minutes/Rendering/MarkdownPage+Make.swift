import Foundation
import Summaries
import Transcript

extension MarkdownPage {
    /// The page of `document` for a template that uses `names`; lists that it does not use are left nil.
    init(_ document: MinutesDocument, names: Set<String>, pieces: MarkdownPieces) {
        let maker = MarkdownPageMaker(document, names: names, pieces: pieces)
        let labels = document.labels
        let remarks = document.remarks ?? []
        self.labels = labels
        title = MarkdownText.inline(document.title ?? document.meeting.name)
        titleDecisions = labels.titleDecisions(title)
        titleMood = labels.titleMood(title)
        meeting = document.title == nil ? nil : MarkdownText.inline(document.meeting.name)
        when = maker.when()
        location = document.place.map(MarkdownText.inline)
        let (label, invited) = labels.invited(document.invited)
        self.invited =
            invited.isEmpty
            ? nil : labels.list(invited.map { labels.aside(MarkdownText.inline($0.name), $0.more) })
        invitedLabel = label
        (isOpen, isEnded, isFinished) = (
            document.state == .open, document.state == .ended, document.state == .finished
        )
        state = labels.state(document.state).text
        let people = document.participants
        self.people = List(people.map { maker.person($0, isLast: $0 == people.last) })
        who = maker.who(people) { [labels.percent($0.share)] }
        whoSpokeHowMuch = maker.who(people) {
            [labels.percent($0.share), labels.amount(words: $0.words, turns: $0.utterances)]
        }
        let summary = maker.summary()
        self.summary = summary
        isLeftOut = document.summary != nil && summary == nil
        noSummary = labels.noSummary(of: document)
        let highlights = Highlights(document, kept: pieces.sentences)
        highlight = maker.named("highlight", highlights.best.map(maker.line))
        points = maker.named("points", List(highlights.points.map(maker.line)))
        decisions = maker.items(.decision, named: "decisions")
        decidedCount = labels.decidedCount((document.items ?? []).count { $0.kind == .decision })
        actions = maker.items(.action, named: "actions")
        questions = maker.items(.question, named: "questions")
        stillOpen = maker.named("stillOpen", List((document.stillOpen ?? []).map(maker.line)))
        quotes = maker.remarks(remarks, .quote, named: "quotes")
        agreements = maker.remarks(remarks, .agreement, named: "agreements")
        praise = maker.remarks(remarks, .praise, named: "praise")
        concerns = maker.remarks(remarks, .concern, named: "concerns")
        objections = maker.remarks(remarks, .objection, named: "objections")
        wishes = maker.remarks(remarks, .wish, named: "wishes")
        exchanges = maker.named("exchanges", List((document.exchanges ?? []).map(maker.exchange)))
        topics = maker.named("topics", List(maker.topics()))
        parts = maker.named("parts", List(document.windows.map(maker.part)))
        isEmpty = document.coverage.utterances == 0
        percent = document.coverage.percent
        summarisedWords = labels.number(document.coverage.summarisedWords)
        words = labels.words(document.coverage.words)
        summarisedTurns = labels.number(document.coverage.summarisedUtterances)
        turns = labels.turns(document.coverage.utterances)
        coverage = labels.coverage(document.coverage)
        coverageShort = labels.coverageShort(document.coverage)
        notes = List(document.notes.map { maker.line($0, []) })
        model = document.model.map(MarkdownText.inline)
        isOwnWords = document.model == nil && document.windows.contains { $0.summary != nil }
        date = labels.moment(document.generatedAt)
        written = labels.written(document)
        ending = labels.sentences([coverageShort, written])
        quotedBy = labels.quotedBy(date)
        sortedBy = labels.sortedBy(date)
    }
}

/// The pieces of a page that are expensive to make, by what they show.
struct MarkdownPieces {
    struct Line: Hashable {
        let text: String
        let citations: [Statement.Citation]
        let owner: String?
        let due: String?
        let before: String?
        let situation: String?
        let isDone: Bool
        /// Another meeting that it is from.
        let meeting: MeetingID?
    }

    struct Part: Hashable {
        let window: MinutesWindow
        let title: String?
        let isWhole: Bool
    }

    struct Summary: Hashable {
        let text: String
        let statements: [Statement]?
    }

    struct Topic: Hashable {
        let number: Int
        let topic: MinutesTopic
        let windows: ArraySlice<MinutesWindow>
        let isWhole: Bool
    }

    let lines = KeptPieces<Line, TemplateValue>()
    let topics = KeptPieces<Topic, TemplateValue>()
    let parts = KeptPieces<Part, TemplateValue>()
    let summaries = KeptPieces<Summary, String?>()
    let sentences = KeptPieces<String, Highlights.Sentence>()

    func endRendering() {
        lines.endRendering()
        topics.endRendering()
        parts.endRendering()
        summaries.endRendering()
        sentences.endRendering()
    }
}

/// Makes the pieces of a page.
struct MarkdownPageMaker {
    typealias List = MarkdownPage.List

    private let document: MinutesDocument
    private let labels: Labels
    private let names: Set<String>
    private let pieces: MarkdownPieces

    init(_ document: MinutesDocument, names: Set<String>, pieces: MarkdownPieces) {
        self.document = document
        labels = document.labels
        self.names = names
        self.pieces = pieces
    }

    /// The value, if the template uses its name anywhere.
    func named<Value>(_ name: String, _ value: @autoclosure () -> Value?) -> Value? {
        names.contains(name) ? value() : nil
    }

    /// People, each with more about them in brackets; nil if there are none.
    func who(
        _ people: [MinutesDocument.Participant], _ more: (MinutesDocument.Participant) -> [String]
    ) -> String? {
        guard !people.isEmpty else { return nil }
        return labels.list(people.map { labels.aside(MarkdownText.inline($0.name), more($0)) })
    }

    func when() -> String? {
        let length = document.windows.compactMap(\.end).max().map(MinutesClock.time)
        if document.startedAt == nil, let day = document.day {
            return labels.list([labels.day(day)] + (length.map { [labels.lengthLong($0)] } ?? []))
        }
        switch (document.startedAt, document.endedAt) {
        case (let start?, let end?): return labels.timeRange(labels.moment(start), labels.moment(end))
        case (let start?, nil):
            return labels.list(
                [labels.from(labels.moment(start))] + (length.map { [labels.lengthSoFar($0)] } ?? []))
        case (nil, let end?):
            // It is not known when the meeting was held.
            return labels.list(
                (length.map { [labels.lengthLong($0)] } ?? []) + [labels.receivedBy(labels.moment(end))])
        case (nil, nil): return length.map(labels.lengthLong)
        }
    }

    /// The checked summary; if the check left nothing of it, the first grounded sentence of each part; nil if there
    /// is none of these either.
    func summary() -> String? {
        guard let summary = document.summary else { return nil }
        if let text = checked(summary.text, document.statements) { return text }
        let firsts = document.windows.compactMap { window in
            window.statements?.first(where: \.isGrounded).map {
                "- " + labels.aside($0.text, places($0.citations))
            }
        }
        return firsts.isEmpty ? nil : MarkdownText.block(firsts.joined(separator: "\n"))
    }

    /// A summary without the sentences that failed the check, each of the others with its evidence; nil if none is
    /// left.
    private func checked(_ text: String, _ statements: [Statement]?) -> String? {
        pieces.summaries.piece(of: .init(text: text, statements: statements)) {
            guard let statements else {
                let lines = text.split(whereSeparator: \.isNewline).map { labels.shown(String($0)) }
                return MarkdownText.block(lines.joined(separator: "\n"))
            }
            let lines = statements.groundedLines.map { line in
                let texts = line.statements.map {
                    line.isHeading ? MarkdownText.words(labels.shown($0.text)) : cited($0)
                }
                return (isListed: line.isListed, words: labels.sentences(texts))
            }
            return lines.isEmpty ? nil : MarkdownText.block(lines)
        }
    }

    /// A statement with its evidence; a quotation with who said it.
    private func cited(_ statement: Statement) -> String {
        let turns = QuotedTurns(statement, labels)
        let text = MarkdownText.words(labels.aside(turns.text, places(statement.citations)))
        return turns.joined(
            own: labels.labelled(statement.speaker.map { "**\(MarkdownText.inline($0))**" }, text),
            aside: Self.emphasised)
    }

    private static func emphasised(_ text: String) -> String { "*\(MarkdownText.inline(text))*" }

    private func places(_ citations: [Statement.Citation]) -> [String] { citations.map(labels.place) }

    func line(
        _ said: String, _ citations: [Statement.Citation], owner: String? = nil, due: String? = nil,
        before: String? = nil, situation: String? = nil, isDone: Bool = false, meeting: MeetingID? = nil
    ) -> TemplateValue {
        pieces.lines.piece(
            of: .init(
                text: said, citations: citations, owner: owner, due: due, before: before,
                situation: situation, isDone: isDone, meeting: meeting)
        ) {
            let text = MarkdownText.inline(said)
            // In a list this is a box that is ticked.
            let lead = (isDone ? "[x] " : "") + (before.map { Self.emphasised($0) + " – " } ?? "")
            let (owner, due) = (owner.map(MarkdownText.inline), due.map(MarkdownText.inline))
            let isOnes = Set(citations.map(\.speaker)).count == 1
            let speaker = isOnes ? citations.first?.speaker.map(MarkdownText.inline) : nil
            let places = meeting.map { [link(to: $0, citations)] } ?? places(citations)
            func aside(_ more: String?...) -> String { labels.aside(text, more.compactMap(\.self) + places) }
            let below = situation.map { "\n  - " + Self.emphasised($0) } ?? ""
            func led(_ line: String) -> String { lead + line + below }
            return MarkdownPage.Line(
                text: text, speaker: speaker, place: labels.list(places), owner: owner, due: due,
                cited: led(aside(speaker)), placed: led(aside()), dated: led(aside(due)),
                task: led(
                    labels.labelled(
                        owner.map { "**\($0)**" }, aside(due, speaker == owner ? nil : speaker))),
                isDone: isDone
            ).templateValue
        }
    }

    /// A sentence of a summary; a quotation with who said it and what was said around it.
    func line(_ statement: Statement) -> TemplateValue {
        guard statement.isQuoted else { return line(statement.text, statement.citations) }
        let turns = QuotedTurns(statement, labels)
        let said = [labels.labelled(statement.speaker, turns.text), turns.after].compactMap(\.self)
        return line(said.joined(separator: " – "), statement.citations, before: turns.before)
    }

    /// An item of an earlier meeting, with a link to where it was said.
    func line(_ carried: CarriedItem) -> TemplateValue { line(carried.item, of: carried.meeting) }

    private func line(_ item: MinutesItem, of meeting: MeetingID? = nil) -> TemplateValue {
        line(
            item.isQuoted ? labels.quoted(item.text) : item.text, [item.citation], owner: item.owner,
            due: item.due, situation: QuotedTurns.situation(of: item, labels), isDone: item.isDone == true,
            meeting: meeting)
    }

    private func link(to meeting: MeetingID, _ citations: [Statement.Citation]) -> String {
        let place = citations.first.map { OtherMeeting.place(of: $0, in: meeting) } ?? ""
        return "[\(MarkdownText.inline(meeting.name))](\(place))"
    }

    func items(_ kind: MinutesItem.Kind, ofOwner owner: String? = nil, named name: String) -> List? {
        named(
            name,
            List(
                (document.items ?? []).filter { $0.kind == kind && (owner == nil || $0.owner == owner) }
                    .map { line($0) }))
    }

    func remarks(_ remarks: [Remark], _ kind: Remark.Kind, named name: String) -> List? {
        named(name, quotes(remarks.filter { $0.kind == kind }))
    }

    private func quotes(_ remarks: [Remark]) -> List? {
        List(remarks.map { line(labels.quoted($0.text), [$0.citation]) })
    }

    /// Quotes in place of a summary; nil if there are none.
    private func quoted(_ quotes: [Remark]) -> String? {
        let lines = quotes.filter { $0.kind == .quote }.map { quote in
            let more = [quote.citation.speaker].compactMap(\.self) + places([quote.citation])
            return (isListed: true, words: MarkdownText.words(labels.aside(labels.quoted(quote.text), more)))
        }
        return lines.isEmpty ? nil : MarkdownText.block(lines)
    }

    func person(_ person: MinutesDocument.Participant, isLast: Bool) -> MarkdownPage.Person {
        let own = (document.remarks ?? []).filter { $0.citation.speaker == person.name }
        func has(_ kinds: Remark.Kind...) -> Bool { own.contains { kinds.contains($0.kind) } }
        func remarks(_ kind: Remark.Kind, named name: String) -> List? {
            self.remarks(own, kind, named: name)
        }
        return MarkdownPage.Person(
            name: MarkdownText.inline(person.name), words: labels.words(person.words),
            turns: labels.turns(person.utterances), share: person.share,
            shareOfWords: labels.shareOfWords(person.share, words: person.words, turns: person.utterances),
            isLast: isLast, actions: items(.action, ofOwner: person.name, named: "actions"),
            done: remarks(.done, named: "done"), next: remarks(.next, named: "next"),
            blocked: remarks(.blocked, named: "blocked"), quotes: remarks(.quote, named: "quotes"),
            agreements: remarks(.agreement, named: "agreements"), praise: remarks(.praise, named: "praise"),
            concerns: remarks(.concern, named: "concerns"),
            objections: remarks(.objection, named: "objections"), wishes: remarks(.wish, named: "wishes"),
            hasProgress: has(.done, .next, .blocked),
            hasTone: has(.agreement, .praise, .concern, .objection))
    }

    func exchange(_ exchange: Summaries.Exchange) -> MarkdownPage.Exchange {
        let (question, answer) = (
            MarkdownText.inline(exchange.question), MarkdownText.inline(exchange.answer)
        )
        let asker = exchange.asked.speaker.map(MarkdownText.inline)
        let answerer = exchange.answered.speaker.map(MarkdownText.inline)
        let places = places([exchange.asked])
        return MarkdownPage.Exchange(
            question: question, asker: asker, answer: answer, answerer: answerer, place: labels.list(places),
            asked: labels.aside("**\(labels.labelled(asker, question))**", places),
            answered: labels.labelled(answerer, answer))
    }

    private func time(_ start: Double?, _ end: Double?) -> String? {
        start.map { start in
            let shown = MinutesClock.time(start)
            guard let end, end > start else { return shown }
            return labels.timeRange(shown, MinutesClock.time(end))
        }
    }

    func topics() -> [TemplateValue] {
        (document.topics ?? []).enumerated().map { offset, topic in
            let windows = document.windows.dropFirst(topic.firstWindow).prefix(topic.windowCount)
            let key = MarkdownPieces.Topic(
                number: offset + 1, topic: topic, windows: windows, isWhole: isWhole(windows))
            return pieces.topics.piece(of: key) { self.topic(key).templateValue }
        }
    }

    private func topic(_ key: MarkdownPieces.Topic) -> MarkdownPage.Topic {
        let texts = key.windows.compactMap { window in
            window.summary.flatMap { checked($0.text, window.statements) ?? quoted(window.quotes ?? []) }
        }
        let failures = key.windows.filter { $0.state == .failed }.map {
            labels.labelled(
                labels.part($0.index + 1), labels.noSummary($0.failure ?? labels[.reasonUnknown]))
        }
        let title = key.topic.title(labels).map(MarkdownText.inline)
        let time = time(key.topic.start, key.topic.end)
        return MarkdownPage.Topic(
            number: key.number, title: title, time: time,
            heading: labels.labelled(time, title ?? labels.topic(key.number)),
            summary: MarkdownText.joined(texts), failures: List(failures.map { line($0, []) }),
            isPending: key.windows.contains { $0.state == .pending },
            isQuiet: texts.isEmpty && key.windows.contains { $0.state == .summarised },
            isWhole: key.isWhole)
    }

    /// Whether what stands in the windows is the summary of the whole: a meeting of one window has that already.
    private func isWhole(_ windows: some Collection<MinutesWindow>) -> Bool {
        guard let window = windows.first, document.windows.count == 1, window.summary != nil else {
            return false
        }
        return document.summary?.text == window.summary?.text
    }

    func part(_ window: MinutesWindow) -> TemplateValue {
        let topic = document.topics?.first {
            ($0.firstWindow..<($0.firstWindow + $0.windowCount)).contains(window.index)
        }
        let isWhole = isWhole([window])
        let key = MarkdownPieces.Part(window: window, title: topic?.title(labels), isWhole: isWhole)
        return pieces.parts.piece(of: key) { part(key).templateValue }
    }

    private func part(_ key: MarkdownPieces.Part) -> MarkdownPage.Part {
        let window = key.window
        let speakers = window.speakers.map(MarkdownText.inline)
        let text = window.summary.flatMap { checked($0.text, window.statements) }
        let (title, time) = (key.title.map(MarkdownText.inline), time(window.start, window.end))
        let number = window.index + 1
        let name = time.map { labels.partTimed(number, $0) } ?? labels.part(number)
        let failure =
            window.state == .failed ? MarkdownText.inline(window.failure ?? labels[.reasonUnknown]) : nil
        return MarkdownPage.Part(
            number: number, title: title, time: time,
            heading: title.map { labels.labelled(name, $0) } ?? name,
            speakers: speakers.isEmpty ? nil : labels.list(speakers),
            summary: key.isWhole ? nil : text, isPending: window.state == .pending, failure: failure,
            noSummary: failure.map(labels.noSummary),
            isLeftOut: window.summary != nil && text == nil && !key.isWhole,
            quotes: quotes((window.quotes ?? []).filter { $0.kind == .quote }), isWhole: key.isWhole)
    }
}
