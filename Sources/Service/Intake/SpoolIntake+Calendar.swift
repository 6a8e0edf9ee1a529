import Foundation
import Glibc
import Language
import Ledger
import Transcript

/// Calendars: they say when and where a meeting was to be, and who was invited.
extension SpoolIntake {
    /// A calendar waits so many days for a transcript of its name.
    static let calendarDays = 7

    /// Takes a calendar once there is the meeting that it is about; until then it waits.
    ///
    /// One that cannot be read costs nothing but itself: the minutes say so, and it is refused.
    func takeCalendar(_ name: String, called meeting: MeetingID) throws -> Outcome {
        // It was recorded before, and the daemon ended before it was moved.
        if let bytes = try? readCalendar(name), let putAt = putAt(name),
            let known = try ledger.meeting(
                ofCalendar: Self.sha256(of: bytes), called: meeting, receivedSince: putAt + Self.clockLag)
        {
            return .duplicate(known)
        }
        guard let target = try ledger.calendarTarget(called: meeting, at: Date()) else {
            return try wait(name, called: meeting)
        }
        do {
            let bytes = try readCalendar(name)
            let (invitation, notes) = try CalendarFile.invitation(
                in: bytes, name: name, near: target.moment, zone: .autoupdatingCurrent)
            // A transcript does not come before its meeting begins: this one is of the next meeting.
            if let start = invitation.start, !target.isOpen,
                start.timeIntervalSince(target.received) > Self.earliest
            {
                return try wait(name, called: meeting)
            }
            try ledger.record(
                invitation,
                from: ReceivedFile(name: name, sha256: Self.sha256(of: bytes), byteCount: bytes.count),
                called: meeting, of: target.meeting, notes: notes)
            return .described(target.meeting)
        } catch let error as CalendarError {
            try ledger.note(
                Note(.calendarUnreadable, .text(name), .note(error.reason)), of: target.meeting)
            return Self.refused(
                "badCalendar",
                "it cannot be read as a calendar: \(error.reason); the minutes of \(target.meeting) say so, and have "
                    + "nothing of it")
        }
    }

    private func readCalendar(_ name: String) throws -> [UInt8] {
        do {
            return try read(name, CalendarFile.byteLimit)
        } catch .tooLarge {
            throw CalendarError.tooLarge
        }
    }

    /// Clocks differ, and meetings begin early, by so many seconds.
    private static let earliest = 3600.0

    /// A file system's clock is behind by so many seconds at most: the same calendar, put there anew, is another one.
    private static let clockLag = 0.02

    /// When a calendar was put into `incoming/`, by the system's clock; nil if it is gone.
    private func putAt(_ name: String) -> Date? {
        var status = stat()
        guard lstat(folder.incoming + "/" + name, &status) == 0 else { return nil }
        // Not when its content was changed: a copy may bear any such time.
        return Date(
            timeIntervalSince1970: Double(status.st_ctim.tv_sec) + Double(status.st_ctim.tv_nsec) / 1e9)
    }

    private func wait(_ name: String, called meeting: MeetingID) throws -> Outcome {
        guard let putAt = putAt(name) else { return .gone }
        guard Self.hasWaitedLong(since: putAt, at: Date()) else {
            return .waiting(
                reason: "no transcript of the meeting '\(meeting)' has come yet; it is refused after "
                    + "\(Self.calendarDays) days")
        }
        return try expired(name, called: meeting)
    }

    /// Whether a calendar that was put there at `time` is not to wait any longer.
    static func hasWaitedLong(since time: Date, at now: Date) -> Bool {
        now.timeIntervalSince(time) > Double(calendarDays) * 86_400
    }

    /// What becomes of a calendar for which no transcript has come.
    func expired(_ name: String, called meeting: MeetingID) throws -> Outcome {
        // Ignored: one that cannot be read is none that was taken.
        if let bytes = try? readCalendar(name),
            let known = try ledger.meeting(ofCalendar: Self.sha256(of: bytes), called: meeting)
        {
            return .duplicate(known)
        }
        return Self.refused(
            "noTranscript",
            "in \(Self.calendarDays) days no transcript of the meeting '\(meeting)' has come; a calendar has the name "
                + "of the transcript that it is about, such as \(meeting).vtt")
    }
}
