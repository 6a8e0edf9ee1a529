import Foundation
import Language
import Summaries
import Transcript

/// The values that the page's template names.
///
/// Every text in it is ``HTMLText``, so that none reaches the page unescaped.
struct PageContent: TemplateScope {
    /// A link of the table of contents.
    struct Entry: TemplateScope {
        let place: String
        let label: HTMLText
        /// The number of entries behind the link; empty if it is not shown.
        let count: HTMLText
    }

    let style = PageFiles.shared.style
    let script = PageFiles.shared.script
    let policy = PageFiles.shared.policy
    let generator = HTMLText(markup: HTMLRenderer.generator)

    let labels: PageLabels
    /// The language of the page's own words.
    let language: HTMLText
    let title: HTMLText
    let titleMinutes: HTMLText
    /// The meeting's name, if the page is headed by a title.
    let name: HTMLText
    let state: HTMLText
    let stateLabel: HTMLText
    let stateText: HTMLText
    /// Whether the page will still change.
    let isLive: Bool
    /// Seconds after which the script loads the page again.
    let refresh: Int
    /// The same for browsers without scripts, which cannot keep the reader's place.
    let plainRefresh: Int
    let facts: [HTMLText]
    /// Who was invited, with a label; empty if nothing is to be said.
    let invited: HTMLText
    let entries: [Entry]

    let summary: [PageBlock]
    let timeline: PageTimeline?
    let lists: [PageItemList]
    let parts: [TemplateValue]
    let stretches: [PageStretch]
    let turns: HTMLText
    let coverage: HTMLText
    let percent: Int
    let notes: [HTMLText]
    let leftOut: [TemplateValue]
    let leftOutCount: HTMLText
    let footer: HTMLText

    /// The content for `document`, whose transcript is `transcript`.
    init(_ document: MinutesDocument, transcript: PageTranscript, pieces: PagePieces) {
        let labels = document.labels
        self.labels = PageLabels(labels: labels, turns: transcript.utteranceCount)
        language = HTMLText(escaping: labels.language.rawValue)
        titleMinutes = HTMLText(escaping: labels.titleMinutes(document.title ?? document.meeting.name))
        title = HTMLText(escaping: document.title ?? document.meeting.name)
        name = HTMLText(escaping: document.title == nil ? "" : document.meeting.name)
        state = HTMLText(escaping: document.state.rawValue)
        let (stateLabel, stateText) = labels.state(document.state)
        self.stateLabel = HTMLText(escaping: stateLabel)
        self.stateText = HTMLText(escaping: stateText)
        isLive = document.state != .finished
        // A long page takes a moment to load, so it is loaded less often.
        refresh = 5 + transcript.utteranceCount / 200
        plainRefresh = refresh * 6
        facts = Self.facts(document)
        let (label, people) = labels.invited(document.invited)
        let shown = labels.list(people.map { labels.aside($0.name, $0.more) })
        invited = HTMLText(escaping: people.isEmpty ? "" : "\(label) \(shown)")

        summary = Self.summary(document)
        let parts = pieces.parts(of: document, transcript: transcript)
        self.parts = parts.map(\.value)
        timeline =
            transcript.turns.isEmpty
            ? nil : PageTimeline(document, transcript: transcript, parts: parts, pieces: pieces)
        lists = PageItemList.lists(document, pieces: pieces)
        stretches = PageStretch.stretches(document, transcript: transcript, parts: parts)
        turns = HTMLText(escaping: labels.turns(transcript.utteranceCount))
        coverage = HTMLText(escaping: labels.coverage(document.coverage))
        percent = document.coverage.percent
        notes = document.notes.map(HTMLText.init(escaping:))
        leftOut = PageLeftOut.all(document, pieces: pieces)
        leftOutCount = HTMLText(escaping: leftOut.isEmpty ? "" : labels.leftOut(leftOut.count))
        footer = HTMLText(escaping: labels.written(document))

        var entries = [
            Entry(
                place: "summary", label: HTMLText(escaping: labels[.summary]), count: HTMLText(markup: ""))
        ]
        if timeline != nil {
            let label = HTMLText(escaping: labels[.whoSpokeWhen])
            entries.append(Entry(place: "glance", label: label, count: HTMLText(markup: "")))
        }
        entries += lists.map {
            Entry(place: $0.place, label: $0.heading, count: HTMLText(markup: "\($0.items.count)"))
        }
        self.entries = entries
    }

    private static func facts(_ document: MinutesDocument) -> [HTMLText] {
        let labels = document.labels
        // Labels contain no markup, so they can be filled with markup.
        func moment(_ date: Date) -> String {
            let shown = HTMLText(escaping: labels.moment(date)).renderText
            return "<time datetime=\"\(date.formatted(.iso8601))\">\(shown)</time>"
        }
        var facts: [HTMLText] = []
        switch (document.startedAt, document.endedAt) {
        case (let start?, let end?):
            facts.append(HTMLText(markup: labels.timeRange(moment(start), moment(end))))
        case (let start?, nil): facts.append(HTMLText(markup: labels.from(moment(start))))
        case (nil, let end?): facts.append(HTMLText(markup: labels.receivedBy(moment(end))))
        case (nil, nil): break
        }
        if document.startedAt == nil, let day = document.day {
            let (plain, shown) = (HTMLText(escaping: day), HTMLText(escaping: labels.day(day)))
            facts = [HTMLText(markup: "<time datetime=\"\(plain.renderText)\">\(shown.renderText)</time>")]
        }
        if let place = document.place { facts.append(HTMLText(escaping: place)) }
        if let length = document.windows.compactMap(\.end).max().map(MinutesClock.time) {
            let shown = document.state == .open ? labels.lengthSoFar(length) : labels.lengthLong(length)
            facts.append(HTMLText(escaping: shown))
        }
        if !document.participants.isEmpty {
            facts.append(HTMLText(escaping: labels.speakers(document.participants.count)))
        }
        if document.coverage.words > 0 {
            facts.append(HTMLText(escaping: labels.words(document.coverage.words)))
        }
        return facts
    }

    private static func summary(_ document: MinutesDocument) -> [PageBlock] {
        let labels = document.labels
        if let summary = document.summary {
            let blocks = PageBlock.blocks(of: summary.text, statements: document.statements, labels: labels)
            guard blocks.isEmpty else { return blocks }
            // Sentences from the parts are better than nothing.
            let firsts = document.windows.compactMap { $0.statements?.first(where: \.isGrounded) }
            if !firsts.isEmpty {
                return [PageBlock(list: PageBlock.List(entries: firsts.map { PageBlock.marked($0, labels) }))]
            }
        }
        return [.note(labels.noSummary(of: document))]
    }
}

/// The labels by the names that the page's template uses: those without arguments, and those that the script fills.
struct PageLabels: TemplateShown {
    let labels: Labels
    /// How many turns the transcript has.
    let turns: Int

    var templateValue: TemplateValue {
        var texts = [
            "found": labels.found(of: turns), "newTurns": labels.newTurns, "newParts": labels.newParts,
            "newOutcomes": labels.newOutcomes, "list": labels.listPattern,
        ]
        for key in Labels.Key.allCases { texts[key.rawValue] = labels[key] }
        return .scope(texts.mapValues { HTMLText(escaping: $0).templateValue })
    }
}
