import Summaries
import Transcript

/// A list of decisions, action items, open questions or quotes.
struct PageItemList: TemplateScope {
    /// An entry of the list.
    struct Item: TemplateScope {
        let place: String
        let said: HTMLText
        let due: HTMLText
        /// What was said before it; empty if nothing is shown of that.
        let situation: HTMLText
        /// Who said it, and a link to where.
        let by: HTMLText
        /// That it is ticked off; empty if it is not.
        let done: HTMLText
    }

    let place: String
    let heading: HTMLText
    let items: [TemplateValue]

    /// The lists that are not empty.
    static func lists(_ document: MinutesDocument, pieces: PagePieces) -> [PageItemList] {
        let labels = document.labels
        let items = (document.items ?? []).enumerated()
        let results = MinutesItem.Kind.allCases.compactMap { kind -> PageItemList? in
            let chosen = items.filter { $0.element.kind == kind }.map { number, item in
                pieces.items.piece(of: .init(value: item, number: number)) {
                    Self.item(item, place: Self.place(of: number), labels).templateValue
                }
            }
            let (place, heading) = name(of: kind)
            return chosen.isEmpty
                ? nil
                : PageItemList(place: place, heading: HTMLText(escaping: labels[heading]), items: chosen)
        }
        let quotes = (document.remarks ?? []).filter { $0.kind == .quote }.enumerated().map { number, quote in
            Item(
                place: "quote-\(number + 1)",
                said: said(
                    QuotedTurns(quote.text, quote.citation, before: nil, labels), isQuoted: true, owner: nil,
                    labels),
                due: HTMLText(markup: ""), situation: HTMLText(markup: ""),
                by: by(quote.citation, quote.citation.speaker, labels),
                done: HTMLText(markup: "")
            ).templateValue
        }
        let carried = (document.stillOpen ?? []).enumerated().map {
            Self.item($1.item, place: "carried-\($0 + 1)", from: $1.meeting, labels).templateValue
        }
        return results
            + [("still-open", Labels.Key.stillOpen, carried), ("quotes", .quotes, quotes)].filter {
                !$2.isEmpty
            }
            .map { PageItemList(place: $0, heading: HTMLText(escaping: labels[$1]), items: $2) }
    }

    /// The place on the page of the document's item with that number.
    static func place(of number: Int) -> String { "item-\(number + 1)" }

    /// The place of the section for a kind of item, and its heading.
    static func name(of kind: MinutesItem.Kind) -> (place: String, heading: Labels.Key) {
        switch kind {
        case .decision: ("decided", .decided)
        case .action: ("to-do", .toDo)
        case .question: ("left-open", .leftOpen)
        }
    }

    /// An item, said in another meeting if one is named.
    private static func item(
        _ item: MinutesItem, place: String, from meeting: MeetingID? = nil, _ labels: Labels
    ) -> Item {
        // Somebody who says what they will do themselves is not named twice.
        let speaker = item.citation.speaker == item.owner ? nil : item.citation.speaker
        return Item(
            place: place,
            said: said(
                QuotedTurns(item.text, item.citation, before: nil, labels), isQuoted: item.isQuoted,
                owner: item.owner, labels),
            due: HTMLText(escaping: item.due ?? ""),
            situation: HTMLText(escaping: QuotedTurns.situation(of: item, labels) ?? ""),
            by: by(item.citation, speaker, from: meeting, labels),
            done: HTMLText(escaping: item.isDone == true ? labels[.ticked] : ""))
    }

    /// The owner, then a quote or what a model wrote.
    private static func said(
        _ turns: QuotedTurns, isQuoted: Bool, owner: String?, _ labels: Labels
    ) -> HTMLText {
        let said = HTMLText(escaping: turns.text).renderText
        return PageBlock.spoken(
            turns, by: owner, isQuoted ? labels.quoted("<q>\(said)</q>") : said, labels)
    }

    private static func by(
        _ citation: Statement.Citation, _ speaker: String?, from meeting: MeetingID? = nil, _ labels: Labels
    ) -> HTMLText {
        let name = speaker.map { "<bdi>\(HTMLText(escaping: $0).renderText)</bdi>" }
        let cite =
            meeting.map { meeting in
                let place = HTMLText(escaping: OtherMeeting.place(of: citation, in: meeting)).renderText
                return "<a href=\"\(place)\">\(HTMLText(escaping: meeting.name).renderText)</a>"
            } ?? PageBlock.link(citation, labels).renderText
        return HTMLText(markup: labels.list((name.map { [$0] } ?? []) + [cite]))
    }
}

/// Somebody in a part of the meeting, with their colour.
struct PageSpeaker: TemplateScope {
    let colour: HTMLText
    let speaker: HTMLText
}

/// A window and its summary.
struct PagePart: TemplateScope {
    /// Everything that its HTML depends on.
    struct Key: Hashable {
        let window: MinutesWindow
        let title: String?
        /// Whether its summary is also the summary of the whole meeting.
        let isWhole: Bool
        /// The colours of its speakers.
        let colours: [HTMLText]
    }

    let place: String
    let stretchPlace: String
    let heading: HTMLText
    let begin: HTMLText
    let when: HTMLText
    /// Its tooltip on the timeline: when it took place and what it is about.
    let tip: HTMLText
    let speakers: [PageSpeaker]
    let blocks: [PageBlock]

    init(_ key: Key, labels: Labels) {
        let window = key.window
        let number = window.index + 1
        place = "part-\(number)"
        stretchPlace = "said-\(number)"
        heading = HTMLText(escaping: key.title.map { "\(number). \($0)" } ?? labels.part(number))
        begin = HTMLText(escaping: window.start.map(MinutesClock.time) ?? "")
        let when = Self.when(window, labels)
        self.when = HTMLText(escaping: when)
        let part = labels.partTimed(number, when)
        tip = HTMLText(escaping: key.title.map { labels.labelled(part, $0) } ?? part)
        speakers = zip(key.colours, window.speakers).map {
            PageSpeaker(colour: $0, speaker: HTMLText(escaping: $1))
        }
        blocks = Self.blocks(window, isWhole: key.isWhole, labels)
    }

    /// `0:01:00 – 0:05:00`, or the turns if there are no times.
    private static func when(_ window: MinutesWindow, _ labels: Labels) -> String {
        guard let start = window.start else {
            let first = window.firstUtterance + 1
            return window.utteranceCount > 1
                ? labels.turnSpan(first, first + window.utteranceCount - 1) : labels.turn(first)
        }
        guard let end = window.end, end > start else { return MinutesClock.time(start) }
        return labels.timeSpan(MinutesClock.time(start), MinutesClock.time(end))
    }

    private static func blocks(_ window: MinutesWindow, isWhole: Bool, _ labels: Labels) -> [PageBlock] {
        switch window.state {
        case .pending: return [.note(labels[.notSummarised])]
        case .failed: return [.note(labels.noSummary(window.failure ?? labels[.reasonUnknown]))]
        case .summarised:
            guard let text = window.summary?.text else { return [.note(labels[.notSummarised])] }
            if isWhole { return [.note(labels[.wholeAbove])] }
            let blocks = PageBlock.blocks(of: text, statements: window.statements, labels: labels)
            guard blocks.isEmpty else { return blocks }
            let quotes = PageBlock.quotes(window.quotes ?? [], labels)
            return quotes.isEmpty ? [.note(labels[.nothingToNote])] : quotes
        }
    }
}

/// A sentence that the check left out of the minutes.
struct PageLeftOut: TemplateScope {
    let origin: HTMLText
    let sentence: HTMLText
    let reason: HTMLText

    /// All sentences that were left out; those of the summary of the whole come first.
    static func all(_ document: MinutesDocument, pieces: PagePieces) -> [TemplateValue] {
        let labels = document.labels
        func leftOut(_ statements: [Statement]?, part: Int?) -> [TemplateValue] {
            (statements ?? []).filter { !$0.isHeading && !$0.isGrounded }.map { statement in
                pieces.leftOut.piece(of: .init(value: statement, number: part)) {
                    PageLeftOut(
                        origin: HTMLText(escaping: part.map(labels.part) ?? labels[.summary]),
                        sentence: HTMLText(escaping: statement.text),
                        reason: HTMLText(
                            escaping: statement.missing.isEmpty
                                ? labels[.leftOutUnlike] : labels.leftOutMissing(statement.missing))
                    ).templateValue
                }
            }
        }
        return leftOut(document.statements, part: nil)
            + document.windows.flatMap { leftOut($0.statements, part: $0.index + 1) }
    }
}

/// A part of the transcript: the utterances of a window, or those behind the last one.
struct PageStretch: TemplateScope {
    let place: String
    let heading: HTMLText
    let when: HTMLText
    /// The place of its part of the minutes; empty if there is none yet.
    let part: HTMLText
    let lines: HTMLText

    /// Stretches that together hold every utterance once.
    static func stretches(
        _ document: MinutesDocument, transcript: PageTranscript, parts: [PagePieces.Part]
    ) -> [PageStretch] {
        transcript.stretches.enumerated().compactMap { index, lines in
            guard index < parts.count else {
                return lines.renderText.isEmpty
                    ? nil
                    : PageStretch(
                        place: "said-last", heading: HTMLText(escaping: document.labels[.noPartYet]),
                        when: HTMLText(markup: ""), part: HTMLText(markup: ""), lines: lines)
            }
            let part = parts[index].part
            return PageStretch(
                place: part.stretchPlace, heading: part.heading, when: part.when,
                part: HTMLText(markup: part.place), lines: lines)
        }
    }
}
