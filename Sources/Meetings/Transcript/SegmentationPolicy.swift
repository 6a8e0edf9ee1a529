/// When a window of conversation ends.
package struct SegmentationPolicy: Sendable, Hashable, Codable {
    /// A window has at most so many tokens, unless one utterance alone has more.
    package var maximumTokens: Int
    /// A pause ends a window only when it has so many tokens.
    package var minimumTokens: Int
    /// A silence of so many seconds is a pause.
    package var pauseSeconds: Double
    /// Whether the end of a topic ends a window too.
    package var findsTopics: Bool

    /// Makes a policy; all limits must be positive, and the minimum at most the maximum.
    package init(
        maximumTokens: Int = 1200, minimumTokens: Int = 200, pauseSeconds: Double = 30,
        findsTopics: Bool = true
    ) {
        precondition(maximumTokens > 0 && minimumTokens >= 0 && pauseSeconds > 0, "limits must be positive")
        self.maximumTokens = maximumTokens
        self.minimumTokens = min(minimumTokens, maximumTokens)
        self.pauseSeconds = pauseSeconds
        self.findsTopics = findsTopics
    }

    /// Whether a window ends before an utterance is decided when so many words are there from that utterance on, or
    /// when the meeting ends; 0 is at once.
    package var lookAheadWords: Int {
        findsTopics ? TopicShift.blockWords + TopicShift.peakWords : 0
    }

    /// What a segmenter that goes on after a window wants to see of the utterances before: so many, or all.
    ///
    /// An utterance has one word at least, so these hold all the words that a decision looks back to.
    package var contextUtterances: Int { lookAheadWords }
}
