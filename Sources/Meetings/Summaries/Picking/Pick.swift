import Language
import Transcript

/// What of a window is shown in its minutes, as it was said: a sentence, or some that somebody said one after the other.
package struct Pick: Sendable, Hashable {
    /// The number of its utterance in the window, from 0.
    package var utterance: Int
    /// Its sentences, by their numbers in the utterance's reading.
    package var sentences: Range<Int>
    /// Who said it, if the transcript says so.
    package var speaker: String?
    /// The words, without hesitations and what is said twice.
    package var text: String
    /// How likely it belongs into the minutes, and what it is chosen over another for: main points and what is settled
    /// come first.
    package var (worth, rank): (Double, Double)

    /// Counts another sentence in.
    fileprivate mutating func add(_ worth: Double, _ rank: Double) {
        (self.worth, self.rank) = (max(self.worth, worth), max(self.rank, rank))
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
    /// An utterance is shown, by its best sentence, if some of it likelier belongs into the minutes than
    /// ``leastUtteranceWorth``, and more of it if another sentence reaches ``leastWorth`` by itself; of a window in which
    /// many do, the best. With a sentence comes the rest of what was said in the same utterance, as far as that is not
    /// long nor small talk: it has what the sentence refers to, and what takes it back.
    package init(_ sentences: [WeighedSentence], of utterances: [ReadUtterance]) {
        self.sentences = sentences
        let weights = Dictionary(sentences.map { ($0.place, $0) }, uniquingKeysWith: { one, _ in one })
        let words = utterances.reduce(0) { $0 + $1.reading.wordCount }
        let limit = max(3, (words + Self.wordsPerPick / 2) / Self.wordsPerPick)
        var readings: [Int: UtteranceReading] = [:]
        let seeds = Dictionary(grouping: sentences, by: \.place.utterance)
            .sorted { $0.key < $1.key }
            .flatMap { utterance, own -> [Seed] in
                let worth = own.worthTogether
                guard worth >= Self.leastUtteranceWorth else { return [] }
                let reading = UtteranceReading(utterances[utterance])
                readings[utterance] = reading
                return Self.seeds(
                    of: own.filter { reading.sentences[$0.place.sentence].saysSomething }, worth: worth)
            }
        let chosen = seeds.enumerated().sorted { ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset) }
            .prefix(limit).sorted { $0.offset < $1.offset }.map(\.element)
        picks = []
        var shown = 0..<0
        for seed in chosen {
            let utterance = seed.place.utterance
            guard let own = readings[utterance] else { continue }
            if picks.last?.utterance == utterance, shown.contains(seed.place.sentence) {
                picks[picks.count - 1].add(seed.worth, seed.rank)
                continue
            }
            let first = picks.last?.utterance == utterance ? shown.upperBound : 0
            shown = Self.span(around: seed.place.sentence, of: own.sentences, from: first) { sentence in
                weights[PickPrompt.Place(utterance: utterance, sentence: sentence)]?.worth
            }
            picks.append(
                Pick(
                    utterance: utterance, sentences: shown, speaker: utterances[utterance].utterance.speaker,
                    text: own.quotation(shown), worth: seed.worth,
                    rank: seed.rank))
        }
    }

    /// A sentence for which something is shown.
    private struct Seed {
        var place: PickPrompt.Place
        var (worth, rank): (Double, Double)
    }

    /// The `sentences` of an utterance that something may be shown for: the best one, which stands for the whole and
    /// its `worth`, and those that are worth it by themselves.
    private static func seeds(of sentences: [WeighedSentence], worth: Double) -> [Seed] {
        let best = sentences.max { $0.worth + $0.emphasis < $1.worth + $1.emphasis }?.place
        return sentences.compactMap { sentence in
            let isBest = sentence.place == best
            guard isBest || sentence.worth >= leastWorth else { return nil }
            let worth = isBest ? worth : sentence.worth
            return Seed(place: sentence.place, worth: worth, rank: worth + sentence.emphasis)
        }
    }

    /// The sentences that are shown with the one at `seed`, from `first` on; `worth` tells what each is worth, nil if
    /// it is too short to be weighed.
    private static func span(
        around seed: Int, of sentences: [SentenceReading], from first: Int, worth: (Int) -> Double?
    ) -> Range<Int> {
        var span = seed..<seed + 1
        var words = sentences[seed].wordCount
        /// Whether a sentence beside what is shown is small talk, or about the meeting itself.
        func isAside(_ place: Int) -> Bool {
            guard let worth = worth(place) else { return sentences[place].isAside }
            return worth < leastBesideWorth && !sentences[place].isCounted
        }
        while true {
            // What a sentence points back to comes first; "I want to go to bed" is nothing to point to.
            let pointed = span.lowerBound - 1
            let needed =
                sentences[span.lowerBound].pointsBack && worth(pointed) ?? 1 >= leastPointedWorth
                ? pointed : nil
            let neighbours = [span.lowerBound - 1, span.upperBound].filter { place in
                (first..<sentences.count).contains(place)
                    && words + sentences[place].wordCount <= mostWords
                    && (place == needed || !isAside(place))
            }
            guard
                let best = neighbours.first(where: { $0 == needed })
                    ?? neighbours.max(by: { worth($0) ?? 0 < worth($1) ?? 0 })
            else { return span }
            span = min(span.lowerBound, best)..<max(span.upperBound, best + 1)
            words += sentences[best].wordCount
        }
    }

    /// Below these, what is shown is more often not worth it.
    package static let (leastUtteranceWorth, leastWorth) = (0.4, 0.3)
    /// Below these, a sentence beside one that is shown is left out, and one that it points back to.
    static let (leastBesideWorth, leastPointedWorth) = (0.03, 0.015)
    /// More would be a second transcript.
    static let wordsPerPick = 55
    /// Sentences are shown together up to so many words.
    static let mostWords = 45

    /// The picks as the text of a window's summary, a line each; ``WindowSummary/quiet`` if there are none.
    package var text: String {
        picks.isEmpty
            ? WindowSummary.quiet
            : picks.map { "- " + FallbackSummary.spoken($0.speaker, $0.text) }.joined(separator: "\n")
    }
}
