import Language
import Transcript

/// Sorts what was said into remarks by the phrases that people use for them in their language, and finds quotes.
///
/// Like ``ItemFinder`` it quotes and does not reword.
package struct RemarkFinder {
    private static let leastWords = 4
    private static let mostWords = 40

    /// All remarks but quotes, in order; the first of `readings` has the sequence number `first`.
    static func remarks(in readings: ArraySlice<UtteranceReading>, first: Int) -> [Remark] {
        var seen: Set<String> = []
        var remarks: [Remark] = []
        for (offset, reading) in readings.enumerated() {
            for sentence in reading.sentences {
                guard let kind = sentence.remark, seen.insert(sentence.normalised).inserted else { continue }
                remarks.append(
                    Remark(
                        kind: kind, text: sentence.text,
                        citation: .init(reading.utterance, number: first + offset)))
            }
        }
        return remarks
    }

    /// The kind of remark that a sentence is, nil for none; of several kinds the first in the list below.
    static func kind(of phrases: [PhraseMatch], wordCount: Int, isQuestion: Bool) -> Remark.Kind? {
        guard wordCount >= leastWords, wordCount <= mostWords else { return nil }
        let sections = Set(phrases.map(\.section))
        return kinds.first { section, kind in
            sections.contains(section) && (!isQuestion || kind == .wish || kind == .concern)
        }?.kind
    }

    /// The more particular kinds stand first.
    private static let kinds: [(section: LanguageData.Section, kind: Remark.Kind)] = [
        (.blocked, .blocked), (.objection, .objection), (.concern, .concern), (.praise, .praise),
        (.wish, .wish), (.agreement, .agreement), (.done, .done), (.next, .next),
    ]

    /// What a sentence is worth as a quote, but for what else is said in the meeting.
    struct QuoteReading: Sendable {
        /// Different stems of words that carry meaning.
        let stems: Set<String>
        /// Numbers and names.
        let claims: Int
        /// Words that are counted.
        let wordCount: Int

        /// Reads words of a sentence; nil if they are too few or too many.
        init?(_ reading: Reading, words: ArraySlice<Word>) {
            guard (8...30).contains(words.count), let first = words.first, let last = words.last else {
                return nil
            }
            let range = first.range.lowerBound..<last.range.upperBound
            stems = Set(words.filter(\.carriesMeaning).map(\.stem))
            claims =
                reading.numbers.count { $0.isClaim && range.contains($0.range.lowerBound) }
                + reading.names.count { $0.isSure && range.contains($0.range.lowerBound) }
            wordCount = words.count
        }

        /// What is said of matters that come up again, and with a number or a name, per word.
        ///
        /// `counts` says in how many utterances each stem is.
        func weight(_ counts: [String: Int]) -> Double {
            // Whole numbers: their order makes no difference.
            let recurring = stems.reduce(0) { $0 + min(3, counts[$1, default: 1] - 1) }
            return (Double(stems.count) + 0.5 * Double(recurring) + Double(min(claims, 3)))
                / Double(wordCount + 6)
        }
    }

    /// At most `limit` sentences that say much in few words, best first, each with its worth.
    ///
    /// Rare words count, and numbers and names. The first of `readings` has the sequence number `first`; `counts` says
    /// in how many utterances of the meeting each stem is.
    static func quotes(
        in readings: ArraySlice<UtteranceReading>, first: Int, counts: [String: Int], limit: Int
    ) -> [ScoredQuote] {
        var found: [ScoredQuote] = []
        for (offset, reading) in readings.enumerated() {
            for sentence in reading.sentences {
                guard let quote = sentence.quote else { continue }
                let citation = Statement.Citation(reading.utterance, number: first + offset)
                found.append(
                    ScoredQuote(
                        worth: quote.weight(counts),
                        remark: Remark(kind: .quote, text: sentence.text, citation: citation)))
            }
        }
        return Array(found.sorted(by: isBetter).prefix(limit))
    }

    package static func isBetter(_ one: ScoredQuote, _ other: ScoredQuote) -> Bool {
        (other.worth, one.remark.citation.utterance) < (one.worth, other.remark.citation.utterance)
    }

    /// Questions of five words or more that another one answers in as many, in order; the first of `readings` has the
    /// sequence number `first`.
    static func exchanges(in readings: ArraySlice<UtteranceReading>, first: Int) -> [Exchange] {
        var found: [Exchange] = []
        for (offset, (one, next)) in zip(readings, readings.dropFirst()).enumerated() {
            guard one.utterance.speaker != nil, next.utterance.speaker != nil,
                one.utterance.speaker != next.utterance.speaker,
                let question = one.sentences.last, question.isQuestion, question.wordCount >= 5
            else { continue }
            let answer = shortened(next.sentences)
            guard answer.wordCount >= 5 else { continue }
            found.append(
                Exchange(
                    question: question.text, asked: .init(one.utterance, number: first + offset),
                    answer: answer.text, answered: .init(next.utterance, number: first + offset + 1)))
        }
        return found
    }

    /// The first sentences, until they have twenty words; a very long text is cut.
    private static func shortened(_ sentences: [SentenceReading]) -> (text: String, wordCount: Int) {
        var kept: [String] = []
        var count = 0
        for sentence in sentences where count < 20 {
            kept.append(sentence.said)
            count += sentence.wordCount
        }
        let text = kept.joined(separator: " ")
        let cut = text.prefix(answerCharacters)
        return (cut.count < text.count ? cut + "…" : text, count)
    }

    private static let answerCharacters = 400
}

/// A sentence that may be quoted.
package struct ScoredQuote: Sendable, Hashable, Codable {
    /// How much it says for its length.
    package var worth: Double
    /// The sentence.
    package var remark: Remark
}
