/// The rules for ending a window.
package struct SegmentationPolicy: Sendable, Hashable, Codable {
    /// The most tokens in a window, unless a single utterance has more.
    package var maximumTokens: Int
    /// The fewest tokens that a window must have for a pause to end it.
    package var minimumTokens: Int
    /// The length of a silence that counts as a pause, in seconds.
    package var pauseSeconds: Double
    /// Whether the end of a topic ends a window too.
    package var findsTopics: Bool

    /// Creates a policy; all limits must be positive, and the minimum must not exceed the maximum.
    package init(
        maximumTokens: Int = 320, minimumTokens: Int = 120, pauseSeconds: Double = 30,
        findsTopics: Bool = true
    ) {
        precondition(maximumTokens > 0 && minimumTokens >= 0 && pauseSeconds > 0, "limits must be positive")
        self.maximumTokens = maximumTokens
        self.minimumTokens = min(minimumTokens, maximumTokens)
        self.pauseSeconds = pauseSeconds
        self.findsTopics = findsTopics
    }

    /// How many words, counted from an utterance, must have arrived before it is decided whether a window ends before
    /// it, unless the meeting ends; 0 decides at once.
    package var lookAheadWords: Int {
        findsTopics ? TopicShift.blockWords + TopicShift.peakWords : 0
    }

    /// How many earlier utterances a segmenter needs to go on after a window, or all if there are fewer.
    ///
    /// Each has at least one word, so they contain all the words that a decision looks back to.
    package var contextUtterances: Int { lookAheadWords }
}
