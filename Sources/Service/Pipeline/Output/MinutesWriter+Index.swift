import Foundation
import Language
import Ledger
import Minutes
import Summaries
import Transcript

/// The rows of the page of all meetings, each kept until its meeting changes.
struct IndexRows {
    private struct Row {
        let changedAt: Date
        let hasSummary: Bool
        let html: String
    }

    private var rows: [MeetingID: Row] = [:]
    private var language: LanguageCode?

    /// Forgets what is written in another language.
    mutating func begin(_ language: LanguageCode, meetings: [MeetingStanding]) {
        if self.language != language { rows = [:] }
        self.language = language
        guard rows.count > 2 * meetings.count else { return }
        let known = Set(meetings.map(\.id))
        rows = rows.filter { known.contains($0.key) }
    }

    /// The row of a meeting; made by `make` if it has changed.
    mutating func row(
        of meeting: MeetingStanding, hasSummary: Bool, make: () throws -> String?
    ) rethrows -> String? {
        if let row = rows[meeting.id], row.changedAt == meeting.changedAt, row.hasSummary == hasSummary {
            return row.html
        }
        guard let html = try make() else { return nil }
        rows[meeting.id] = Row(changedAt: meeting.changedAt, hasSummary: hasSummary, html: html)
        return html
    }

    /// Forgets a meeting.
    mutating func forget(_ meeting: MeetingID) { rows[meeting] = nil }
}

extension MinutesWriter {
    /// So many meetings, the latest ones, are shown with their summaries.
    private static let summaryLimit = 1000

    /// Writes the pages of all meetings that differ from their files: `index.html` in the folder of the minutes, and one for
    /// each group that may read only some of the minutes.
    ///
    /// With `skipsTaken` a page whose place a meeting's folder has is no error.
    package func writeIndex(skipsTaken: Bool = false) throws {
        let meetings = Array(try ledger.standings().reversed())
        let asked = styles.style(ofMeeting: "").summaries.language.flatMap(LanguageCode.init(named:))
        let language = try asked ?? ledger.latestLanguage() ?? .english
        index.begin(language, meetings: meetings)
        let renderer = IndexRenderer(language: language)
        try folder.writeIndices(isEmpty: meetings.isEmpty, skipsTaken: skipsTaken) { page in
            let shown =
                page.hasAll ? meetings : meetings.filter { folder.readers?.group(of: $0.id) == page.group }
            let rows = try shown.prefix(IndexRenderer.limit).enumerated().compactMap { number, meeting in
                let hasSummary = number < Self.summaryLimit
                return try index.row(of: meeting, hasSummary: hasSummary) {
                    try ledger.outline(of: meeting.id, withSummary: hasSummary).map {
                        renderer.row(IndexEntry($0))
                    }
                }
            }
            return renderer.page(rows: rows, older: max(0, shown.count - IndexRenderer.limit))
        }
    }
}

extension IndexEntry {
    fileprivate init(_ outline: MeetingOutline) {
        self.init(
            meeting: outline.id, title: outline.title, date: outline.date,
            state: MinutesDocument.State(outline.state), speakers: outline.speakers,
            statements: outline.statements)
    }
}
