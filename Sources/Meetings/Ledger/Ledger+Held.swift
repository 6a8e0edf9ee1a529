import Foundation
import GRDB
import Transcript

/// Results of recognisers that nothing settled before their sender was gone: somebody said them.
extension Ledger {
    /// Ends a meeting, unless it is ended, with what is held back for senders that are gone.
    static func end(_ meeting: MeetingRow, at time: Date, _ db: Database) throws {
        try meeting.end(at: time, db)
        try settleHeld(of: meeting, at: time, db)
    }

    /// Appends to a meeting that is over what is held back for senders that are gone; a sender that comes back may still
    /// settle it, as a correction.
    static func settleHeld(of meeting: MeetingRow, at time: Date, _ db: Database) throws {
        let held = try Row.fetchAll(
            db,
            sql: """
                SELECT sender.name, lineCount, sender.state, (
                    SELECT MAX(id) FROM delivery WHERE delivery.meeting = meeting.id AND sender = sender.name
                ) AS last FROM sender JOIN meeting ON meeting.id = sender.meeting
                WHERE meeting.id = ? AND meeting.state <> 'open' AND holdsBack AND NOT EXISTS (
                    SELECT 1 FROM delivery
                    WHERE delivery.meeting = meeting.id AND sender = sender.name AND state = 'growing')
                """,
            arguments: [meeting.key])
        for row in held {
            guard let last = (row["last"] as Int64?).map(DeliveryID.init(rawValue:)),
                let meeting = try MeetingRow.find(key: meeting.key, db)
            else { throw LedgerError(.invariant, "a sender with lines in a meeting has no delivery in it") }
            let (name, lineCount): (String, Int) = (row["name"], row["lineCount"])
            var decoder = LineDecoder(name: name)
            do {
                try decoder.resume(from: row["state"])
            } catch {
                throw LedgerError(.invariant, error.message)
            }
            try meeting.reopen(db)
            for event in decoder.finish() {
                switch event {
                case .utterance(let utterance), .repetition(let utterance):
                    let meeting = try Self.meeting(of: last, db).meeting
                    // Ignored, here and below: its number.
                    _ = try append([utterance], timeOffset: 0, to: meeting, of: last, db)
                case .revision(let utterance):
                    _ = try amend([.revision(utterance)], of: last, at: time, db)
                case .note(let text): try meeting.note(text, at: time, db)
                case .greeting, .meeting, .endOfMeeting: break
                }
            }
            try record(
                SenderPosition(
                    name: name, lines: lineCount..<lineCount, state: decoder.savedState(), holdsBack: false),
                of: meeting, db)
            try MeetingRow.find(key: meeting.key, db)?.end(at: time, db)
        }
    }
}
