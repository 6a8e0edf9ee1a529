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
    /// Minutes to be handed on, for each entry of the configuration.
    package let deliveries: [Deliveries]

    /// Minutes to be handed on by an entry of the configuration.
    package struct Deliveries: Sendable, Hashable {
        /// The entry's name.
        package let name: String
        /// How many wait, or are being handed on.
        package let waiting: Int
        /// How many were given up.
        package let failed: Int
    }
}

extension Ledger {
    /// Minutes to be handed on, by the entry of the configuration.
    private static func deliveries(_ db: Database) throws -> [LedgerFigures.Deliveries] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name,
                    (SELECT COUNT(*) FROM outbox WHERE target = name AND settledAt IS NULL),
                    (SELECT COUNT(*) FROM outbox WHERE target = name AND state = 'failed')
                FROM outboxTarget ORDER BY name
                """
        ).map { .init(name: $0[0], waiting: $0[1], failed: $0[2]) }
    }

    /// Numbers for those who watch over the daemon; reads a row for each meeting.
    package func figures() throws -> LedgerFigures {
        try read { db in
            func number(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
            let states = try Row.fetchAll(db, sql: "SELECT state, COUNT(*) FROM meeting GROUP BY state")
            let counts = Dictionary(uniqueKeysWithValues: states.map { ($0[0] as String, $0[1] as Int) })
            func count(_ state: MeetingRecord.State) -> Int { counts[state.rawValue] ?? 0 }
            return LedgerFigures(
                open: count(.open), ended: count(.ended), finished: count(.finished),
                incomplete: try number(WorkQueries.incompleteMeetingCount),
                utterances: try number("SELECT COALESCE(SUM(utteranceCount), 0) FROM meeting"),
                waitingWindows: try number(WorkQueries.waitingWindowCount),
                oldestWaiting: try Double.fetchOne(db, sql: WorkQueries.oldestWaiting).map { date($0) },
                unsearched: try number("SELECT COUNT(*) FROM searchUnfilled"),
                pendingErasures: try number("SELECT COUNT(*) FROM erasure WHERE state <> 'done'"),
                deliveries: try Self.deliveries(db))
        }
    }
}
