import Foundation
import Language

/// What one delivered file contained.
package struct TranscriptFile: Sendable, Hashable {
    /// The format it was read as.
    package var format: TranscriptFormat
    /// What was said, in the order of the file.
    package var utterances: [Utterance] = []
    /// The meeting the file names itself (JSON Lines only).
    package var meeting: MeetingID?
    /// The meeting's title, if the file gives one.
    package var title: String?
    /// When the meeting started, if the file says so.
    package var startedAt: Date?
    /// Whether the file says that the meeting is over.
    package var endsMeeting = false
    /// For people: what was skipped or guessed, with counts.
    package var notes: [Note] = []

    /// A meeting's title as its source gives it: collapsed, and shortened if nobody would call it a title.
    static func boundedTitle(_ title: String) -> String {
        title.collapsed.shortened(toCharacters: titleLengthLimit, bytes: titleLengthLimit * 4)
    }

    private static let titleLengthLimit = 200
}
