import Foundation
import GRDB
import Language
import Transcript

/// What intake records: deliveries, utterances, notes.
extension Ledger {
    /// Records a delivery and appends its utterances to its meeting.
    ///
    /// A file that was taken before, under this name or another one, is a duplicate: see ``known(_:_:)``.
    ///
    /// Which meeting it goes to:
    /// - A whole meeting in a file goes to the meeting it names while that is open; once it was ended, a new
    ///   meeting is made whose name has the suffix `-2`, `-3`, …, with a note, rather than mixing two.
    /// - A chunk goes to the latest meeting of its name, and opens it again if it was ended; but a number
    ///   that is already there begins a new meeting if it was ended, and is refused if it is open
    ///   (`conflictingChunk`).
    /// - A connection goes to exactly the meeting it names, and opens it again if it was ended.
    ///
    /// Times of a chunk that begin again at 0 are shifted to follow the meeting's last time.
    package func accept(_ delivery: Delivery) throws -> Acceptance { try take(delivery).acceptance }

    /// Records the first lines of a connection as ``accept(_:)`` does.
    ///
    /// Their numbers include those of utterances which another connection of the sender brought and which they amend.
    package func begin(_ delivery: Delivery) throws -> (id: DeliveryID, receipt: PartReceipt) {
        precondition(delivery.kind == .socket, "files are accepted")
        guard case (.accepted(let id, _, let sequences), let amended) = try take(delivery) else {
            preconditionFailure("a connection has no digest, so it cannot be a duplicate")
        }
        return (id, PartReceipt(amended: amended, sequences: sequences))
    }

    private func take(_ delivery: Delivery) throws -> (acceptance: Acceptance, amended: [Int]) {
        precondition(delivery.kind == .socket || delivery.sha256 != nil, "a file is known by its digest")
        return try write { db in
            if let known = try Self.known(delivery, db) {
                let meeting = try Self.note(known, came: delivery, db)
                return (meeting, (.duplicate(of: known.delivery, meeting: meeting.id), []))
            }
            let meeting = try Self.destination(of: delivery, db)
            try meeting.reopen(db)
            let offset = try Self.timeOffset(of: delivery, in: meeting, db)
            let id = try Self.insert(delivery, timeOffset: offset, meeting, db)
            let amended = try Self.amend(delivery.amendments, of: id, at: delivery.receivedAt, db)
            // As the amendments left it: some of them may be new utterances.
            let sequences = try Self.append(
                delivery.utterances, timeOffset: offset, to: Self.meeting(of: id, db).meeting, of: id, db)
            try Self.describe(meeting, title: delivery.title, startedAt: delivery.meetingStart, db)
            try Self.record(delivery.invitation, of: meeting, db)
            if let facts = delivery.facts { try Self.record(facts, of: id, db) }
            for note in delivery.notes { try meeting.note(note, at: delivery.receivedAt, db) }
            try meeting.touch(at: delivery.receivedAt, db)
            if let sender = delivery.sender { try Self.record(sender, of: meeting, db) }
            if delivery.isLast || delivery.endsMeeting && delivery.kind == .file {
                try Self.end(meeting, at: delivery.receivedAt, db)
            }
            if delivery.closes { try Self.close(id, of: meeting, at: delivery.receivedAt, db) }
            return (meeting, (.accepted(id, meeting: meeting.id, sequences: sequences), amended))
        }
    }

    /// Closes deliveries that were still growing when the process stopped; returns the meetings they fed.
    ///
    /// To be called before connections are accepted.
    package func closeInterruptedConnections(at time: Date = Date()) throws -> [MeetingID] {
        let meetings = try writeQuietly { db in
            let rows = try Row.fetchAll(db, sql: "SELECT id, meeting FROM delivery WHERE state = 'growing'")
            return try rows.map { row in
                guard let meeting = try MeetingRow.find(key: row["meeting"], db) else {
                    throw LedgerError(.invariant, "a delivery has no meeting")
                }
                try meeting.note(Note(.connectionCut), at: time, db)
                try Self.close(DeliveryID(rawValue: row["id"]), of: meeting, at: time, db)
                return meeting.id
            }
        }
        hint(at: meetings)
        return meetings
    }

    /// Records a problem that the minutes have to state; the same one counts once.
    package func note(_ note: Note, of meeting: MeetingID, at time: Date = Date()) throws {
        try write { db in
            let row = try MeetingRow.require(meeting, db)
            try row.note(note, at: time, db)
            return (row, ())
        }
    }

    // MARK: - Where a delivery goes

    static func destination(of delivery: Delivery, _ db: Database) throws -> MeetingRow {
        let name = delivery.meeting
        let time = delivery.receivedAt
        if delivery.kind == .socket {
            return try MeetingRow.find(name, db) ?? MeetingRow.make(name, called: name, at: time, db)
        }
        guard let latest = try MeetingRow.latest(called: name, db) else {
            return try makeNext(called: name, at: time, db)
        }
        if let number = delivery.chunkNumber {
            guard try hasChunk(number, meeting: latest, db) else { return latest }
            guard latest.state != .open else {
                throw LedgerError(
                    .conflictingChunk,
                    "chunk \(number) of meeting '\(latest.id)' was accepted before with other content: give it a "
                        + "number of its own, or end the meeting first")
            }
        } else if latest.state == .open {
            return latest
        }
        return try makeNext(called: name, at: time, db)
    }

    private static func hasChunk(_ number: Int, meeting: MeetingRow, _ db: Database) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM delivery WHERE meeting = ? AND chunkNumber = ?)"
        return try Bool.fetchOne(db, sql: sql, arguments: [meeting.key, number]) ?? false
    }

    /// Makes a meeting with the first of the names `name`, `name-2`, `name-3` and so on that is free.
    private static func makeNext(called name: MeetingID, at time: Date, _ db: Database) throws -> MeetingRow {
        var id = name
        var number = 1
        while try MeetingRow.find(id, db) != nil {
            number += 1
            let suffix = "-\(number)"
            id = try MeetingID(name.name.prefix(MeetingID.lengthLimit - suffix.utf8.count) + suffix)
        }
        let meeting = try MeetingRow.make(id, called: name, at: time, db)
        if id != name {
            try meeting.note(Note(.nameTaken, .text(name.name), .text(id.name)), at: time, db)
        }
        return meeting
    }

    // MARK: - Rows

    /// Seconds to add to a chunk's times, so that they follow what the meeting has.
    ///
    /// Recorders either go on counting or begin again at 0 in each file. A chunk that begins in the first half
    /// of the time already covered has begun again: a recorder that goes on cannot fall back that far. Once a
    /// meeting's chunks were seen to begin again, the later ones do as well unless they begin after its end.
    /// A late chunk (out of order) is left as it is: what it should follow is not known.
    static func timeOffset(of delivery: Delivery, in meeting: MeetingRow, _ db: Database) throws
        -> Double
    {
        guard let number = delivery.chunkNumber, let last = meeting.lastTime, last > 0,
            let first = delivery.utterances.lazy.compactMap(\.start).min(),
            try (highestChunk(of: meeting, db) ?? -1) < number
        else { return 0 }
        guard first < last / 2 || meeting.chunksRestart && first < last else { return 0 }
        try db.execute(sql: "UPDATE meeting SET chunksRestart = 1 WHERE id = ?", arguments: [meeting.key])
        return last
    }

    static func highestChunk(of meeting: MeetingRow, _ db: Database) throws -> Int? {
        let sql = "SELECT MAX(chunkNumber) FROM delivery WHERE meeting = ? AND chunkNumber IS NOT NULL"
        return try Int.fetchOne(db, sql: sql, arguments: [meeting.key])
    }

    static func insert(
        _ delivery: Delivery, timeOffset: Double, _ meeting: MeetingRow, _ db: Database
    ) throws -> DeliveryID {
        try db.execute(
            sql: """
                INSERT INTO delivery (id, meeting, calledName, name, kind, chunkNumber, sha256, byteCount, format,
                    receivedAt, endsMeeting, timeOffset, state, sender, modifiedAt)
                VALUES (1 + MAX(COALESCE((SELECT MAX(id) FROM delivery), 0),
                    COALESCE((SELECT MAX(lastDelivery) FROM erasure), 0)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                meeting.key, delivery.meeting.name, delivery.name, delivery.kind.rawValue,
                delivery.chunkNumber,
                delivery.sha256, delivery.byteCount, delivery.format,
                delivery.receivedAt.timeIntervalSince1970,
                delivery.endsMeeting, timeOffset, delivery.kind == .file ? "accepted" : "growing",
                delivery.sender?.name, delivery.modifiedAt?.timeIntervalSince1970,
            ])
        return DeliveryID(rawValue: db.lastInsertedRowID)
    }

    static func append(
        _ utterances: [Utterance], timeOffset: Double, to meeting: MeetingRow, of delivery: DeliveryID,
        _ db: Database
    ) throws -> Range<Int> {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO utterance (meeting, sequence, delivery, speaker, start, "end", text, sourceName,
                    sourceLine, wordCount, wordsBefore, sourceID, repeatCount, language, isWritten)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        var language = try lastLanguage(of: meeting, db)
        var sequence = meeting.utteranceCount
        var words = meeting.wordCount
        for utterance in utterances {
            language = utterance.language ?? LanguageIdentifier.language(of: utterance.text, after: language)
            let wordCount = TextReader.wordCount(of: utterance.text, language: language ?? .undetermined)
            try statement.execute(arguments: [
                meeting.key, sequence, delivery.rawValue, utterance.speaker,
                utterance.start.map { $0 + timeOffset }, utterance.end.map { $0 + timeOffset },
                utterance.text,
                utterance.source.name, utterance.source.line, wordCount, words, utterance.id,
                utterance.repeatCount, language?.rawValue, utterance.isWritten,
            ])
            sequence += 1
            words += wordCount
        }
        return meeting.utteranceCount..<sequence
    }

    /// The language of the last utterance, in which a doubtful one after it is likely said.
    private static func lastLanguage(of meeting: MeetingRow, _ db: Database) throws -> LanguageCode? {
        try String.fetchOne(
            db, sql: "SELECT language FROM utterance WHERE meeting = ? ORDER BY sequence DESC LIMIT 1",
            arguments: [meeting.key]
        ).map(LanguageCode.init)
    }

    /// Records a title and a start unless they are known; a start of a transcript counts more than that of a calendar.
    static func describe(
        _ meeting: MeetingRow, title: String?, startedAt: Date?, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                UPDATE meeting SET title = CASE WHEN isTitled THEN title ELSE COALESCE(title, ?1) END,
                    startedAt = CASE
                    WHEN startedAt IS (SELECT start FROM appointment WHERE appointment.meeting = meeting.id)
                    THEN COALESCE(?2, startedAt) ELSE COALESCE(startedAt, ?2) END
                WHERE id = ?3
                """,
            arguments: [title, startedAt?.timeIntervalSince1970, meeting.key])
    }

    static func close(
        _ delivery: DeliveryID, of meeting: MeetingRow, at time: Date, _ db: Database
    ) throws {
        try db.execute(
            sql: "UPDATE delivery SET state = 'closed' WHERE id = ? AND state = 'growing'",
            arguments: [delivery.rawValue])
        guard db.changesCount > 0 else { return }
        let ends = try Bool.fetchOne(
            db, sql: "SELECT endsMeeting FROM delivery WHERE id = ?", arguments: [delivery.rawValue])
        if ends == true { try end(meeting, at: time, db) }
        try settleHeld(of: meeting, at: time, db)
        try meeting.touch(at: time, db)
    }
}
