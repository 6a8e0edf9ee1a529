import Foundation
import Language

/// The content of a transcript file.
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
    /// What is known of the meeting from elsewhere: what stands beside the file.
    package var invitation = Invitation()
    /// Whether the file says that the meeting is over.
    package var endsMeeting = false
    /// What was skipped or guessed, with counts.
    package var notes: [Note] = []
    /// How many bytes of text were passed over: headers, footers and what could not be placed.
    package var skippedCount = 0

    /// How much of the text was passed over, in percent, rounded up.
    package var skippedPercent: Int {
        let all = skippedCount + utterances.reduce(0) { $0 + $1.text.utf8.count }
        return all == 0 ? 0 : (skippedCount * 100 + all - 1) / all
    }

    /// Says how many lines were written in the chat, if any were.
    mutating func noteChat() {
        let written = utterances.count(where: \.isWritten)
        if written > 0 { notes.append(Note(.chatWritten, .number(written))) }
    }

    /// A title from a transcript with white space collapsed, shortened if it is too long for a title.
    static func boundedTitle(_ title: String) -> String {
        title.collapsed.shortened(toCharacters: titleLengthLimit, bytes: titleLengthLimit * 4)
    }

    private static let titleLengthLimit = 200
}
