import Foundation
import GRDB
import Language
import Transcript

/// Replacing a person's name wherever a meeting has it.
extension Ledger {
    /// The meetings in which one of `names` may stand, in the order in which they began to arrive.
    ///
    /// Reads everything that is recorded, meeting by meeting, so that others have their turn between two.
    package func meetingsNaming(_ names: [String]) throws -> [MeetingID] {
        let replacement = NameReplacement(names, by: "\u{0}")
        var found: [MeetingID] = []
        for meeting in try standings() {
            let isNamed = try read { db in
                try PersonTexts.all.contains { texts in
                    try texts.changed(in: meeting.place, replacement, mayHave: names, db).next() != nil
                } || Self.isInvited(names, meeting: meeting.place, db)
            }
            if isNamed { found.append(meeting.id) }
        }
        return found
    }

    /// Replaces a person in one meeting, in one transaction, and adds the meeting to the erasure; returns how many
    /// utterances have changed.
    ///
    /// - Parameter label: what stands for the person, in the meeting's language, unlike the names that are taken.
    package func replacePerson(
        _ names: [String], in meeting: MeetingID, of erasure: Int64, at time: Date = Date(),
        label: (LanguageCode, Set<String>) -> String
    ) throws -> Int {
        try writeItems(at: time) { db in
            let row = try MeetingRow.require(meeting, db)
            let language = try String.fetchOne(
                db,
                sql: """
                    SELECT language FROM utterance WHERE meeting = ? AND language IS NOT NULL
                    GROUP BY language ORDER BY COUNT(*) DESC LIMIT 1
                    """, arguments: [row.key])
            let taken = try String.fetchSet(
                db,
                sql: """
                    SELECT speaker FROM participant WHERE meeting = ?1
                    UNION SELECT name FROM renaming WHERE meeting = ?1
                    UNION SELECT name FROM turnRenaming WHERE meeting = ?1
                    UNION SELECT name FROM invited WHERE meeting = ?1
                    """, arguments: [row.key])
            let own = label(language.map(LanguageCode.init) ?? .undetermined, taken)
            let replacement = NameReplacement(names, by: own)
            var utterances = 0
            // Before the texts, while the addresses are there.
            var changes = try Self.replaceInvited(names, by: own, of: row, db)
            for texts in PersonTexts.all {
                let rows = try texts.changed(in: row.key, replacement, mayHave: names, db)
                // All of them before the first is changed: the cursor reads what is updated.
                var all: [PersonTexts.Change] = []
                while let change = try rows.next() { all.append(change) }
                for change in all { try texts.write(change, db) }
                changes += all.count
                if texts.table == "utterance" { utterances = all.count }
            }
            try Self.add(row, to: erasure, db)
            guard changes > 0 else { return (row, 0) }
            try db.execute(
                sql: "UPDATE erasure SET utteranceCount = utteranceCount + ? WHERE id = ?",
                arguments: [utterances, erasure])
            // Whoever has read them reads them again, or is another process and has not heard of it.
            try db.execute(
                sql: "DELETE FROM redo WHERE meeting = ? AND isElsewhere", arguments: [row.key])
            try db.execute(
                sql: "UPDATE meeting SET correctionCount = correctionCount + 1 WHERE id = ?",
                arguments: [row.key])
            try row.note(Note(.personErased), at: time, db)
            try row.touch(at: time, db)
            return (row, utterances)
        }
    }

    /// Records that a person is replaced everywhere, and forgets the names.
    package func finishReplacing(_ erasure: Int64) throws {
        try writeQuietly { try Self.advance(erasure, to: .erased, $0) }
    }

    /// How often each of `words` stands alone in what was said in a meeting.
    package func count(of words: [String], in meeting: MeetingID) throws -> [String: Int] {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            let rows = try String.fetchCursor(
                db, sql: "SELECT text FROM utterance WHERE meeting = ?", arguments: [key])
            var counts: [String: Int] = [:]
            while let text = try rows.next() {
                for word in words where text.contains(word) {
                    counts[word, default: 0] += NameReplacement.count(of: word, in: text)
                }
            }
            return counts.filter { $0.value > 0 }
        }
    }
}

/// A table with texts of meetings in which people may be named.
private struct PersonTexts {
    enum Form { case text, speaker, json, note }

    /// A row whose texts change: what identifies it, and its new texts in the order of ``columns``.
    struct Change {
        let key: [DatabaseValue]
        let texts: [String?]
    }

    let table: String
    /// What identifies a row.
    let key: [String]
    let columns: [(name: String, form: Form)]
    /// The meeting's number, as an expression.
    var meeting = "meeting"

    /// All of them; a further table that names people belongs here.
    static let all = [
        PersonTexts(table: "meeting", key: ["id"], columns: [("title", .text)], meeting: "id"),
        PersonTexts(
            table: "utterance", key: ["meeting", "sequence"],
            columns: [("speaker", .speaker), ("text", .text)]),
        PersonTexts(
            table: "correction", key: ["id"],
            columns: [
                ("speakerBefore", .speaker), ("textBefore", .text), ("speaker", .speaker), ("text", .text),
            ]),
        PersonTexts(
            table: "renaming", key: ["meeting", "speaker"],
            columns: [("speaker", .speaker), ("name", .speaker)]),
        PersonTexts(table: "turnRenaming", key: ["meeting", "sequence"], columns: [("name", .speaker)]),
        PersonTexts(table: "appointment", key: ["meeting"], columns: [("place", .text)]),
        PersonTexts(table: "invited", key: ["meeting", "position"], columns: [("name", .speaker)]),
        PersonTexts(table: "doneItem", key: ["id"], columns: [("text", .text)]),
        PersonTexts(table: "summary", key: ["meeting", "window"], columns: [("text", .text)]),
        PersonTexts(table: "finding", key: ["meeting", "window"], columns: [("findings", .json)]),
        PersonTexts(
            table: "overall", key: ["meeting", "revision"], columns: [("text", .text), ("findings", .json)]),
        PersonTexts(
            table: "redoWindow", key: ["meeting", "window"],
            columns: [("text", .text), ("findings", .json)]),
        PersonTexts(
            table: "earlierMinutes", key: ["meeting", "number"], columns: [("document", .json)]),
        PersonTexts(table: "note", key: ["id"], columns: [("text", .note)]),
        PersonTexts(table: "failure", key: ["id"], columns: [("reason", .note)]),
        PersonTexts(table: "outbox", key: ["id"], columns: [("problem", .text)]),
        PersonTexts(table: "sender", key: ["meeting", "name"], columns: [("state", .json)]),
        PersonTexts(
            table: "reading", key: ["delivery"], columns: [("facts", .json)],
            meeting: "(SELECT meeting FROM delivery WHERE delivery.id = reading.delivery)"),
    ]

    /// The rows of a meeting that change.
    func changed(
        in meeting: Int64, _ replacement: NameReplacement, mayHave names: [String], _ db: Database
    ) throws -> AnyCursor<Change> {
        // SQLite compares letters of ASCII alone without regard to case.
        let patterns = names.map { name in
            name.utf8.allSatisfy { $0 < 0x80 }
                ? "%" + name.split(whereSeparator: \.isWhitespace).joined(separator: "%") + "%" : "%"
        }
        let conditions = columns.flatMap { column in patterns.map { _ in "\(column.name) LIKE ?" } }
        var arguments: StatementArguments = [meeting]
        for column in columns {
            // JSON writes some characters in another way.
            let isJSON = column.form == .json || column.form == .note
            arguments += StatementArguments(
                zip(names, patterns).map { name, pattern in
                    isJSON && name.contains { "\"\\/".contains($0) } ? "%" : pattern
                })
        }
        let selected = (key + columns.map(\.name)).joined(separator: ", ")
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT \(selected) FROM \(table)
                WHERE \(self.meeting) = ? AND (\(conditions.joined(separator: " OR ")))
                """,
            arguments: arguments)
        return AnyCursor(
            rows.compactMap { row -> Change? in
                var isChanged = false
                let texts = columns.indices.map { index -> String? in
                    guard let old: String = row[key.count + index] else { return nil }
                    let new = replaced(old, columns[index].form, replacement)
                    isChanged = isChanged || new != old
                    return new
                }
                guard isChanged else { return nil }
                return Change(key: key.indices.map { row[$0] as DatabaseValue }, texts: texts)
            })
    }

    private func replaced(_ text: String, _ form: Form, _ replacement: NameReplacement) -> String {
        switch form {
        case .speaker: replacement.replaced(speaker: text)
        case .text: replacement.replaced(in: text)
        case .json: replacement.replaced(inJSON: text)
        case .note:
            text.hasPrefix("{") ? replacement.replaced(inJSON: text) : replacement.replaced(in: text)
        }
    }

    func write(_ change: Change, _ db: Database) throws {
        let values = columns.map { "\($0.name) = ?" }.joined(separator: ", ")
        let condition = key.map { "\($0) = ?" }.joined(separator: " AND ")
        var arguments = StatementArguments(change.texts)
        arguments += StatementArguments(change.key)
        // Two notes that differ in the name alone become one.
        try db.execute(
            sql: "UPDATE OR REPLACE \(table) SET \(values) WHERE \(condition)", arguments: arguments)
    }
}
