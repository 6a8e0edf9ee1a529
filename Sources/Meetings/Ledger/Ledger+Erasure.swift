import Files
import Foundation
import GRDB
import Language
import Transcript

/// What was erased on purpose, as the ledger remembers it: nothing of what was said.
package struct ErasureRecord: Sendable, Hashable, Codable {
    /// What is erased.
    package enum Kind: String, Sendable, Codable {
        /// A meeting, with everything that is known of it.
        case meeting
        /// What was said in a meeting, and not its minutes.
        case transcript
        /// A person, whose name is replaced in all meetings.
        case person
    }

    /// How far it has come.
    package enum State: String, Sendable, Codable {
        /// It is recorded that it is to be erased.
        case asked
        /// The ledger's rows are erased; files or unused pages may still hold copies.
        case erased
        /// Nothing is left.
        case done
    }

    /// Its number.
    package let id: Int64
    /// What is erased.
    package let kind: Kind
    /// The meetings; of a person those in which the name stood.
    package let meetings: [MeetingID]
    /// When it was asked for.
    package let askedAt: Date
    /// Who asked for it.
    package let askedBy: String
    /// Why.
    package let reason: String
    /// How far it has come.
    package let state: State
    /// When nothing was left; nil before.
    package let doneAt: Date?
    /// How many utterances were erased, or changed.
    package let utteranceCount: Int
    /// How many received files were removed.
    package let fileCount: Int
}

/// The files of a meeting in the spool: those that were received, and those of its name that were not taken.
package struct MeetingFiles: Sendable, Hashable {
    /// What its files call the meeting.
    package let calledName: MeetingID
    /// Those that were taken.
    package let received: [ReceivedFile]
    /// What other meetings that received the same content are called by their files, by its SHA-256.
    package let elsewhere: [String: Set<String>]
    /// Whether no other meeting has files of this name, so that what was refused under it belongs to this one.
    package let ownsName: Bool
    /// Whether more may come, so that what waits under its name belongs to it.
    package let isOpen: Bool

    /// Only those that were received.
    package var receivedOnly: MeetingFiles {
        MeetingFiles(
            calledName: calledName, received: received, elsewhere: elsewhere, ownsName: false, isOpen: isOpen)
    }
}

/// Erasing: an intent that survives a crash, then the rows, then the record that nothing is left.
///
/// Each step may be repeated. Files, caches and minutes are erased between these steps by `StateKeeper`.
extension Ledger {
    /// Records that `meeting` is to be erased, as a whole or (`transcript`) but for its minutes.
    ///
    /// What was asked for before and is not begun is not recorded again.
    package func askErasure(
        of meeting: MeetingID, _ kind: ErasureRecord.Kind, by user: String, reason: String,
        at time: Date = Date()
    ) throws -> Int64 {
        precondition(kind != .person, "a person is erased by name")
        return try writeQuietly { db in
            try Self.ask(
                kind, of: try MeetingRow.require(meeting, db), judged: nil, by: user, reason: reason,
                at: time, db)
        }
    }

    /// Records that a meeting is to be erased by a rule, which has judged it as it was `seen`.
    ///
    /// Nil, and nothing is recorded, if it has changed since. If it changes before it is erased,
    /// ``eraseMeeting(_:files:)`` and ``eraseTranscript(_:files:at:)`` withdraw the erasure.
    package func askErasure(
        byRule kind: ErasureRecord.Kind, of seen: MeetingRecord, by user: String, reason: String,
        at time: Date = Date()
    ) throws -> Int64? {
        precondition(kind != .person, "a person is erased by name")
        return try writeQuietly { db in
            guard let row = try MeetingRow.find(seen.id, db), row.state == seen.state,
                row.utteranceCount == seen.utteranceCount,
                let now = try Row.fetchOne(
                    db,
                    sql: "SELECT endedAt, \(Self.judgement) AS judged FROM meeting WHERE id = ?",
                    arguments: [row.key])
            else { return nil }
            let (endedAt, before): (Double?, Double?) = (now["endedAt"], seen.endedAt?.timeIntervalSince1970)
            // A date may differ from what is stored by less than a microsecond.
            guard abs((endedAt ?? 0) - (before ?? 0)) < 0.001 else { return nil }
            return try Self.ask(kind, of: row, judged: now["judged"], by: user, reason: reason, at: time, db)
        }
    }

    /// What a rule goes by, and what changes when a meeting goes on.
    private static let judgement =
        "meeting.state || ' ' || COALESCE(meeting.endedAt, '') || ' ' || meeting.utteranceCount"

    private static func ask(
        _ kind: ErasureRecord.Kind, of meeting: MeetingRow, judged: String?, by user: String, reason: String,
        at time: Date, _ db: Database
    ) throws -> Int64 {
        let createdAt =
            try Double.fetchOne(
                db, sql: "SELECT createdAt FROM meeting WHERE id = ?", arguments: [meeting.key]) ?? 0
        // One that was asked for by a rule may be withdrawn, and does not stand for one that may not.
        let known = try Int64.fetchOne(
            db,
            sql: """
                SELECT id FROM erasure JOIN erasureMeeting ON erasure = id
                WHERE kind = ? AND state = 'asked' AND meeting = ? AND name = ? AND askedAt > ?
                    AND (judged IS NULL OR judged = ?)
                """,
            arguments: [kind.rawValue, meeting.key, meeting.id.name, createdAt, judged])
        if let known { return known }
        // Later than the meeting, even while the clock is set back: by that it is told from one that comes under its
        // name.
        let time = max(time, Date(timeIntervalSince1970: createdAt + 0.001))
        let id = try insertErasure(kind, names: nil, by: user, reason: reason, at: time, db)
        try db.execute(sql: "UPDATE erasure SET judged = ? WHERE id = ?", arguments: [judged, id])
        try add(meeting, to: id, db)
        return id
    }

    /// Records that a person is to be replaced in all meetings: `names` are the spellings, the whole name first.
    ///
    /// They are forgotten when the last one is replaced.
    package func askErasure(
        ofPerson names: [String], by user: String, reason: String, at time: Date = Date()
    ) throws -> Int64 {
        try writeQuietly { db in
            try Self.insertErasure(
                .person, names: Self.json(names), by: user, reason: reason, at: time, db)
        }
    }

    private static func insertErasure(
        _ kind: ErasureRecord.Kind, names: String?, by user: String, reason: String, at time: Date,
        _ db: Database
    ) throws -> Int64 {
        try db.execute(
            sql: "INSERT INTO erasure (kind, names, askedAt, askedBy, reason) VALUES (?, ?, ?, ?, ?)",
            arguments: [kind.rawValue, names, time.timeIntervalSince1970, user, reason])
        return db.lastInsertedRowID
    }

    static func add(_ meeting: MeetingRow, to erasure: Int64, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO erasureMeeting (erasure, meeting, name) VALUES (?, ?, ?)",
            arguments: [erasure, meeting.key, meeting.id.name])
    }

    /// All that was erased, the oldest first; with `pending` only what is not done.
    package func erasures(pending: Bool = false) throws -> [ErasureRecord] {
        try erasures(where: pending ? "state <> 'done'" : "TRUE")
    }

    /// What was erased, or is to be, by its number; nil if there is none.
    package func erasure(_ id: Int64) throws -> ErasureRecord? {
        try erasures(where: "id = ?", [id]).first
    }

    private func erasures(where condition: String, _ arguments: StatementArguments = []) throws
        -> [ErasureRecord]
    {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM erasure WHERE \(condition) ORDER BY id", arguments: arguments
            ).map { row in
                let id: Int64 = row["id"]
                let names = try String.fetchAll(
                    db, sql: "SELECT name FROM erasureMeeting WHERE erasure = ? ORDER BY meeting",
                    arguments: [id])
                return ErasureRecord(
                    id: id, kind: try parsed(row["kind"]), meetings: try names.map { try MeetingID($0) },
                    askedAt: date(row["askedAt"]), askedBy: row["askedBy"], reason: row["reason"],
                    state: try parsed(row["state"]),
                    doneAt: (row["doneAt"] as Double?).map(Date.init(timeIntervalSince1970:)),
                    utteranceCount: row["utteranceCount"], fileCount: row["fileCount"])
            }
        }
    }

    /// The names of a person that an erasure still has to replace; empty if it has.
    package func namesToReplace(of erasure: Int64) throws -> [String] {
        try read { db in
            let names = try String.fetchOne(
                db, sql: "SELECT names FROM erasure WHERE id = ?", arguments: [erasure])
            return Self.value(names, as: [String].self) ?? []
        }
    }

    /// What files a meeting has in the spool; nil if there is no such meeting.
    package func files(of meeting: MeetingID) throws -> MeetingFiles? {
        try read { db in
            guard let row = try MeetingRow.find(meeting, db) else { return nil }
            let called: String =
                try String.fetchOne(
                    db, sql: "SELECT calledName FROM meeting WHERE id = ?", arguments: [row.key])
                ?? row.id.name
            let count = try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM meeting WHERE calledName = ?", arguments: [called])
            let received = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, sha256, byteCount FROM delivery WHERE meeting = ?1 AND sha256 IS NOT NULL
                    UNION ALL SELECT name, sha256, byteCount FROM calendar WHERE meeting = ?1
                    """,
                arguments: [row.key]
            ).map { ReceivedFile(name: $0["name"], sha256: $0["sha256"], byteCount: $0["byteCount"]) }
            let elsewhere = try Row.fetchAll(
                db,
                sql: """
                    SELECT sha256, calledName FROM delivery WHERE meeting <> ?1 AND sha256 IN (
                        SELECT sha256 FROM delivery WHERE meeting = ?1 AND sha256 IS NOT NULL)
                    UNION SELECT sha256, calledName FROM calendar WHERE meeting <> ?1 AND sha256 IN (
                        SELECT sha256 FROM calendar WHERE meeting = ?1)
                    """, arguments: [row.key])
            return MeetingFiles(
                calledName: try MeetingID(called), received: received,
                elsewhere: Dictionary(grouping: elsewhere) { $0["sha256"] as String }.mapValues {
                    Set($0.map { $0["calledName"] as String })
                }, ownsName: count == 1, isOpen: row.state == .open)
        }
    }

    /// Whether the meeting that an erasure was asked for is still there as it was, and not another of its name or
    /// number.
    package func isDue(_ erasure: ErasureRecord) throws -> Bool {
        try read { try Self.meeting(ofErasure: erasure.id, erasure.kind, $0) != nil }
    }

    /// Erases a meeting's rows, and counts `files` that were removed before; does nothing if they are gone.
    ///
    /// Withdraws, without a record, what a rule has asked for if the meeting has changed since.
    ///
    /// The index for searching goes with the rows, and so does what is to be handed on; what was handed on is remembered
    /// (``handedOn(of:)``).
    package func eraseMeeting(_ erasure: Int64, files: Int, at time: Date = Date()) throws {
        let later = try writeQuietly { db -> [MeetingID] in
            var later: [MeetingID] = []
            if let key = try Self.meeting(ofErasure: erasure, .meeting, db),
                let meeting = try MeetingRow.find(key: key, db)
            {
                try Self.forgetSenders(of: meeting, db)
                try Self.forgetDeaths(of: meeting, db)
                try Self.rememberHandedOn(meeting, erasure, db)
                try db.execute(
                    sql: """
                        UPDATE erasure SET utteranceCount = ?, fileCount = fileCount + ?,
                            lastDelivery = (SELECT COALESCE(MAX(id), 0) FROM delivery) WHERE id = ?
                        """,
                    arguments: [meeting.utteranceCount, files, erasure])
                // Their minutes show what it has left open, or have shown it and may still do.
                later = try Self.touchLater(than: meeting.id, limit: .max, at: time, db)
                // Everything else belongs to it, and goes with it.
                try db.execute(sql: "DELETE FROM meeting WHERE id = ?", arguments: [key])
            } else {
                try Self.withdraw(erasure, db)
            }
            try Self.advance(erasure, to: .erased, db)
            return later
        }
        hint(at: later)
    }

    /// Erases what was said in a meeting and keeps its minutes, which say so; does nothing if that is done.
    ///
    /// Turns and their times stay, without words. If the meeting is gone, so is what was said. Withdraws what a rule
    /// has asked for as ``eraseMeeting(_:files:)`` does.
    package func eraseTranscript(_ erasure: Int64, files: Int, at time: Date = Date()) throws {
        let changed = try writeQuietly { db -> MeetingID? in
            guard let key = try Self.meeting(ofErasure: erasure, .transcript, db),
                let meeting = try MeetingRow.find(key: key, db)
            else {
                try Self.withdraw(erasure, db)
                try Self.advance(erasure, to: .erased, db)
                return nil
            }
            try db.execute(
                sql: "UPDATE utterance SET text = ? WHERE meeting = ?",
                arguments: [Self.erasedText, key])
            // Nothing can be summarised again.
            for table in ["correction", "failure", "redo"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE meeting = ?", arguments: [key])
            }
            try db.execute(
                sql: "UPDATE sender SET state = NULL, holdsBack = 0 WHERE meeting = ?", arguments: [key])
            // What a command said of its failure may be a word of the minutes.
            try db.execute(
                sql: "UPDATE outbox SET problem = NULL WHERE meeting = ?", arguments: [key])
            // How a file was read says how it begins.
            try db.execute(
                sql: """
                    UPDATE reading SET facts = json_set(facts, '$.opening', json('[]'))
                    WHERE delivery IN (SELECT id FROM delivery WHERE meeting = ?) AND json_valid(facts)
                    """, arguments: [key])
            try db.execute(
                sql: "UPDATE meeting SET transcriptErasedAt = ? WHERE id = ?",
                arguments: [time.timeIntervalSince1970, key])
            try db.execute(
                sql: "UPDATE erasure SET utteranceCount = ?, fileCount = fileCount + ? WHERE id = ?",
                arguments: [meeting.utteranceCount, files, erasure])
            try meeting.note(Note(.transcriptErased), at: time, db)
            // The note is there if more was said after an earlier erasure.
            try meeting.touch(at: time, db)
            try Self.advance(erasure, to: .erased, db)
            return meeting.id
        }
        if let changed { hint(at: [changed]) }
    }

    /// What stands for words that were erased.
    static let erasedText = "…"

    /// Records that nothing is left of what these erasures were about.
    package func finishErasures(_ erasures: [Int64], at time: Date = Date()) throws {
        try writeQuietly { db in
            for erasure in erasures {
                try db.execute(
                    sql: "UPDATE erasure SET state = 'done', doneAt = ? WHERE id = ? AND state = 'erased'",
                    arguments: [time.timeIntervalSince1970, erasure])
            }
        }
    }

    /// Counts received files that were removed for an erasure.
    package func countFiles(_ count: Int, of erasure: Int64) throws {
        guard count > 0 else { return }
        try writeQuietly { db in
            try db.execute(
                sql: "UPDATE erasure SET fileCount = fileCount + ? WHERE id = ?", arguments: [count, erasure])
        }
    }

    static func advance(_ erasure: Int64, to state: ErasureRecord.State, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE erasure SET state = ?, names = NULL WHERE id = ? AND state = 'asked'",
            arguments: [state.rawValue, erasure])
    }

    /// Removes an erasure that a rule has asked for and that is not begun.
    private static func withdraw(_ erasure: Int64, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM erasure WHERE id = ? AND state = 'asked' AND judged IS NOT NULL",
            arguments: [erasure])
    }

    /// The row of the one meeting that is to be erased; nil if that is done, or the meeting is not the one that was
    /// meant.
    ///
    /// SQLite gives numbers of removed rows again, and names are used again.
    private static func meeting(
        ofErasure erasure: Int64, _ kind: ErasureRecord.Kind, _ db: Database
    ) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT meeting.id FROM erasure
                    JOIN erasureMeeting ON erasureMeeting.erasure = erasure.id
                    JOIN meeting ON meeting.id = erasureMeeting.meeting
                WHERE erasure.id = ? AND kind = ? AND erasure.state = 'asked'
                    AND meeting.name = erasureMeeting.name AND meeting.createdAt < askedAt
                    AND (judged IS NULL OR judged = \(judgement))
                """,
            arguments: [erasure, kind.rawValue])
    }

    /// Files that the work on a meeting crashed on are known by names only, and go as well.
    private static func forgetDeaths(of meeting: MeetingRow, _ db: Database) throws {
        let names = Set(
            try String.fetchAll(
                db, sql: "SELECT name FROM delivery WHERE meeting = ?", arguments: [meeting.key]))
        for key in try String.fetchAll(db, sql: "SELECT work FROM death") {
            guard let work = AtHand.Work(key: key) else { continue }
            var isOwn = work.meeting == meeting.id
            if case .file(let name, _, _) = work { isOwn = names.contains(name) }
            if isOwn { try db.execute(sql: "DELETE FROM death WHERE work = ?", arguments: [key]) }
        }
    }

    // MARK: - Senders

    private static func forgetSenders(of meeting: MeetingRow, _ db: Database) throws {
        let names = try String.fetchAll(
            db, sql: "SELECT name FROM sender WHERE meeting = ?", arguments: [meeting.key])
        for name in names {
            try db.execute(
                sql: "INSERT OR IGNORE INTO forgottenSender (hash) VALUES (?)",
                arguments: [hash(ofSender: name, meeting: meeting.id)])
        }
    }

    private static func hash(ofSender name: String, meeting: MeetingID) -> Int64 {
        Int64(bitPattern: XXHash64.hash(Array("\(meeting.name)\n\(name)".utf8)[...]))
    }

    /// Whether lines of this sender for `meeting` were forgotten with it, and none came since.
    package func isForgotten(sender name: String, meeting: MeetingID) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM forgottenSender WHERE hash = ?) AND NOT EXISTS (
                        SELECT 1 FROM sender JOIN meeting ON meeting.id = sender.meeting
                        WHERE meeting.name = ? AND sender.name = ?)
                    """,
                arguments: [Self.hash(ofSender: name, meeting: meeting), meeting.name, name]) ?? false
        }
    }
}

/// For finding out what is older than it may become.
extension Ledger {
    /// When things were last removed by the rules; if they never were, when a meeting last changed; nil if there is
    /// none.
    package func lastSweep() throws -> Date? {
        try read { db in
            try Double.fetchOne(
                db, sql: "SELECT COALESCE((SELECT at FROM swept), (SELECT MAX(changedAt) FROM meeting))"
            ).map(Date.init(timeIntervalSince1970:))
        }
    }

    /// Records that things were removed by the rules.
    package func noteSweep(at time: Date) throws {
        try writeQuietly { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO swept (id, at) VALUES (1, ?)",
                arguments: [time.timeIntervalSince1970])
        }
    }

    /// A received file, and the meeting that has it.
    package struct ReceivedFileRecord: Sendable, Hashable {
        /// The file.
        package let file: ReceivedFile
        /// When it was received.
        package let receivedAt: Date
        /// The meeting.
        package let meeting: MeetingID
        /// Whether that is finished.
        package let isFinished: Bool
    }

    /// All files that were received, in the order in which they came.
    package func receivedFiles() throws -> [ReceivedFileRecord] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT delivery.name, sha256, byteCount, receivedAt, meeting.name AS meeting, meeting.state
                    FROM delivery JOIN meeting ON meeting.id = delivery.meeting
                    WHERE sha256 IS NOT NULL
                    UNION ALL
                    SELECT calendar.name, sha256, byteCount, receivedAt, meeting.name, meeting.state
                    FROM calendar JOIN meeting ON meeting.id = calendar.meeting
                    ORDER BY receivedAt
                    """
            ).map { row in
                ReceivedFileRecord(
                    file: ReceivedFile(
                        name: row["name"], sha256: row["sha256"], byteCount: row["byteCount"]),
                    receivedAt: date(row["receivedAt"]), meeting: try MeetingID(row["meeting"]),
                    isFinished: row["state"] == MeetingRecord.State.finished.rawValue)
            }
        }
    }
}
