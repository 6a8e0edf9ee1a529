import Foundation
import Transcript

/// What the page's template names.
///
/// Every text in it is ``HTMLText``, so that none gets there unescaped.
struct PageContent {
    /// A link of the table of contents.
    struct Entry {
        let place: String
        let label: HTMLText
        /// How many there are; empty if that says nothing.
        let count: HTMLText
    }

    let style = PageFiles.shared.style
    let script = PageFiles.shared.script
    let policy = PageFiles.shared.policy

    let title: HTMLText
    /// The meeting's name where it has a title besides.
    let name: HTMLText
    let state: HTMLText
    let stateLabel: HTMLText
    let stateText: HTMLText
    /// Whether the page will still change.
    let isLive: Bool
    /// Seconds after which the page is loaded again.
    let refresh: Int
    /// The same without the script, which cannot keep the reader's place.
    let plainRefresh: Int
    let facts: [HTMLText]
    let entries: [Entry]
    let entriesOfParts: [Entry]

    let summary: [PageBlock]
    let timeline: PageTimeline?
    let lists: [PageItemList]
    let parts: [PagePart]
    let stretches: [PageStretch]
    let turns: HTMLText
    let coverage: HTMLText
    let percent: Int
    let notes: [HTMLText]
    let leftOut: [PageLeftOut]
    let leftOutCount: HTMLText
    let footer: HTMLText

    /// Arranges `document`, which was made of `utterances`.
    init(_ document: MinutesDocument, utterances: [Utterance]) {
        let speakers = PageSpeakers(document.participants)
        title = HTMLText(escaping: document.title ?? document.meeting.name)
        name = HTMLText(escaping: document.title == nil ? "" : document.meeting.name)
        state = HTMLText(escaping: document.state.rawValue)
        (stateLabel, stateText) = Self.state(document.state)
        isLive = document.state != .finished
        // A long page takes a moment to load, so it is loaded less often.
        refresh = 5 + utterances.count / 200
        plainRefresh = refresh * 6
        facts = Self.facts(document)

        summary = Self.summary(document)
        timeline =
            utterances.isEmpty ? nil : PageTimeline(document, utterances: utterances, speakers: speakers)
        lists = PageItemList.lists(document)
        parts = document.windows.map { PagePart($0, document: document, speakers: speakers) }
        stretches = PageStretch.stretches(document, utterances: utterances, speakers: speakers)
        turns = HTMLText(escaping: Self.count(utterances.count, "turn"))
        coverage = HTMLText(escaping: Self.coverage(document.coverage))
        percent = document.coverage.percent
        notes = document.notes.map(HTMLText.init(escaping:))
        leftOut = PageLeftOut.all(document)
        leftOutCount = HTMLText(escaping: leftOut.isEmpty ? "" : Self.count(leftOut.count, "sentence"))
        footer = HTMLText(escaping: Self.footer(document))

        var entries = [
            Entry(place: "summary", label: HTMLText(markup: "Summary"), count: HTMLText(markup: ""))
        ]
        if timeline != nil {
            entries.append(
                Entry(place: "glance", label: HTMLText(markup: "Who spoke when"), count: HTMLText(markup: ""))
            )
        }
        entries += lists.map {
            Entry(place: $0.place, label: $0.heading, count: HTMLText(markup: "\($0.items.count)"))
        }
        self.entries = entries
        entriesOfParts = parts.map { Entry(place: $0.place, label: $0.heading, count: $0.begin) }
    }

    private static func state(_ state: MinutesDocument.State) -> (label: HTMLText, text: HTMLText) {
        let (label, text) =
            switch state {
            case .open: ("Live", "The meeting is going on; this page grows with it.")
            case .ended: ("Being finished", "The meeting is over; its summary is being written.")
            case .finished: ("Complete", "These minutes are complete.")
            }
        return (HTMLText(markup: label), HTMLText(markup: text))
    }

    private static func facts(_ document: MinutesDocument) -> [HTMLText] {
        var facts: [HTMLText] = []
        switch (document.startedAt, document.endedAt) {
        case (let start?, let end?):
            facts.append(HTMLText(markup: "\(moment(start)) to \(moment(end))"))
        case (let start?, nil): facts.append(HTMLText(markup: "from \(moment(start))"))
        case (nil, let end?): facts.append(HTMLText(markup: "received by \(moment(end))"))
        case (nil, nil): break
        }
        if let length = document.windows.compactMap(\.end).max() {
            let soFar = document.state == .open ? " so far" : " long"
            facts.append(HTMLText(escaping: MinutesClock.time(length) + soFar))
        }
        if !document.participants.isEmpty {
            facts.append(
                HTMLText(
                    escaping: document.participants.count == 1
                        ? "1 speaker" : "\(document.participants.count) speakers"))
        }
        if document.coverage.words > 0 {
            facts.append(HTMLText(escaping: count(document.coverage.words, "word")))
        }
        return facts
    }

    private static func moment(_ date: Date) -> String {
        "<time datetime=\"\(date.formatted(.iso8601))\">\(MinutesClock.date(date))</time>"
    }

    private static func summary(_ document: MinutesDocument) -> [PageBlock] {
        guard let summary = document.summary else {
            return [
                .note(
                    document.state == .open
                        ? "The summary of the whole is written when the meeting is over."
                        : "The summary of the whole has not been written yet.")
            ]
        }
        let blocks = PageBlock.blocks(of: summary.text, statements: document.statements)
        guard blocks.isEmpty else { return blocks }
        // What is left of the parts says more than nothing.
        let firsts = document.windows.compactMap { $0.statements?.first(where: \.isGrounded) }
        return firsts.isEmpty
            ? [.note("Nothing that the model wrote about the whole is borne out by what was said.")]
            : [PageBlock(list: PageBlock.List(entries: firsts.map(PageBlock.marked)))]
    }

    private static func coverage(_ coverage: MinutesDocument.Coverage) -> String {
        if coverage.utterances == 0 { return "Nothing was received." }
        return "\(coverage.percent)% of what was said is summarised: \(coverage.summarisedWords) of "
            + "\(count(coverage.words, "word")), \(coverage.summarisedUtterances) of "
            + "\(count(coverage.utterances, "turn"))."
    }

    private static func footer(_ document: MinutesDocument) -> String {
        let date = MinutesClock.date(document.generatedAt)
        guard let model = document.model else {
            let isOwnWords = document.windows.contains { $0.summary != nil }
            return "Written by minuted, \(date)."
                + (isOwnWords ? " No model had a part in it: these are the speakers’ own words." : "")
        }
        return "Written by minuted with \(model), \(date). A model wrote the summaries: check what matters "
            + "against the transcript."
    }

    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}

/// The colours of those who speak: classes of the style sheet.
///
/// Names always stand beside them.
struct PageSpeakers: Sendable {
    /// As many as the style sheet has; those who say least share the neutral one, `s0`.
    static let colours = 10

    private let numbers: [String: Int]

    init(_ participants: [MinutesDocument.Participant]) {
        numbers = Dictionary(
            participants.prefix(Self.colours).enumerated().map { ($0.element.name, $0.offset + 1) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The class of `speaker`'s colour.
    func colour(_ speaker: String?) -> HTMLText {
        HTMLText(markup: "s\(speaker.flatMap { numbers[$0] } ?? 0)")
    }
}
