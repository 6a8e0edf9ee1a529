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

    private let utterances: [Utterance]
    /// In how many stretches a stem is said.
    private let spread: [String: Int]
    private let stretches: Int
    private let names: Set<String>

    init(utterances: [Utterance]) {
        self.utterances = utterances
        var spread: [String: Int] = [:]
        var (stretches, words) = (0, 0)
        var stems: Set<String> = []
        func close() {
            guard !stems.isEmpty else { return }
            for stem in stems { spread[stem, default: 0] += 1 }
            (stems, words, stretches) = ([], 0, stretches + 1)
        }
        for utterance in utterances {
            stems.formUnion(TextWords.content(utterance.text))
            words += utterance.text.wordCount
            if words >= Self.stretchWords { close() }
        }
        close()
        (self.spread, self.stretches) = (spread, stretches)
        names = Set(utterances.compactMap(\.speaker)).reduce(into: []) {
            $0.formUnion(NameMentions.words(in: $1))
        }
    }

    /// The words that stand out in `range`, the most telling first.
    func words(of range: Range<Int>) -> [String] {
        var counts: [String: Int] = [:]
        /// How a stem is spelled, and how often so.
        var spellings: [String: [String: Int]] = [:]
        var pairs: [[String]: Int] = [:]
        for utterance in utterances[range.clamped(to: utterances.indices)] {
            var last: String?
            for word in Self.words(utterance.text) {
                let key = word.lowercased()
                guard let stem = TextWords.content(key).first, TextWords.lines(key).joined().count == 1,
                    key.count > 2, !Self.general.contains(stem), !names.contains(key),
                    key.contains(where: \.isLetter), NumberMentions.all(in: key).isEmpty
                else {
                    last = nil
                    continue
                }
                counts[stem, default: 0] += 1
                spellings[stem, default: [:]][word, default: 0] += 1
                if let last, last != stem { pairs[[last, stem], default: 0] += 1 }
                last = stem
            }
        }
        let telling = counts.filter { $0.value >= Self.leastCount }
            .map { stem, count in (stem: stem, score: Double(count) * rarity(stem)) }
            .sorted { ($1.score, $0.stem) < ($0.score, $1.stem) }
        var named: [[String]] = []
        var used: Set<String> = []
        for (stem, _) in telling where named.count < Self.wordLimit && !used.contains(stem) {
            // Two words that mostly stand together are one thing: "charging station".
            let pair = pairs.filter { pair, count in
                pair.contains(stem) && count * 2 >= counts[stem, default: 0] && count >= Self.leastCount
                    && !pair.contains(where: used.contains)
            }.max { ($0.value, $1.key.joined()) < ($1.value, $0.key.joined()) }
            let thing = pair?.key ?? [stem]
            used.formUnion(thing)
            named.append(thing)
        }
        return named.map { stems in
            stems.map { stem in
                spellings[stem, default: [:]].max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? stem
            }.joined(separator: " ")
        }
    }

    private func rarity(_ stem: String) -> Double {
        log(1 + Double(max(1, stretches)) / Double(spread[stem] ?? 1))
    }

    private static func words(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init)
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
