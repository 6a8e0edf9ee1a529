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

/// A file that was received, as a delivery remembers it.
package struct ReceivedFile: Sendable, Hashable {
    /// Its name in the spool.
    package let name: String
    /// Hexadecimal SHA-256 of its content.
    package let sha256: String
    /// Its size.
    package let byteCount: Int
}

/// The files of a meeting in the spool: those that were received, and those of its name that were not taken.
package struct MeetingFiles: Sendable, Hashable {
    /// What its files call the meeting.
    package let calledName: MeetingID
    /// Those that were taken.
    package let received: [ReceivedFile]
    /// Whether no other meeting has files of this name, so that what was refused under it belongs to this one.
    package let ownsName: Bool
    /// Whether more may come, so that what waits under its name belongs to it.
    package let isOpen: Bool

    /// Only those that were received.
    package var receivedOnly: MeetingFiles {
        MeetingFiles(calledName: calledName, received: received, ownsName: false, isOpen: isOpen)
    }
}

/// Erasing: an intent that survives a crash, then the rows, then the record that nothing is left.
///
/// Each step may be repeated. Files, caches and minutes are erased between these steps by `StateKeeper`.
extension Ledger {
    /// Records that `meeting` is to be erased, as a whole or (`transcript`) but for its minutes.
    package func askErasure(
        of meeting: MeetingID, _ kind: ErasureRecord.Kind, by user: String, reason: String,
        at time: Date = Date()
    ) throws -> Int64 {
        precondition(kind != .person, "a person is erased by name")
        return try writeQuietly { db in
            let row = try MeetingRow.require(meeting, db)
            let id = try Self.insertErasure(kind, names: nil, by: user, reason: reason, at: time, db)
            try Self.add(row, to: id, db)
            return id
        }
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
        try read { db in
            let condition = pending ? " WHERE state <> 'done'" : ""
            return try Row.fetchAll(db, sql: "SELECT * FROM erasure\(condition) ORDER BY id").map { row in
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
                sql: "SELECT name, sha256, byteCount FROM delivery WHERE meeting = ? AND sha256 IS NOT NULL",
                arguments: [row.key]
            ).map { ReceivedFile(name: $0["name"], sha256: $0["sha256"], byteCount: $0["byteCount"]) }
            return MeetingFiles(
                calledName: try MeetingID(called), received: received, ownsName: count == 1,
                isOpen: row.state == .open)
        }
    }

    /// Erases a meeting's rows, and counts `files` that were removed before; does nothing if they are gone.
    ///
    /// Further stores of the ledger's file that hold words of meetings (an index for searching, an outbox of what is to be
    /// handed on) are erased here, in the same transaction.
    package func eraseMeeting(_ erasure: Int64, files: Int) throws {
        try writeQuietly { db in
            guard let key = try Self.meeting(ofErasure: erasure, .meeting, db) else { return }
            if let meeting = try MeetingRow.find(key: key, db) {
                try Self.forgetSenders(of: meeting, db)
                try Self.forgetDeaths(of: meeting, db)
                try db.execute(
                    sql: """
                        UPDATE erasure SET utteranceCount = ?, fileCount = fileCount + ?,
                            lastDelivery = (SELECT COALESCE(MAX(id), 0) FROM delivery) WHERE id = ?
                        """,
                    arguments: [meeting.utteranceCount, files, erasure])
                // Everything else belongs to it, and goes with it.
                try db.execute(sql: "DELETE FROM meeting WHERE id = ?", arguments: [key])
            }
            try Self.advance(erasure, to: .erased, db)
        }
    }

    /// Erases what was said in a meeting and keeps its minutes, which say so; does nothing if that is done.
    ///
    /// Turns and their times stay, without words.
    package func eraseTranscript(_ erasure: Int64, files: Int, at time: Date = Date()) throws {
        try write { db in
            guard let key = try Self.meeting(ofErasure: erasure, .transcript, db),
                let meeting = try MeetingRow.find(key: key, db)
            else { throw LedgerError(.unknownMeeting, "the meeting of erasure \(erasure) is gone") }
            try db.execute(
                sql: "UPDATE utterance SET text = ? WHERE meeting = ?",
                arguments: [Self.erasedText, key])
            for table in ["correction", "failure"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE meeting = ?", arguments: [key])
            }
            try db.execute(
                sql: "UPDATE sender SET state = NULL, holdsBack = 0 WHERE meeting = ?", arguments: [key])
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
            try Self.advance(erasure, to: .erased, db)
            return (meeting, ())
        }
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
            sql: "UPDATE erasure SET state = ?, names = NULL WHERE id = ?",
            arguments: [state.rawValue, erasure])
    }

    /// The row of the one meeting that is to be erased; nil if that is done.
    private static func meeting(
        ofErasure erasure: Int64, _ kind: ErasureRecord.Kind, _ db: Database
    ) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT meeting FROM erasure JOIN erasureMeeting ON erasure = id
                WHERE id = ? AND kind = ? AND state = 'asked'
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
                    WHERE sha256 IS NOT NULL ORDER BY delivery.id
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
