import Foundation
import Language
import Summaries
import Transcript

/// A meeting in the list of all meetings.
package struct IndexEntry: Sendable {
    /// Its name, which is that of its folder.
    package let meeting: MeetingID
    /// Its title, if it has one.
    package let title: String?
    /// When it began, or began to arrive.
    package let date: Date
    /// The state of its minutes.
    package let state: MinutesDocument.State
    /// Who spoke.
    package let speakers: [String]
    /// The sentences of its summary; nil if there is none yet.
    package let statements: [Statement]?

    /// Describes a meeting.
    package init(
        meeting: MeetingID, title: String?, date: Date, state: MinutesDocument.State, speakers: [String],
        statements: [Statement]?
    ) {
        (self.meeting, self.title, self.date, self.state) = (meeting, title, date, state)
        (self.speakers, self.statements) = (speakers, statements)
    }
}

/// Writes `index.html`: all meetings, the latest first, each with a link to its page.
///
/// The page is one file beside the meetings' folders. The same meetings give the same bytes.
package struct IndexRenderer: Sendable {
    private let labels: Labels

    /// Meetings that the page holds at most.
    package static let limit = 10_000
    /// Characters of a summary that are shown, so that the page can be searched and stays small.
    private static let summaryLimit = 280
    private static let speakersLimit = 12

    /// A renderer of pages in a language.
    package init(language: LanguageCode) { labels = Labels.of(language) }

    /// A meeting's row.
    package func row(_ entry: IndexEntry) -> String {
        func escaped(_ text: String) -> String { HTMLText(escaping: text).renderText }
        let name = entry.meeting.name
        // Names of meetings are plain characters of file names.
        var row = "<li><a href=\"\(name)/minutes.html\"><bdi>\(escaped(entry.title ?? name))</bdi></a>"
        row +=
            " <span class=\"state \(entry.state.rawValue)\">\(escaped(labels.state(entry.state).label))</span>\n"
        row += "<p class=\"when\"><time datetime=\"\(entry.date.formatted(.iso8601))\">"
        row += escaped(labels.moment(entry.date)) + "</time>"
        if entry.title != nil { row += " · <bdi>\(escaped(name))</bdi>" }
        if !entry.speakers.isEmpty {
            let more = entry.speakers.count - Self.speakersLimit
            let speakers = entry.speakers.prefix(Self.speakersLimit).map { "<bdi>\(escaped($0))</bdi>" }
            row += " · " + labels.list(speakers + (more > 0 ? ["+\(more)"] : []))
        }
        row += "</p>\n"
        let sentences = (entry.statements ?? []).groundedLines.filter { !$0.isHeading }.flatMap(\.statements)
        let summary = labels.sentences(sentences.map { MarkdownText.withoutBold(labels.shown($0.text)) })
        if !summary.isEmpty {
            let shown = summary.shortened(toCharacters: Self.summaryLimit, bytes: 4 * Self.summaryLimit)
            row += "<p dir=\"auto\">\(escaped(shown))</p>\n"
        }
        return row + "</li>\n"
    }

    /// The page with `rows`, of which `older` are left out.
    package func page(rows: [String], older: Int) -> String {
        PageFiles.shared.indexTemplate.render(
            IndexContent(
                labels: labels, language: HTMLText(escaping: labels.language.rawValue),
                count: HTMLText(escaping: labels.number(rows.count + older)),
                rows: HTMLText(markup: rows.joined()),
                older: HTMLText(escaping: older > 0 ? labels.olderMeetings(older) : "")))
    }
}

/// The values that the template of the index names.
private struct IndexContent: TemplateScope {
    let style = PageFiles.shared.style
    let script = PageFiles.shared.indexScript
    let policy = PageFiles.shared.indexPolicy
    let labels: Labels
    let language: HTMLText
    let count: HTMLText
    let rows: HTMLText
    let older: HTMLText
}
