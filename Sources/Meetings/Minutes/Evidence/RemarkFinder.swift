import Language
import Transcript

/// Sorts what was said into remarks by the phrases that people use for them (English), and finds quotes.
///
/// Like ``ItemFinder`` it quotes and does not reword.
struct RemarkFinder {
    private static let leastWords = 4
    private static let mostWords = 40

    /// All remarks but quotes, in order; `readings` has one for each of `utterances`, all of the meeting.
    static func remarks(in utterances: [Utterance], readings: [UtteranceReading]) -> [Remark] {
        var seen: Set<String> = []
        var remarks: [Remark] = []
        for (number, reading) in readings.enumerated() {
            for sentence in reading.sentences {
                guard let kind = sentence.remark, seen.insert(sentence.normalised).inserted else { continue }
                remarks.append(
                    Remark(
                        kind: kind, text: sentence.text, citation: .init(utterances[number], number: number)))
            }
        }
        return remarks
    }

    /// Nil for what is no remark; of a sentence that is several, the first in the list below.
    ///
    /// `text` has `words`; `count` are those that are counted.
    static func kind(of text: String, words: [String], count: Int) -> Remark.Kind? {
        guard count >= leastWords, count <= mostWords else { return nil }
        let isQuestion = text.hasSuffix("?")
        return phrases.kinds(in: words).first { kind in
            !isQuestion || kind == .wish || kind == .concern
        }
    }

    /// The more particular kinds stand first.
    private static let phrases = PhraseTable<Remark.Kind>([
        (
            .blocked,
            [
                "i m blocked", "we re blocked", "is blocked", "blocked by", "blocked on", "i m stuck",
                "we re stuck", "stuck on", "waiting for", "waiting on", "held up by", "can t go on",
                "can t continue", "can t start",
            ]
        ),
        (
            .objection,
            [
                "i disagree", "i don t agree", "i object", "i m against", "that won t work",
                "that doesn t work", "that can t be", "i don t think that s", "i don t think we should",
                "that s not right", "that s wrong", "no way", "out of the question", "we can t do that",
                "i wouldn t do", "not a good idea",
            ]
        ),
        (
            .concern,
            [
                "i m worried", "i am worried", "worries me", "i m concerned", "i am concerned",
                "concerned about", "my concern", "my worry", "the problem is", "is a problem",
                "the trouble is", "the risk is", "a risk", "i m afraid", "i doubt", "we ll miss",
                "is broken", "went wrong", "is too late", "too expensive", "complained", "complaint",
                "disappointed", "frustrating", "frustrated", "unhappy", "annoying", "annoyed", "unacceptable",
            ]
        ),
        (
            .praise,
            [
                "thank you for", "thanks for", "well done", "good job", "great work", "good work",
                "that s great", "that s excellent", "i m glad", "i m happy", "we re happy", "pleased",
                "i like", "i love", "really good", "very good", "works well", "went well",
            ]
        ),
        (
            .wish,
            [
                "i d like", "we d like", "i would like", "we would like", "i wish", "i was hoping",
                "would be nice", "would be good", "would be great", "would be useful", "we need",
                "i need", "i want", "we want", "looking for",
            ]
        ),
        (
            .agreement,
            [
                "i agree", "we agree", "agreed", "sounds good", "that makes sense", "makes sense to me",
                "good idea", "fine with me", "fine by me", "i m fine with", "works for me",
                "you re right", "exactly right", "i m in favour", "i second",
            ]
        ),
        (
            .done,
            [
                "i finished", "i ve finished", "i fixed", "i ve fixed", "i worked on", "i ve worked on",
                "i merged", "i wrote", "i ve written", "i sent", "i ve sent", "is done", "is finished",
                "we finished", "we shipped", "we ve shipped", "yesterday i", "last week i", "i tested",
                "i ve tested", "i called", "i spoke", "i ve spoken", "i ve checked", "i checked",
            ]
        ),
        (
            .next,
            [
                "i ll", "i will", "i m going to", "i am going to", "today i", "tomorrow i", "next i",
                "my next", "we ll start", "i plan to", "i m planning to",
            ]
        ),
    ])

    /// What a sentence is worth as a quote, but for what else is said in the meeting.
    struct QuoteReading: Sendable {
        /// Different stems of words that carry meaning.
        let stems: Set<String>
        /// Numbers and names.
        let claims: Int
        /// Words that are counted.
        let wordCount: Int

        /// Reads `text`, which has `count` words; nil if it is too short, too long, or a question.
        init?(_ text: String, count: Int) {
            guard (8...30).contains(count), !text.hasSuffix("?") else { return nil }
            stems = Set(TextWords.content(text))
            claims = NumberMentions.claims(in: text).count + NameMentions.claims(in: text).count
            wordCount = count
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

    /// In how many utterances each stem is.
    static func counts(in readings: [UtteranceReading]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for reading in readings { for stem in reading.source.stems { counts[stem, default: 0] += 1 } }
        return counts
    }

    /// At most `limit` sentences that say much in few words, spread over `topics`, in order.
    ///
    /// Rare words count, and names and numbers; `without` are sentences that the minutes show already. `counts` are
    /// those in all `readings`, of which there is one for each of `utterances`.
    static func quotes(
        in utterances: [Utterance], readings: [UtteranceReading], counts: [String: Int],
        topics: [Range<Int>], without shown: Set<String>, limit: Int
    ) -> [Remark] {
        var best: [(score: Double, remark: Remark)] = []
        let perTopic = max(1, limit / max(1, topics.count))
        for topic in topics {
            var found: [(score: Double, remark: Remark)] = []
            for number in topic.clamped(to: utterances.indices) {
                for sentence in readings[number].sentences {
                    guard let quote = sentence.quote, !shown.contains(sentence.normalised) else { continue }
                    let citation = Statement.Citation(utterances[number], number: number)
                    found.append(
                        (quote.weight(counts), Remark(kind: .quote, text: sentence.text, citation: citation)))
                }
            }
            best += found.sorted(by: Self.isBetter).prefix(perTopic)
        }
        return best.sorted(by: Self.isBetter).prefix(limit).map(\.remark)
            .sorted { ($0.citation.utterance, $0.text) < ($1.citation.utterance, $1.text) }
    }

    private static func isBetter(
        _ one: (score: Double, remark: Remark), _ other: (score: Double, remark: Remark)
    ) -> Bool {
        (other.score, one.remark.citation.utterance) < (one.score, other.remark.citation.utterance)
    }

    /// At most `limit` questions of five words or more that another one answers in as many, in order.
    static func exchanges(
        in utterances: [Utterance], readings: [UtteranceReading], limit: Int
    ) -> [Exchange] {
        var found: [Exchange] = []
        for number in utterances.indices.dropLast() {
            let (one, next) = (utterances[number], utterances[number + 1])
            guard one.speaker != nil, next.speaker != nil, one.speaker != next.speaker,
                let question = readings[number].sentences.last, question.said.hasSuffix("?"),
                question.wordCount >= 5
            else { continue }
            let answer = shortened(readings[number + 1].sentences)
            guard answer.wordCount >= 5 else { continue }
            found.append(
                Exchange(
                    question: question.text, asked: .init(one, number: number), answer: answer,
                    answered: .init(next, number: number + 1)))
        }
        guard found.count > limit else { return found }
        // Those with the longest answers: small talk is short.
        return found.enumerated()
            .sorted { ($1.element.answer.count, $0.offset) < ($0.element.answer.count, $1.offset) }
            .prefix(limit).sorted { $0.offset < $1.offset }.map(\.element)
    }

    /// The first sentences, until they have twenty words.
    private static func shortened(_ sentences: [SentenceReading]) -> String {
        var kept: [String] = []
        var count = 0
        for sentence in sentences {
            guard count < 20 else { break }
            kept.append(sentence.said)
            count += sentence.said.wordCount
        }
        let words = kept.joined(separator: " ").split(separator: " ")
        return words.prefix(60).joined(separator: " ") + (words.count > 60 ? "…" : "")
    }
}
