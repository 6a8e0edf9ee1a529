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
        /// Spans of words, by their stems, with how they are spelled first, how often they are said, and whether they
        /// bring up a matter.
        private(set) var spans: [[String]: (text: String, count: Int, opens: Bool)] = [:]

        init() {}

        /// Counts the words of utterances, but for those of `names`, and the spans of what is `shown` of them, in small
        /// letters, by their numbers; all if that is nil.
        ///
        /// What is `opened` brings up a matter.
        init(
            _ readings: [UtteranceReading], without names: Set<String>, shown: [Int: String]?,
            opened: [Int: String]
        ) {
            for (number, reading) in readings.enumerated() {
                for span in reading.topicSpans where names.isDisjoint(with: span.keys) {
                    let text = span.text.lowercased()
                    let opens = opened[number]?.contains(text) == true
                    if let shown, !opens, shown[number]?.contains(text) != true { continue }
                    spans[span.stems, default: (span.text, 0, false)].count += 1
                    if opens { spans[span.stems]?.opens = true }
                }
            }
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
            spans.merge(other.spans) { ($0.text, $0.count + $1.count, $0.opens || $1.opens) }
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
    ///
    /// The title comes from what of them is `shown` in the minutes, by their numbers, if anything is: an aside names no
    /// topic. What is `opened` brings up a matter.
    mutating func add(
        _ readings: [UtteranceReading], speakers: [String], shown: [Int: String]? = nil,
        opened: [Int: String] = [:]
    ) {
        for reading in readings {
            stretch.stems.formUnion(reading.source.stems)
            stretch.words += reading.wordCount
            guard stretch.words >= Self.stretchWords else { continue }
            for stem in stretch.stems { spread[stem, default: 0] += 1 }
            (stretch, stretches) = ((0, []), stretches + 1)
        }
        let names = Set(
            speakers.flatMap { TextReader.read($0, language: .undetermined).words.map(\.folded) })
        counts.add(Counts(readings, without: names, shown: shown, opened: opened))
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

    /// A few words that were said one after the other and stand out in the topic together; nil if there are none.
    var title: String? {
        func weight(_ stem: String) -> Double {
            let count = counts.stems[stem, default: 0]
            return count >= Self.leastCount ? Double(count) * rarity(stem) : 0
        }
        func score(_ stems: [String], _ count: Int, _ opens: Bool) -> Double {
            Set(stems).reduce(0) { $0 + weight($1) } / Double(stems.count).squareRoot()
                * (count >= Self.leastCount ? Self.repeatedSpan : 1) * (opens ? Self.openingSpan : 1)
        }
        return counts.spans
            .map { (text: $0.value.text, score: score($0.key, $0.value.count, $0.value.opens)) }
            .filter { $0.score > 0 }
            .max { ($0.score, $1.text) < ($1.score, $0.text) }?.text
    }

    /// A span that is said again is a term, and one that brings up a matter names it.
    private static let (repeatedSpan, openingSpan) = (1.5, 2.0)

    /// Words of a text, one after the other, that may be the title of a topic.
    struct Span: Sendable {
        /// As they were said.
        let text: String
        /// Of those of them that may name a topic.
        let (stems, keys): ([String], [String])
    }

    /// The spans of a text: two to four words that may name a topic, perhaps with small words between them.
    static func spans(_ reading: Reading, _ words: [Word?]) -> [Span] {
        var spans: [Span] = []
        for first in words.indices where words[first] != nil {
            var chosen: [Word] = []
            var skipped = 0
            for place in first..<words.endIndex {
                if place > first {
                    let gap =
                        reading.words[place - 1].range.upperBound..<reading.words[place].range.lowerBound
                    guard reading.words[place].sentence == reading.words[first].sentence,
                        gap.isEmpty || reading.text(gap).allSatisfy({ $0 == " " || $0 == "-" })
                    else { break }
                }
                guard let word = words[place] else {
                    skipped += 1
                    guard skipped <= 2, reading.words[place].role == .function else { break }
                    continue
                }
                chosen.append(word)
                skipped = 0
                guard chosen.count <= 4 else { break }
                guard chosen.count >= 2 else { continue }
                let range = reading.words[first].range.lowerBound..<reading.words[place].range.upperBound
                spans.append(
                    Span(text: reading.text(range), stems: chosen.map(\.stem), keys: chosen.map(\.key)))
            }
        }
        return spans
    }

    private func rarity(_ stem: String) -> Double {
        // The stretch that is not full counts as well.
        let count = spread[stem, default: 0] + (stretch.stems.contains(stem) ? 1 : 0)
        return log(1 + Double(stretches + 1) / Double(max(1, count)))
    }

    /// For each word of a text, in order, the word if it may name a topic, else nil.
    ///
    /// Somebody who is addressed or spoken of by a title ("Herr Sommer") does not name one.
    static func words(_ reading: Reading) -> [Word?] {
        let general = GeneralWords.general.of(reading.language)
        let titles = GeneralWords.titles.of(reading.language)
        let dates = reading.dates.map(\.range)
        return zip(reading.words.indices, reading.words).map { place, word in
            guard word.role == .content, word.carriesMeaning, word.folded.count > shortestWord(word),
                !general.contains(word.stem), !titles.contains(word.stem),
                place == 0 || !titles.contains(reading.words[place - 1].stem),
                !dates.contains(where: { $0.overlaps(word.range) })
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
private final class GeneralWords: Sendable {
    /// Of words that are said of everything.
    static let general = GeneralWords(.general)
    /// Of what people are called by before their names.
    static let titles = GeneralWords(.titles)

    private let section: LanguageData.Section
    private let all = Mutex<[LanguageCode: Set<String>]>([:])

    private init(_ section: LanguageData.Section) { self.section = section }

    func of(_ language: LanguageCode) -> Set<String> {
        all.withLock { all in
            if let known = all[language] { return known }
            let words = LanguageData.of(language).entries(section)
            let stems = Set(words.flatMap { TextReader.read($0, language: language).words.map(\.stem) })
            all[language] = stems
            return stems
        }
    }
}
