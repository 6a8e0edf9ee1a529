import Foundation
import GRDB
import Language
import Transcript

/// Files that come again, under the same name or another one.
///
/// A whole meeting is known by its content, a chunk by its content and its number: recorders write the same silence
/// into many chunks. A file without words is known by its name as well, since all such files are alike.
extension Ledger {
    /// What is known of a file that was taken before.
    struct Known {
        let delivery: DeliveryID
        let meeting: MeetingRow
        /// The name under which it was taken.
        let name: String
        /// Whether it was broken off, and is to go on where it was.
        let isPartial: Bool
    }

    /// The earlier delivery of a file; nil for a new one, and for a connection.
    static func known(_ delivery: Delivery, _ db: Database) throws -> Known? {
        guard let sha256 = delivery.sha256 else { return nil }
        let (called, name) = (delivery.meeting.name, delivery.name)
        let condition: String
        var arguments: StatementArguments = [sha256, called, name]
        if let number = delivery.chunkNumber {
            condition = "calledName = ? AND (name = ? OR chunkNumber = ?)"
            arguments += [number]
        } else {
            condition = "(calledName = ? AND name = ? OR chunkNumber IS NULL AND ?)"
            arguments += [!delivery.utterances.isEmpty]
        }
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT id, meeting, name, EXISTS (SELECT 1 FROM partial WHERE delivery = delivery.id) AS partial
                FROM delivery WHERE sha256 = ? AND \(condition) ORDER BY id LIMIT 1
                """,
            arguments: arguments)
        guard let row, let meeting = try MeetingRow.find(key: row["meeting"], db) else { return nil }
        return Known(
            delivery: DeliveryID(rawValue: row["id"]), meeting: meeting, name: row["name"],
            isPartial: row["partial"])
    }

    /// States in the minutes of the meeting that a file came again under another name; the meeting as it is then.
    static func note(_ known: Known, came delivery: Delivery, _ db: Database) throws -> MeetingRow {
        guard known.name != delivery.name else { return known.meeting }
        let note = Note(.contentKnown, .text(delivery.name), .text(known.name))
        try known.meeting.note(note, at: delivery.receivedAt, db)
        return known.meeting
    }

    /// Whether a file that has this content was taken as a whole: the chunk `number` of the meeting `called`, or a whole
    /// meeting.
    package func hasTaken(sha256: String, called: MeetingID, chunk number: Int?) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM delivery
                        WHERE sha256 = ? AND chunkNumber IS ? AND (chunkNumber IS NULL OR calledName = ?)
                            AND NOT EXISTS (SELECT 1 FROM partial WHERE partial.delivery = delivery.id))
                    """,
                arguments: [sha256, number, called.name]) ?? false
        }
    }
}
