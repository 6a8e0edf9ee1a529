import Files
import Foundation
import Ledger
import Minutes
import Summaries
import Transcript

/// Writes the minutes of meetings from the ledger, so minutes that are lost or out of date can always be written again.
///
/// An actor so that two writes of one meeting do not overlap. What it writes depends on the ledger alone, so the same
/// ledger gives the same bytes.
package actor MinutesWriter {
    /// The folder of the minutes.
    package nonisolated let folder: OutputFolder

    /// How the minutes of each kind of meeting are written.
    package nonisolated let styles: MinutesStyles

    let ledger: Ledger
    /// Who may read minutes; nil where that makes no difference.
    private let readers: MinutesReaders?
    private let reader: MeetingReader
    /// For windows of ledgers that were written before findings were recorded.
    private var judging: WindowJudging
    /// The state of the ledger that is written already; forgetting it costs one comparison of files.
    private var written: [MeetingID: Date] = [:]
    /// Windows of meetings that go on, the meeting that was needed last at the end.
    private var known: [(meeting: MeetingID, windows: KnownWindows)] = []
    private let html = HTMLRenderer()
    /// The meetings in the page of all of them.
    var index = IndexRows()

    /// What cannot change any more in the windows of a meeting, kept from the last write.
    private struct KnownWindows {
        /// The first windows, in order, that were summarised or given up.
        var outcomes: [MinutesDocument.WindowOutcome] = []
        /// Outlines of all closed windows, in order.
        var outlines: [MinutesDocument.WindowOutline] = []
        /// What was said in them.
        var transcript = PageTranscript()
        /// What was said behind them when it was last read; what of it is corrected is read again.
        var tail: [ReadUtterance] = []
        /// What was rendered of all that.
        let pieces = MinutesPieces()
        /// Whom all that names, and how.
        let names: ShownNames
        /// Which items in it are ticked off.
        let done: Set<MinutesItem.Key>
    }

    /// Writes what `ledger` knows into `folder`, and what `readers`, if not those of the folder, may read.
    package init(
        ledger: Ledger, folder: OutputFolder, styles: MinutesStyles = .standard,
        readers: MinutesReaders? = nil
    ) {
        self.styles = styles
        self.readers = readers ?? folder.readers
        self.ledger = ledger
        self.folder = folder
        reader = MeetingReader(ledger: ledger, styles: styles)
        judging = WindowJudging(reader: reader)
    }

    /// Writes the minutes of `meeting` if they differ from the files.
    ///
    /// True if something changed; false also if there is no such meeting.
    @discardableResult
    package func write(_ meeting: MeetingID) throws -> Bool {
        guard let record = try ledger.meeting(meeting), written[meeting] != record.changedAt else {
            return false
        }
        let style = try reader.style(of: meeting)
        let (document, transcript, pieces) = try minutes(of: record, style)
        try writeEarlier(meeting)
        let isNew = try folder.write(
            markdown: MarkdownRenderer(template: style.template).render(document, pieces: pieces),
            json: JSONRenderer.render(document, pieces: pieces),
            html: html.render(document, transcript: transcript, pieces: pieces), of: meeting,
            state: document.generatedAt)
        if written.count >= Self.writtenLimit { written = [:] }
        written[meeting] = document.generatedAt
        return isNew
    }

    /// Removes the minutes of `meeting`, with all that is remembered of it; writes them anew if the ledger still has it.
    ///
    /// A meeting of the same name that has begun in the meantime loses nothing: its minutes come from the ledger. The
    /// pages of all meetings are written too, unless (`keepsIndex`) more are to be erased: then ``eraseIndex()`` is
    /// called after the last.
    package func erase(_ meeting: MeetingID, keepsIndex: Bool = false) throws {
        written[meeting] = nil
        known.removeAll { $0.meeting == meeting }
        judging.forget(meeting)
        if try ledger.meeting(meeting) == nil {
            try folder.remove(meeting)
        } else {
            try folder.removeUnfinished(meeting)
            _ = try write(meeting)  // Ignored: whether anything was different.
        }
        index.forget(meeting)
        if !keepsIndex { try eraseIndex() }
    }

    /// Writes the pages of all meetings without what was erased.
    package func eraseIndex() throws {
        // Where there can be no page, none has what is erased: a meeting's name must not keep others from being forgotten.
        try writeIndex(skipsTaken: true)
    }

    private static let writtenLimit = 1024
    /// Meetings of so many utterances together are remembered, which takes about two kilobytes for each utterance.
    private static let knownLimit = 25_000
    /// So many utterances that come at once take memory that is worth giving back.
    private static let largeBacklog = 4_000

    /// The minutes for people, in the layout for the kind of meeting.
    package nonisolated func markdown(_ document: MinutesDocument) -> String {
        MarkdownRenderer(template: styles.style(ofMeeting: document.meeting.name).template).render(document)
    }

    /// Whether a meeting's minutes may be missing, cut off, older than the ledger, or in the layout of another version.
    package nonisolated func isStale(_ meeting: MeetingStanding) -> Bool {
        guard meeting.state == .finished, let written = folder.writtenAt(meeting.id) else { return true }
        // Files bear nanoseconds, dates hold a little less.
        let isOlder = meeting.changedAt.timeIntervalSince(written) > 0.0001
        return isOlder || folder.isCutOff(meeting.id) || folder.isOutdated(meeting.id)
    }

    /// The minutes as a value; nil if there is no such meeting.
    package func document(of meeting: MeetingID) throws -> MinutesDocument? {
        try ledger.meeting(meeting).map { try minutes(of: $0, reader.style(of: meeting)).document }
    }

    /// The minutes of a meeting as they are kept when others take their place, and when the meeting changed last; nil if
    /// there is no such meeting.
    func kept(
        _ meeting: MeetingID
    ) throws -> (minutes: (json: String, template: StoredTemplate), changedAt: Date)? {
        guard let record = try ledger.meeting(meeting) else { return nil }
        let style = try reader.style(of: meeting)
        var document = try minutes(of: record, style).document
        // What is of other meetings is forgotten with those; who was only invited, and the first words of what was
        // received, are kept in one place, where they can be forgotten.
        document.stillOpen = nil
        document.invited = nil
        document.sources = document.sources?.map { source in
            var source = source
            source.reading.opening = []
            return source
        }
        let template = StoredTemplate(name: style.template.name, text: style.template.text)
        return ((try JSONRenderer.compact(document), template), record.changedAt)
    }

    /// Writes the sets of minutes whose place others have taken.
    private func writeEarlier(_ meeting: MeetingID) throws {
        let sets = try ledger.earlierMinutes(of: meeting).map { earlier in
            let document = try JSONRenderer.read(earlier.json)
            let layout = MarkdownRenderer(template: try MinutesTemplate(earlier.template, of: meeting))
            return OutputFolder.EarlierSet(
                number: earlier.number, markdown: layout.render(document),
                json: try JSONRenderer.render(document))
        }
        try folder.write(sets, of: meeting)
    }

    // MARK: - From the ledger

    private func minutes(
        of meeting: MeetingRecord, _ style: MinutesStyle
    ) throws -> (document: MinutesDocument, transcript: PageTranscript, pieces: MinutesPieces) {
        let windows = try windows(of: meeting)
        var transcript = windows.transcript
        transcript.append(shown(windows.tail, windows))
        // While a meeting is open again, its earlier summary would be misleading.
        let overall = meeting.state == .finished ? try ledger.overalls(of: meeting.id).last : nil
        let statements = try overall?.statements ?? judged(overall?.summary, meeting)
        var summary = overall?.summary
        summary?.show(windows.names, of: 0..<meeting.utteranceCount, statements)
        let invitation = try ledger.invitation(of: meeting.id)
        let document = MinutesDocument.make(
            meeting: meeting.id, title: meeting.title, startedAt: meeting.startedAt,
            endedAt: meeting.end(by: invitation),
            state: MinutesDocument.State(meeting.state),
            received: MinutesDocument.Received(
                utterances: meeting.utteranceCount, words: meeting.wordCount,
                speakers: try ledger.speakers(of: meeting.id)),
            windows: windows.outcomes, summary: summary,
            statements: statements?.map(windows.names.shown),
            // Nobody reads here what is closed to them in the minutes that it comes from.
            stillOpen: try ledger.stillOpen(before: meeting.id).filter {
                readers?.group(of: $0.meeting) == readers?.group(of: meeting.id)
            },
            notes: try ledger.notes(of: meeting.id).map(\.note),
            sources: try ledger.readings(of: meeting.id).map {
                MinutesDocument.Source(name: $0.name, reading: $0.facts)
            },
            model: windows.outcomes.last { $0.summary?.origin == .model }?.summary?.model,
            language: style.language, invitation: invitation,
            // Not the present: the same ledger has to give the same bytes.
            generatedAt: meeting.changedAt)
        return (document, transcript, windows.pieces)
    }

    /// All windows of a meeting; the complete ones are kept for the next write, unless the meeting is finished.
    private func windows(of meeting: MeetingRecord) throws -> KnownWindows {
        let names = try ledger.shownNames(of: meeting.id)
        let last = known.firstIndex { $0.meeting == meeting.id }.map { known.remove(at: $0).windows }
        let done = try ledger.doneItems(of: meeting.id)
        // With another name, or tick, some of it is shown in another way.
        var windows =
            last.flatMap { $0.names == names && $0.done == done ? $0 : nil }
            ?? KnownWindows(names: names, done: done)
        // A window that was given up may be tried again.
        for place in windows.outcomes.indices where windows.outcomes[place].summary == nil {
            for record in try ledger.windows(of: meeting.id, in: place..<(place + 1)) {
                windows.outcomes[place] = try outcome(record, windows, meeting.id)
            }
        }
        let first = windows.outcomes.count
        let records = try ledger.windows(of: meeting.id, in: first..<meeting.windowCount)
        // What is in no window yet may still be corrected.
        let open = windows.transcript.utteranceCount..<meeting.utteranceCount
        windows.tail = try reader.utterances(of: meeting.id, in: open, known: windows.tail)
        for record in records where record.window.index >= windows.outlines.count {
            let said = shown(windows.tail.prefix(record.window.utterances.count), windows)
            windows.tail.removeFirst(said.count)
            windows.outlines.append(.init(said.map(\.utterance)))
            windows.transcript.append(said)
        }
        let outcomes = try records.map { try outcome($0, windows, meeting.id) }
        // What was read of a backlog is in lines of HTML now.
        if open.count >= Self.largeBacklog { FreeMemory.giveBack() }
        windows.outcomes += outcomes.prefix { $0.findings != nil }
        if meeting.state == .finished {
            judging.forget(meeting.id)
        } else {
            known.append((meeting.id, windows))
            var left = known.reduce(0) { $0 + $1.windows.transcript.utteranceCount }
            while left > Self.knownLimit, known.count > 1 {
                left -= known.removeFirst().windows.transcript.utteranceCount
            }
        }
        windows.outcomes += outcomes.dropFirst(windows.outcomes.count - first)
        return windows
    }

    /// The next utterances of those that `windows` knows, under the names that their speakers are shown under.
    private func shown(_ next: some Sequence<ReadUtterance>, _ windows: KnownWindows) -> [ReadUtterance] {
        let first = windows.transcript.utteranceCount
        return next.enumerated().map { windows.names.shown($1, turn: first + $0) }
    }

    private func outcome(
        _ record: WindowRecord, _ windows: KnownWindows, _ meeting: MeetingID
    ) throws -> MinutesDocument.WindowOutcome {
        var findings = try record.findings ?? foundLate(record, meeting)
        var summary = record.summary
        summary?.show(windows.names, of: record.window.utterances, findings?.statements)
        if let items = findings?.items { findings?.items = items.identified(done: windows.done) }
        var outcome = MinutesDocument.WindowOutcome(
            window: record.window, wordCount: record.wordCount,
            outline: windows.outlines[record.window.index], summary: summary,
            findings: findings.map(windows.names.shown))
        if case .failed(let reason) = record.state { outcome.failure = reason }
        return outcome
    }

    /// What is in a window of a ledger that was written before findings were recorded; nil while the window is pending.
    private func foundLate(_ record: WindowRecord, _ meeting: MeetingID) throws -> WindowFindings? {
        guard record.state != .closed else { return nil }
        let findings = try judging.findings(
            in: record.window, of: meeting, answer: record.summary.map { WindowAnswer(summary: $0) })
        try recording { try ledger.record(findings, window: record.window.index, of: meeting) }
        return findings
    }

    /// The sentences of a summary of the whole that was written before findings were recorded.
    private func judged(_ summary: MeetingSummary?, _ meeting: MeetingRecord) throws -> [Statement]? {
        guard let statements = try judging.statements(of: summary, meeting) else { return nil }
        try recording { try ledger.record(statements, ofWhole: meeting.id) }
        return statements
    }

    /// Records what was found late; a ledger that is open for reading only is shown all the same.
    private func recording(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as LedgerError where error.code == .readOnly {
            return
        }
    }
}

extension MinutesDocument.State {
    init(_ state: MeetingRecord.State) {
        switch state {
        case .open: self = .open
        case .ended: self = .ended
        case .finished: self = .finished
        }
    }
}

extension MeetingRecord {
    /// When it ended: if only a calendar knows when it began, the time when its file came says nothing about that.
    fileprivate func end(by invitation: Invitation) -> Date? {
        guard let endedAt, let startedAt, let planned = invitation.start,
            abs(planned.timeIntervalSince(startedAt)) < 0.001
        else { return endedAt }
        // It is 0 where the transcript has no times.
        if let lastTime, lastTime > 0 { return startedAt + lastTime }
        return invitation.end ?? (endedAt > startedAt ? endedAt : nil)
    }
}
