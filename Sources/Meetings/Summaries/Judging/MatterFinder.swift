import Foundation
import Language
import Transcript

/// Where a meeting may turn to another matter, and what is said there.
package struct MatterOpening: Sendable, Hashable, Codable {
    /// The sequence number of the utterance in which it begins.
    package var utterance: Int
    /// The sentences of it that bring it up.
    package var sentences: Range<Int>
    /// What is said, in one utterance or two; empty if it is small talk.
    package var turns: [Statement.Turn]
    /// How likely a matter begins there.
    package var likelihood: Double
    /// How likely no other one begins after it in its window.
    package var staying: Double
}

/// The matters that a meeting may turn to in a window.
package struct WindowMatters: Sendable, Hashable, Codable {
    /// Where that is likely enough, in order.
    package var openings: [MatterOpening]
    /// How likely the meeting turns to none.
    package var staying: Double
    /// How many words the window has.
    package var wordCount: Int
}

/// Finds where a meeting turns to another matter, one window after the other.
///
/// What a matter is about is said when it is brought up ("While we're at money, there was the question about late
/// returns"), and hardly again: who reads a later sentence alone does not know it.
struct MatterFinder {
    /// A sentence that was weighed.
    private struct Sentence {
        let place: PickPrompt.Place
        /// How likely a matter begins with it.
        let likelihood: Double
    }

    /// The sentences of the last window.
    private var current: (first: Int, sentences: [Sentence]) = (0, [])
    /// The windows so far, in order.
    private var windows: [WindowMatters] = []
    private var words = 0
    /// Before which word of the meeting a stem was said last.
    private var lastSaid: [String: Int] = [:]
    private var asksLast = false

    /// Reads the next window, each sentence of which was `weighed`; returns its matters, those that are `known` if it was
    /// read before.
    ///
    /// `first` is the window's first sequence number. If no model weighed its sentences, no matter is found.
    mutating func hear(
        _ readings: [UtteranceReading], first: Int, weighed: [WeighedSentence]?, known: WindowMatters?
    ) -> WindowMatters {
        let weights = Dictionary(
            (weighed ?? []).map { ($0.place, $0) }, uniquingKeysWith: { one, _ in one })
        let counts = readings.reduce(into: [String: Int]()) { counts, reading in
            for stem in reading.source.stems { counts[stem, default: 0] += 1 }
        }
        let begin = words
        current = (first, [])
        for (number, reading) in readings.enumerated() {
            let stems = Self.stems(reading)
            var behind = 0
            for (sentence, own) in reading.sentences.enumerated() {
                let place = PickPrompt.Place(utterance: number, sentence: sentence)
                if let opening = weights[place]?.opening {
                    let likelihood = likelihood(
                        own, stems[sentence], of: reading, opening: opening, behind: behind, counts: counts)
                    current.sentences.append(Sentence(place: place, likelihood: likelihood))
                }
                for stem in stems[sentence] { lastSaid[stem] = words }
                words += own.wordCount
                behind += own.wordCount
                asksLast = own.isQuestion
            }
        }
        var staying = 1.0
        var openings: [MatterOpening] = []
        for one in current.sentences.reversed() {
            if one.likelihood >= Self.leastLikelihood {
                var opening = Self.opening(one, of: readings, first: first, staying: staying)
                if weights[one.place]?[.nothing] ?? 1 > Self.mostNothing { opening.turns = [] }
                openings.append(opening)
            }
            staying *= 1 - one.likelihood
        }
        let found = WindowMatters(openings: openings.reversed(), staying: staying, wordCount: words - begin)
        windows.append(known ?? found)
        return windows[windows.count - 1]
    }

    /// What the matter of a sentence of the last window was brought up with.
    ///
    /// Empty if it is brought up there, too far away, or not known surely enough.
    func turns(before sentence: Int, of utterance: Int) -> [Statement.Turn] {
        guard let last = windows.last else { return [] }
        let place = PickPrompt.Place(utterance: utterance - current.first, sentence: sentence)
        var staying = 1.0
        var best: (likelihood: Double, opening: MatterOpening?) = (0, nil)
        for one in current.sentences.reversed() where one.place <= place {
            let likelihood = one.likelihood * staying
            if likelihood > best.likelihood {
                let opening = last.openings.first {
                    $0.utterance == current.first + one.place.utterance
                        && $0.sentences.contains(one.place.sentence)
                }
                best = (likelihood, one.place == place ? nil : opening)
            }
            staying *= 1 - one.likelihood
        }
        var distance = 0
        for window in windows.dropLast().reversed() {
            for opening in window.openings
            where opening.likelihood * opening.staying * staying > best.likelihood {
                best = (opening.likelihood * opening.staying * staying, opening)
            }
            staying *= window.staying
            distance += window.wordCount
            guard distance < Self.reach else { break }
        }
        guard best.likelihood >= Self.leastLikelihood, let opening = best.opening else { return [] }
        return opening.turns.filter {
            $0.citation.utterance < utterance
                || $0.citation.utterance == opening.utterance && opening.sentences.upperBound <= sentence
        }
    }

    // MARK: - Likelihood

    /// How likely a matter begins with a sentence.
    ///
    /// `opening` is what the model makes of it, `behind` the number of words before it in its utterance; `counts` says how
    /// often the window's stems are said. The weights are a logistic regression on meetings in which people marked where
    /// matters begin, and on which the shipped adapter was not trained.
    private func likelihood(
        _ sentence: SentenceReading, _ stems: Set<String>, of reading: UtteranceReading, opening: Double,
        behind: Int, counts: [String: Int]
    ) -> Double {
        func since(_ stem: String) -> Int { lastSaid[stem].map { words - $0 } ?? .max }
        let known = stems.count { since($0) < Self.justBefore }
        let again = stems.filter { since($0) >= Self.lately }.reduce(0) {
            $0 + max(0, counts[$1, default: 0] - 1)
        }
        let bounded = min(max(opening, 1e-4), 1 - 1e-4)
        var score = -2.66 + 0.74 * log(bounded / (1 - bounded))
        score += 0.46 * log(Double(1 + reading.wordCount)) - 0.51 * log(Double(1 + known))
        score += 0.52 * log(Double(1 + again))
        score += behind == 0 ? 0.85 : behind <= Self.fewWords ? 1.1 : 0
        if sentence.isQuestion { score += 0.67 }
        // What follows a question is its answer.
        if asksLast { score -= 1.08 }
        if sentence.pointsBack { score -= 0.28 }
        if sentence.isAnnounced { score += 0.51 }
        return 1 / (1 + exp(-score))
    }

    /// The stems of each sentence of an utterance that carry meaning.
    private static func stems(_ reading: UtteranceReading) -> [Set<String>] {
        var stems = [Set<String>](repeating: [], count: reading.sentences.count)
        for word in reading.read.reading.words where word.carriesMeaning {
            stems[word.sentence].insert(word.stem)
        }
        return stems
    }

    /// What was said so many words before is forgotten, and what is still known.
    private static let (lately, justBefore) = (400, 150)
    /// A matter may be opened behind so many words, such as "Okay, good".
    private static let fewWords = 4
    /// A matter is remembered over so many words, to the end of the window.
    private static let reach = 400

    /// So likely a matter has to begin where the one of a sentence was brought up; chosen on meetings that the shipped
    /// adapter was not trained on.
    private static let leastLikelihood = 0.2
    /// What the model finds likelier to be nothing brings up small talk.
    private static let mostNothing = 0.9

    // MARK: - What is shown

    /// What a matter is brought up with: from a sentence on, until enough is said to tell what it is.
    private static func opening(
        _ one: Sentence, of readings: [UtteranceReading], first: Int, staying: Double
    ) -> MatterOpening {
        let own = readings[one.place.utterance].sentences
        var begin = one.place.sentence
        // "Late returns. We charge from the first minute."
        while begin > 0, own[begin - 1].wordCount < PickPrompt.leastWords, !own[begin - 1].isBare {
            begin -= 1
        }
        var opening = MatterOpening(
            utterance: first + one.place.utterance, sentences: begin..<begin, turns: [],
            likelihood: one.likelihood, staying: staying)
        var content = 0
        for number in one.place.utterance..<min(one.place.utterance + 2, readings.count) {
            let reading = readings[number]
            let stems = stems(reading)
            let start = number == one.place.utterance ? begin : 0
            var (end, shown) = (start, 0)
            while end < reading.sentences.count, content < enoughStems,
                shown == 0 || shown + reading.sentences[end].wordCount <= mostWords
            {
                content += stems[end].count
                shown += reading.sentences[end].wordCount
                end += 1
            }
            if number == one.place.utterance { opening.sentences = start..<end }
            if end > start {
                opening.turns.append(
                    Statement.Turn(
                        text: reading.quotation(start..<end),
                        citation: .init(reading.utterance, number: first + number), opensMatter: true))
            }
            guard content < enoughStems else { break }
        }
        return opening
    }

    /// So many words that carry meaning tell what a matter is.
    private static let enoughStems = 4
    /// What brings up a matter is shown up to so many words of an utterance.
    private static let mostWords = 32
}
