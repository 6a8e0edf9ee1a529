import Foundation
import GRDB

/// What the ledger holds and what waits in it, in numbers.
package struct LedgerFigures: Sendable, Hashable {
    /// Meetings by state.
    package let open: Int, ended: Int, finished: Int
    /// Finished meetings of which a part was given up.
    package let incomplete: Int
    /// Utterances of all meetings.
    package let utterances: Int
    /// Windows that wait for a summary.
    package let waitingWindows: Int
    /// When the oldest of them was closed; nil if there is none.
    package let oldestWaiting: Date?
    /// Meetings that cannot be searched yet.
    package let unsearched: Int
    /// Erasures that are not completed.
    package let pendingErasures: Int
}

extension Ledger {
    /// Numbers for those who watch over the daemon; reads a row for each meeting.
    package func figures() throws -> LedgerFigures {
        try read { db in
            func number(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
            let states = try Row.fetchAll(db, sql: "SELECT state, COUNT(*) FROM meeting GROUP BY state")
            let counts = Dictionary(uniqueKeysWithValues: states.map { ($0[0] as String, $0[1] as Int) })
            func count(_ state: MeetingRecord.State) -> Int { counts[state.rawValue] ?? 0 }
            return LedgerFigures(
                open: count(.open), ended: count(.ended), finished: count(.finished),
                incomplete: try number(
                    """
                    SELECT COUNT(DISTINCT meeting.id) FROM window JOIN meeting ON meeting.id = window.meeting
                    WHERE givenUp = 1 AND state = 'finished' AND NOT EXISTS (SELECT 1 FROM summary
                        WHERE summary.meeting = window.meeting AND summary.window = window.number)
                    """),
                utterances: try number("SELECT COALESCE(SUM(utteranceCount), 0) FROM meeting"),
                waitingWindows: try number(WorkQueries.waitingWindowCount),
                oldestWaiting: try Double.fetchOne(db, sql: WorkQueries.oldestWaiting).map { date($0) },
                unsearched: try number("SELECT COUNT(*) FROM searchUnfilled"),
                pendingErasures: try number("SELECT COUNT(*) FROM erasure WHERE state <> 'done'"))
        }
    }
}
