import Foundation
import GRDB
import Transcript

/// The state of a meeting, without counts.
package struct MeetingStanding: Sendable, Hashable {
    /// Its place in the order in which meetings began to arrive.
    package let place: Int64
    /// Its name.
    package let id: MeetingID
    /// Where it stands.
    package let state: MeetingRecord.State
    /// When anything about it was last recorded.
    package let changedAt: Date
}

/// The amount of work that is waiting.
package struct LedgerLoad: Sendable, Hashable {
    /// Meetings that may get more utterances.
    package let openMeetings: Int
    /// Meetings that are ended and wait for the rest of their minutes.
    package let endedMeetings: Int
    /// Windows that wait for a summary.
    package let waitingWindows: Int
}

/// What is asked again and again while the daemon runs: answers look at meetings that are not finished, however many are.
extension Ledger {
    /// Meetings that are not finished, in the order in which they began to arrive.
    package func unfinishedMeetings() throws -> [MeetingID] {
        try read { db in
            try String.fetchAll(db, sql: WorkQueries.unfinishedMeetings).map { try MeetingID($0) }
        }
    }

    /// Open meetings about which nothing was recorded since `time`.
    package func openMeetings(unchangedSince time: Date) throws -> [MeetingID] {
        try read { db in
            try String.fetchAll(
                db, sql: WorkQueries.idleMeetings, arguments: [time.timeIntervalSince1970]
            ).map { try MeetingID($0) }
        }
    }

    /// Counts the work that is waiting.
    package func load() throws -> LedgerLoad {
        try read { db in
            let states = try String.fetchAll(db, sql: WorkQueries.states)
            let open = states.count { $0 == MeetingRecord.State.open.rawValue }
            return LedgerLoad(
                openMeetings: open, endedMeetings: states.count - open,
                waitingWindows: try Int.fetchOne(db, sql: WorkQueries.waitingWindowCount) ?? 0)
        }
    }

    /// How many meetings there are, finished ones too.
    package func meetingCount() throws -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM meeting") ?? 0 }
    }

    /// Where meetings stand, in the order in which they began to arrive: at most `limit` of those behind `place`.
    package func standings(after place: Int64 = 0, limit: Int = .max) throws -> [MeetingStanding] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, name, state, changedAt FROM meeting WHERE id > ? ORDER BY id LIMIT ?",
                arguments: [place, limit]
            ).map { row in
                MeetingStanding(
                    place: row["id"], id: try MeetingID(row["name"]), state: try parsed(row["state"]),
                    changedAt: date(row["changedAt"]))
            }
        }
    }
}

/// The queries behind ``Ledger/load()`` and similar calls.
///
/// Each has the very condition of the index `meetingAtWork`, by which SQLite knows that the index has all it needs.
enum WorkQueries {
    static let pendingMeetings = """
        SELECT name FROM (
            SELECT name, changedAt, id FROM meeting WHERE state <> 'finished' AND (
                state = 'ended' OR windowedCount < utteranceCount OR EXISTS (
                    SELECT 1 FROM window LEFT JOIN summary
                        ON summary.meeting = window.meeting AND summary.window = window.number
                    WHERE window.meeting = meeting.id AND summary.window IS NULL AND givenUp = 0))
            UNION ALL
            SELECT name, changedAt, id FROM redo CROSS JOIN meeting ON id = redo.meeting
            WHERE state = 'finished' AND NOT isElsewhere)
        ORDER BY changedAt, id
        """
    static let meetingsMadeAgain = """
        SELECT name FROM redo CROSS JOIN meeting ON id = redo.meeting WHERE state = 'finished' AND NOT isElsewhere
        """
    static let unfinishedMeetings = "SELECT name FROM meeting WHERE state <> 'finished' ORDER BY id"
    static let idleMeetings = """
        SELECT name FROM meeting WHERE state <> 'finished' AND state = 'open' AND changedAt < ? ORDER BY id
        """
    static let states = "SELECT state FROM meeting WHERE state <> 'finished'"
    /// Not the other way round: windows of finished meetings are many.
    static let waitingWindowCount = """
        SELECT COUNT(*) FROM meeting CROSS JOIN window ON window.meeting = meeting.id LEFT JOIN summary
            ON summary.meeting = window.meeting AND summary.window = window.number
        WHERE meeting.state <> 'finished' AND summary.window IS NULL AND givenUp = 0
        """
    /// From the few windows that were given up, which have an index.
    static let incompleteMeetingCount = """
        SELECT COUNT(DISTINCT meeting.id) FROM window INDEXED BY windowGivenUp
            CROSS JOIN meeting ON meeting.id = window.meeting
        WHERE givenUp = 1 AND state = 'finished' AND NOT EXISTS (SELECT 1 FROM summary
            WHERE summary.meeting = window.meeting AND summary.window = window.number)
        """
    static let oldestWaiting = waitingWindowCount.replacing("COUNT(*)", with: "MIN(closedAt)")
    static let waitingWindow = """
        SELECT number FROM window LEFT JOIN summary
            ON summary.meeting = window.meeting AND summary.window = window.number
        WHERE window.meeting = ? AND summary.window IS NULL AND givenUp = 0 ORDER BY number LIMIT 1
        """
}
