import Foundation
import Mustache
import Transcript

/// Writes `minutes.md`: the minutes for people.
public struct MarkdownRenderer: Sendable {
    private let template: MustacheTemplate

    /// Makes a renderer.
    public init() {
        do {
            template = try MustacheTemplate(string: MinutesTemplate.markdown)
        } catch {
            preconditionFailure("the template of the minutes is broken: \(error)")
        }
    }

    /// The document as Markdown, ending in a line feed.
    public func render(_ document: MinutesDocument) -> String {
        template.render(Page(document))
    }

    /// What the template names.
    private struct Page {
        struct Fact {
            let label: String
            let value: String
        }

        struct Section {
            let heading: String
            let speakers: String?
            let body: String
        }

        struct ItemList {
            let heading: String
            let items: [String]
        }

        let title: String
        let facts: [Fact]
        let summary: String
        let lists: [ItemList]
        let windows: [Section]
        let coverage: String
        let notes: [String]
        let footer: String

        init(_ document: MinutesDocument) {
            title = MarkdownText.inline(document.title ?? document.meeting.name)
            facts = Self.facts(document)
            summary = Self.summary(document)
            lists = Self.items(document)
            windows = document.windows.map { Self.section($0, document: document) }
            coverage = Self.coverage(document)
            notes = document.notes.map(MarkdownText.inline)
            footer = Self.footer(document)
        }

        private static func facts(_ document: MinutesDocument) -> [Fact] {
            var facts: [Fact] = []
            if document.title != nil {
                facts.append(Fact(label: "Meeting", value: MarkdownText.inline(document.meeting.name)))
            }
            if let when = when(document) { facts.append(Fact(label: "When", value: when)) }
            if !document.participants.isEmpty {
                let people = document.participants.map { person in
                    "\(MarkdownText.inline(person.name)) (\(count(person.words, "word")) in "
                        + "\(count(person.utterances, "turn")))"
                }
                facts.append(Fact(label: "Who", value: people.joined(separator: ", ")))
            }
            facts.append(Fact(label: "State", value: state(document.state)))
            return facts
        }

        private static func when(_ document: MinutesDocument) -> String? {
            let length = document.windows.compactMap(\.end).max().map(MinutesClock.time)
            switch (document.startedAt, document.endedAt) {
            case (let start?, let end?): return "\(MinutesClock.date(start)) to \(MinutesClock.date(end))"
            case (let start?, nil):
                return "from \(MinutesClock.date(start))" + (length.map { ", \($0) so far" } ?? "")
            case (nil, let end?):
                return "until \(MinutesClock.date(end))" + (length.map { ", \($0) long" } ?? "")
            case (nil, nil): return length.map { "\($0) long" }
            }
        }

        private static func state(_ state: MinutesDocument.State) -> String {
            switch state {
            case .open: "the meeting is going on; these minutes grow with it"
            case .ended: "the meeting is over; its summary is being written"
            case .finished: "complete"
            }
        }

        private static func summary(_ document: MinutesDocument) -> String {
            if let summary = document.summary {
                // What is left of the parts says more than nothing.
                return checked(summary.text, document.statements) ?? unconfirmed(document)
            }
            return document.state == .open
                ? "The summary of the whole is written when the meeting is over."
                : "The summary of the whole has not been written yet."
        }

        private static func section(_ window: MinutesWindow, document: MinutesDocument) -> Section {
            var heading = "Part \(window.index + 1)"
            if let start = window.start {
                heading += ", \(MinutesClock.time(start))"
                if let end = window.end, end > start { heading += " to \(MinutesClock.time(end))" }
            }
            let speakers = window.speakers.map(MarkdownText.inline).joined(separator: ", ")
            return Section(
                heading: heading, speakers: speakers.isEmpty ? nil : speakers,
                body: body(window, document: document))
        }

        private static func body(_ window: MinutesWindow, document: MinutesDocument) -> String {
            switch window.state {
            case .pending: return "Not summarised yet."
            case .failed:
                return "No summary: \(MarkdownText.inline(window.failure ?? "unknown reason"))."
            case .summarised:
                guard let text = window.summary?.text else { return "Not summarised yet." }
                // A meeting of one window has that window's summary already.
                let repeated = document.windows.count == 1 && document.summary?.text == text
                return repeated
                    ? "All of the meeting: see the summary above."
                    : checked(text, window.statements) ?? leftOut
            }
        }

        /// A summary with its evidence behind each sentence, and without what the check left out.
        private static func checked(_ text: String, _ statements: [Statement]?) -> String? {
            guard let statements else { return MarkdownText.block(text) }
            let grounded = statements.groundedText { " (" + evidence($0) + ")" }
            return grounded.isEmpty ? nil : MarkdownText.block(grounded)
        }

        private static let leftOut =
            "Nothing that the model wrote about this part is borne out by what was said."

        /// The first grounded sentence of each part, in place of a summary of which nothing was left.
        private static func unconfirmed(_ document: MinutesDocument) -> String {
            let firsts = document.windows.compactMap { window in
                window.statements?.first(where: \.isGrounded).map {
                    "- \($0.text) (\(evidence($0.citations)))"
                }
            }
            return firsts.isEmpty
                ? "Nothing that the model wrote about the whole is borne out by what was said."
                : MarkdownText.block(firsts.joined(separator: "\n"))
        }

        private static func evidence(_ citations: [Statement.Citation]) -> String {
            citations.map { citation in
                citation.start.map(MinutesClock.time) ?? "turn \(citation.utterance + 1)"
            }.joined(separator: ", ")
        }

        private static func items(_ document: MinutesDocument) -> [ItemList] {
            MinutesItem.Kind.allCases.compactMap { kind in
                let items = (document.items ?? []).filter { $0.kind == kind }.map(line)
                let heading =
                    switch kind {
                    case .decision: "Decided"
                    case .action: "To do"
                    case .question: "Left open"
                    }
                return items.isEmpty ? nil : ItemList(heading: heading, items: items)
            }
        }

        private static func line(_ item: MinutesItem) -> String {
            let said = MarkdownText.inline("“\(item.text)”")
            var notes: [String] = []
            if let due = item.due { notes.append(MarkdownText.inline(due)) }
            let place = evidence([item.citation])
            let speaker = item.citation.speaker.map(MarkdownText.inline)
            notes.append(speaker.map { "\($0), \(place)" } ?? place)
            let owner = item.owner.map { "**\(MarkdownText.inline($0))**: " } ?? ""
            return owner + said + " (" + notes.joined(separator: "; ") + ")"
        }

        private static func coverage(_ document: MinutesDocument) -> String {
            let coverage = document.coverage
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
                    + (isOwnWords ? " No model had a part in it: these are the speakers' own words." : "")
            }
            return "Written by minuted with \(MarkdownText.inline(model)), \(date). "
                + "A model wrote the summaries: check what matters against the transcript."
        }

        private static func count(_ number: Int, _ noun: String) -> String {
            "\(number) \(noun)\(number == 1 ? "" : "s")"
        }
    }
}
