import Foundation
import GRDB
import Summaries
import Transcript

/// Items that people have ticked off, and titles that they have changed.
extension Ledger {
    /// The decisions, action items and open questions of a meeting as they are recorded, in order, with what they are
    /// called, and those ticked off that are.
    package func items(of meeting: MeetingID) throws -> [MinutesItem] {
        try read { try Self.items(of: try MeetingRow.require(meeting, $0), $0) }
    }

    /// What is known of the items of a meeting that are ticked off.
    package func doneItems(of meeting: MeetingID) throws -> Set<MinutesItem.Key> {
        try read { try Self.doneItems(of: try MeetingRow.require(meeting, $0), $0) }
    }

    /// Ticks an item of a meeting off, or takes that back, and returns it as it is shown.
    ///
    /// `item` is what it is called (``MinutesItem/id``), or words that stand in one action item or open question alone, as
    /// it is shown or as it is recorded.
    /// Throws `badEdit` if there is no such item, or more than one.
    package func tick(
        _ item: String, _ isDone: Bool, in meeting: MeetingID, at time: Date = Date()
    ) throws -> MinutesItem {
        try writeItems(at: time) { db in
            let row = try MeetingRow.require(meeting, db)
            let names = try Self.shownNames(of: row, db)
            var found = try Self.find(item, in: row, names, db)
            let arguments: StatementArguments = [
                row.key, found.citation.utterance, found.kind.rawValue, found.text,
            ]
            if isDone {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO doneItem (meeting, sequence, kind, text) VALUES (?, ?, ?, ?)",
                    arguments: arguments)
            } else {
                try db.execute(
                    sql: "DELETE FROM doneItem WHERE meeting = ? AND sequence = ? AND kind = ? AND text = ?",
                    arguments: arguments)
            }
            if db.changesCount > 0 { try Self.handOnCorrected(row, at: time, db) }
            try row.touch(at: time, db)
            found.isDone = isDone ? true : nil
            return (row, names.shown(found))
        }
    }

    /// Gives a meeting another title, or none; what a delivery says of it afterwards does not count.
    package func retitle(_ meeting: MeetingID, to title: String?, at time: Date = Date()) throws {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            let before = try String.fetchOne(
                db, sql: "SELECT title FROM meeting WHERE id = ?", arguments: [row.key])
            try db.execute(
                sql: "UPDATE meeting SET title = ?, isTitled = 1 WHERE id = ?", arguments: [title, row.key])
            if title != before { try Self.handOnCorrected(row, at: time, db) }
            try row.touch(at: time, db)
            return (row, ())
        }
    }

    // MARK: - Rows

    static func items(of meeting: MeetingRow, _ db: Database) throws -> [MinutesItem] {
        let found = try String.fetchAll(
            db, sql: "SELECT findings FROM finding WHERE meeting = ? ORDER BY window",
            arguments: [meeting.key])
        return found.flatMap { value($0, as: WindowFindings.self)?.items ?? [] }
            .identified(done: try doneItems(of: meeting, db))
    }

    static func doneItems(of meeting: MeetingRow, _ db: Database) throws -> Set<MinutesItem.Key> {
        Set(
            try Row.fetchAll(
                db, sql: "SELECT kind, text, sequence FROM doneItem WHERE meeting = ?",
                arguments: [meeting.key]
            ).map {
                MinutesItem.Key(kind: try parsed($0["kind"]), text: $0["text"], utterance: $0["sequence"])
            })
    }

    /// An item as it is recorded.
    private static func find(
        _ item: String, in meeting: MeetingRow, _ names: ShownNames, _ db: Database
    ) throws -> MinutesItem {
        let all = try items(of: meeting, db)
        if let named = all.first(where: { $0.id == item }) {
            guard named.kind.canBeDone else {
                throw LedgerError(
                    .badEdit, "'\(item)' of meeting '\(meeting.id)' is a decision, which cannot be ticked off"
                )
            }
            return named
        }
        let found = all.filter { recorded in
            !item.isEmpty && recorded.kind.canBeDone
                && [recorded, names.shown(recorded)].contains {
                    $0.text.localizedCaseInsensitiveContains(item)
                }
        }
        guard let one = found.first, found.count == 1 else {
            let what =
                found.isEmpty
                ? "has no item '\(item)' to tick off"
                : "has \(found.count) items with '\(item)': " + found.compactMap(\.id).joined(separator: ", ")
            throw LedgerError(
                .badEdit, "meeting '\(meeting.id)' \(what); minutectl done \(meeting.id) lists them")
        }
        return one
    }
}
