import Mustache
import Summaries

/// Decisions, action items, open questions or quotes.
struct PageItemList {
    /// One of them.
    struct Item {
        let place: String
        let said: HTMLText
        let due: HTMLText
        /// Who said it, and a link to where.
        let by: HTMLText
    }

    let place: String
    let heading: HTMLText
    let items: [Item]

    /// The lists that have something in them.
    static func lists(_ document: MinutesDocument) -> [PageItemList] {
        let labels = document.labels
        let items = (document.items ?? []).enumerated()
        let results = MinutesItem.Kind.allCases.compactMap { kind -> PageItemList? in
            let chosen = items.filter { $0.element.kind == kind }.map {
                item($0.element, number: $0.offset, labels)
            }
            let (place, heading) = name(of: kind)
            return chosen.isEmpty
                ? nil
                : PageItemList(place: place, heading: HTMLText(escaping: labels[heading]), items: chosen)
        }
        let quotes = (document.remarks ?? []).filter { $0.kind == .quote }.enumerated().map { number, quote in
            Item(
                place: "quote-\(number + 1)", said: said(quote.text, isQuoted: true, owner: nil, labels),
                due: HTMLText(markup: ""), by: by(quote.citation, quote.citation.speaker, labels))
        }
        return quotes.isEmpty
            ? results
            : results + [
                PageItemList(place: "quotes", heading: HTMLText(escaping: labels[.quotes]), items: quotes)
            ]
    }

    /// Where the item `number` of the document's items stands on the page.
    static func place(of number: Int) -> String { "item-\(number + 1)" }

    /// The section of a kind and its heading.
    static func name(of kind: MinutesItem.Kind) -> (place: String, heading: Labels.Key) {
        switch kind {
        case .decision: ("decided", .decided)
        case .action: ("to-do", .toDo)
        case .question: ("left-open", .leftOpen)
        }
    }

    private static func item(_ item: MinutesItem, number: Int, _ labels: Labels) -> Item {
        // Who says what they will do is not named twice.
        let speaker = item.citation.speaker == item.owner ? nil : item.citation.speaker
        return Item(
            place: place(of: number),
            said: said(item.text, isQuoted: item.isQuoted, owner: item.owner, labels),
            due: HTMLText(escaping: item.due ?? ""), by: by(item.citation, speaker, labels))
    }

    /// What was said, word by word, or what a model wrote, behind its owner.
    private static func said(_ text: String, isQuoted: Bool, owner: String?, _ labels: Labels) -> HTMLText {
        let said = HTMLText(escaping: text).renderText
        let name = owner.map { "<b class=\"owner\"><bdi>\(HTMLText(escaping: $0).renderText)</bdi></b>" }
        return HTMLText(markup: labels.labelled(name, isQuoted ? labels.quoted("<q>\(said)</q>") : said))
    }

    private static func by(_ citation: Statement.Citation, _ speaker: String?, _ labels: Labels) -> HTMLText {
        let name = speaker.map { "<bdi>\(HTMLText(escaping: $0).renderText)</bdi>" }
        let cite = PageBlock.link(citation, labels).renderText
        return HTMLText(markup: labels.list((name.map { [$0] } ?? []) + [cite]))
    }
}

/// Somebody in a part of the meeting, with their colour.
struct PageSpeaker {
    let colour: HTMLText
    let speaker: HTMLText
}

/// A window and its summary.
struct PagePart {
    let place: String
    let stretchPlace: String
    let heading: HTMLText
    let begin: HTMLText
    let when: HTMLText
    let speakers: [PageSpeaker]
    let blocks: [PageBlock]

    init(_ window: MinutesWindow, document: MinutesDocument, transcript: PageTranscript) {
        place = Self.place(window)
        stretchPlace = Self.stretchPlace(window)
        heading = Self.heading(window, document: document)
        begin = HTMLText(escaping: window.start.map(MinutesClock.time) ?? "")
        when = HTMLText(escaping: Self.when(window, document.labels))
        speakers = window.speakers.map {
            PageSpeaker(colour: transcript.colour(of: $0), speaker: HTMLText(escaping: $0))
        }
        blocks = Self.blocks(window, document: document)
    }

    /// Where its minutes stand on the page.
    static func place(_ window: MinutesWindow) -> String { "part-\(window.index + 1)" }

    /// Where its part of the transcript stands on the page.
    static func stretchPlace(_ window: MinutesWindow) -> String { "said-\(window.index + 1)" }

    /// What it is about, where a topic begins with it.
    static func heading(_ window: MinutesWindow, document: MinutesDocument) -> HTMLText {
        let labels = document.labels
        let title = document.topics?.first { $0.firstWindow == window.index }?.title(labels)
        let number = window.index + 1
        return HTMLText(escaping: title.map { "\(number). \($0)" } ?? labels.part(number))
    }

    /// `0:01:00 – 0:05:00`, or the turns if there are no times.
    static func when(_ window: MinutesWindow, _ labels: Labels) -> String {
        guard let start = window.start else {
            let first = window.firstUtterance + 1
            return window.utteranceCount > 1
                ? labels.turnSpan(first, first + window.utteranceCount - 1) : labels.turn(first)
        }
        guard let end = window.end, end > start else { return MinutesClock.time(start) }
        return labels.timeSpan(MinutesClock.time(start), MinutesClock.time(end))
    }

    private static func blocks(_ window: MinutesWindow, document: MinutesDocument) -> [PageBlock] {
        let labels = document.labels
        switch window.state {
        case .pending: return [.note(labels[.notSummarised])]
        case .failed: return [.note(labels.noSummary(window.failure ?? labels[.reasonUnknown]))]
        case .summarised:
            guard let text = window.summary?.text else { return [.note(labels[.notSummarised])] }
            // A meeting of one window has that window's summary already.
            if document.windows.count == 1, document.summary?.text == text {
                return [.note(labels[.wholeAbove])]
            }
            let blocks = PageBlock.blocks(of: text, statements: window.statements, labels: labels)
            guard blocks.isEmpty else { return blocks }
            let quotes = PageBlock.quotes(window.quotes ?? [], labels)
            return quotes.isEmpty ? [.note(labels[.nothingToNote])] : quotes
        }
    }
}

/// A sentence that the check left out of the minutes.
struct PageLeftOut {
    let origin: HTMLText
    let sentence: HTMLText
    let reason: HTMLText

    /// All of them, the summary's first.
    static func all(_ document: MinutesDocument) -> [PageLeftOut] {
        let labels = document.labels
        let parts = document.windows.flatMap { window in
            (window.statements ?? []).map { (labels.part(window.index + 1), $0) }
        }
        return ((document.statements ?? []).map { (labels[.summary], $0) } + parts)
            .filter { !$0.1.isHeading && !$0.1.isGrounded }
            .map { place, statement in
                PageLeftOut(
                    origin: HTMLText(escaping: place), sentence: HTMLText(escaping: statement.text),
                    reason: HTMLText(
                        escaping: statement.missing.isEmpty
                            ? labels[.leftOutUnlike] : labels.leftOutMissing(statement.missing)))
            }
    }
}

/// A part of the transcript: the utterances of a window, or those behind the last one.
struct PageStretch {
    let place: String
    let heading: HTMLText
    let when: HTMLText
    /// The place of its minutes; empty if it has none yet.
    let part: HTMLText
    let lines: HTMLText

    /// All utterances, each once.
    static func stretches(_ document: MinutesDocument, transcript: PageTranscript) -> [PageStretch] {
        transcript.stretches.enumerated().compactMap { index, lines in
            guard index < document.windows.count else {
                return lines.renderText.isEmpty
                    ? nil
                    : PageStretch(
                        place: "said-last", heading: HTMLText(escaping: document.labels[.noPartYet]),
                        when: HTMLText(markup: ""), part: HTMLText(markup: ""), lines: lines)
            }
            let window = document.windows[index]
            return PageStretch(
                place: PagePart.stretchPlace(window), heading: PagePart.heading(window, document: document),
                when: HTMLText(escaping: PagePart.when(window, document.labels)),
                part: HTMLText(markup: PagePart.place(window)), lines: lines)
        }
    }
}
