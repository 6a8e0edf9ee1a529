import Language
import Transcript

/// Finds the passages of a meeting that a question is about, by its words.
///
/// As BM25 does: a word counts the more the fewer turns have it or one like it (``StemIndex``), and a turn counts with
/// its neighbours, since an answer follows a question and a matter is named once. No model is needed.
package struct PassageFinder: Sendable {
    /// A turn with its neighbours, and how well they fit to a question.
    package struct Candidate: Sendable, Hashable {
        /// The number of the turn, from 0.
        package var turn: Int
        /// How well it fits; only to be compared with others of the same question.
        package var score: Double
        /// How much of the question's words it and its neighbours have, 0 to 1; rare words weigh more.
        package var coverage: Double
    }

    /// The meeting's turns, in order, each as it is shown.
    let utterances: [ReadUtterance]
    private let index: StemIndex
    private let names: SpeakerNames
    /// How many words that carry meaning each turn has.
    private let lengths: [Int]

    /// Turns before and after one that count with it, and what each counts of the one nearer to it.
    static let (before, after) = (1, 3)
    private static let decay = 0.75
    /// What a word counts for that is said again, and a turn that is longer: BM25's k1 and b.
    private static let (saturation, lengthShare) = (1.2, 0.3)
    /// What a turn counts for whose speaker the question names, or that brought what it asks for.
    private static let (speakerGain, itemGain) = (2.0, 1.3)

    /// Prepares all `utterances` of a meeting, each with the speaker that it is shown with.
    package init(_ utterances: [ReadUtterance]) {
        self.utterances = utterances
        names = SpeakerNames(utterances)
        index = StemIndex(utterances.map { Set($0.reading.stems) })
        lengths = utterances.map { $0.reading.words.count(where: \.carriesMeaning) }
    }

    /// The names of those who speak, in the order in which they first do.
    var speakers: [String] { names.all }

    /// Those of them whom a question names.
    func speakers(in question: AskedQuestion) -> Set<String> { names.named(in: question) }

    /// The turns that fit best to `question`, the best first and none near a better one; `items` are those of the
    /// meeting.
    package func candidates(
        for question: AskedQuestion, items: [MinutesItem] = [], limit: Int
    ) -> [Candidate] {
        let named = speakers(in: question)
        let nameWords = names.words(of: named)
        let terms = question.terms.filter { !nameWords.contains($0.folded) }
        let wanted = Set(items.filter { question.kinds.contains($0.kind) }.map(\.citation.utterance))
        var found: [Candidate]
        if terms.isEmpty {
            found = byOrigin(named, wanted)
        } else {
            found = byWords(terms)
            for number in found.indices {
                let turn = found[number].turn
                if named.contains(utterances[turn].utterance.speaker ?? "") {
                    found[number].score *= Self.speakerGain
                }
                if wanted.contains(turn) { found[number].score *= Self.itemGain }
            }
        }
        var chosen: [Candidate] = []
        for candidate in found.sorted(by: { ($1.score, $0.turn) < ($0.score, $1.turn) }) {
            guard chosen.count < limit else { break }
            if chosen.allSatisfy({ abs($0.turn - candidate.turn) > Self.before + Self.after }) {
                chosen.append(candidate)
            }
        }
        return chosen
    }

    /// Where the question has no word of its own ("What did Ada say?", "What was decided?"): turns of those whom it names,
    /// or that brought what it asks for, the longest first.
    private func byOrigin(_ named: Set<String>, _ wanted: Set<Int>) -> [Candidate] {
        guard !named.isEmpty || !wanted.isEmpty else { return [] }
        return utterances.indices.filter { turn in
            (named.isEmpty || named.contains(utterances[turn].utterance.speaker ?? ""))
                && (wanted.isEmpty || wanted.contains(turn)) && lengths[turn] > 0
        }.map { Candidate(turn: $0, score: Double(lengths[$0]), coverage: 1) }
    }

    private func byWords(_ terms: [AskedQuestion.Term]) -> [Candidate] {
        let offsets = -Self.before...Self.after
        let shares = offsets.map { offset in
            (0..<abs(offset)).reduce(1.0) { share, _ in share * Self.decay }
        }
        func spread(_ value: (Int) -> Double, around turn: Int) -> Double {
            zip(offsets, shares).reduce(0) { sum, near in
                utterances.indices.contains(turn + near.0) ? sum + near.1 * value(turn + near.0) : sum
            }
        }
        let mean = Double(lengths.reduce(0, +)) / Double(max(1, lengths.count)) * shares.reduce(0, +)
        var scores = [Double](repeating: 0, count: utterances.count)
        var covered = scores
        var total = 0.0
        for term in terms {
            let places = places(of: term)
            let weight = index.weight(ofCount: places.values.reduce(0, +))
            total += weight
            var touched: Set<Int> = []
            for place in places.keys {
                touched.formUnion(
                    (place - Self.after...place + Self.before).clamped(to: 0...scores.count - 1))
            }
            for turn in touched {
                let frequency = spread({ places[$0] ?? 0 }, around: turn)
                let best = offsets.reduce(0) { max($0, places[turn + $1] ?? 0) }
                let length = spread({ Double(lengths[$0]) }, around: turn) / max(1, mean)
                let norm = Self.saturation * (1 - Self.lengthShare + Self.lengthShare * length)
                scores[turn] += weight * frequency * (Self.saturation + 1) / (frequency + norm)
                covered[turn] += weight * best
            }
        }
        return utterances.indices.filter { scores[$0] > 0 }.map {
            Candidate(turn: $0, score: scores[$0], coverage: covered[$0] / total)
        }
    }

    /// What a word of a question counts for: the more, the fewer turns have it.
    func weight(of term: AskedQuestion.Term) -> Double {
        index.weight(ofCount: places(of: term).values.reduce(0, +))
    }

    /// Where a word is said, and how alike what is said there is to it.
    private func places(of term: AskedQuestion.Term) -> [Int: Double] {
        var places: [Int: Double] = [:]
        for stem in term.stems {
            for (place, likeness) in index.entry(stem).places {
                places[place] = max(places[place] ?? 0, likeness)
            }
        }
        return places
    }
}

/// Those who speak in a meeting, as questions may name them.
private struct SpeakerNames {
    let all: [String]
    private let language: LanguageCode

    init(_ utterances: [ReadUtterance]) {
        var seen: Set<String> = []
        all = utterances.compactMap(\.utterance.speaker).filter { seen.insert($0).inserted }
        language = utterances.mainLanguage
    }

    /// The folded words of some names.
    func words(of names: Set<String>) -> Set<String> {
        Set(names.flatMap { TextReader.read($0, language: language).words.map(\.folded) })
    }

    /// Those whom a question names: by all of the name, or by a part of it that is a name there.
    func named(in question: AskedQuestion) -> Set<String> {
        let asked = question.reading.words.map(\.folded)
        let whole = all.filter { name in
            let words = TextReader.read(name, language: language).words.map(\.folded)
            return !words.isEmpty && words.count <= asked.count
                && (0...asked.count - words.count).contains {
                    asked[$0..<$0 + words.count].elementsEqual(words)
                }
        }
        if !whole.isEmpty { return Set(whole) }
        let claims = ClaimCheck(participants: all, language: language).claims(in: question.reading)
            .filter { $0.kind == .name }
        guard !claims.isEmpty else { return [] }
        let nothing = TextReader.read("", language: language)
        return Set(
            all.filter { name in
                let source = ClaimCheck.Source(nothing, speaker: name)
                return claims.contains(where: source.hasOnlyAsSpeaker)
            })
    }
}
