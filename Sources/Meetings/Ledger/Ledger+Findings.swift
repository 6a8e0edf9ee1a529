import Foundation
import GRDB
import Summaries
import Transcript

/// What was found in windows: recorded with their summaries, as structure.
extension Ledger {
    /// Records what was found in a window that has its summary, or was given up, since before findings were recorded.
    ///
    /// Nothing else changes: the minutes of the same words are the same as before; but later ones of the same series show
    /// what is open in them.
    package func record(
        _ findings: WindowFindings, window: Int, of meeting: MeetingID, at time: Date = Date()
    ) throws {
        let later = try writeQuietly { db in
            try Self.record(findings, window: window, of: try MeetingRow.require(meeting, db), db)
            return try Self.touchLater(than: meeting, at: time, db)
        }
        hint(at: later)
    }

    /// Records what was found in the last summary of the whole; see ``record(_:window:of:)``.
    package func record(_ statements: [Summaries.Statement], ofWhole meeting: MeetingID) throws {
        try writeQuietly { db in
            try db.execute(
                sql: """
                    UPDATE overall SET findings = ?1 WHERE meeting = ?2
                        AND revision = (SELECT MAX(revision) FROM overall WHERE meeting = ?2)
                    """,
                arguments: [try Self.json(statements), try MeetingRow.require(meeting, db).key])
        }
    }

    static func record(_ findings: WindowFindings, window: Int, of meeting: MeetingRow, _ db: Database) throws
    {
        // A window that was given up may have been summarised after all.
        try db.execute(
            sql: "INSERT OR REPLACE INTO finding (meeting, window, findings) VALUES (?, ?, ?)",
            arguments: [meeting.key, window, try json(findings)])
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Reads what ``json(_:)`` wrote; nil for what another version wrote, which is found anew.
    static func value<Value: Decodable>(_ json: String?, as type: Value.Type) -> Value? {
        json.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}
