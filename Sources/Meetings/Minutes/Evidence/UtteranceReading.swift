import Language
import Transcript

/// What an utterance comes to by its own words, whatever else is said in the meeting.
///
/// Worked out once for each utterance, since minutes are made again and again while a meeting grows.
struct UtteranceReading: Sendable {
    /// Words of the text.
    let wordCount: Int
    /// What a statement may rest on.
    let source: EvidenceFinder.Source
    /// Its sentences, in order.
    let sentences: [SentenceReading]
    /// Words that may name a topic, in order; nil stands for one or more that may not.
    let topicWords: [TopicNamer.Word?]

    init(_ utterance: Utterance) {
        wordCount = utterance.text.wordCount
        source = EvidenceFinder.Source(utterance)
        sentences = Sentences.of(utterance.text).map(SentenceReading.init)
        topicWords = TopicNamer.words(utterance.text)
    }
}

/// What a sentence that was said comes to.
struct SentenceReading: Sendable {
    /// As it was said.
    let said: String
    /// Without the fillers before it.
    let text: String
    /// Words of ``text``.
    let wordCount: Int
    /// ``text`` as two sentences are compared.
    let normalised: String
    /// What remark it is; nil for none.
    let remark: Remark.Kind?
    /// What it may bring.
    let item: ItemFinder.Reading
    /// What it is worth as a quote; nil if it is none.
    let quote: RemarkFinder.QuoteReading?

    init(_ sentence: String) {
        said = sentence
        text = ItemFinder.withoutFillers(sentence)
        wordCount = text.wordCount
        normalised = AnswerCleaner.normalised(text)
        let words = Array(TextWords.lines(text).joined())
        remark = RemarkFinder.kind(of: text, words: words, count: wordCount)
        item = ItemFinder.Reading(text, words: words, count: wordCount)
        quote = RemarkFinder.QuoteReading(text, count: wordCount)
    }
}
