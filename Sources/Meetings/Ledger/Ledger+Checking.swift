import Foundation
import GRDB
import Transcript

/// A contradiction in the ledger.
package struct LedgerFinding: Sendable, Hashable, Codable {
    /// The meeting that it is about; nil for the file as a whole.
    package let meeting: String?
    /// The contradiction, in words.
    package let what: String
    /// Whether ``Ledger/mend()`` puts it right.
    package let canBeMended: Bool
}

/// Whether the ledger is sound: as a file, and in what it says.
extension Ledger {
    /// Reads the whole file as SQLite's `quick_check` does; throws `damaged` if it is not sound.
    ///
    /// An index for searching that is not, which SQLite looks at from version 3.44 on, is emptied to be filled anew.
    package func checkIntegrity() throws {
        func check() throws -> String? { try read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") } }
        var answer = try check()
        // Ignored: a ledger that is open for reading only stays damaged.
        if Self.isOfSearchIndex(answer ?? ""), (try? emptySearchIndex()) != nil {
            answer = try check()
        }
        guard answer == "ok" else { throw Self.damaged(path, answer ?? "no answer") }
    }

    /// Moves the file at `path`, and what belongs to it, out of the way; returns its new name.
    ///
    /// No process may have it open. What it holds is not lost: it can be looked into as it is.
    package static func setAside(_ path: String, at time: Date = Date()) throws -> String {
        let target = "\(path)\(damagedMark)\(time.ISO8601Format(stampStyle))"
        for suffix in ["-wal", "-shm", ""] where FileManager.default.fileExists(atPath: path + suffix) {
            guard rename(path + suffix, target + suffix) == 0 else {
                throw LedgerError(
                    .storage, "cannot move \(path + suffix) away: \(String(cString: strerror(errno)))")
            }
        }
        return target
    }

    /// What stands between the name of a ledger that was set aside and the time.
    package static let damagedMark = ".damaged-"

    private static let stampStyle = Date.ISO8601FormatStyle.iso8601(
        timeZone: .gmt, dateSeparator: .omitted, timeSeparator: .omitted)

    /// When the ledger of this name, or what lies beside it, was set aside; nil if the name does not say it.
    package static func setAsideTime(_ name: String) -> Date? {
        guard let mark = name.range(of: damagedMark, options: .backwards) else { return nil }
        // Without -wal or -shm. Ignored: what is no time is not from here.
        return try? stampStyle.parse(String(name[mark.upperBound...].prefix { $0 != "-" }))
    }

    /// All that is wrong, none if it is sound; reads everything.
    package func findings() throws -> [LedgerFinding] {
        try read { db in
            var found = try Self.fileFindings(db)
            for rule in Self.rules {
                found += try String.fetchAll(db, sql: rule.query).map {
                    LedgerFinding(meeting: $0, what: rule.what, canBeMended: rule.mending != nil)
                }
            }
            return found
        }
    }

    /// Puts right what can be worked out from the utterances and windows, in one transaction.
    package func mend() throws {
        try writeQuietly { db in
            let findings = try Self.fileFindings(db)
            if findings.contains(where: \.canBeMended) { try db.execute(sql: "REINDEX") }
            if findings.contains(where: { Self.isOfSearchIndex($0.what) }) { try SearchIndex.empty(db) }
            for rule in Self.rules {
                guard let mending = rule.mending, try Row.fetchOne(db, sql: rule.query) != nil else {
                    continue
                }
                try db.execute(sql: mending)
            }
        }
    }

    /// Digests of the files that were recorded, as a whole.
    package func recordedDigests() throws -> Set<String> {
        let sql = """
            SELECT sha256 FROM delivery
            WHERE sha256 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM partial WHERE partial.delivery = delivery.id)
            UNION SELECT sha256 FROM calendar
            """
        return try read { Set(try String.fetchAll($0, sql: sql)) }
    }

    /// Whether SQLite says of the index for searching, which holds nothing that the rows do not, that it is damaged.
    static func isOfSearchIndex(_ finding: String) -> Bool { finding.contains("inverted index for FTS5") }

    private static func fileFindings(_ db: Database) throws -> [LedgerFinding] {
        let damages = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
        let strays = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
        var found = damages.map {
            // An index can be made again from its table.
            LedgerFinding(meeting: nil, what: "SQLite: \($0)", canBeMended: $0.contains("index"))
        }
        if strays > 0 {
            found.append(
                LedgerFinding(
                    meeting: nil, what: "\(strays) rows belong to something that is not there",
                    canBeMended: false))
        }
        return found
    }

    /// What must hold, as a query for the names of meetings where it does not.
    private struct Rule {
        let what: String
        let query: String
        /// Puts it right for all meetings at once; nil where nothing can be worked out.
        var mending: String?
    }

    private static let rules = [
        Rule(
            what: "its utterances are not numbered without a gap",
            query: """
                SELECT name FROM meeting JOIN utterance ON utterance.meeting = meeting.id GROUP BY meeting.id
                HAVING MIN(sequence) <> 0 OR MAX(sequence) <> COUNT(*) - 1
                """),
        Rule(
            what: "it counts other utterances or words than it has",
            query: """
                SELECT name FROM meeting WHERE utteranceCount <> (
                        SELECT COUNT(*) FROM utterance WHERE utterance.meeting = meeting.id)
                    OR wordCount <> (
                        SELECT TOTAL(wordCount) FROM utterance WHERE utterance.meeting = meeting.id)
                """,
            mending: """
                UPDATE meeting SET
                    utteranceCount = (SELECT COUNT(*) FROM utterance WHERE utterance.meeting = meeting.id),
                    wordCount = CAST((SELECT TOTAL(utterance.wordCount) FROM utterance
                        WHERE utterance.meeting = meeting.id) AS INTEGER)
                WHERE windowedCount <= (SELECT COUNT(*) FROM utterance WHERE utterance.meeting = meeting.id)
                    AND NOT EXISTS (SELECT 1 FROM utterance WHERE utterance.meeting = meeting.id
                        GROUP BY utterance.meeting HAVING MAX(sequence) <> COUNT(*) - 1)
                """),
        Rule(
            what: "its words are not counted through",
            query: """
                SELECT DISTINCT name FROM (
                    SELECT meeting, wordsBefore, SUM(wordCount) OVER (
                        PARTITION BY meeting ORDER BY sequence) - wordCount AS before FROM utterance)
                JOIN meeting ON meeting.id = meeting WHERE wordsBefore <> before
                """),
        Rule(
            what: "it counts other words of its speakers than they have",
            query: """
                SELECT DISTINCT name FROM meeting JOIN (
                    SELECT meeting, speaker, utteranceCount, wordCount FROM participant
                    EXCEPT SELECT meeting, COALESCE(speaker, ''), COUNT(*), SUM(wordCount) FROM utterance
                        GROUP BY meeting, COALESCE(speaker, '')
                ) AS wrong ON wrong.meeting = meeting.id
                """,
            mending: """
                DELETE FROM participant;
                INSERT INTO participant (meeting, speaker, utteranceCount, wordCount, firstSequence)
                    SELECT meeting, COALESCE(speaker, ''), COUNT(*), SUM(wordCount), MIN(sequence) FROM utterance
                    GROUP BY meeting, COALESCE(speaker, '')
                """),
        Rule(
            what: "its windows do not follow each other",
            query: """
                SELECT DISTINCT name FROM (
                    SELECT meeting, number, firstUtterance,
                        LAG(endUtterance, 1, 0) OVER (PARTITION BY meeting ORDER BY number) AS previousEnd,
                        ROW_NUMBER() OVER (PARTITION BY meeting ORDER BY number) - 1 AS position FROM window)
                JOIN meeting ON meeting.id = meeting WHERE number <> position OR firstUtterance <> previousEnd
                """),
        Rule(
            what: "it counts other windows than it has",
            query: """
                SELECT name FROM meeting WHERE windowCount <> (
                        SELECT COUNT(*) FROM window WHERE window.meeting = meeting.id)
                    OR windowedCount <> COALESCE((
                        SELECT MAX(endUtterance) FROM window WHERE window.meeting = meeting.id), 0)
                """,
            mending: """
                UPDATE meeting SET windowCount = (SELECT COUNT(*) FROM window WHERE window.meeting = meeting.id),
                    windowedCount = COALESCE(
                        (SELECT MAX(endUtterance) FROM window WHERE window.meeting = meeting.id), 0)
                WHERE utteranceCount >= COALESCE(
                    (SELECT MAX(endUtterance) FROM window WHERE window.meeting = meeting.id), 0)
                """),
        Rule(
            what: "it is finished, and has windows without a summary, or utterances in no window",
            query: """
                SELECT name FROM meeting WHERE state = 'finished' AND (windowedCount < utteranceCount OR EXISTS (
                    SELECT 1 FROM window LEFT JOIN summary
                        ON summary.meeting = window.meeting AND summary.window = window.number
                    WHERE window.meeting = meeting.id AND summary.window IS NULL AND givenUp = 0))
                """,
            mending: """
                UPDATE meeting SET state = 'ended' WHERE state = 'finished' AND (
                    windowedCount < utteranceCount OR EXISTS (
                        SELECT 1 FROM window LEFT JOIN summary
                            ON summary.meeting = window.meeting AND summary.window = window.number
                        WHERE window.meeting = meeting.id AND summary.window IS NULL AND givenUp = 0))
                """),
        Rule(
            what: "it is finished, and its summary of the whole was never recorded",
            query: """
                SELECT name FROM meeting WHERE state = 'finished'
                    AND NOT EXISTS (SELECT 1 FROM overall WHERE overall.meeting = meeting.id)
                """,
            mending: """
                UPDATE meeting SET state = 'ended' WHERE state = 'finished'
                    AND NOT EXISTS (SELECT 1 FROM overall WHERE overall.meeting = meeting.id)
                """),
    ]
}
