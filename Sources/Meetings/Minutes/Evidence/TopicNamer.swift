import Foundation
import Language
import Transcript

/// Names a topic by the words that are said in it more than elsewhere in the meeting.
struct TopicNamer {
    private static let wordLimit = 3
    /// Who says a thing once may have mentioned it only.
    private static let leastCount = 2
    /// The meeting is compared in stretches of so many words.
    private static let stretchWords = 120

    /// A word that may name a topic.
    struct Word: Sendable {
        /// As it was said.
        let spelling: String
        /// In lower case.
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

        /// Counts the words of utterances, but for those of `names`.
        init(_ readings: ArraySlice<UtteranceReading>, without names: Set<String>) {
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

    private let memory: MinutesMemory
    /// In how many stretches a stem is said.
    private let spread: [String: Int]
    private let stretches: Int

    /// Makes a namer for the meeting that `memory` has read.
    init(_ memory: MinutesMemory) {
        self.memory = memory
        var spread: [String: Int] = [:]
        var (stretches, words) = (0, 0)
        var stems: Set<String> = []
        func close() {
            guard !stems.isEmpty else { return }
            for stem in stems { spread[stem, default: 0] += 1 }
            (stems, words, stretches) = ([], 0, stretches + 1)
        }
        for reading in memory.readings {
            stems.formUnion(reading.source.stems)
            words += reading.wordCount
            if words >= Self.stretchWords { close() }
        }
        close()
        (self.spread, self.stretches) = (spread, stretches)
    }

    /// Words of the names of those who speak, in lower case.
    static func names(of utterances: [Utterance]) -> Set<String> {
        Set(utterances.compactMap(\.speaker)).reduce(into: []) { $0.formUnion(NameMentions.words(in: $1)) }
    }

    /// The words that stand out in the utterances of `parts`, the most telling first.
    func words(of parts: [Range<Int>]) -> [String] {
        guard var counts = parts.first.map(memory.topicWords(of:)) else { return [] }
        for part in parts.dropFirst() { counts.add(memory.topicWords(of: part)) }
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
        log(1 + Double(max(1, stretches)) / Double(spread[stem] ?? 1))
    }

    /// The words of a text that may name a topic, in order; nil stands for one that may not.
    static func words(_ text: String) -> [Word?] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map { word in
            let key = word.lowercased()
            guard let stem = TextWords.content(key).first, TextWords.lines(key).joined().count == 1,
                key.count > 2, !general.contains(stem), key.contains(where: \.isLetter),
                NumberMentions.all(in: key).isEmpty
            else { return nil }
            return Word(spelling: String(word), key: key, stem: stem)
        }
    }

    /// Stems of words that tell nothing about what is talked about.
    private static let general = Set(
        """
        go get got make made take took know knew think thought want need look said say tell told good great sure lot bit
        way time day week month year people guy talk work start put let tri try come came give gave use find found show
        ask point kind sort thank please sorry next last first second third one two three four five six seven eight nine
        ten new old big small whole part everybody everyone everything anything something someone anybody nobody nothing
        still already today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday long short high
        per bye hello low end begin happen seem keep call write wrote send sent bring back ever never even much many yet els instead
        agre agree agreed fine nice wait hold minut hour mean differ question answer exampl believ feel felt hear heard
        see saw seen whatev alway sometim absolut exact definit basic obvious hope guess suppos problem interest import
        man left right true better best wors worst littl around away also without within possibl
        """.split(whereSeparator: \.isWhitespace).map(String.init)
    ).union(
        ([
            "please", "sorry", "everybody", "everyone", "everything", "something", "exactly", "probably",
            "actually", "hundred", "thousand", "million", "billion",
        ] + DateMentions.months)
        .map(TextWords.stem))
}
