import Foundation
import GRDB
import Language
import Summaries
import Transcript

/// Reading the ledger, without delaying writers.
extension Ledger {
    /// All meetings, in the order in which they began to arrive; of the finished ones only the `latest`, if it is not nil.
    ///
    /// With `limit` at most so many, from the first one `after` the named meeting on.
    package func meetings(
        latest: Int? = nil, after previous: MeetingID? = nil, limit: Int? = nil
    ) throws -> [MeetingRecord] {
        try read { db in
            let wanted = """
                 WHERE meeting.id > COALESCE((SELECT id FROM meeting WHERE name = ?), 0)
                    AND (state <> 'finished' OR meeting.id IN (
                        SELECT id FROM meeting WHERE state = 'finished' ORDER BY id DESC LIMIT ?))
                ORDER BY meeting.id LIMIT ?
                """
            // A negative limit is none.
            let limits = [latest, limit].map { $0.map { max(0, $0) } ?? -1 }
            return try Row.fetchAll(
                db, sql: Self.meetingQuery + wanted, arguments: [previous?.name, limits[0], limits[1]]
            ).map(Self.meeting)
        }
    }

    /// One meeting; nil if there is none of this name.
    package func meeting(_ id: MeetingID) throws -> MeetingRecord? {
        try read { db in
            try Row.fetchOne(db, sql: Self.meetingQuery + " WHERE meeting.name = ?", arguments: [id.name])
                .map(Self.meeting)
        }
    }

    /// Meetings with work to do: utterances in no window, windows without a summary that were not given up,
    /// or ended without a summary of the whole; the one that waits longest first.
    package func pendingMeetings() throws -> [MeetingID] {
        try read { db in
            try String.fetchAll(db, sql: WorkQueries.pendingMeetings).map { try MeetingID($0) }
        }
    }

    /// The latest meeting that deliveries called `name`, which differs from it where the name was used again.
    package func latestMeeting(called name: MeetingID) throws -> MeetingRecord? {
        try read { db in
            try Row.fetchOne(
                db, sql: Self.meetingQuery + " WHERE meeting.calledName = ? ORDER BY meeting.id DESC LIMIT 1",
                arguments: [name.name]
            ).map(Self.meeting)
        }
    }

    /// How far the chunks of `name` have come; nil if nothing of that name was received.
    package func chunkProgress(called name: MeetingID) throws -> ChunkProgress? {
        try read { db in
            guard let meeting = try MeetingRow.latest(called: name, db) else { return nil }
            return ChunkProgress(
                meeting: meeting.id, isOpen: meeting.state == .open,
                highestNumber: try Self.highestChunk(of: meeting, db))
        }
    }

    /// Lines that were taken from a sender for `meeting`, with what those that follow depend on; 0 if there are none, or
    /// there is no such meeting.
    package func progress(
        ofSender name: String, meeting: MeetingID
    ) throws -> (lineCount: Int, state: String?) {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT lineCount, sender.state FROM sender JOIN meeting ON meeting.id = sender.meeting
                    WHERE meeting.name = ? AND sender.name = ?
                    """,
                arguments: [meeting.name, name])
            return row.map { ($0[0], $0[1]) } ?? (0, nil)
        }
    }

    /// Utterances of a meeting by sequence number; those of `range` that exist.
    package func utterances(of meeting: MeetingID, in range: Range<Int>) throws -> [Utterance] {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT speaker, start, "end", text, sourceName, sourceLine, sourceID, language, repeatCount,
                        isWritten
                    FROM utterance
                    WHERE meeting = ? AND sequence >= ? AND sequence < ? ORDER BY sequence
                    """,
                arguments: [key, range.lowerBound, range.upperBound])
            var utterances: [Utterance] = []
            while let row = try rows.next() {
                let source = SourcePosition(name: row["sourceName"], line: row["sourceLine"])
                utterances.append(
                    Utterance(
                        speaker: row["speaker"], start: row["start"], end: row["end"], text: row["text"],
                        source: source, id: row["sourceID"],
                        language: (row["language"] as String?).map(LanguageCode.init),
                        repeatCount: row["repeatCount"], isWritten: row["isWritten"]))
            }
            return utterances
        }
    }

    /// Deliveries of a meeting, in the order in which they were recorded.
    package func deliveries(of meeting: MeetingID) throws -> [DeliveryRecord] {
        try read { db in
            let row = try MeetingRow.require(meeting, db)
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT *, (SELECT COUNT(*) FROM utterance WHERE delivery = delivery.id) AS utterances
                    FROM delivery WHERE meeting = ? ORDER BY id
                    """,
                arguments: [row.key]
            ).map { try Self.delivery($0, of: meeting) }
        }
    }

    /// Windows of a meeting by index; those of `range` that exist, all by default.
    package func windows(of meeting: MeetingID, in range: Range<Int> = 0..<Int.max) throws -> [WindowRecord] {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            return try Row.fetchAll(
                db, sql: Self.windowQuery, arguments: [key, range.lowerBound, range.upperBound]
            ).map(Self.window)
        }
    }

    /// The first window of a meeting that has neither a summary nor been given up.
    package func firstWaitingWindow(of meeting: MeetingID) throws -> WindowRecord? {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            guard let number = try Int.fetchOne(db, sql: WorkQueries.waitingWindow, arguments: [key]) else {
                return nil
            }
            return try Row.fetchOne(db, sql: Self.windowQuery, arguments: [key, number, number + 1])
                .map(Self.window)
        }
    }

    /// Problems to be stated in the minutes, oldest first; at the end what captions repeated or corrected too late.
    package func notes(of meeting: MeetingID) throws -> [NoteRecord] {
        try read { db in
            let row = try MeetingRow.require(meeting, db)
            let notes = try Row.fetchAll(
                db, sql: "SELECT text, at FROM note WHERE meeting = ? ORDER BY id", arguments: [row.key]
            ).map { NoteRecord(note: Note(stored: $0["text"]), at: date($0["at"])) }
            return try notes + Self.captionNotes(of: row, db)
        }
    }

    /// Attempts that failed, oldest first.
    package func failures(of meeting: MeetingID) throws -> [FailureRecord] {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            return try Row.fetchAll(
                db, sql: "SELECT window, reason, at FROM failure WHERE meeting = ? ORDER BY id",
                arguments: [key]
            ).map {
                FailureRecord(window: $0["window"], reason: Note(stored: $0["reason"]), at: date($0["at"]))
            }
        }
    }

    /// Summaries of the whole, first revision first.
    package func overalls(of meeting: MeetingID) throws -> [OverallRecord] {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            return try Row.fetchAll(
                db, sql: "SELECT * FROM overall WHERE meeting = ? ORDER BY revision", arguments: [key]
            ).map(Self.overall)
        }
    }

    /// Those who spoke, in the order in which they first did, with their utterances and words, under the names that they
    /// are shown under; utterances that name nobody are not among them.
    package func speakers(
        of meeting: MeetingID
    ) throws -> [(name: String, utterances: Int, words: Int)] {
        try read { db in
            try Self.shownSpeakers(of: try MeetingRow.require(meeting, db), db)
        }
    }

    // MARK: - Rows

    static let meetingQuery = """
        SELECT meeting.*,
            (SELECT COUNT(*) FROM summary WHERE summary.meeting = meeting.id) AS summarised,
            (SELECT COUNT(*) FROM window WHERE window.meeting = meeting.id AND givenUp = 1 AND NOT EXISTS (
                SELECT 1 FROM summary
                WHERE summary.meeting = window.meeting AND summary.window = window.number)) AS failed,
            (SELECT COUNT(*) FROM delivery WHERE delivery.meeting = meeting.id) AS deliveries,
            (SELECT COUNT(*) FROM overall WHERE overall.meeting = meeting.id) AS revision,
            (SELECT (SELECT COUNT(*) FROM redoWindow WHERE redoWindow.meeting = redo.meeting)
                FROM redo WHERE redo.meeting = meeting.id) AS redone
        FROM meeting
        """

    private static func meeting(_ row: Row) throws -> MeetingRecord {
        MeetingRecord(
            id: try MeetingID(row["name"]), title: row["title"], createdAt: date(row["createdAt"]),
            changedAt: date(row["changedAt"]), startedAt: date(row["startedAt"]),
            endedAt: date(row["endedAt"]),
            state: try parsed(row["state"]), utteranceCount: row["utteranceCount"],
            wordCount: row["wordCount"],
            lastTime: row["lastTime"], windowCount: row["windowCount"],
            windowedUtteranceCount: row["windowedCount"], correctionCount: row["correctionCount"],
            summarisedWindowCount: row["summarised"],
            failedWindowCount: row["failed"], deliveryCount: row["deliveries"], revision: row["revision"],
            redoneWindowCount: row["redone"], transcriptErasedAt: date(row["transcriptErasedAt"]))
    }

    private static func delivery(_ row: Row, of meeting: MeetingID) throws -> DeliveryRecord {
        DeliveryRecord(
            id: DeliveryID(rawValue: row["id"]), meeting: meeting, name: row["name"], kind: row["kind"],
            chunkNumber: row["chunkNumber"], sha256: row["sha256"], byteCount: row["byteCount"],
            format: row["format"], receivedAt: date(row["receivedAt"]), timeOffset: row["timeOffset"],
            state: try parsed(row["state"]), utteranceCount: row["utterances"])
    }

    private static let windowQuery = """
        SELECT window.*, summary.text, model, promptTokens, reusedTokens, generatedTokens, seconds, committedAt,
            (SELECT COUNT(*) FROM failure
                WHERE failure.meeting = window.meeting AND failure.window = window.number) AS attempts,
            (SELECT reason FROM failure WHERE failure.meeting = window.meeting
                AND failure.window = window.number ORDER BY failure.id DESC LIMIT 1) AS lastFailure,
            (SELECT findings FROM finding
                WHERE finding.meeting = window.meeting AND finding.window = window.number) AS findings
        FROM window LEFT JOIN summary
            ON summary.meeting = window.meeting AND summary.window = window.number
        WHERE window.meeting = ? AND number >= ? AND number < ? ORDER BY number
        """

    private static func window(_ row: Row) throws -> WindowRecord {
        let number: Int = row["number"]
        let first: Int = row["firstUtterance"]
        let end: Int = row["endUtterance"]
        let text: String? = row["text"]
        let lastFailure = (row["lastFailure"] as String?).map(Note.init(stored:))
        let summary = text.map {
            WindowSummary(
                window: number, text: $0, model: row["model"], promptTokens: row["promptTokens"],
                reusedTokens: row["reusedTokens"], generatedTokens: row["generatedTokens"],
                seconds: row["seconds"])
        }
        let state: WindowRecord.State =
            if summary != nil {
                .summarised
            } else if row["givenUp"] {
                .failed(reason: lastFailure ?? Note(.reasonUnknown))
            } else {
                .closed
            }
        return WindowRecord(
            window: Window(
                index: number, utterances: first..<end, tokenCount: row["tokenCount"],
                closedBy: try parsed(row["closedBy"])),
            wordCount: row["wordCount"], closedAt: date(row["closedAt"]), state: state,
            attempts: row["attempts"], lastFailure: lastFailure, summary: summary,
            findings: value(row["findings"], as: WindowFindings.self),
            committedAt: date(row["committedAt"]))
    }

    private static func overall(_ row: Row) -> OverallRecord {
        let text: String? = row["text"]
        let summary = text.map {
            MeetingSummary(text: $0, model: row["model"], tokens: row["tokens"], seconds: row["seconds"])
        }
        return OverallRecord(
            revision: row["revision"], summary: summary,
            statements: value(row["findings"], as: [Summaries.Statement].self),
            utteranceCount: row["utteranceCount"],
            committedAt: date(row["committedAt"]))
    }
}

func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: seconds) }

private func date(_ seconds: Double?) -> Date? { seconds.map(Date.init(timeIntervalSince1970:)) }
