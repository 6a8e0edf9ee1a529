import Errors
import Ledger
import Pipeline
import Summaries
import Transcript

/// What somebody puts right in the minutes of a meeting by hand.
package enum MinutesEdit: Sendable, Hashable, Codable {
    /// Those who are shown as `name` are called `newName`: everywhere, or in single turns by number (0-based) or time
    /// (seconds from the meeting's start). The empty name stands for those whom the transcript does not name.
    case rename(name: String, newName: String, turns: [Int], times: [Double])
    /// The meeting has this title; with an empty one it has none.
    case retitle(title: String)
    /// An action item or open question, by what it is called or by words that stand in it alone, is done or is not.
    case tick(item: String, isDone: Bool)

    /// Throws ``ApplicationError`` if it is of turns or times that no meeting can have, or of too many.
    func check() throws(ApplicationError) {
        guard case .rename(_, _, let turns, let times) = self else { return }
        guard turns.count + times.count <= Self.turnLimit else {
            throw ApplicationError(
                .badRequest, "an edit is of \(Self.turnLimit) turns at most, or of a whole speaker")
        }
        for turn in turns where !Self.turns.contains(turn) {
            throw ApplicationError(.badRequest, "there is no turn with the number \(turn), counted from 0")
        }
        // Nor what is no number.
        for time in times where !Self.times.contains(time) {
            throw ApplicationError(.badRequest, "there is no turn at \(time) seconds")
        }
    }

    private static let turnLimit = 10_000
    private static let turns = 0..<Int(Int32.max)
    /// Seconds.
    private static let times = 0..<1e9
}

/// Editing: what people put right is recorded, and the minutes are written again at once.
extension StateKeeper {
    /// What came of an edit.
    package struct Edited: Sendable, Hashable, Codable {
        /// How many utterances have another speaker's name now.
        package var utteranceCount: Int?
        /// The title that the meeting has now.
        package var title: String?
        /// The item that is ticked off, or not any more.
        package var item: MinutesItem?
    }

    /// Puts something right in the minutes of `meeting`.
    ///
    /// It is recorded when this returns. Without a daemon the minutes are written then too; with one they are, unless that
    /// fails, which it tries again. Throws ``ApplicationError`` if the edit does not fit the meeting.
    package func edit(_ meeting: MeetingID, _ edit: MinutesEdit) async throws -> Edited {
        try await exclusively {
            let edited = try record(edit, meeting)
            for name in try [meeting] + ledger.meetingsShowing(meeting) {
                if let pipeline {
                    await pipeline.writeEdited(name)
                } else {
                    _ = try await writer.write(name)  // Ignored: whether anything was different.
                }
            }
            return edited
        }
    }

    private func record(_ edit: MinutesEdit, _ meeting: MeetingID) throws -> Edited {
        try edit.check()
        do {
            switch edit {
            case .rename(let name, let newName, let turns, let times):
                return Edited(
                    utteranceCount: try ledger.renameSpeakers(
                        TypedText.speaker(name) ?? "", to: TypedText.speaker(newName) ?? "", in: meeting,
                        turns: turns, times: times))
            case .retitle(let title):
                let title = TypedText.title(title)
                try ledger.retitle(meeting, to: title)
                return Edited(title: title)
            case .tick(let item, let isDone):
                return Edited(item: try ledger.tick(item, isDone, in: meeting))
            }
        } catch let error as LedgerError where error.code == .badEdit {
            throw ApplicationError(.badRequest, error.message)
        }
    }
}
