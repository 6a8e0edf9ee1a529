import Foundation
import GRDB
import Language
import Summaries
import Transcript

/// What the summariser records: windows, their summaries, failures, the summary of the whole.
extension Ledger {
    /// Records a window that was closed.
    ///
    /// Refuses (`notContiguous`) a window that is not the next one: index, first utterance, or an end beyond
    /// what was received.
    package func record(_ window: Window, of meeting: MeetingID, at time: Date = Date()) throws {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            guard window.index == row.windowCount, window.utterances.lowerBound == row.windowedCount,
                !window.utterances.isEmpty, window.utterances.upperBound <= row.utteranceCount
            else {
                throw LedgerError(
                    .notContiguous,
                    "meeting '\(meeting)': window \(window.index) of utterances \(window.utterances) does not "
                        + "follow: window \(row.windowCount) has to begin at utterance \(row.windowedCount), and "
                        + "\(row.utteranceCount) were received")
            }
            let words = try Self.wordCount(of: window.utterances, row, db)
            try db.execute(
                sql: """
                    INSERT INTO window (meeting, number, firstUtterance, endUtterance, tokenCount, closedBy,
                        closedAt, wordCount) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.key, window.index, window.utterances.lowerBound, window.utterances.upperBound,
                    window.tokenCount, window.closedBy.rawValue, time.timeIntervalSince1970, words,
                ])
            try row.touch(at: time, db)
            return (row, ())
        }
    }

    /// Records a window's summary with what was found in it, exactly once: a second one is refused
    /// (`alreadySummarised`).
    ///
    /// A window that was given up may still get its summary.
    package func commit(
        _ summary: WindowSummary, findings: WindowFindings, of meeting: MeetingID, at time: Date = Date()
    ) throws {
        precondition(!summary.text.isEmpty, "a summary is never empty")
        try writeItems(at: time) { db in
            let row = try MeetingRow.require(meeting, db)
            try Self.requireWindow(summary.window, row)
            let exists = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM summary WHERE meeting = ? AND window = ?)",
                arguments: [row.key, summary.window])
            guard exists != true else {
                throw LedgerError(
                    .alreadySummarised,
                    "window \(summary.window) of meeting '\(meeting)' has its summary already")
            }
            try db.execute(
                sql: """
                    INSERT INTO summary (meeting, window, text, model, promptTokens, reusedTokens,
                        generatedTokens, seconds, committedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.key, summary.window, summary.text, summary.model, summary.promptTokens,
                    summary.reusedTokens, summary.generatedTokens, summary.seconds,
                    time.timeIntervalSince1970,
                ])
            try Self.record(findings, window: summary.window, of: row, db)
            try row.touch(at: time, db)
            return (row, ())
        }
    }

    /// Records that an attempt failed, at a window or (nil) at the summary of the whole.
    ///
    /// With `givingUp` the window is no longer pending: the meeting can be finished without it, and the minutes say so.
    /// They show what was found in it all the same: `findings`.
    package func recordFailure(
        window: Int?, of meeting: MeetingID, reason: Note, givingUp: Bool = false,
        findings: WindowFindings? = nil, at time: Date = Date()
    ) throws {
        try writeItems(at: time) { db in
            let row = try MeetingRow.require(meeting, db)
            if let window { try Self.requireWindow(window, row) }
            try db.execute(
                sql: "INSERT INTO failure (meeting, window, reason, at) VALUES (?, ?, ?, ?)",
                arguments: [row.key, window, reason.stored, time.timeIntervalSince1970])
            if givingUp, let window {
                try db.execute(
                    sql: "UPDATE window SET givenUp = 1 WHERE meeting = ? AND number = ?",
                    arguments: [row.key, window])
                if let findings { try Self.record(findings, window: window, of: row, db) }
            }
            try row.touch(at: time, db)
            return (row, ())
        }
    }

    /// Commits the summary of the whole; returns its revision, 1 for the first.
    ///
    /// `overall` is nil where there was nothing to summarise, or the model gave nothing (then a note or a
    /// failure should say so). Refuses (`unfinished`) a meeting that is not ended, that has utterances outside
    /// a window, or a window with neither a summary nor given up: input may have come in the meantime, so go
    /// on with it and finish later.
    /// `statements` are the sentences of `overall` with their evidence. The minutes are put into the outbox of each target
    /// that takes them.
    @discardableResult
    package func finish(
        _ meeting: MeetingID, overall: MeetingSummary?, statements: [Summaries.Statement]? = nil,
        at time: Date = Date()
    ) throws -> Int {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            let waiting = try Self.waitingWindowCount(of: row, db)
            guard row.state == .ended, row.windowedCount == row.utteranceCount, waiting == 0 else {
                throw LedgerError(
                    .unfinished,
                    "meeting '\(meeting)' cannot be finished: it is \(row.state.rawValue), "
                        + "\(row.utteranceCount - row.windowedCount) utterances are in no window, "
                        + "\(waiting) windows wait for a summary")
            }
            let revision = try Self.insertOverall(overall, statements, of: row, at: time, db)
            try db.execute(sql: "UPDATE meeting SET state = 'finished' WHERE id = ?", arguments: [row.key])
            try Self.handOn(row, at: time, db)
            try row.touch(at: time, db)
            return (row, revision)
        }
    }

    /// Records the next summary of the whole, and returns its revision.
    @discardableResult
    static func insertOverall(
        _ overall: MeetingSummary?, _ statements: [Summaries.Statement]?, of meeting: MeetingRow,
        at time: Date, _ db: Database
    ) throws -> Int {
        let last = try Int.fetchOne(
            db, sql: "SELECT MAX(revision) FROM overall WHERE meeting = ?", arguments: [meeting.key])
        let revision = (last ?? 0) + 1
        try db.execute(
            sql: """
                INSERT INTO overall (meeting, revision, text, model, tokens, seconds, utteranceCount,
                    committedAt, findings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                meeting.key, revision, overall?.text, overall?.model, overall?.tokens, overall?.seconds,
                meeting.utteranceCount, time.timeIntervalSince1970, try statements.map { try json($0) },
            ])
        return revision
    }

    private static func requireWindow(_ window: Int, _ meeting: MeetingRow) throws {
        guard window >= 0, window < meeting.windowCount else {
            throw LedgerError(.unknownWindow, "meeting '\(meeting.id)' has no window \(window)")
        }
    }

    /// Words of a range, by two look-ups.
    private static func wordCount(of range: Range<Int>, _ meeting: MeetingRow, _ db: Database) throws -> Int {
        func wordsBefore(_ sequence: Int) throws -> Int {
            guard sequence < meeting.utteranceCount else { return meeting.wordCount }
            return try Int.fetchOne(
                db, sql: "SELECT wordsBefore FROM utterance WHERE meeting = ? AND sequence = ?",
                arguments: [meeting.key, sequence]) ?? 0
        }
        return try wordsBefore(range.upperBound) - wordsBefore(range.lowerBound)
    }

    private static func waitingWindowCount(of meeting: MeetingRow, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT COUNT(*) FROM window LEFT JOIN summary
                    ON summary.meeting = window.meeting AND summary.window = window.number
                WHERE window.meeting = ? AND summary.window IS NULL AND window.givenUp = 0
                """,
            arguments: [meeting.key]) ?? 0
    }
}
