import Foundation
import Language
import Synchronization
import Transcript

/// Names a topic by the words that are said in it more than elsewhere in the meeting.
struct TopicNamer {
    private static let wordLimit = 3
    /// A word that was said once may only have been mentioned.
    private static let leastCount = 2
    /// The meeting is compared in stretches of so many words.
    private static let stretchWords = 120

    /// A word that may name a topic.
    struct Word: Sendable {
        /// As it was said.
        let spelling: String
        /// Folded.
        let key: String
        let stem: String
    }

    /// Words that may name a topic, and how often they are said in a stretch of the meeting.
    struct Counts: Sendable {
        /// Two stems that stand together.
        struct Pair: Hashable, Comparable {
            let first: String
            let second: String

            func contains(_ stem: String) -> Bool { first == stem || second == stem }

            static func < (one: Pair, other: Pair) -> Bool {
                (one.first, one.second) < (other.first, other.second)
            }
        }

        private(set) var stems: [String: Int] = [:]
        /// How a stem is spelled, and how often so.
        private(set) var spellings: [String: [String: Int]] = [:]
        private(set) var pairs: [Pair: Int] = [:]

        init() {}

        /// Counts the words of utterances, but for those of `names`.
        init(_ readings: [UtteranceReading], without names: Set<String>) {
            for reading in readings {
                var last: String?
                for word in reading.topicWords {
                    guard let word, !names.contains(word.key) else {
                        last = nil
                        continue
                    }
                    stems[word.stem, default: 0] += 1
                    spellings[word.stem, default: [:]][word.spelling, default: 0] += 1
                    if let last, last != word.stem {
                        pairs[Pair(first: last, second: word.stem), default: 0] += 1
                    }
                    last = word.stem
                }
            }
        }

        /// Adds those of another stretch.
        mutating func add(_ other: Counts) {
            stems.merge(other.stems, uniquingKeysWith: +)
            pairs.merge(other.pairs, uniquingKeysWith: +)
            spellings.merge(other.spellings) { $0.merging($1, uniquingKeysWith: +) }
        }
    }

    /// In how many stretches of the meeting a stem is said.
    private var spread: [String: Int] = [:]
    private var stretches = 0
    /// Words and stems of the stretch that has not its full length yet.
    private var stretch = (words: 0, stems: Set<String>())
    /// Words of the topic that may name it.
    private var counts = Counts()

    /// Begins another topic.
    mutating func begin() { counts = Counts() }

    /// Adds the next utterances; the names of `speakers`, all who have spoken so far, are no topics.
    mutating func add(_ readings: [UtteranceReading], speakers: [String]) {
        for reading in readings {
            stretch.stems.formUnion(reading.source.stems)
            stretch.words += reading.wordCount
            guard stretch.words >= Self.stretchWords else { continue }
            for stem in stretch.stems { spread[stem, default: 0] += 1 }
            (stretch, stretches) = ((0, []), stretches + 1)
        }
        let names = Set(
            speakers.flatMap { TextReader.read($0, language: .undetermined).words.map(\.folded) })
        counts.add(Counts(readings, without: names))
    }

    /// The words that stand out in the topic, the most telling first.
    var words: [String] {
        let telling = counts.stems.filter { $0.value >= Self.leastCount }
            .map { stem, count in (stem: stem, score: Double(count) * rarity(stem)) }
            .sorted { ($1.score, $0.stem) < ($0.score, $1.stem) }
        var named: [[String]] = []
        var used: Set<String> = []
        for (stem, _) in telling where named.count < Self.wordLimit && !used.contains(stem) {
            // Two words that mostly stand together are one thing: "charging station".
            let pair = counts.pairs.filter { pair, count in
                pair.contains(stem) && count * 2 >= counts.stems[stem, default: 0]
                    && count >= Self.leastCount && !used.contains(where: pair.contains)
            }.max { ($0.value, $1.key) < ($1.value, $0.key) }
            let thing = pair.map { [$0.key.first, $0.key.second] } ?? [stem]
            used.formUnion(thing)
            named.append(thing)
        }
        return named.map { stems in
            stems.map { stem in
                counts.spellings[stem, default: [:]]
                    .max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? stem
            }.joined(separator: " ")
        }
    }

    private func rarity(_ stem: String) -> Double {
        // The stretch that is not full counts as well.
        let count = spread[stem, default: 0] + (stretch.stems.contains(stem) ? 1 : 0)
        return log(1 + Double(stretches + 1) / Double(max(1, count)))
    }

    /// For each word of a text, in order, the word if it may name a topic, else nil.
    static func words(_ reading: Reading) -> [Word?] {
        let general = GeneralWords.of(reading.language)
        let dates = reading.dates.map(\.range)
        return reading.words.map { word in
            guard word.role == .content, word.carriesMeaning, word.folded.count > shortestWord(word),
                !general.contains(word.stem), !dates.contains(where: { $0.overlaps(word.range) })
            else { return nil }
            return Word(spelling: reading.text(word.range), key: word.folded, stem: word.stem)
        }
    }

    /// Two letters name nothing; two ideographs may.
    private static func shortestWord(_ word: Language.Word) -> Int {
        word.folded.unicodeScalars.first.map { $0.value >= 0x2E80 } == true ? 1 : 2
    }
}

/// Stems of words that do not tell a topic, by language.
private enum GeneralWords {
    private static let all = Mutex<[LanguageCode: Set<String>]>([:])

    static func of(_ language: LanguageCode) -> Set<String> {
        all.withLock { all in
            if let known = all[language] { return known }
            let words = LanguageData.of(language).entries(.general)
            let stems = Set(words.flatMap { TextReader.read($0, language: language).words.map(\.stem) })
            all[language] = stems
            return stems
        }
    }
}
