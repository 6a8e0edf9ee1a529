import Foundation
import GRDB
import Language
import Transcript

/// What a connection says about utterances that it brought before.
package enum Amendment: Sendable, Hashable {
    /// What the utterance of this `id` should have been.
    case revision(Utterance)
    /// The sender's last utterance again, word for word, more often in a row than people say it.
    case repetition(Utterance)

    /// The words, as they should be.
    package var utterance: Utterance {
        switch self {
        case .revision(let utterance), .repetition(let utterance): utterance
        }
    }
}

/// A correction, as the ledger remembers it.
package struct CorrectionRecord: Sendable, Hashable, Codable {
    /// The utterance's number in its meeting.
    package let sequence: Int
    /// Who was said to speak before.
    package let speakerBefore: String?
    /// What was said to be said before.
    package let textBefore: String
    /// Who speaks.
    package let speaker: String?
    /// What was said.
    package let text: String
    /// Whether it changed the utterance; false if a window had it already.
    package let isApplied: Bool
    /// When it came.
    package let at: Date
}

/// Captions that change their mind.
extension Ledger {
    /// Corrections of a meeting's utterances, in the order of the utterances.
    package func corrections(of meeting: MeetingID) throws -> [CorrectionRecord] {
        try read { db in
            let key = try MeetingRow.require(meeting, db).key
            return try Row.fetchAll(
                db, sql: "SELECT * FROM correction WHERE meeting = ? ORDER BY sequence, id", arguments: [key]
            ).map { row in
                CorrectionRecord(
                    sequence: row["sequence"], speakerBefore: row["speakerBefore"],
                    textBefore: row["textBefore"], speaker: row["speaker"], text: row["text"],
                    isApplied: row["applied"], at: Date(timeIntervalSince1970: row["at"]))
            }
        }
    }

    // MARK: - Rows

    /// Records what a connection corrects or repeats; the sequence number of the utterance meant by each, which is a
    /// new one if it cannot be found.
    static func amend(
        _ amendments: [Amendment], of delivery: DeliveryID, at time: Date, _ db: Database
    ) throws -> [Int] {
        try amendments.flatMap { amendment -> [Int] in
            let meeting = try meeting(of: delivery, db).meeting
            let found: Int?
            switch amendment {
            case .revision(let utterance):
                found = try revise(utterance, of: delivery, in: meeting, at: time, db)
            case .repetition(let utterance):
                found = try countRepetition(utterance, of: delivery, in: meeting, db)
            }
            if let found { return [found] }
            return Array(try append([amendment.utterance], timeOffset: 0, to: meeting, of: delivery, db))
        }
    }

    /// The last utterance that a delivery brought, or that the same sender brought before it; only of those called `id`,
    /// if that is not nil.
    private static func lastUtterance(
        of delivery: DeliveryID, called id: String? = nil, _ db: Database
    ) throws -> Row? {
        let called = id == nil ? "" : " AND sourceID = :id"
        let columns = "sequence, speaker, start, text, utterance.language"
        let arguments: StatementArguments = ["delivery": delivery.rawValue] + (id.map { ["id": $0] } ?? [:])
        let own = try Row.fetchOne(
            db,
            sql: """
                SELECT \(columns) FROM utterance WHERE delivery = :delivery\(called)
                ORDER BY sequence DESC LIMIT 1
                """, arguments: arguments)
        if let own { return own }
        // In this order, by indices, the first row is the one.
        return try Row.fetchOne(
            db,
            sql: """
                SELECT \(columns) FROM delivery AS own
                CROSS JOIN delivery ON delivery.meeting = own.meeting AND delivery.id < own.id
                    AND delivery.sender = own.sender
                CROSS JOIN utterance ON utterance.delivery = delivery.id\(called)
                WHERE own.id = :delivery ORDER BY delivery.id DESC, sequence DESC LIMIT 1
                """, arguments: arguments)
    }

    /// The sequence number of the utterance; nil if its sender has none of this id.
    private static func revise(
        _ utterance: Utterance, of delivery: DeliveryID, in meeting: MeetingRow, at time: Date, _ db: Database
    ) throws -> Int? {
        guard let id = utterance.id,
            let row = try lastUtterance(of: delivery, called: id, db)
        else { return nil }
        let sequence: Int = row["sequence"]
        let speaker: String? = row["speaker"]
        let text: String = row["text"]
        let last = try Row.fetchOne(
            db,
            sql:
                "SELECT speaker, text FROM correction WHERE meeting = ? AND sequence = ? ORDER BY id DESC LIMIT 1",
            arguments: [meeting.key, sequence])
        let known: (String?, String) = last.map { ($0["speaker"], $0["text"]) } ?? (speaker, text)
        guard known != (utterance.speaker, utterance.text) else { return sequence }
        let isOpen = sequence >= meeting.windowedCount
        try db.execute(
            sql: """
                INSERT INTO correction (meeting, sequence, speakerBefore, textBefore, speaker, text, applied, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                meeting.key, sequence, speaker, text, utterance.speaker, utterance.text, isOpen,
                time.timeIntervalSince1970,
            ])
        if isOpen {
            // The start stays, so an end before it says nothing.
            var kept = utterance
            kept.setTimes(start: row["start"], end: kept.end)
            let language = LanguageIdentifier.language(
                of: kept.text, after: (row["language"] as String?).map(LanguageCode.init))
            try db.execute(
                sql: """
                    UPDATE utterance
                    SET speaker = ?, text = ?, language = ?, wordCount = ?, "end" = COALESCE(?, "end"),
                        isWritten = ?
                    WHERE meeting = ? AND sequence = ?
                    """,
                arguments: [
                    kept.speaker, kept.text, language.rawValue,
                    TextReader.wordCount(of: kept.text, language: language), kept.end, kept.isWritten,
                    meeting.key, sequence,
                ])
        }
        return sequence
    }

    /// The sequence number of the sender's last utterance; nil if it said something else.
    private static func countRepetition(
        _ utterance: Utterance, of delivery: DeliveryID, in meeting: MeetingRow, _ db: Database
    ) throws -> Int? {
        guard let row = try lastUtterance(of: delivery, db),
            utterance.repeats(
                Utterance(speaker: row["speaker"], text: row["text"], source: utterance.source))
        else { return nil }
        let sequence: Int = row["sequence"]
        try db.execute(
            sql: "UPDATE utterance SET repeatCount = repeatCount + 1 WHERE meeting = ? AND sequence = ?",
            arguments: [meeting.key, sequence])
        return sequence
    }

    // MARK: - Notes

    /// Repeated lines are quoted up to so many.
    private static let quotedRepetitions = 5

    static func captionNotes(of meeting: MeetingRow, _ db: Database) throws -> [NoteRecord] {
        let changedAt = try Date(
            timeIntervalSince1970: Double.fetchOne(
                db, sql: "SELECT changedAt FROM meeting WHERE id = ?", arguments: [meeting.key]) ?? 0)
        let repeated = try Row.fetchAll(
            db,
            sql:
                "SELECT text, repeatCount FROM utterance WHERE meeting = ? AND repeatCount > 0 ORDER BY sequence",
            arguments: [meeting.key])
        var notes = repeated.prefix(quotedRepetitions).map { row -> Note in
            let (text, count): (String, Int) = (row["text"], row["repeatCount"])
            return Note(.lineRepeated, .number(count), .text(String(text.prefix(80))))
        }
        if repeated.count > quotedRepetitions {
            let rest = repeated.dropFirst(quotedRepetitions).reduce(0) { $0 + ($1["repeatCount"] as Int) }
            notes.append(
                Note(.linesRepeated, .number(rest), .number(repeated.count - quotedRepetitions)))
        }
        let late =
            try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM correction WHERE meeting = ? AND applied = 0",
                arguments: [meeting.key]) ?? 0
        if late > 0 { notes.append(Note(.correctionsLate, .number(late))) }
        return notes.map { NoteRecord(note: $0, at: changedAt) }
    }
}
