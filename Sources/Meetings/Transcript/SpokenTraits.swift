import Language

/// What the segmenter remembers of an utterance.
struct SpokenTraits: Sendable, Hashable {
    var speaker: String?
    /// Words, however short: at least one.
    var wordCount: Int
    /// Words of the meeting before it, counted from where the segmenter's memory begins.
    var wordsBefore: Int
    /// Hashes of the stems of the words that carry meaning, which are quicker to count than the stems.
    var stems: [UInt64]
    var cues: CuePhrases
    /// Seconds from the end of the utterance before; nil if that is not known.
    var silence: Double?

    /// Speaking takes about so long a word: 150 words a minute.
    static let secondsPerWord = 0.4

    /// `previous` and `before` are the utterance said before this one and what is remembered of it.
    init(_ utterance: Utterance, after previous: Utterance?, _ before: SpokenTraits?, withWords: Bool) {
        speaker = utterance.speaker
        wordCount = Self.wordCount(utterance)
        wordsBefore = before.map { $0.wordsBefore + $0.wordCount } ?? 0
        stems = withWords ? TextWords.content(utterance.text).map(Self.hash) : []
        cues = withWords ? CuePhrases(in: utterance.text) : []
        silence = utterance.start.flatMap { start in
            previous.flatMap(Self.end).map { start - $0 }
        }
    }

    /// FNV-1a.
    private static func hash(_ word: String) -> UInt64 {
        word.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static func wordCount(_ utterance: Utterance) -> Int {
        max(1, utterance.text.split(separator: " ").count)
    }

    /// Without an end time a long turn would look like a pause: its length is estimated.
    private static func end(_ utterance: Utterance) -> Double? {
        utterance.end ?? utterance.start.map { $0 + Double(wordCount(utterance)) * secondsPerWord }
    }
}
