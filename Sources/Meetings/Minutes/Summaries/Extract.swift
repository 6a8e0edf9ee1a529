import Language
import Transcript

/// Summaries without a model: the words themselves.
enum Extract {
    /// Below so many words a model would have to invent: they are given as they are.
    static let verbatimWords = 40
    private static let quotedUtterances = 3
    private static let quotedWords = 40
    private static let quotedParts = 8

    /// What was said, a line an utterance.
    static func verbatim(_ utterances: [Utterance]) -> String {
        utterances.map { "- " + spoken($0.speaker, $0.text) }.joined(separator: "\n")
    }

    /// The most informative utterances, marked as quotes, in their order.
    static func quotes(from utterances: [Utterance]) -> String {
        let best = utterances.enumerated()
            .map { (offset: $0.offset, score: informativeWords($0.element.text)) }
            .sorted { ($1.score, $0.offset) < ($0.score, $1.offset) }
            .prefix(quotedUtterances).map(\.offset).sorted()
        let lines = best.map { index in
            let utterance = utterances[index]
            return "- " + spoken(utterance.speaker, "“\(shortened(utterance.text, words: quotedWords))”")
        }
        return (["No summary could be written; the longest statements were:"] + lines).joined(separator: "\n")
    }

    /// The first sentences of parts spread over the meeting.
    static func firstSentences(of parts: [String]) -> String {
        let step = max(1, (parts.count + quotedParts - 1) / quotedParts)
        let lines = stride(from: 0, to: parts.count, by: step).map { index in
            let sentence = Sentences.of(parts[index])
            return "- " + shortened(withoutBullet(sentence.first ?? parts[index]), words: quotedWords)
        }
        return (["No summary of the whole could be written; from its parts:"] + lines).joined(separator: "\n")
    }

    /// The first sentence of each part, in one line, each part once.
    static func opening(of parts: [String]) -> String {
        var seen: Set<String> = []
        return parts.filter { seen.insert($0).inserted }.map { part in
            let sentences = Sentences.of(part)
            return shortened(withoutBullet(sentences.first ?? part), words: quotedWords)
        }.joined(separator: " ")
    }

    private static func withoutBullet(_ text: String) -> String {
        text.hasPrefix("- ") ? String(text.dropFirst(2)) : text
    }

    private static func spoken(_ speaker: String?, _ text: String) -> String {
        speaker.map { "\($0): \(text)" } ?? text
    }

    private static func shortened(_ text: String, words limit: Int) -> String {
        let words = text.split(separator: " ")
        // A text without blanks (Chinese, Japanese) has one word, however long it is.
        let cut = words.prefix(limit).joined(separator: " ")
        let characters = cut.prefix(limit * 8)
        return characters.count < cut.count || words.count > limit ? characters + "…" : cut
    }

    /// Different words of four letters or more: short ones carry little.
    private static func informativeWords(_ text: String) -> Int {
        Set(AnswerCleaner.normalised(text).split(separator: " ").filter { $0.count > 3 }).count
    }
}
