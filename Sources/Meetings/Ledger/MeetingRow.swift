import Foundation
import GRDB
import Language
import Transcript

/// The columns of a meeting that transactions need.
struct MeetingRow {
    let key: Int64
    let id: MeetingID
    let state: MeetingRecord.State
    let utteranceCount: Int
    let wordCount: Int
    let lastTime: Double?
    let chunksRestart: Bool
    let windowCount: Int
    let windowedCount: Int

    private static let columns = """
        id, name, state, utteranceCount, wordCount, lastTime, chunksRestart, windowCount, windowedCount
        """

    private init(_ row: Row) throws {
        key = row["id"]
        id = try MeetingID(row["name"])
        state = try parsed(row["state"])
        utteranceCount = row["utteranceCount"]
        wordCount = row["wordCount"]
        lastTime = row["lastTime"]
        chunksRestart = row["chunksRestart"]
        windowCount = row["windowCount"]
        windowedCount = row["windowedCount"]
    }

    static func find(_ id: MeetingID, _ db: Database) throws -> MeetingRow? {
        try Row.fetchOne(db, sql: "SELECT \(columns) FROM meeting WHERE name = ?", arguments: [id.name])
            .map(MeetingRow.init)
    }

    static func find(key: Int64, _ db: Database) throws -> MeetingRow? {
        try Row.fetchOne(db, sql: "SELECT \(columns) FROM meeting WHERE id = ?", arguments: [key])
            .map(MeetingRow.init)
    }

    /// The meeting of this name; throws an error that names it if there is none.
    static func require(_ id: MeetingID, _ db: Database) throws -> MeetingRow {
        guard let meeting = try find(id, db) else {
            throw LedgerError(.unknownMeeting, "there is no meeting '\(id)': see the list of meetings")
        }
        return meeting
    }

    /// The latest meeting that deliveries called `name`.
    static func latest(called name: MeetingID, _ db: Database) throws -> MeetingRow? {
        try Row.fetchOne(
            db, sql: "SELECT \(columns) FROM meeting WHERE calledName = ? ORDER BY id DESC LIMIT 1",
            arguments: [name.name]
        ).map(MeetingRow.init)
    }

    /// Creates an open meeting.
    static func make(_ id: MeetingID, called name: MeetingID, at time: Date, _ db: Database) throws
        -> MeetingRow
    {
        try db.execute(
            sql: "INSERT INTO meeting (name, calledName, createdAt, changedAt) VALUES (?, ?, ?, ?)",
            arguments: [id.name, name.name, time.timeIntervalSince1970, time.timeIntervalSince1970])
        return try require(id, db)
    }

    /// Marks the meeting as open again if it was ended; what is said from now on has not been erased.
    func reopen(_ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE meeting SET state = 'open', endedAt = NULL, transcriptErasedAt = NULL
                WHERE id = ? AND (state <> 'open' OR transcriptErasedAt IS NOT NULL)
                """, arguments: [key])
    }

    /// Marks the meeting as ended unless it already is.
    func end(at time: Date, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE meeting SET state = 'ended', endedAt = ? WHERE id = ? AND state = 'open'",
            arguments: [time.timeIntervalSince1970, key])
    }

    /// Advances the time of the last change by a microsecond at least, so that each change can be noticed, even while
    /// the clock is set back.
    func touch(at time: Date, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE meeting SET changedAt = MAX(changedAt + 0.000001, ?) WHERE id = ?",
            arguments: [time.timeIntervalSince1970, key])
    }

    /// Records a problem; the same one is recorded once.
    ///
    /// A new one changes the meeting, so that its minutes are written again.
    func note(_ note: Note, at time: Date, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO note (meeting, text, at) VALUES (?, ?, ?)",
            arguments: [key, note.stored, time.timeIntervalSince1970])
        if db.changesCount > 0 { try touch(at: time, db) }
    }
}

/// Reads a value that the schema limits to the cases of `Value`.
func parsed<Value: RawRepresentable>(_ text: String) throws -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
        throw LedgerError(
            .invariant, "the ledger holds '\(text)' where that is no possible value: was it edited by hand?")
    }
    return value
}
