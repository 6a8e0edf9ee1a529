import Foundation
import Ledger
import Minutes
import Transcript

/// Writes a meeting's minutes from the ledger: they can be lost or stale, never wrong for long.
///
/// An actor so that two writes of one meeting do not overlap. What it writes depends on the ledger alone, so the same
/// ledger gives the same bytes.
public actor MinutesWriter {
    /// Where the minutes stand.
    public nonisolated let folder: OutputFolder

    /// How the minutes of each kind of meeting are written.
    public nonisolated let styles: MinutesStyles

    private let ledger: Ledger
    /// The state of the ledger that is written already.
    private var written: [MeetingID: Date] = [:]
    private let html = HTMLRenderer()

    /// Writes what `ledger` knows into `folder`.
    public init(ledger: Ledger, folder: OutputFolder, styles: MinutesStyles = .standard) {
        self.styles = styles
        self.ledger = ledger
        self.folder = folder
    }

    /// Writes the minutes of `meeting` as they stand, if they differ from what is there.
    ///
    /// True if something changed; false also if there is no such meeting.
    @discardableResult
    public func write(_ meeting: MeetingID) throws -> Bool {
        guard let record = try ledger.meeting(meeting), written[meeting] != record.changedAt,
            let (document, utterances) = try reading(of: meeting)
        else { return false }
        let isNew = try folder.write(
            markdown: markdown(document), json: JSONRenderer.render(document),
            html: html.render(document, utterances: utterances), of: meeting)
        written[meeting] = document.generatedAt
        return isNew
    }

    /// The minutes for people, in the layout for the kind of meeting.
    public nonisolated func markdown(_ document: MinutesDocument) -> String {
        MarkdownRenderer(template: styles.style(ofMeeting: document.meeting.name).template).render(document)
    }

    /// Meetings whose minutes may be missing, cut off, or older than the ledger.
    public func staleMeetings() throws -> [MeetingID] {
        try ledger.meetings().filter { record in
            guard record.state == .finished, let written = folder.writtenAt(record.id) else { return true }
            return written < record.changedAt || folder.isCutOff(record.id)
        }.map(\.id)
    }

    /// The minutes as a value; nil if there is no such meeting.
    public func document(of meeting: MeetingID) throws -> MinutesDocument? {
        try reading(of: meeting)?.document
    }

    /// The minutes and the utterances that they were made of; nil if there is no such meeting.
    private func reading(of meeting: MeetingID) throws -> (
        document: MinutesDocument, utterances: [Utterance]
    )? {
        guard let record = try ledger.meeting(meeting) else { return nil }
        let windows = try ledger.windows(of: meeting)
        let outcomes = windows.map { window in
            var failure: String?
            if case .failed(let reason) = window.state { failure = reason }
            return MinutesDocument.WindowOutcome(
                window: window.window, summary: window.summary, failure: failure)
        }
        let style = styles.style(ofMeeting: meeting.name)
        // While the meeting is open again, the summary of what it was would mislead.
        let overall = record.state == .finished ? try ledger.overalls(of: meeting).last?.summary : nil
        let utterances = try ledger.utterances(of: meeting, in: 0..<record.utteranceCount)
            .map(style.vocabulary.corrected)
        let document = MinutesDocument.make(
            meeting: meeting, title: record.title, startedAt: record.startedAt, endedAt: record.endedAt,
            state: MinutesDocument.State(record.state),
            utterances: utterances, windows: outcomes, summary: overall,
            notes: try ledger.notes(of: meeting).map(\.text),
            model: windows.last { $0.summary?.origin == .model }?.summary?.model,
            language: style.language,
            // Not the present: the same ledger has to give the same bytes.
            generatedAt: record.changedAt)
        return (document, utterances)
    }
}

extension MinutesDocument.State {
    fileprivate init(_ state: MeetingRecord.State) {
        switch state {
        case .open: self = .open
        case .ended: self = .ended
        case .finished: self = .finished
        }
    }
}
