import Foundation
import GRDB
import Language
import Summaries
import Transcript

/// What a list of all meetings shows of one.
package struct MeetingOutline: Sendable, Hashable {
    /// Its name.
    package let id: MeetingID
    /// Its title, if it has one.
    package let title: String?
    /// When it began, or began to arrive.
    package let date: Date
    /// Where it stands.
    package let state: MeetingRecord.State
    /// Those who spoke, in the order in which they first did, under the names that they are shown under.
    package let speakers: [String]
    /// The sentences of the last summary of the whole with their evidence and the names that are shown; nil while the
    /// meeting is not finished, and where no model wrote one.
    package let statements: [Summaries.Statement]?
}

extension Ledger {
    /// What a list of all meetings shows of one, `withSummary` or without; nil if there is no such meeting.
    package func outline(of meeting: MeetingID, withSummary: Bool) throws -> MeetingOutline? {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT title, COALESCE(startedAt, createdAt) AS date, state,
                        CASE WHEN ? AND state = 'finished' THEN (
                            SELECT findings FROM overall WHERE overall.meeting = meeting.id
                            ORDER BY revision DESC LIMIT 1) END AS findings
                    FROM meeting WHERE name = ?
                    """, arguments: [withSummary, meeting.name])
            guard let row else { return nil }
            let named = try MeetingRow.require(meeting, db)
            let names = try Self.shownNames(of: named, db)
            let statements = Self.value(row["findings"], as: [Summaries.Statement].self)
            return MeetingOutline(
                id: meeting, title: row["title"], date: date(row["date"]), state: try parsed(row["state"]),
                speakers: try Self.shownSpeakers(of: named, db).map(\.name),
                statements: names.isEmpty ? statements : statements?.map { names.shown($0) })
        }
    }

    /// The language in which most is said at the beginning of the latest meetings; nil if none is known.
    package func latestLanguage() throws -> LanguageCode? {
        try read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT language FROM utterance
                    WHERE meeting IN (SELECT id FROM meeting ORDER BY id DESC LIMIT 20) AND sequence < 50
                        AND language IS NOT NULL
                    GROUP BY language ORDER BY COUNT(*) DESC, language LIMIT 1
                    """
            ).map(LanguageCode.init)
        }
    }
}
