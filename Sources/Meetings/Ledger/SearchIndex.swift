import Foundation
import GRDB
import Language

/// Keeps the index of ``SearchSchema`` in step with the rows.
enum SearchIndex {
    /// Utterances that are brought into the index in one transaction, of ledgers that had none.
    static let stepLimit = 2000

    /// Empties the index if its forms were made by other rules; to be called before anything is written.
    static func adopt(_ db: Database) throws {
        let known = try String.fetchOne(db, sql: "SELECT rules FROM searchRules")
        guard known != SearchWord.rules else { return }
        try empty(db)
        try db.execute(
            sql: "INSERT OR REPLACE INTO searchRules (id, rules) VALUES (1, ?)", arguments: [SearchWord.rules]
        )
    }

    /// Empties the index, to be filled anew, even if it is damaged.
    static func empty(_ db: Database) throws {
        // As in a new index; without its record of structure FTS5 does nothing at all, not even this.
        try db.execute(
            sql: """
                DELETE FROM search_data;
                DELETE FROM search_idx;
                INSERT INTO search_data (id, block) VALUES (1, x''), (10, x'00000000000000');
                INSERT INTO search (search) VALUES ('delete-all');
                DELETE FROM searchChange;
                INSERT OR REPLACE INTO searchUnfilled (meeting) SELECT id FROM meeting;
                """)
    }

    /// Brings the index up to date with what has changed in this transaction.
    ///
    /// An index that is damaged is emptied: what comes is recorded all the same.
    static func settle(_ db: Database) throws {
        do {
            try takeUpChanges(db)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            try empty(db)
        }
    }

    private static func takeUpChanges(_ db: Database) throws {
        let changes = try Row.fetchCursor(
            db, sql: "SELECT entry, textBefore, speakerBefore FROM searchChange ORDER BY id")
        // The first change of a row knows what the index has.
        var before: [(entry: SearchEntry, words: String)] = []
        var seen: Set<Int64> = []
        while let row = try changes.next() {
            guard seen.insert(row[0]).inserted else { continue }
            let text: String? = row[1]
            before.append(
                (SearchEntry(row: row[0]), text.map { words($0, speaker: row[2]) } ?? ""))
        }
        guard !before.isEmpty else { return }
        let unfilled = try unfilled(db)
        let erase = try db.cachedStatement(
            sql: "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)")
        for (entry, words) in before {
            if let next = unfilled[entry.meeting], entry.place != .turn || entry.number >= next { continue }
            if !words.isEmpty { try erase.execute(arguments: [entry.row, words]) }
            if let text = try SearchText(entry, db) { try add(text, db) }
        }
        try db.execute(sql: "DELETE FROM searchChange")
        if !unfilled.isEmpty {
            try db.execute(
                sql: "DELETE FROM searchUnfilled WHERE meeting NOT IN (SELECT id FROM meeting)")
        }
    }

    /// Brings a few more rows of an older ledger into the index; false if all are there.
    static func fill(_ db: Database) throws -> Bool {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT meeting, next FROM searchUnfilled ORDER BY meeting DESC LIMIT 1")
        else { return false }
        let (meeting, next): (Int64, Int) = (row[0], row[1])
        let end = next + stepLimit
        let last = try Int.fetchOne(
            db, sql: "SELECT utteranceCount FROM meeting WHERE id = ?", arguments: [meeting])
        let count = min(last ?? 0, Int(SearchEntry.numberLimit))
        for number in next..<max(next, min(end, count)) {
            if let text = try SearchText(SearchEntry(meeting, .turn, number), db) { try add(text, db) }
        }
        guard end >= count else {
            try db.execute(
                sql: "UPDATE searchUnfilled SET next = ? WHERE meeting = ?", arguments: [end, meeting])
            return true
        }
        var others = [SearchEntry(meeting, .title, 0)]
        for (place, sql) in [
            (SearchPlace.part, "SELECT window FROM summary WHERE meeting = ?"),
            (.summary, "SELECT revision FROM overall WHERE meeting = ?"),
        ] {
            others += try Int.fetchAll(db, sql: sql, arguments: [meeting]).map {
                SearchEntry(meeting, place, $0)
            }
        }
        for entry in others {
            if let text = try SearchText(entry, db) { try add(text, db) }
        }
        try db.execute(sql: "DELETE FROM searchUnfilled WHERE meeting = ?", arguments: [meeting])
        return true
    }

    /// Writes the index anew without what was erased; without that, words are in it until their part is merged.
    static func clean(_ db: Database) throws {
        do {
            try db.execute(sql: "INSERT INTO search (search) VALUES ('optimize')")
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            try empty(db)
        }
    }

    private static func unfilled(_ db: Database) throws -> [Int64: Int] {
        var unfilled: [Int64: Int] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT meeting, next FROM searchUnfilled")
        while let row = try rows.next() { unfilled[row[0]] = row[1] }
        return unfilled
    }

    private static func add(_ text: SearchText, _ db: Database) throws {
        let words = words(text.text, speaker: text.speaker)
        guard !words.isEmpty else { return }
        let statement = try db.cachedStatement(sql: "INSERT INTO search (rowid, words) VALUES (?, ?)")
        try statement.execute(arguments: [text.entry.row, words])
    }

    /// What the index has of a row: the same text always gives the same.
    private static func words(_ text: String, speaker: String?) -> String {
        let said = SearchWord.read(text)
        guard !said.isEmpty else { return "" }
        return (said.map(\.form) + SearchText.forms(ofSpeaker: speaker ?? "")).joined(separator: " ")
    }
}

/// The text of an entry, as its row has it.
struct SearchText {
    let entry: SearchEntry
    let text: String
    /// Of an utterance, if the transcript names somebody.
    var speaker: String?
    /// Seconds from the meeting's start, if the transcript has times.
    var time: Double?

    /// Nil if the row is gone, or has no text.
    init?(_ entry: SearchEntry, _ db: Database) throws {
        let sql =
            switch entry.place {
            case .turn:
                "SELECT text, speaker, start FROM utterance WHERE meeting = ? AND sequence = ?"
            case .part:
                """
                SELECT text, NULL, (SELECT start FROM utterance JOIN window
                    ON window.meeting = utterance.meeting AND sequence = firstUtterance
                    WHERE window.meeting = summary.meeting AND number = summary.window)
                FROM summary WHERE meeting = ? AND window = ?
                """
            case .summary: "SELECT text, NULL, NULL FROM overall WHERE meeting = ? AND revision = ?"
            case .title: "SELECT title, NULL, NULL FROM meeting WHERE id = ? AND ? = 0"
            }
        let statement = try db.cachedStatement(sql: sql)
        guard let row = try Row.fetchOne(statement, arguments: [entry.meeting, entry.number]),
            let text: String = row[0]
        else { return nil }
        (self.entry, self.text, speaker, time) = (entry, text, row[1], row[2])
    }

    /// A speaker's name in the index: apart from what is said, by a sign that no word has.
    static func forms(ofSpeaker name: String) -> [String] {
        SearchWord.read(name).map { "§" + $0.form }
    }
}
