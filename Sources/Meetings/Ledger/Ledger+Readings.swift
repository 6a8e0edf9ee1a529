import Foundation
import GRDB
import Transcript

/// How files were read.
extension Ledger {
    /// The files of a meeting with how each was read, in the order in which they came; those of older versions are
    /// missing.
    package func readings(of meeting: MeetingID) throws -> [(name: String, facts: TranscriptFacts)] {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, facts FROM reading JOIN delivery ON delivery.id = reading.delivery
                    WHERE meeting = ? ORDER BY delivery.id
                    """,
                arguments: [key])
            return rows.compactMap { row in
                let facts: String = row["facts"]
                // Of a later version: its facts are not needed for anything else.
                guard let known = try? JSONDecoder().decode(TranscriptFacts.self, from: Data(facts.utf8))
                else {
                    return nil
                }
                return (row["name"], known)
            }
        }
    }

    static func record(_ facts: TranscriptFacts, of delivery: DeliveryID, _ db: Database) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try db.execute(
            sql: "INSERT INTO reading (delivery, facts) VALUES (?, ?)",
            arguments: [delivery.rawValue, String(decoding: try encoder.encode(facts), as: UTF8.self)])
    }
}
