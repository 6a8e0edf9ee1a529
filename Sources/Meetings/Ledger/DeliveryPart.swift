import Foundation
import GRDB
import Language
import Transcript

/// What a connection brings next; it is recorded as a whole or not at all.
package struct DeliveryPart: Sendable, Hashable {
    /// Changes to earlier utterances; they are recorded before the new ones.
    package var amendments: [Amendment] = []
    /// What was said, in order.
    package var utterances: [Utterance] = []
    /// Size as received, in bytes.
    package var byteCount = 0
    /// Problems to be stated in the minutes.
    package var notes: [Note] = []
    /// The meeting's title; the first one stays.
    package var title: String?
    /// When the meeting began; the first one stays.
    package var meetingStart: Date?
    /// What is known of the meeting besides; what is known already stays.
    package var invitation = Invitation()
    /// Which lines of its sender these are; nil if they are not counted.
    package var sender: SenderPosition?
    /// Whether the meeting ends with it.
    package var endsMeeting = false
    /// Whether the connection is over: nothing follows.
    package var closes = false

    /// Creates an empty part.
    package init() {}

    /// Whether it is only about the meeting, so that all of it may be known already.
    fileprivate var isAboutMeeting: Bool {
        utterances.isEmpty && amendments.isEmpty && byteCount == 0 && sender == nil && !closes
    }

    /// Whether the meeting already is as the part wants it, so that nothing needs to be written.
    fileprivate func isKnown(of meeting: MeetingRow, _ db: Database) throws -> Bool {
        guard invitation.isEmpty, !endsMeeting || meeting.state != .open else { return false }
        let known = try Row.fetchOne(
            db,
            sql: """
                SELECT title IS NOT NULL OR isTitled, startedAt IS NOT NULL AND startedAt IS NOT
                    (SELECT start FROM appointment WHERE appointment.meeting = meeting.id)
                FROM meeting WHERE id = ?
                """,
            arguments: [meeting.key])
        guard let known, title == nil || known[0], meetingStart == nil || known[1] else { return false }
        return try notes.allSatisfy { note in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM note WHERE meeting = ? AND text = ?)",
                arguments: [meeting.key, note.stored]) ?? false
        }
    }

    fileprivate var onlyCloses: Bool {
        var close = DeliveryPart()
        close.closes = true
        return self == close
    }
}

/// Numbers of what was recorded in its meeting.
package struct PartReceipt: Sendable, Hashable {
    /// Of the utterance that each amendment meant.
    package var amended: [Int] = []
    /// Of the new utterances.
    package var sequences: Range<Int> = 0..<0
}

/// Recording what connections bring.
extension Ledger {
    /// Records what a connection brought next.
    ///
    /// Utterances and amendments open the meeting again if it was ended. An amended utterance that is in no window yet
    /// is replaced, so that the open window is read again; of one that is in a window the correction is recorded and
    /// counted in the notes. What cannot be found is appended as a new utterance: nothing is lost.
    ///
    /// Refuses a delivery that is closed (`deliveryClosed`), though closing it twice does no harm, and lines that do
    /// not follow those of their sender which are recorded (`linesOutOfPlace`). What is known of the meeting already,
    /// such as its end, costs a look and no write.
    package func record(
        _ part: DeliveryPart, of delivery: DeliveryID, at time: Date = Date()
    ) throws -> PartReceipt {
        if part.isAboutMeeting, try read({ try part.isKnown(of: Self.meeting(growingBy: delivery, $0), $0) })
        {
            return PartReceipt()
        }
        return try write { db in
            if part.onlyCloses {
                try Self.close(delivery, of: Self.meeting(of: delivery, db).meeting, at: time, db)
                return (try Self.meeting(of: delivery, db).meeting, PartReceipt())
            }
            let meeting = try Self.meeting(growingBy: delivery, db)
            var receipt = PartReceipt()
            if !part.amendments.isEmpty || !part.utterances.isEmpty {
                try meeting.reopen(db)
                receipt.amended = try Self.amend(part.amendments, of: delivery, at: time, db)
                // As the amendments left it: some of them may be new utterances.
                receipt.sequences = try Self.append(
                    part.utterances, timeOffset: 0, to: Self.meeting(growingBy: delivery, db), of: delivery,
                    db)
            }
            try db.execute(
                sql: "UPDATE delivery SET byteCount = byteCount + ? WHERE id = ?",
                arguments: [part.byteCount, delivery.rawValue])
            try Self.finish(meeting, with: part, at: time, db)
            if part.closes { try Self.close(delivery, of: meeting, at: time, db) }
            return (meeting, receipt)
        }
    }

    /// Ends a meeting, and records what else `part` says about it.
    ///
    /// False if the meeting was ended before, which takes a read and no write. `part` must have no utterances.
    package func end(
        _ meeting: MeetingID, with part: DeliveryPart = DeliveryPart(), at time: Date = Date()
    ) throws -> Bool {
        precondition(part.utterances.isEmpty && part.amendments.isEmpty, "utterances come by a delivery")
        var part = part
        part.endsMeeting = true
        if part.isAboutMeeting, try read({ try part.isKnown(of: MeetingRow.require(meeting, $0), $0) }) {
            return false
        }
        return try write { db in
            let row = try MeetingRow.require(meeting, db)
            try Self.finish(row, with: part, at: time, db)
            return (row, row.state == .open)
        }
    }

    /// Records what a part says about its meeting apart from utterances.
    private static func finish(
        _ meeting: MeetingRow, with part: DeliveryPart, at time: Date, _ db: Database
    ) throws {
        try describe(meeting, title: part.title, startedAt: part.meetingStart, db)
        try record(part.invitation, of: meeting, db)
        for note in part.notes { try meeting.note(note, at: time, db) }
        if let sender = part.sender { try record(sender, of: meeting, db) }
        try meeting.touch(at: time, db)
        if part.endsMeeting { try end(meeting, at: time, db) }
    }

    /// Advances a sender's count; refuses lines that do not begin at it.
    static func record(_ sender: SenderPosition, of meeting: MeetingRow, _ db: Database) throws {
        let known =
            try Int.fetchOne(
                db, sql: "SELECT lineCount FROM sender WHERE meeting = ? AND name = ?",
                arguments: [meeting.key, sender.name]) ?? 0
        guard sender.lines.lowerBound == known else {
            throw LedgerError(
                .linesOutOfPlace,
                "of this sender's lines for meeting '\(meeting.id)' \(known) are recorded, and these begin at line "
                    + "\(sender.lines.lowerBound): connect again, and send again from line \(known)")
        }
        try db.execute(
            sql: """
                INSERT INTO sender (meeting, name, lineCount, state, holdsBack) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (meeting, name) DO UPDATE SET
                    lineCount = excluded.lineCount, state = excluded.state, holdsBack = excluded.holdsBack
                """,
            arguments: [
                meeting.key, sender.name, sender.lines.upperBound, sender.state, sender.holdsBack,
            ])
    }

    /// The meeting that a delivery goes to, and whether the delivery may still bring more.
    static func meeting(of delivery: DeliveryID, _ db: Database) throws -> (meeting: MeetingRow, grows: Bool)
    {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT meeting, state FROM delivery WHERE id = ?", arguments: [delivery.rawValue]),
            let meeting = try MeetingRow.find(key: row["meeting"], db)
        else { throw LedgerError.forgotten }
        return (meeting, row["state"] == DeliveryRecord.State.growing.rawValue)
    }

    static func meeting(growingBy delivery: DeliveryID, _ db: Database) throws -> MeetingRow {
        let (meeting, grows) = try meeting(of: delivery, db)
        guard grows else {
            throw LedgerError(
                .deliveryClosed,
                "delivery \(delivery.rawValue) of meeting '\(meeting.id)' is closed: begin a new one")
        }
        return meeting
    }
}
