import Foundation
import GRDB
import Language
import Summaries
import Transcript

/// How the minutes of one meeting are written, where that is not what the configuration says of its kind.
package struct OwnStyle: Sendable, Hashable {
    /// The language of the minutes, by its code; nil for the configured one.
    package var language: String?
    /// Whether the model was told the language, so that not only headings are in it.
    package var isTold = false
    /// The layout of `minutes.md`; nil for the configured one.
    package var template: StoredTemplate?

    /// What the configuration says, by default.
    package init(language: String? = nil, template: StoredTemplate? = nil) {
        (self.language, self.template) = (language, template)
    }
}

/// A layout of `minutes.md` that a meeting keeps, whatever becomes of its file.
package struct StoredTemplate: Sendable, Hashable, Codable {
    /// Its name.
    package let name: String
    /// What the file had.
    package let text: String

    /// A layout of this name.
    package init(name: String, text: String) { (self.name, self.text) = (name, text) }
}

/// A set of minutes that is being made, while the one before it is shown.
package struct RedoRecord: Sendable, Hashable {
    /// When it was asked for, in seconds since 1970: what it is told from another one by.
    package let asked: Double
    /// How it is to be written; nil parts stay as they are.
    package let style: OwnStyle
    /// Whether another process than the daemon asks a model.
    package let isElsewhere: Bool
    /// Attempts that failed since the last that did not.
    package let failureCount: Int
    /// The windows that it has, in order.
    package let windows: [RedoWindow]
}

/// What a set of minutes that is being made has of a window.
package struct RedoWindow: Sendable, Hashable, Codable {
    /// Its summary.
    package let summary: WindowSummary
    /// What was found in it.
    package let findings: WindowFindings

    /// What there is of a window.
    package init(summary: WindowSummary, findings: WindowFindings) {
        (self.summary, self.findings) = (summary, findings)
    }
}

/// A set of minutes whose place another one has taken.
package struct EarlierMinutes: Sendable, Hashable {
    /// Its number, from 1 on.
    package let number: Int
    /// What `minutes.json` had, but for what it showed of other meetings.
    package let json: String
    /// The layout of `minutes.md`.
    package let template: StoredTemplate

    /// A set of minutes.
    package init(number: Int, json: String, template: StoredTemplate) {
        (self.number, self.json, self.template) = (number, json, template)
    }
}

/// Making minutes a second time, without losing the first: the new set takes the place of the old one in one transaction.
extension Ledger {
    /// How the minutes of a meeting are written, where that is not what the configuration says of its kind.
    package func ownStyle(of meeting: MeetingID) throws -> OwnStyle {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT ownStyle.* FROM ownStyle JOIN meeting ON id = meeting WHERE name = ?",
                arguments: [meeting.name])
            return row.map(Self.style) ?? OwnStyle()
        }
    }

    /// Records that the minutes of `meeting`, which is finished, are to be made again by a model.
    ///
    /// Throws `badEdit` if it is not finished, if nothing was said or that was erased, or if they are being made.
    package func askRedo(
        of meeting: MeetingID, style: OwnStyle, isElsewhere: Bool, at time: Date = Date()
    ) throws {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            try Self.requireFinished(row, "made again")
            guard row.windowCount > 0 else {
                throw LedgerError(.badEdit, "nothing was said in meeting '\(meeting)'")
            }
            guard try Self.hasTranscript(row, db) else {
                throw LedgerError(
                    .badEdit,
                    "what was said in meeting '\(meeting)' was erased, so that nothing can be summarised again"
                )
            }
            guard try Self.redo(of: row, db) == nil else {
                throw LedgerError(
                    .badEdit,
                    "the minutes of '\(meeting)' are being made again already: wait for it, or give that up with "
                        + "minutectl redo \(meeting) --cancel")
            }
            try db.execute(
                sql: """
                    INSERT INTO redo (meeting, askedAt, language, templateName, template, isElsewhere)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.key, time.timeIntervalSince1970, style.language, style.template?.name,
                    style.template?.text, isElsewhere,
                ])
            return (row, ())
        }
    }

    /// Gives up a set of minutes that is being made, the one that was `asked` for then, or any; false if there is none.
    package func cancelRedo(of meeting: MeetingID, asked: Double? = nil) throws -> Bool {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            try db.execute(
                sql: "DELETE FROM redo WHERE meeting = ?1 AND askedAt = COALESCE(?2, askedAt)",
                arguments: [row.key, asked])
            return (row, db.changesCount > 0)
        }
    }

    /// The finished meetings whose minutes are to be made again by the daemon.
    package func meetingsMadeAgain() throws -> Set<MeetingID> {
        try read { db in
            Set(try String.fetchAll(db, sql: WorkQueries.meetingsMadeAgain).map { try MeetingID($0) })
        }
    }

    /// The set of minutes of `meeting` that is being made; nil if there is none.
    package func redo(of meeting: MeetingID) throws -> RedoRecord? {
        try read { try Self.redo(of: try MeetingRow.require(meeting, $0), $0) }
    }

    /// Records the next window of the set that was `asked` for then; does nothing if that was given up meanwhile.
    ///
    /// Throws `notContiguous` if it is not the next one.
    package func record(
        _ window: RedoWindow, inRedoOf meeting: MeetingID, asked: Double, at time: Date = Date()
    ) throws {
        try writeQuietly { db in
            let row = try MeetingRow.require(meeting, db)
            guard let redo = try Self.redo(of: row, db), redo.asked == asked else { return }
            let summary = window.summary
            guard summary.window == redo.windows.count, summary.window < row.windowCount else {
                throw LedgerError(
                    .notContiguous,
                    "window \(summary.window) of meeting '\(meeting)' is not the next one to be made again, which is "
                        + "\(redo.windows.count) of \(row.windowCount)")
            }
            try db.execute(
                sql: "DELETE FROM redoWindow WHERE meeting = ? AND window >= ?",
                arguments: [row.key, summary.window])
            try db.execute(
                sql: """
                    INSERT INTO redoWindow (meeting, window, text, model, promptTokens, reusedTokens,
                        generatedTokens, seconds, committedAt, findings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.key, summary.window, summary.text, summary.model, summary.promptTokens,
                    summary.reusedTokens, summary.generatedTokens, summary.seconds,
                    time.timeIntervalSince1970, try Self.json(window.findings),
                ])
            try db.execute(sql: "UPDATE redo SET failureCount = 0 WHERE meeting = ?", arguments: [row.key])
        }
    }

    /// Counts a failed attempt at a set that is being made.
    package func countRedoFailure(of meeting: MeetingID, asked: Double) throws {
        try writeQuietly { db in
            try db.execute(
                sql: "UPDATE redo SET failureCount = failureCount + 1 WHERE meeting = ? AND askedAt = ?",
                arguments: [try MeetingRow.require(meeting, db).key, asked])
        }
    }

    /// Puts the set that was `asked` for then, of which all windows are recorded, in the place of the one before.
    ///
    /// `earlier` is that one, made of the meeting as it was when it `changed` last; if it has changed since, nothing happens
    /// and false is returned. `isTold` says whether the model was told the language of the set's style. What is ticked off
    /// stays so: an item that says the same, or else the only one of its kind in that turn.
    package func completeRedo(
        of meeting: MeetingID, asked: Double, overall: MeetingSummary?, statements: [Summaries.Statement]?,
        isTold: Bool, earlier: (json: String, template: StoredTemplate), changed: Date, at time: Date = Date()
    ) throws -> Bool {
        try writeItems(at: time) { db in
            let row = try MeetingRow.require(meeting, db)
            guard let redo = try Self.redo(of: row, db), redo.asked == asked, row.state == .finished,
                redo.windows.count == row.windowCount, try Self.isUnchanged(row, since: changed, db)
            else { return (row, false) }
            try Self.keep(earlier, of: row, at: time, db)
            for table in ["finding", "summary", "failure"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE meeting = ?", arguments: [row.key])
            }
            try db.execute(
                sql: """
                    INSERT INTO summary (meeting, window, text, model, promptTokens, reusedTokens,
                        generatedTokens, seconds, committedAt)
                    SELECT meeting, window, text, model, promptTokens, reusedTokens, generatedTokens, seconds,
                        committedAt FROM redoWindow WHERE meeting = ?
                    """, arguments: [row.key])
            try db.execute(
                sql: """
                    INSERT INTO finding (meeting, window, findings)
                    SELECT meeting, window, findings FROM redoWindow WHERE meeting = ?
                    """, arguments: [row.key])
            try db.execute(sql: "UPDATE window SET givenUp = 0 WHERE meeting = ?", arguments: [row.key])
            try Self.dropWholeFailed(of: row, db)
            try Self.insertOverall(overall, statements, of: row, at: time, db)
            try Self.adopt(redo.style, isTold: isTold, of: row, db)
            try db.execute(sql: "DELETE FROM redo WHERE meeting = ?", arguments: [row.key])
            try Self.carryTicks(of: row, db)
            try Self.handOnCorrected(row, at: time, db)
            try row.touch(at: time, db)
            return (row, true)
        }
    }

    /// Has the minutes of a meeting written in another layout, or with headings in another language, by which no model has
    /// anything to do; else as ``completeRedo(of:asked:overall:statements:isTold:earlier:changed:at:)``.
    package func relay(
        _ meeting: MeetingID, style: OwnStyle, earlier: (json: String, template: StoredTemplate),
        changed: Date, at time: Date = Date()
    ) throws -> Bool {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            try Self.requireFinished(row, "written in another way")
            guard try Self.isUnchanged(row, since: changed, db) else { return (row, false) }
            try Self.keep(earlier, of: row, at: time, db)
            try Self.adopt(style, isTold: nil, of: row, db)
            try Self.handOnCorrected(row, at: time, db)
            try row.touch(at: time, db)
            return (row, true)
        }
    }

    /// The sets of minutes of a meeting whose place others have taken, in order.
    package func earlierMinutes(of meeting: MeetingID) throws -> [EarlierMinutes] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT earlierMinutes.* FROM earlierMinutes JOIN meeting ON id = meeting
                    WHERE name = ? ORDER BY number
                    """, arguments: [meeting.name]
            ).map { row in
                EarlierMinutes(
                    number: row["number"], json: row["document"],
                    template: StoredTemplate(name: row["templateName"], text: row["template"]))
            }
        }
    }

    // MARK: - Rows

    private static func requireFinished(_ meeting: MeetingRow, _ what: String) throws {
        guard meeting.state != .finished else { return }
        throw LedgerError(
            .badEdit,
            "the minutes of '\(meeting.id)' are not finished, and cannot be \(what) yet: "
                + (meeting.state == .open
                    ? "minutectl end \(meeting.id) ends the meeting" : "wait for the rest"))
    }

    private static func redo(of meeting: MeetingRow, _ db: Database) throws -> RedoRecord? {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT *, 0 AS isTold FROM redo WHERE meeting = ?", arguments: [meeting.key])
        else { return nil }
        let windows = try Row.fetchAll(
            db, sql: "SELECT * FROM redoWindow WHERE meeting = ? ORDER BY window", arguments: [meeting.key])
        var known: [RedoWindow] = []
        for row in windows {
            // What another version found is made again, with what follows.
            guard let findings = value(row["findings"], as: WindowFindings.self) else { break }
            known.append(RedoWindow(summary: summary(row), findings: findings))
        }
        return RedoRecord(
            asked: row["askedAt"], style: style(row), isElsewhere: row["isElsewhere"],
            failureCount: row["failureCount"], windows: known)
    }

    private static func summary(_ row: Row) -> WindowSummary {
        WindowSummary(
            window: row["window"], text: row["text"], model: row["model"], promptTokens: row["promptTokens"],
            reusedTokens: row["reusedTokens"], generatedTokens: row["generatedTokens"],
            seconds: row["seconds"])
    }

    private static func style(_ row: Row) -> OwnStyle {
        let name: String? = row["templateName"]
        var style = OwnStyle(
            language: row["language"],
            template: name.map { StoredTemplate(name: $0, text: row["template"]) })
        style.isTold = row["isTold"]
        return style
    }

    /// A date may differ from what is stored by less than a microsecond, and each change is later by one at least.
    private static func isUnchanged(_ meeting: MeetingRow, since time: Date, _ db: Database) throws -> Bool {
        let changedAt =
            try Double.fetchOne(
                db, sql: "SELECT changedAt FROM meeting WHERE id = ?", arguments: [meeting.key]) ?? 0
        return abs(changedAt - time.timeIntervalSince1970) < 5e-7
    }

    private static func keep(
        _ earlier: (json: String, template: StoredTemplate), of meeting: MeetingRow, at time: Date,
        _ db: Database
    ) throws {
        let count = try Int.fetchOne(
            db, sql: "SELECT COUNT(*) FROM earlierMinutes WHERE meeting = ?", arguments: [meeting.key])
        guard count ?? 0 < earlierLimit else {
            throw LedgerError(
                .badEdit,
                "meeting '\(meeting.id)' has \(earlierLimit) earlier sets of minutes, and more are not kept")
        }
        try db.execute(
            sql: """
                INSERT INTO earlierMinutes (meeting, number, replacedAt, document, templateName, template)
                VALUES (?1, (SELECT COALESCE(MAX(number), 0) + 1 FROM earlierMinutes WHERE meeting = ?1), ?, ?, ?, ?)
                """,
            arguments: [
                meeting.key, time.timeIntervalSince1970, earlier.json, earlier.template.name,
                earlier.template.text,
            ])
    }

    /// Each is a whole document, and is compared with its files whenever the minutes are written.
    private static let earlierLimit = 50

    /// What a style does not say stays as it is; `isTold` is nil where no model was asked.
    private static func adopt(
        _ style: OwnStyle, isTold: Bool?, of meeting: MeetingRow, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO ownStyle (meeting, language, isTold, templateName, template)
                VALUES (?1, ?2, COALESCE(?3, 0), ?4, ?5)
                ON CONFLICT (meeting) DO UPDATE SET
                    isTold = COALESCE(?3, CASE WHEN ?2 IS NULL THEN isTold ELSE 0 END),
                    language = COALESCE(excluded.language, language),
                    templateName = COALESCE(excluded.templateName, templateName),
                    template = COALESCE(excluded.template, template)
                """,
            arguments: [
                meeting.key, style.language, isTold, style.template?.name, style.template?.text,
            ])
    }

    /// Ticks off the items of a new set that stand for those which were ticked off in the one before.
    private static func carryTicks(of meeting: MeetingRow, _ db: Database) throws {
        let items = try items(of: meeting, db)
        let known = Set(items.map(\.key))
        for done in try doneItems(of: meeting, db) where !known.contains(done) {
            let same = items.filter {
                $0.kind == done.kind && $0.citation.utterance == done.utterance
            }
            guard let item = same.first, same.count == 1 else { continue }
            try db.execute(
                sql: "INSERT OR IGNORE INTO doneItem (meeting, sequence, kind, text) VALUES (?, ?, ?, ?)",
                arguments: [meeting.key, item.citation.utterance, item.kind.rawValue, item.text])
        }
    }
}
