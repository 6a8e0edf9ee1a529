import Foundation
import GRDB

/// How often work crashed the process (``AtHand``).
extension Ledger {
    /// The number of crashes after which a file or a line is refused.
    package static let deathsOfInput = 2

    /// Counts a crash of the process against `works`.
    package func countDeath(of works: [AtHand.Work], at time: Date = Date()) throws {
        try writeQuietly { db in
            for work in works {
                try db.execute(
                    sql: """
                        INSERT INTO death (work, count, at) VALUES (?, 1, ?)
                        ON CONFLICT (work) DO UPDATE SET count = count + 1, at = excluded.at
                        """,
                    arguments: [work.key, time.timeIntervalSince1970])
            }
        }
    }

    /// How often `work` crashed the process.
    package func deathCount(of work: AtHand.Work) throws -> Int {
        try read { db in
            try Int.fetchOne(db, sql: "SELECT count FROM death WHERE work = ?", arguments: [work.key]) ?? 0
        }
    }

    /// Digests of lines that are refused, because they crashed the process too often.
    package func deadlyLines() throws -> Set<UInt64> {
        let keys = try read { db in
            try String.fetchAll(
                db, sql: "SELECT work FROM death WHERE work LIKE 'line %' AND count >= ?",
                arguments: [Self.deathsOfInput])
        }
        return Set(
            keys.compactMap { key in
                if case .line(let digest) = AtHand.Work(key: key) { digest } else { nil }
            })
    }

    /// Forgets crashes: the work was done, or is to be tried again.
    package func forgetDeaths(of works: [AtHand.Work]) throws {
        try writeQuietly { db in
            for work in works {
                try db.execute(sql: "DELETE FROM death WHERE work = ?", arguments: [work.key])
            }
        }
    }
}
