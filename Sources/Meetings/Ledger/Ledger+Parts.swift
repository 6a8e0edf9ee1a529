import Foundation
import GRDB
import Transcript

/// Long files, which are recorded in several transactions.
extension Ledger {
    /// So many utterances are recorded at once; others, who have less to record, get their turn between two parts.
    static let partLimit = 2000

    /// Records a file as ``accept(_:)`` does, a long one part by part; `betweenParts` is called after each.
    ///
    /// Until the last part is recorded the file counts as not taken: given again, after a crash or an error, it goes on
    /// where it was. Lines that a connection brings meanwhile for the same meeting stand between the parts. Of the
    /// sequence numbers that it returns the count is right in any case.
    package func accept(_ delivery: Delivery, betweenParts: () throws -> Void) throws -> Acceptance {
        guard delivery.kind == .file, delivery.utterances.count > Self.partLimit else {
            return try accept(delivery)
        }
        let (id, meeting, recorded) = try begin(delivery)
        guard let recorded else { return .duplicate(of: id, meeting: meeting) }
        var next = recorded
        var first: Int?
        repeat {
            let end = min(next + Self.partLimit, delivery.utterances.count)
            let sequences = try append(delivery, next..<end, to: id)
            first = first ?? sequences.lowerBound
            next = end
            if next < delivery.utterances.count { try betweenParts() }
        } while next < delivery.utterances.count
        let start = first ?? 0
        return .accepted(id, meeting: meeting, sequences: start..<(start + delivery.utterances.count))
    }

    /// Makes the row of a file that is to be recorded in parts, or finds it; nil instead of how many of its utterances
    /// are recorded if it was recorded as a whole before.
    private func begin(_ delivery: Delivery) throws -> (DeliveryID, MeetingID, recorded: Int?) {
        try write { db in
            if let known = try Self.known(delivery, db) {
                let id = known.delivery
                guard known.isPartial else {
                    let meeting = try Self.note(known, came: delivery, db)
                    return (meeting, (id, meeting.id, nil))
                }
                let count = try Int.fetchOne(
                    db, sql: "SELECT COUNT(*) FROM utterance WHERE delivery = ?", arguments: [id.rawValue])
                return (
                    known.meeting, (id, known.meeting.id, min(count ?? 0, delivery.utterances.count))
                )
            }
            let meeting = try Self.destination(of: delivery, db)
            try meeting.reopen(db)
            let offset = try Self.timeOffset(of: delivery, in: meeting, db)
            let id = try Self.insert(delivery, timeOffset: offset, meeting, db)
            try db.execute(sql: "INSERT INTO partial (delivery) VALUES (?)", arguments: [id.rawValue])
            try Self.describe(meeting, title: delivery.title, startedAt: delivery.meetingStart, db)
            try Self.record(delivery.invitation, of: meeting, db)
            try meeting.touch(at: delivery.receivedAt, db)
            return (meeting, (id, meeting.id, 0))
        }
    }

    /// Appends some of a file's utterances; with the last ones it is taken.
    private func append(_ delivery: Delivery, _ part: Range<Int>, to id: DeliveryID) throws -> Range<Int> {
        try write { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT meeting, timeOffset FROM delivery WHERE id = ?", arguments: [id.rawValue]
                ),
                let meeting = try MeetingRow.find(key: row["meeting"], db)
            else { throw LedgerError.forgotten }
            try meeting.reopen(db)
            let sequences = try Self.append(
                Array(delivery.utterances[part]), timeOffset: row["timeOffset"], to: meeting, of: id, db)
            try meeting.touch(at: delivery.receivedAt, db)
            if part.upperBound == delivery.utterances.count {
                for note in delivery.notes { try meeting.note(note, at: delivery.receivedAt, db) }
                try db.execute(sql: "DELETE FROM partial WHERE delivery = ?", arguments: [id.rawValue])
                if delivery.endsMeeting { try Self.end(meeting, at: delivery.receivedAt, db) }
            }
            return (meeting, sequences)
        }
    }
}
