/// A stretch of conversation that is summarised as one: whole utterances, in order.
package struct Window: Sendable, Hashable, Codable {
    /// Why a window ended.
    package enum End: String, Sendable, Codable {
        /// The next utterance would not have fitted.
        case size
        /// Nobody spoke for a while.
        case pause
        /// What comes next is about something else.
        case topic
        /// The meeting ended.
        case meetingEnd
    }

    /// 0-based number of the window in its meeting.
    package var index: Int
    /// Sequence numbers of its utterances in the meeting, half-open, 0-based.
    package var utterances: Range<Int>
    /// Tokens of its utterances as the prompt spells them.
    package var tokenCount: Int
    /// Why it ended.
    package var closedBy: End

    /// Creates a window.
    package init(index: Int, utterances: Range<Int>, tokenCount: Int, closedBy: End) {
        self.index = index
        self.utterances = utterances
        self.tokenCount = tokenCount
        self.closedBy = closedBy
    }

    /// Whether a topic ends with the window.
    package var endsTopic: Bool { closedBy == .topic || closedBy == .meetingEnd }
}

extension Array<Window> {
    /// The windows of each topic, in order; the last topic may still get more.
    package var topics: [ArraySlice<Window>] {
        var topics: [ArraySlice<Window>] = []
        var start = startIndex
        for index in indices where self[index].endsTopic || index == endIndex - 1 {
            topics.append(self[start...index])
            start = index + 1
        }
        return topics
    }
}
