import Language
import Transcript

/// Summaries without a model: the words themselves.
package enum FallbackSummary {
    /// Below so many words a model would have to invent: they are given as they are.
    package static let verbatimWords = 40
    /// Opens quotes in the place of a summary: stored with them, and shown in the language of the minutes.
    package static let quotesHeading = "No summary could be written; the longest statements were:"
    /// Opens what the parts say in the place of a summary of the whole; stored and shown as the other is.
    package static let partsHeading = "No summary of the whole could be written; from its parts:"
    private static let quotedUtterances = 3
    private static let quotedWords = 40
    private static let quotedParts = 8

    /// The utterances, one to a line.
    static func verbatim(_ utterances: [ReadUtterance]) -> String {
        utterances.map { "- " + spoken($0.utterance.speaker, $0.utterance.text) }.joined(separator: "\n")
    }

    /// The most informative utterances, marked as quotes, in their order.
    static func quotes(from utterances: [ReadUtterance]) -> String {
        // Different words that carry meaning.
        let best = utterances.enumerated()
            .map { (offset: $0.offset, score: Set($0.element.reading.stems).count) }
            .sorted { ($1.score, $0.offset) < ($0.score, $1.offset) }
            .prefix(quotedUtterances).map(\.offset).sorted()
        let lines = best.map { index in
            let utterance = utterances[index].utterance
            return "- " + spoken(utterance.speaker, "“\(shortened(utterance.text, words: quotedWords))”")
        }
        return ([quotesHeading] + lines).joined(separator: "\n")
    }

    /// The first sentences of parts spread over the meeting.
    static func firstSentences(of parts: [String]) -> String {
        let step = max(1, (parts.count + quotedParts - 1) / quotedParts)
        let lines = stride(from: 0, to: parts.count, by: step).map { index in
            "- " + shortened(firstSentence(of: parts[index]), words: quotedWords)
        }
        return ([partsHeading] + lines).joined(separator: "\n")
    }

    /// The first sentence of each part, in one line, each part once.
    static func opening(of parts: [String]) -> String {
        var seen: Set<String> = []
        return parts.filter { seen.insert($0).inserted }.map { part in
            shortened(firstSentence(of: part), words: quotedWords)
        }.joined(separator: " ")
    }

    private static func firstSentence(of part: String) -> String {
        let language = LanguageIdentifier.language(of: part)
        let sentence = TextReader.read(part, language: language).sentenceTexts.first ?? part
        return sentence.hasPrefix("- ") ? String(sentence.dropFirst(2)) : sentence
    }

    /// Words under the name of who said them, if the transcript says so.
    package static func spoken(_ speaker: String?, _ text: String) -> String {
        speaker.map { "\($0): \(text)" } ?? text
    }

    private static func shortened(_ text: String, words limit: Int) -> String {
        let reading = TextReader.read(text, language: .undetermined)
        guard reading.words.count > limit else { return text }
        return reading.text(0..<reading.words[limit - 1].range.upperBound) + "…"
    }
}
