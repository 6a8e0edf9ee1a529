import Foundation
import Language

/// What one delivered file contained.
public struct TranscriptFile: Sendable, Hashable {
    /// The format it was read as.
    public var format: TranscriptFormat
    /// What was said, in the order of the file.
    public var utterances: [Utterance]
    /// The meeting the file names itself (JSON Lines only).
    public var meeting: MeetingID?
    /// The meeting's title, if the file gives one.
    public var title: String?
    /// When the meeting started, if the file says so.
    public var startedAt: Date?
    /// Whether the file says that the meeting is over.
    public var endsMeeting: Bool
    /// For people: what was skipped or guessed, with counts.
    public var notes: [String]

    /// Makes a file's content from its parts.
    public init(
        format: TranscriptFormat, utterances: [Utterance] = [], meeting: MeetingID? = nil,
        title: String? = nil,
        startedAt: Date? = nil, endsMeeting: Bool = false, notes: [String] = []
    ) {
        self.format = format
        self.utterances = utterances
        self.meeting = meeting
        self.title = title
        self.startedAt = startedAt
        self.endsMeeting = endsMeeting
        self.notes = notes
    }

    /// A meeting's title as its source gives it: collapsed, and shortened if nobody would call it a title.
    static func boundedTitle(_ title: String) -> String {
        title.collapsed.shortened(toCharacters: titleLengthLimit, bytes: titleLengthLimit * 4)
    }

    private static let titleLengthLimit = 200
}
