import Language
import Transcript

/// The findings in an utterance that depend on its own words alone.
struct UtteranceReading: Sendable {
    /// The utterance, read.
    let read: ReadUtterance
    /// What a statement may rest on.
    let source: EvidenceFinder.Source
    /// Its sentences, in order.
    let sentences: [SentenceReading]
    /// For each word, in order, the word if it may name a topic, else nil.
    let topicWords: [TopicNamer.Word?]

    var utterance: Utterance { read.utterance }
    var wordCount: Int { read.reading.wordCount }

    init(_ read: ReadUtterance) {
        self.read = read
        source = EvidenceFinder.Source(read)
        let words = read.reading.words
        var next = words.startIndex
        sentences = read.reading.sentences.indices.map { number in
            let first = next
            while next < words.endIndex, words[next].sentence <= number { next += 1 }
            return SentenceReading(read, sentence: number, words: words[first..<next])
        }
        topicWords = TopicNamer.words(read.reading)
    }
}

/// The findings in a sentence of an utterance that depend on its own words alone.
struct SentenceReading: Sendable {
    /// As it was said.
    let said: String
    /// Without the fillers before it.
    let text: String
    /// Words of ``text``.
    let wordCount: Int
    /// ``text`` as two sentences are compared.
    let normalised: String
    /// Whether it asks.
    let isQuestion: Bool
    /// The kind of remark that it is; nil if it is none.
    let remark: Remark.Kind?
    /// What it may bring.
    let item: ItemFinder.Reading
    /// What it is worth as a quote; nil if it is none.
    let quote: RemarkFinder.QuoteReading?

    /// Reads the sentence `number` of an utterance, which has `words`.
    init(_ read: ReadUtterance, sentence number: Int, words: ArraySlice<Word>) {
        let reading = read.reading
        let range = reading.sentences[number]
        let phrases = read.phrases.filter { words.indices.contains($0.words.lowerBound) }
        said = reading.text(range)
        var first = words.startIndex
        while let filler = phrases.first(where: { $0.section == .fillers && $0.words.lowerBound == first }),
            filler.words.upperBound < words.endIndex
        {
            first = filler.words.upperBound
        }
        let kept = words[first...]
        // From the sentence's own beginning where nothing is left out, for the mark that opens a quotation.
        let start = first == words.startIndex ? range.lowerBound : kept[first].range.lowerBound
        text = reading.text(start..<max(start, range.upperBound)).asSentenceBeginning
        wordCount = kept.count
        normalised = kept.map(\.folded).joined(separator: " ")
        isQuestion = text.last.map { "?？؟".contains($0) } ?? false
        let found = phrases.filter { $0.words.lowerBound >= first }
        remark = RemarkFinder.kind(of: found, wordCount: wordCount, isQuestion: isQuestion)
        item = ItemFinder.Reading(
            reading, words: kept, sentence: number, phrases: found, isQuestion: isQuestion)
        quote = isQuestion ? nil : RemarkFinder.QuoteReading(reading, words: kept)
    }
}
