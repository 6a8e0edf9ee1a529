import Errors
import Ledger
import Pipeline
import Transcript

/// What somebody puts right in the minutes of a meeting by hand.
package enum MinutesEdit: Sendable, Hashable, Codable {
    /// Those who are shown as `name` are called `newName`: everywhere, or in single turns by number (0-based) or time
    /// (seconds from the meeting's start). The empty name stands for those whom the transcript does not name.
    case rename(name: String, newName: String, turns: [Int], times: [Double])
}

/// Editing: what people put right is recorded, and the minutes are written again at once.
extension StateKeeper {
    /// What came of an edit.
    package struct Edited: Sendable, Hashable, Codable {
        /// How many utterances have another speaker's name now.
        package var utteranceCount: Int?
    }

    /// Puts something right in the minutes of `meeting`.
    ///
    /// It is recorded when this returns. Without a daemon the minutes are written then too; with one they are, unless that
    /// fails, which it tries again. Throws ``ApplicationError`` if the edit does not fit the meeting.
    package func edit(_ meeting: MeetingID, _ edit: MinutesEdit) async throws -> Edited {
        try await exclusively {
            let edited = try record(edit, meeting)
            if let pipeline {
                await pipeline.writeEdited(meeting)
            } else {
                _ = try await writer.write(meeting)  // Ignored: whether anything was different.
            }
            return edited
        }
    }

    private func record(_ edit: MinutesEdit, _ meeting: MeetingID) throws -> Edited {
        do {
            switch edit {
            case .rename(let name, let newName, let turns, let times):
                let newName = TypedText.speaker(newName) ?? ""
                let name = TypedText.speaker(name) ?? ""
                return Edited(
                    utteranceCount: try ledger.renameSpeakers(
                        name, to: newName, in: meeting, turns: turns, times: times))
            }
        } catch let error as LedgerError where error.code == .badEdit {
            throw ApplicationError(.badRequest, error.message)
        }
    }
}
