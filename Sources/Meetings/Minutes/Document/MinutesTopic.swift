import Language

/// A stretch of the meeting that is about one thing: one window or several in a row.
package struct MinutesTopic: Sendable, Hashable, Codable {
    /// The words that are said in it more than elsewhere, as they were said; empty if no word stands out.
    package var words: [String]
    /// Some words of what was said in it that it is named by; nil if none stand out together.
    package var said: String?
    /// 0-based number of its first window.
    package var firstWindow: Int
    /// How many windows it has.
    package var windowCount: Int
    /// Seconds from the meeting's start to its first utterance that has a time.
    package var start: Double?
    /// Seconds from the meeting's start to the end of its last utterance that has a time.
    package var end: Double?
    /// Sequence number of its first utterance, 0-based.
    package var firstUtterance: Int
    /// How many utterances it has.
    package var utteranceCount: Int

    /// Its heading: what was said, or else its words, listed as the language does; nil if no word stands out.
    func title(_ labels: Labels) -> String? {
        said?.asSentenceBeginning ?? (words.isEmpty ? nil : labels.list(words).asSentenceBeginning)
    }
}
