import Language
import Transcript

extension PassageFinder {
    /// What is read around a passage: who asks, who answers, and what is pointed back to.
    private static let around = 8
    /// Sentences are quoted together up to so many words.
    private static let quotedWords = 45
    /// So many neighbours are shown at most that have at least so much of what the best turn has of the question.
    private static let (mostBeside, besideShare) = (2, 0.6)
    /// Of a long turn a model reads so many words around the best.
    private static let readWords = 120

    /// The turns that count with the one of `candidate`.
    func turns(of candidate: Candidate) -> Range<Int> {
        (candidate.turn - Self.before..<candidate.turn + Self.after + 1).clamped(to: 0..<utterances.count)
    }

    /// A passage as it is shown: the best sentences of its best turn, as they were said, with what they answer and what
    /// answers them, and with neighbours that have nearly as much of the question.
    func quotation(of candidate: Candidate, for question: AskedQuestion, by named: Set<String>) -> Statement {
        let near = turns(of: candidate)
        let weights = near.map { turn in
            let own = matches(utterances[turn].reading, question).reduce(0, +)
            return named.contains(utterances[turn].utterance.speaker ?? "") ? own * 2 : own
        }
        // The first of equals, and the turn itself where none has a word.
        var turn = candidate.turn
        var best = 0.0
        for (offset, weight) in weights.enumerated() where weight > best {
            (turn, best) = (near.lowerBound + offset, weight)
        }
        let slice = (turn - Self.around..<turn + Self.around + 1).clamped(to: 0..<utterances.count)
        let readings = utterances[slice].map(UtteranceReading.init)
        let place = turn - slice.lowerBound
        let reading = readings[place]
        let context = ContextFinder(readings, before: [], first: slice.lowerBound)
        let shown = context.quotation(of: place, span(of: reading, question))
        var (before, after) = (shown.before, shown.after)
        let known = Set((before + after).map(\.citation.utterance)).union([turn])
        let others = near.enumerated().filter { offset, other in
            !known.contains(other) && best > 0 && weights[offset] >= Self.besideShare * best
        }.sorted { (weights[$1.offset], $0.offset) < (weights[$0.offset], $1.offset) }
        for other in others.prefix(Self.mostBeside).map(\.element) {
            let reading = readings[other - slice.lowerBound]
            let quoted = Statement.Turn(
                text: reading.quotation(span(of: reading, question)),
                citation: .init(reading.utterance, number: other))
            if other < turn { before.append(quoted) } else { after.append(quoted) }
        }
        before.sort { $0.citation.utterance < $1.citation.utterance }
        after.sort { $0.citation.utterance < $1.citation.utterance }
        return Statement(
            text: reading.quotation(shown.sentences), beginsLine: true, isListed: true,
            citations: [.init(reading.utterance, number: turn)], missing: [], support: 1,
            speaker: reading.utterance.speaker, worth: candidate.coverage,
            before: before.nonEmpty, after: after.nonEmpty)
    }

    /// A turn as a model reads it: all of it, or of a long one the sentences around the best.
    func excerpt(_ turn: Int, _ question: AskedQuestion) -> String {
        let reading = utterances[turn].reading
        guard reading.wordCount > Self.readWords else { return reading.text }
        let counts = reading.sentences.indices.map { reading.words(ofSentence: $0).count }
        let span = Self.span(counts, matches(reading, question), limit: Self.readWords)
        guard let last = reading.sentences[span].last else { return reading.text }
        let text = reading.text(reading.sentences[span.lowerBound].lowerBound..<last.upperBound)
        return text.shortened(toCharacters: 8 * Self.readWords, bytes: 16 * Self.readWords)
    }

    /// For each sentence, what the question's words in it weigh.
    private func matches(_ reading: Reading, _ question: AskedQuestion) -> [Double] {
        var found = [Set<AskedQuestion.Term>](repeating: [], count: reading.sentences.count)
        for word in reading.words where word.carriesMeaning {
            for term in question.terms
            where term.stems.contains(word.stem)
                || term.stems.contains(where: {
                    StemIndex.likeness(Array($0.unicodeScalars), Array(word.stem.unicodeScalars)) > 0
                })
            { found[word.sentence].insert(term) }
        }
        return found.map { terms in terms.reduce(0) { $0 + weight(of: $1) } }
    }

    private func span(of reading: UtteranceReading, _ question: AskedQuestion) -> Range<Int> {
        var matches = matches(reading.read.reading, question)
        if matches.allSatisfy({ $0 == 0 }) {
            matches = reading.sentences.map { $0.saysSomething ? 1 : 0 }
        }
        return Self.span(reading.sentences.map(\.wordCount), matches, limit: Self.quotedWords)
    }

    /// The sentences around the one with the most `matches`, as many as fit into `limit` words; what follows comes first.
    private static func span(_ counts: [Int], _ matches: [Double], limit: Int) -> Range<Int> {
        guard let most = matches.max(), let best = matches.firstIndex(of: most) else {
            return 0..<counts.count
        }
        var span = best..<best + 1
        var words = counts[best]
        while true {
            if span.upperBound < counts.count, words + counts[span.upperBound] <= limit {
                words += counts[span.upperBound]
                span = span.lowerBound..<span.upperBound + 1
            } else if span.lowerBound > 0, words + counts[span.lowerBound - 1] <= limit {
                words += counts[span.lowerBound - 1]
                span = span.lowerBound - 1..<span.upperBound
            } else {
                return span
            }
        }
    }
}
