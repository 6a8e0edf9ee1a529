import Foundation
import GRDB
import Summaries
import Transcript

/// The names of speakers, put right by people.
///
/// The labels of the transcript stay; ``ShownNames`` are what is shown for them, also for what is said later.
extension Ledger {
    /// Has those who are shown as `name` shown as `newName`, and returns how many utterances there are of them.
    ///
    /// With `turns` (numbers of utterances, 0-based) or `times` (seconds from the meeting's start, at which somebody of
    /// that name speaks) only these utterances. The empty name stands for those whom the transcript does not name. Who
    /// gets the name of their label again is no longer renamed; nobody shown as `name` but a label that is called so means
    /// this label. Throws `badEdit` if there is no such speaker or turn.
    package func renameSpeakers(
        _ name: String, to newName: String, in meeting: MeetingID, turns: [Int] = [], times: [Double] = [],
        at time: Date = Date()
    ) throws -> Int {
        try writeItems(at: time) { db in
            let row = try MeetingRow.require(meeting, db)
            let before = try Self.shownNames(of: row, db)
            let count: Int
            if turns.isEmpty, times.isEmpty {
                count = try Self.renameSpeaker(name, to: newName, in: row, db)
            } else {
                let places = try turns + times.map { try Self.turn(at: $0, of: name, in: row, db) }
                let wanted = Set(places)
                for turn in wanted.sorted() {
                    try Self.renameTurn(turn, of: name, to: newName, in: row, db)
                }
                count = wanted.count
            }
            if try Self.shownNames(of: row, db) != before { try Self.handOnCorrected(row, at: time, db) }
            try row.touch(at: time, db)
            return (row, count)
        }
    }

    /// The names that the people of a meeting are shown under.
    package func shownNames(of meeting: MeetingID) throws -> ShownNames {
        try read { try Self.shownNames(of: try MeetingRow.require(meeting, $0), $0) }
    }

    /// What the transcripts call those who are shown under one of `names`, whatever the case of its letters, by meeting.
    package func labels(shownAs names: [String]) throws -> [(meeting: MeetingID, label: String)] {
        let wanted = Set(names.map { $0.lowercased() })
        return try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT meeting.name AS meeting, renaming.name AS name, speaker
                    FROM renaming JOIN meeting ON meeting.id = renaming.meeting WHERE speaker <> ''
                    ORDER BY meeting.id, speaker
                    """
            ).filter { wanted.contains(($0["name"] as String).lowercased()) }
                .map { (try MeetingID($0["meeting"]), $0["speaker"]) }
        }
    }

    // MARK: - Rows

    static func shownNames(of meeting: MeetingRow, _ db: Database) throws -> ShownNames {
        let labels = try Row.fetchAll(
            db, sql: "SELECT speaker, name FROM renaming WHERE meeting = ?", arguments: [meeting.key]
        ).map { ($0["speaker"] as String, $0["name"] as String) }
        let turns = try Row.fetchAll(
            db,
            sql: """
                SELECT sequence, name, speaker, text FROM turnRenaming JOIN utterance USING (meeting, sequence)
                WHERE meeting = ?
                """, arguments: [meeting.key]
        ).map { row -> (Int, ShownNames.Turn) in
            (
                row["sequence"],
                ShownNames.Turn(name: row["name"], speaker: row["speaker"], text: row["text"])
            )
        }
        guard !labels.isEmpty || !turns.isEmpty else { return .transcribed }
        return ShownNames(
            labels: Dictionary(uniqueKeysWithValues: labels),
            turns: Dictionary(uniqueKeysWithValues: turns),
            speakers: try String.fetchSet(
                db, sql: "SELECT speaker FROM participant WHERE meeting = ?", arguments: [meeting.key]))
    }

    /// Who is shown to have said an utterance, joined as ``shownTables`` says; '' where that is nobody.
    private static let shown = "COALESCE(turnRenaming.name, renaming.name, utterance.speaker, '')"
    private static let shownTables = """
        utterance
            LEFT JOIN renaming ON renaming.meeting = utterance.meeting
                AND renaming.speaker = COALESCE(utterance.speaker, '')
            LEFT JOIN turnRenaming ON turnRenaming.meeting = utterance.meeting
                AND turnRenaming.sequence = utterance.sequence
        """

    /// The name that people gave to who spoke a turn; nil if they gave none.
    static func givenName(ofTurn turn: Int, in meeting: Int64, _ db: Database) throws -> String? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT COALESCE(turnRenaming.name, renaming.name) FROM \(shownTables)
                WHERE utterance.meeting = ? AND utterance.sequence = ?
                """)
        return try String.fetchOne(statement, arguments: [meeting, turn])
    }

    /// Those who are shown to speak, in the order in which they first do, with their utterances and words.
    static func shownSpeakers(
        of meeting: MeetingRow, _ db: Database
    ) throws -> [(name: String, utterances: Int, words: Int)] {
        let isByTurns = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM turnRenaming WHERE meeting = ?)", arguments: [meeting.key])
        // Counted already, unless single turns go to others.
        let query =
            isByTurns == true
            ? """
            SELECT \(shown) AS shown, COUNT(*), SUM(wordCount) FROM \(shownTables)
            WHERE utterance.meeting = ? AND shown <> '' GROUP BY shown ORDER BY MIN(utterance.sequence)
            """
            : """
            SELECT COALESCE(name, participant.speaker) AS shown, SUM(utteranceCount), SUM(wordCount)
            FROM participant LEFT JOIN renaming USING (meeting, speaker)
            WHERE participant.meeting = ? AND shown <> '' GROUP BY shown ORDER BY MIN(firstSequence)
            """
        return try Row.fetchAll(db, sql: query, arguments: [meeting.key]).map { ($0[0], $0[1], $0[2]) }
    }

    private static func renameSpeaker(
        _ name: String, to newName: String, in meeting: MeetingRow, _ db: Database
    ) throws -> Int {
        let count =
            try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM \(shownTables) WHERE utterance.meeting = ? AND \(shown) = ?",
                arguments: [meeting.key, name]) ?? 0
        var labels = try String.fetchAll(
            db,
            sql: """
                SELECT participant.speaker FROM participant LEFT JOIN renaming USING (meeting, speaker)
                WHERE participant.meeting = ? AND COALESCE(name, participant.speaker) = ?
                """, arguments: [meeting.key, name])
        if labels.isEmpty, count == 0 {
            labels = try String.fetchAll(
                db, sql: "SELECT speaker FROM participant WHERE meeting = ? AND speaker = ?",
                arguments: [meeting.key, name])
            guard !labels.isEmpty else { throw try unknownSpeaker(name, in: meeting, db) }
        }
        for label in labels where label != newName { try require(newName) }
        for label in labels {
            if label == newName {
                try db.execute(
                    sql: "DELETE FROM renaming WHERE meeting = ? AND speaker = ?",
                    arguments: [meeting.key, label])
            } else {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO renaming (meeting, speaker, name) VALUES (?, ?, ?)",
                    arguments: [meeting.key, label, newName])
            }
        }
        if count > 0, !newName.isEmpty {
            try db.execute(
                sql: "UPDATE turnRenaming SET name = ? WHERE meeting = ? AND name = ?",
                arguments: [newName, meeting.key, name])
        }
        return try count > 0
            ? count
            : Int.fetchOne(
                db, sql: "SELECT utteranceCount FROM participant WHERE meeting = ? AND speaker = ?",
                arguments: [meeting.key, name]) ?? 0
    }

    private static func renameTurn(
        _ turn: Int, of name: String, to newName: String, in meeting: MeetingRow, _ db: Database
    ) throws {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT \(shown) AS shown, COALESCE(renaming.name, utterance.speaker, '') AS label FROM \(shownTables)
                WHERE utterance.meeting = ? AND utterance.sequence = ?
                """, arguments: [meeting.key, turn])
        guard let row else {
            throw LedgerError(
                .badEdit,
                "meeting '\(meeting.id)' has no turn \(turn + 1): it has \(meeting.utteranceCount) so far")
        }
        let (shown, label): (String, String) = (row["shown"], row["label"])
        guard shown == name else {
            throw LedgerError(
                .badEdit,
                "turn \(turn + 1) of meeting '\(meeting.id)' is \(called(shown)), not \(called(name))")
        }
        if label == newName {
            try db.execute(
                sql: "DELETE FROM turnRenaming WHERE meeting = ? AND sequence = ?",
                arguments: [meeting.key, turn])
        } else {
            try require(newName)
            try db.execute(
                sql: "INSERT OR REPLACE INTO turnRenaming (meeting, sequence, name) VALUES (?, ?, ?)",
                arguments: [meeting.key, turn, newName])
        }
    }

    /// The turn of `name` at a time as the minutes show it, in whole seconds: the one that begins then, or lasts.
    private static func turn(
        at time: Double, of name: String, in meeting: MeetingRow, _ db: Database
    ) throws -> Int {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT utterance.sequence AS sequence, CAST(start AS INTEGER) = CAST(:time AS INTEGER) AS begins
                FROM \(shownTables)
                WHERE utterance.meeting = :meeting AND \(shown) = :name
                    AND (begins OR start <= :time AND "end" > :time)
                """, arguments: ["time": time, "meeting": meeting.key, "name": name])
        let begun = rows.filter { $0["begins"] as Bool? == true }
        let found = (begun.isEmpty ? rows : begun).map { $0["sequence"] as Int }
        guard let turn = found.first, found.count == 1 else {
            let what =
                found.isEmpty
                ? "no turn \(called(name)) is there"
                : "\(found.count) turns \(called(name)) are there: name them by their numbers, "
                    + found.map { "\($0 + 1)" }.joined(separator: ", ")
            throw LedgerError(
                .badEdit, "at \(Int(time)) seconds of meeting '\(meeting.id)': \(what)")
        }
        return turn
    }

    private static func require(_ name: String) throws {
        guard name.isEmpty else { return }
        throw LedgerError(.badEdit, "a speaker who has a name cannot lose it: give another one")
    }

    private static func called(_ name: String) -> String { name.isEmpty ? "of nobody" : "of '\(name)'" }

    private static func unknownSpeaker(
        _ name: String, in meeting: MeetingRow, _ db: Database
    ) throws -> LedgerError {
        let known = try shownSpeakers(of: meeting, db).map { "'\($0.name)'" }
        let speakers = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
        return LedgerError(
            .badEdit,
            "nobody in meeting '\(meeting.id)' is called '\(name)': its speakers are "
                + (known.isEmpty ? "not named" : speakers))
    }
}
