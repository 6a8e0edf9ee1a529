import Language
import Transcript

/// What of a window is shown in its minutes, as it was said: a sentence, or some that somebody said one after the other.
package struct Pick: Sendable, Hashable {
    /// The number of its utterance in the window, from 0.
    package var utterance: Int
    /// Who said it, if the transcript says so.
    package var speaker: String?
    /// The words, without hesitations and what is said twice.
    package var text: String
    /// ``WeighedSentence/worth``, and ``WeighedSentence/rank``, of the best of its sentences.
    package var (worth, rank): (Double, Double)

    /// Counts another sentence in.
    fileprivate mutating func add(_ sentence: WeighedSentence) {
        (worth, rank) = (max(worth, sentence.worth), max(rank, sentence.rank))
    }
}

/// What a model that picks makes of a window.
package struct PickedWindow: Sendable, Hashable {
    /// All sentences that it was asked about, in order.
    package var sentences: [WeighedSentence]
    /// What is shown, in order.
    package var picks: [Pick]

    /// Chooses what is shown of `utterances`, all sentences of which were weighed.
    ///
    /// A sentence is shown if it likelier belongs into the minutes than ``leastWorth``; of a window in which many do, the
    /// best. With it comes the rest of what was said in the same utterance, as far as that is not long: it has what the
    /// sentence refers to, and what takes it back.
    package init(_ sentences: [WeighedSentence], of utterances: [ReadUtterance]) {
        self.sentences = sentences
        let weights = Dictionary(sentences.map { ($0.place, $0) }, uniquingKeysWith: { one, _ in one })
        let worthy = sentences.filter { $0.worth >= Self.leastWorth }
        let readings = Dictionary(
            uniqueKeysWithValues: Set(worthy.map(\.place.utterance)).map {
                ($0, UtteranceReading(utterances[$0]).sentences)
            })
        let words = utterances.reduce(0) { $0 + $1.reading.wordCount }
        let limit = max(3, (words + Self.wordsPerPick / 2) / Self.wordsPerPick)
        let chosen = worthy.filter { readings[$0.place.utterance]?[$0.place.sentence].saysSomething == true }
            .enumerated().sorted { ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset) }
            .prefix(limit).sorted { $0.offset < $1.offset }.map(\.element)
        picks = []
        var shown = 0..<0
        for seed in chosen {
            let (utterance, own) = (seed.place.utterance, readings[seed.place.utterance] ?? [])
            if picks.last?.utterance == utterance, shown.contains(seed.place.sentence) {
                picks[picks.count - 1].add(seed)
                continue
            }
            let first = picks.last?.utterance == utterance ? shown.upperBound : 0
            shown = Self.span(around: seed.place.sentence, of: own, from: first) { sentence in
                weights[PickPrompt.Place(utterance: utterance, sentence: sentence)]?.worth ?? 0
            }
            let isSpaced = !utterances[utterance].reading.language.hasNoBlanks
            picks.append(
                Pick(
                    utterance: utterance, speaker: utterances[utterance].utterance.speaker,
                    text: own[shown].map(\.text).joined(separator: isSpaced ? " " : ""), worth: seed.worth,
                    rank: seed.rank))
        }
    }

    /// The sentences that are shown with the one at `seed`, from `first` on; `worth` tells what each is worth.
    private static func span(
        around seed: Int, of sentences: [SentenceReading], from first: Int, worth: (Int) -> Double
    ) -> Range<Int> {
        var span = seed..<seed + 1
        var words = sentences[seed].wordCount
        while true {
            let neighbours = [span.lowerBound - 1, span.upperBound].filter { place in
                (first..<sentences.count).contains(place)
                    && words + sentences[place].wordCount <= mostWords
            }
            guard let best = neighbours.max(by: { worth($0) < worth($1) }) else { return span }
            span = min(span.lowerBound, best)..<max(span.upperBound, best + 1)
            words += sentences[best].wordCount
        }
    }

    /// Below it, what is shown is more often not worth it.
    package static let leastWorth = 0.3
    /// More would be a second transcript.
    static let wordsPerPick = 55
    /// Sentences are shown together up to so many words.
    static let mostWords = 45

    /// The picks as the text of a window's summary, a line each; ``quiet`` if there are none.
    package var text: String {
        picks.isEmpty
            ? Self.quiet
            : picks.map { "- " + FallbackSummary.spoken($0.speaker, $0.text) }.joined(separator: "\n")
    }

    /// The text of the summary of a window of which nothing is worth showing.
    package static let quiet = "–"
}
