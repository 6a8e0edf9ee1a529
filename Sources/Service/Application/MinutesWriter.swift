import Foundation
import Ledger
import Minutes
import Transcript

/// Writes a meeting's minutes from the ledger: they can be lost or stale, never wrong for long.
///
/// An actor so that two writes of one meeting do not overlap. What it writes depends on the ledger alone, so the same
/// ledger gives the same bytes.
package actor MinutesWriter {
    /// Where the minutes stand.
    package nonisolated let folder: OutputFolder

    /// How the minutes of each kind of meeting are written.
    package nonisolated let styles: MinutesStyles

    private let ledger: Ledger
    /// The state of the ledger that is written already; forgetting it costs one comparison of files.
    private var written: [MeetingID: Date] = [:]
    /// What is known of meetings that go on, the one that was needed last at the end.
    private var memories: [(meeting: MeetingID, memory: MinutesMemory)] = []
    private let html = HTMLRenderer()

    /// Writes what `ledger` knows into `folder`.
    package init(ledger: Ledger, folder: OutputFolder, styles: MinutesStyles = .standard) {
        self.styles = styles
        self.ledger = ledger
        self.folder = folder
    }

    /// Writes the minutes of `meeting` as they stand, if they differ from what is there.
    ///
    /// True if something changed; false also if there is no such meeting.
    @discardableResult
    package func write(_ meeting: MeetingID) throws -> Bool {
        guard let record = try ledger.meeting(meeting), written[meeting] != record.changedAt,
            let (document, utterances) = try reading(of: meeting)
        else { return false }
        let isNew = try folder.write(
            markdown: markdown(document), json: JSONRenderer.render(document),
            html: html.render(document, utterances: utterances), of: meeting)
        if written.count >= Self.writtenLimit { written = [:] }
        written[meeting] = document.generatedAt
        return isNew
    }

    private static let writtenLimit = 1024
    /// About so many utterances are remembered, a kilobyte or two for each.
    private static let memoryLimit = 50_000

    /// The minutes for people, in the layout for the kind of meeting.
    package nonisolated func markdown(_ document: MinutesDocument) -> String {
        MarkdownRenderer(template: styles.style(ofMeeting: document.meeting.name).template).render(document)
    }

    /// Whether a meeting's minutes may be missing, cut off, or older than the ledger.
    package nonisolated func isStale(_ meeting: MeetingStanding) -> Bool {
        guard meeting.state == .finished, let written = folder.writtenAt(meeting.id) else { return true }
        return written < meeting.changedAt || folder.isCutOff(meeting.id)
    }

    /// The minutes as a value; nil if there is no such meeting.
    package func document(of meeting: MeetingID) throws -> MinutesDocument? {
        try reading(of: meeting)?.document
    }

    /// What is known of a meeting from the last time; nothing is kept of one that is finished.
    private func memory(of meeting: MeetingRecord) -> MinutesMemory {
        let known = memories.firstIndex { $0.meeting == meeting.id }.map { memories.remove(at: $0).memory }
        let memory = known ?? MinutesMemory()
        guard meeting.state != .finished else { return memory }
        memories.append((meeting.id, memory))
        var left = memories.reduce(0) { $0 + $1.memory.utteranceCount }
        while left > Self.memoryLimit, memories.count > 1 {
            left -= memories.removeFirst().memory.utteranceCount
        }
        return memory
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
            generatedAt: record.changedAt, memory: memory(of: record))
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
