/// A stretch of conversation that is summarised at once: whole utterances, in order.
public struct Window: Sendable, Hashable, Codable {
    /// Why a window ended.
    public enum End: String, Sendable, Codable {
        /// The next utterance would not have fitted.
        case size
        /// Nobody spoke for a while.
        case pause
        /// The meeting ended.
        case meetingEnd
    }

    /// 0-based number of the window in its meeting.
    public var index: Int
    /// Sequence numbers of its utterances in the meeting, half-open, 0-based.
    public var utterances: Range<Int>
    /// Tokens of its utterances as the prompt spells them.
    public var tokenCount: Int
    /// Why it ended.
    public var closedBy: End

    /// Makes a window.
    public init(index: Int, utterances: Range<Int>, tokenCount: Int, closedBy: End) {
        self.index = index
        self.utterances = utterances
        self.tokenCount = tokenCount
        self.closedBy = closedBy
    }
}
