import Foundation
import GRDB
import Language
import Transcript

/// What is known of meetings besides their transcripts.
extension Ledger {
    /// The meeting that a calendar is about.
    package struct CalendarTarget: Sendable, Hashable {
        /// The meeting.
        package let meeting: MeetingID
        /// Whether more of it may come.
        package let isOpen: Bool
        /// When the last of it came.
        package let received: Date
        /// When it was, as far as that is known without the calendar.
        package let moment: MeetingMoment
    }

    /// A calendar that comes so many seconds after the transcript is still about that one.
    private static let calendarPatience = 86_400.0

    /// The meeting that a calendar which calls it `name` is about; nil if that is still to come.
    ///
    /// It is the latest of the name while that is open, or if it has come in the last day and has no calendar yet.
    package func calendarTarget(called name: MeetingID, at now: Date) throws -> CalendarTarget? {
        try read { db in
            guard let meeting = try MeetingRow.latest(called: name, db),
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT startedAt, appointment.start,
                            (SELECT MAX(receivedAt) FROM delivery WHERE delivery.meeting = meeting.id) AS received,
                            (SELECT COALESCE(modifiedAt, receivedAt) FROM delivery
                                WHERE delivery.meeting = meeting.id ORDER BY id LIMIT 1) AS about,
                            EXISTS (SELECT 1 FROM calendar WHERE calendar.meeting = meeting.id) AS hasCalendar
                        FROM meeting LEFT JOIN appointment ON appointment.meeting = meeting.id
                        WHERE meeting.id = ?
                        """, arguments: [meeting.key]), let received: Double = row["received"]
            else { return nil }
            if meeting.state != .open {
                guard row["hasCalendar"] == false,
                    now.timeIntervalSince1970 - received < Self.calendarPatience
                else { return nil }
            }
            let start: Double? = row["startedAt"]
            return CalendarTarget(
                meeting: meeting.id, isOpen: meeting.state == .open,
                received: Date(timeIntervalSince1970: received),
                moment: MeetingMoment(
                    start: start.map(Date.init(timeIntervalSince1970:)),
                    day: MeetingSeries(meeting.id)?.date ?? MeetingSeries(name)?.date,
                    about: Date(timeIntervalSince1970: row["about"] ?? received)))
        }
    }

    /// The latest meeting called `name` for which a calendar with this content was taken; nil if there is none.
    ///
    /// Of those alone that were received at `time` or later, by default of all.
    package func meeting(
        ofCalendar sha256: String, called name: MeetingID, receivedSince time: Date = .distantPast
    ) throws -> MeetingID? {
        try read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT meeting.name FROM calendar JOIN meeting ON meeting.id = calendar.meeting
                    WHERE sha256 = ? AND calendar.calledName = ? AND receivedAt >= ?
                    ORDER BY calendar.id DESC LIMIT 1
                    """, arguments: [sha256, name.name, time.timeIntervalSince1970]
            ).map { try MeetingID($0) }
        }
    }

    /// Records what a calendar says of `meeting`, which it calls `name`: what is known already stays, and people are
    /// added.
    package func record(
        _ invitation: Invitation, from file: ReceivedFile, called name: MeetingID, of meeting: MeetingID,
        notes: [Note] = [], at time: Date = Date()
    ) throws {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO calendar (meeting, calledName, name, sha256, byteCount, receivedAt)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.key, name.name, file.name, file.sha256, file.byteCount, time.timeIntervalSince1970,
                ])
            try Self.record(invitation, of: row, db)
            for note in notes { try row.note(note, at: time, db) }
            try row.touch(at: time, db)
            return (row, ())
        }
    }

    /// Adds to what is known of a meeting.
    static func record(_ invitation: Invitation, of meeting: MeetingRow, _ db: Database) throws {
        guard !invitation.isEmpty else { return }
        if invitation.start != nil || invitation.day != nil || invitation.place != nil {
            try db.execute(
                sql: """
                    INSERT INTO appointment (meeting, start, "end", day, place) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (meeting) DO UPDATE SET
                        start = COALESCE(start, CASE WHEN day IS NULL THEN excluded.start END),
                        "end" = CASE WHEN start IS NULL AND day IS NULL THEN excluded."end" ELSE "end" END,
                        day = COALESCE(day, CASE WHEN start IS NULL THEN excluded.day END),
                        place = COALESCE(place, excluded.place)
                    """,
                arguments: [
                    meeting.key, invitation.start?.timeIntervalSince1970,
                    invitation.end?.timeIntervalSince1970,
                    invitation.start == nil ? invitation.day : nil, invitation.place,
                ])
            try db.execute(
                sql: """
                    UPDATE meeting SET startedAt = COALESCE(
                        startedAt, (SELECT start FROM appointment WHERE appointment.meeting = meeting.id))
                    WHERE id = ?
                    """, arguments: [meeting.key])
        }
        if let title = invitation.title { try describe(meeting, title: title, startedAt: nil, db) }
        guard !invitation.people.isEmpty else { return }
        let known = try people(of: meeting, db)
        let all = Invitation.distinct(known + invitation.people)
        guard all != known else { return }
        try db.execute(sql: "DELETE FROM invited WHERE meeting = ?", arguments: [meeting.key])
        for (position, person) in all.enumerated() {
            try db.execute(
                sql:
                    "INSERT INTO invited (meeting, position, name, address, hasDeclined) VALUES (?, ?, ?, ?, ?)",
                arguments: [meeting.key, position, person.name, person.address, person.hasDeclined])
        }
    }

    private static func people(of meeting: MeetingRow, _ db: Database) throws -> [Invitation.Person] {
        try Row.fetchAll(
            db, sql: "SELECT name, address, hasDeclined FROM invited WHERE meeting = ? ORDER BY position",
            arguments: [meeting.key]
        ).compactMap {
            Invitation.Person(name: $0["name"], address: $0["address"], hasDeclined: $0["hasDeclined"])
        }
    }

    /// What is known of a meeting besides its transcript; the title is the meeting's own.
    package func invitation(of meeting: MeetingID) throws -> Invitation {
        try read { db in
            let row = try MeetingRow.require(meeting, db)
            var invitation = Invitation()
            if let known = try Row.fetchOne(
                db, sql: "SELECT * FROM appointment WHERE meeting = ?", arguments: [row.key])
            {
                invitation.start = (known["start"] as Double?).map(Date.init(timeIntervalSince1970:))
                invitation.end = (known["end"] as Double?).map(Date.init(timeIntervalSince1970:))
                (invitation.day, invitation.place) = (known["day"], known["place"])
            }
            invitation.people = try Self.people(of: row, db)
            return invitation
        }
    }

    /// Replaces somebody among those who were invited whom one of `names` means in another spelling, or whose address
    /// does.
    ///
    /// Returns how many were replaced.
    static func replaceInvited(
        _ names: [String], by label: String, of meeting: MeetingRow, _ db: Database
    ) throws -> Int {
        let meant = Set(names.map { PersonName($0).whole }).subtracting([""])
        let rows = try Row.fetchAll(
            db, sql: "SELECT position, name, address FROM invited WHERE meeting = ?", arguments: [meeting.key]
        )
        var count = 0
        for row in rows where isMeant(row["name"], row["address"], meant) {
            try db.execute(
                sql: "UPDATE invited SET name = ?, address = NULL WHERE meeting = ? AND position = ?",
                arguments: [label, meeting.key, row["position"] as Int])
            count += 1
        }
        return count
    }

    /// Whether one of `names` is invited to the meeting of this number.
    static func isInvited(_ names: [String], meeting: Int64, _ db: Database) throws -> Bool {
        let meant = Set(names.map { PersonName($0).whole }).subtracting([""])
        return try Row.fetchAll(
            db, sql: "SELECT name, address FROM invited WHERE meeting = ?", arguments: [meeting]
        ).contains { isMeant($0["name"], $0["address"], meant) }
    }

    private static func isMeant(_ name: String, _ address: String?, _ meant: Set<String>) -> Bool {
        meant.contains(PersonName(name).whole) || address.map { meant.contains(PersonName($0).whole) } == true
    }
}
