import Mustache
import Transcript

/// Decisions, action items, open questions or quotes.
struct PageItemList {
    /// One of them.
    struct Item {
        let place: String
        let owner: HTMLText
        let said: HTMLText
        /// Whether that is what was said, word by word; else a model wrote it.
        let isQuoted: Bool
        let due: HTMLText
        let speaker: HTMLText
        let cite: HTMLText
    }

    let place: String
    let heading: HTMLText
    let items: [Item]

    /// The lists that have something in them.
    static func lists(_ document: MinutesDocument) -> [PageItemList] {
        let items = (document.items ?? []).enumerated()
        let results = MinutesItem.Kind.allCases.compactMap { kind -> PageItemList? in
            let chosen = items.filter { $0.element.kind == kind }.map { item($0.element, number: $0.offset) }
            let (place, heading) = name(of: kind)
            return chosen.isEmpty
                ? nil : PageItemList(place: place, heading: HTMLText(markup: heading), items: chosen)
        }
        let quotes = (document.remarks ?? []).filter { $0.kind == .quote }.enumerated().map { number, quote in
            Item(
                place: "quote-\(number + 1)", owner: HTMLText(markup: ""),
                said: HTMLText(escaping: quote.text),
                isQuoted: true, due: HTMLText(markup: ""),
                speaker: HTMLText(escaping: quote.citation.speaker ?? ""),
                cite: PageBlock.link(quote.citation))
        }
        return quotes.isEmpty
            ? results
            : results + [PageItemList(place: "quotes", heading: HTMLText(markup: "Quotes"), items: quotes)]
    }

    /// Where the item `number` of the document's items stands on the page.
    static func place(of number: Int) -> String { "item-\(number + 1)" }

    /// The section of a kind and its heading.
    static func name(of kind: MinutesItem.Kind) -> (place: String, heading: String) {
        switch kind {
        case .decision: ("decided", "Decided")
        case .action: ("to-do", "To do")
        case .question: ("left-open", "Left open")
        }
    }

    private static func item(_ item: MinutesItem, number: Int) -> Item {
        Item(
            place: place(of: number), owner: HTMLText(escaping: item.owner ?? ""),
            said: HTMLText(escaping: item.text), isQuoted: item.isQuoted,
            due: HTMLText(escaping: item.due ?? ""),
            // Who says what they will do is not named twice.
            speaker: HTMLText(
                escaping: item.citation.speaker == item.owner ? "" : item.citation.speaker ?? ""),
            cite: PageBlock.link(item.citation))
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

    init(_ window: MinutesWindow, document: MinutesDocument, speakers colours: PageSpeakers) {
        place = Self.place(window)
        stretchPlace = Self.stretchPlace(window)
        heading = Self.heading(window, document: document)
        begin = HTMLText(escaping: window.start.map(MinutesClock.time) ?? "")
        when = HTMLText(escaping: Self.when(window))
        speakers = window.speakers.map {
            PageSpeaker(colour: colours.colour($0), speaker: HTMLText(escaping: $0))
        }
        blocks = Self.blocks(window, document: document)
    }

    /// Where its minutes stand on the page.
    static func place(_ window: MinutesWindow) -> String { "part-\(window.index + 1)" }

    /// Where its part of the transcript stands on the page.
    static func stretchPlace(_ window: MinutesWindow) -> String { "said-\(window.index + 1)" }

    /// What it is about, where a topic begins with it.
    static func heading(_ window: MinutesWindow, document: MinutesDocument) -> HTMLText {
        let title = document.topics?.first { $0.firstWindow == window.index }?.title
        return HTMLText(escaping: title.map { "\(window.index + 1). \($0)" } ?? "Part \(window.index + 1)")
    }

    /// `0:01:00 – 0:05:00`, or the turns if there are no times.
    static func when(_ window: MinutesWindow) -> String {
        guard let start = window.start else {
            let first = window.firstUtterance + 1
            return window.utteranceCount > 1
                ? "turns \(first) – \(first + window.utteranceCount - 1)" : "turn \(first)"
        }
        guard let end = window.end, end > start else { return MinutesClock.time(start) }
        return "\(MinutesClock.time(start)) – \(MinutesClock.time(end))"
    }

    private static func blocks(_ window: MinutesWindow, document: MinutesDocument) -> [PageBlock] {
        switch window.state {
        case .pending: return [.note("Not summarised yet.")]
        case .failed: return [.note("No summary: \(window.failure ?? "unknown reason").")]
        case .summarised:
            guard let text = window.summary?.text else { return [.note("Not summarised yet.")] }
            // A meeting of one window has that window's summary already.
            if document.windows.count == 1, document.summary?.text == text {
                return [.note("All of the meeting: see the summary above.")]
            }
            let blocks = PageBlock.blocks(of: text, statements: window.statements)
            guard blocks.isEmpty else { return blocks }
            let note = PageBlock.note(
                "Nothing that the model wrote about this part is borne out by what was said.")
            return [note] + PageBlock.quotes(window.quotes ?? [])
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
        let parts = document.windows.flatMap { window in
            (window.statements ?? []).map { ("Part \(window.index + 1)", $0) }
        }
        return ((document.statements ?? []).map { ("Summary", $0) } + parts)
            .filter { !$0.1.isHeading && !$0.1.isGrounded }
            .map { place, statement in
                let missing = statement.missing.map { "“\($0)”" }.joined(separator: ", ")
                return PageLeftOut(
                    origin: HTMLText(escaping: place), sentence: HTMLText(escaping: statement.text),
                    reason: HTMLText(
                        escaping: missing.isEmpty
                            ? "too little in common with anything that was said"
                            : "\(missing): not where it would have to come from"))
            }
    }
}

/// A part of the transcript: the utterances of a window, or those behind the last one.
struct PageStretch {
    /// An utterance.
    struct Line: MustacheParent {
        let number: Int
        let colour: HTMLText
        let clock: HTMLText
        let speaker: HTMLText
        let text: HTMLText

        /// What the template names, without reflection: there are thousands of lines.
        func child(named name: String) -> Any? {
            switch name {
            case "number": number
            case "colour": colour
            case "clock": clock
            case "speaker": speaker
            case "text": text
            default: nil
            }
        }
    }

    let place: String
    let heading: HTMLText
    let when: HTMLText
    /// The place of its minutes; empty if it has none yet.
    let part: HTMLText
    let lines: [Line]

    /// All utterances, each once.
    static func stretches(
        _ document: MinutesDocument, utterances: [Utterance], speakers: PageSpeakers
    ) -> [PageStretch] {
        func lines(_ range: Range<Int>) -> [Line] {
            range.map { number in
                let utterance = utterances[number]
                return Line(
                    number: number, colour: speakers.colour(utterance.speaker),
                    clock: HTMLText(escaping: utterance.start.map(MinutesClock.time) ?? "\(number + 1)"),
                    speaker: HTMLText(escaping: utterance.speaker ?? ""),
                    text: HTMLText(escaping: utterance.text))
            }
        }
        var next = 0
        var stretches: [PageStretch] = []
        for window in document.windows {
            let end = min(utterances.count, window.firstUtterance + window.utteranceCount)
            stretches.append(
                PageStretch(
                    place: PagePart.stretchPlace(window),
                    heading: PagePart.heading(window, document: document),
                    when: HTMLText(escaping: PagePart.when(window)),
                    part: HTMLText(markup: PagePart.place(window)), lines: lines(next..<max(next, end))))
            next = max(next, end)
        }
        if next < utterances.count {
            stretches.append(
                PageStretch(
                    place: "said-last", heading: HTMLText(markup: "Not in a part yet"),
                    when: HTMLText(markup: ""),
                    part: HTMLText(markup: ""), lines: lines(next..<utterances.count)))
        }
        return stretches
    }
}
