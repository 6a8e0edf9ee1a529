import Foundation
import GRDB
import Language
import Transcript

/// What an operator decides about a meeting.
extension Ledger {
    /// Has what was given up tried again: windows without a summary, and a summary of the whole that did not come
    /// about.
    ///
    /// A finished meeting is taken up again for it. Returns how many windows it is, nil if there was nothing to try
    /// again.
    package func retry(_ meeting: MeetingID, at time: Date = Date()) throws -> Int? {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            guard try Self.hasTranscript(row, db) else {
                throw LedgerError(
                    .unfinished,
                    "what was said in meeting '\(meeting)' was erased, so that nothing can be summarised again"
                )
            }
            try db.execute(
                sql: """
                    UPDATE window SET givenUp = 0 WHERE meeting = ? AND givenUp = 1 AND NOT EXISTS (
                        SELECT 1 FROM summary
                        WHERE summary.meeting = window.meeting AND summary.window = window.number)
                    """,
                arguments: [row.key])
            let windows = db.changesCount
            let lacksWhole =
                try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT text IS NULL FROM overall WHERE meeting = ? ORDER BY revision DESC LIMIT 1
                        """, arguments: [row.key]) ?? false
            let isAgain = row.state == .finished && row.windowCount > 0 && (windows > 0 || lacksWhole)
            guard windows > 0 || isAgain else { return (row, nil) }
            if isAgain {
                try db.execute(
                    sql: "UPDATE meeting SET state = 'ended' WHERE id = ?", arguments: [row.key])
                // That there is no summary of the whole is no longer true when it is tried again.
                try Self.dropWholeFailed(of: row, db)
            }
            try row.touch(at: time, db)
            return (row, windows)
        }
    }

    /// Removes the notes that there is no summary of the whole.
    static func dropWholeFailed(of meeting: MeetingRow, _ db: Database) throws {
        for beginning in [Note.storedBeginning(.wholeFailed), wholeFailed] {
            try db.execute(
                sql: "DELETE FROM note WHERE meeting = ? AND text LIKE ?",
                arguments: [meeting.key, beginning + "%"])
        }
    }

    static func hasTranscript(_ meeting: MeetingRow, _ db: Database) throws -> Bool {
        // The note stays when the meeting goes on: its earlier words are gone all the same.
        try Bool.fetchOne(
            db, sql: "SELECT NOT EXISTS (SELECT 1 FROM note WHERE meeting = ? AND text LIKE ?)",
            arguments: [meeting.key, Note.storedBeginning(.transcriptErased) + "%"]) ?? true
    }

    /// How older versions began the note that says that there is no summary of the whole.
    private static let wholeFailed = "The summary of the whole could not be written"
}
