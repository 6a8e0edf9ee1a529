import Foundation

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
}
