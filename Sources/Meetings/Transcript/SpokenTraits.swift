import Files
import Language

/// What the segmenter remembers of an utterance.
struct SpokenTraits: Sendable, Hashable {
    var speaker: String?
    /// The number of words, at least one even if the text has none.
    var wordCount: Int
    /// The number of words before it, counted from where the segmenter's memory begins.
    var wordsBefore: Int
    /// Hashes of the stems of the words that carry meaning, which are quicker to count than the stems.
    var stems: [UInt64]
    var cues: CuePhrases
    /// Seconds from the end of the utterance before; nil if that is not known.
    var silence: Double?

    /// Seconds that a word takes at 150 words a minute.
    static let secondsPerWord = 0.4

    /// `previous` and `before` are the utterance said before this one and what is remembered of it.
    init(_ read: ReadUtterance, after previous: Utterance?, _ before: SpokenTraits?, withWords: Bool) {
        speaker = read.utterance.speaker
        wordCount = max(1, read.reading.wordCount)
        wordsBefore = before.map { $0.wordsBefore + $0.wordCount } ?? 0
        stems = withWords ? read.reading.stems.map(\.utf8.fnv1a) : []
        cues = withWords ? CuePhrases(in: read) : []
        // Without an end time a long turn would look like a pause: its length is estimated.
        let last = previous.flatMap { previous in
            previous.end ?? previous.start.map { $0 + Double(before?.wordCount ?? 1) * Self.secondsPerWord }
        }
        silence = read.utterance.start.flatMap { start in last.map { start - $0 } }
    }
}
