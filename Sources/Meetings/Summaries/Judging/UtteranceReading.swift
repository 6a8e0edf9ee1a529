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
    /// Words that may be the title of a topic.
    let topicSpans: [TopicNamer.Span]

    /// Whether it begins by agreeing, as "Okay, fine by me" does.
    let assents: Bool

    var utterance: Utterance { read.utterance }
    var wordCount: Int { read.reading.wordCount }

    init(_ read: ReadUtterance) {
        self.read = read
        source = EvidenceFinder.Source(read)
        let words = read.reading.words
        let marks = SentenceReading.Marks(read.reading)
        var next = words.startIndex
        sentences = read.reading.sentences.indices.map { number in
            let first = next
            while next < words.endIndex, words[next].sentence <= number { next += 1 }
            return SentenceReading(read, marks, sentence: number, words: words[first..<next])
        }
        let opening = read.phrases.filter { $0.words.lowerBound < Self.assentWords }.map(\.section)
        assents =
            opening.contains(where: Self.assents.contains) && !opening.contains(where: Self.dissents.contains)
            && sentences.first?.isQuestion == false
        topicWords = TopicNamer.words(read.reading)
        topicSpans = TopicNamer.spans(read.reading, topicWords)
    }

    /// Who agrees does so with one of the first words.
    private static let assentWords = 4
    private static let assents: Set<LanguageData.Section> = [.agreement, .approval, .acknowledgement]
    private static let dissents: Set<LanguageData.Section> = [.negation, .objection, .contrast]
}

/// The findings in a sentence of an utterance that depend on its own words alone.
struct SentenceReading: Sendable {
    /// As it was said.
    let said: String
    /// As it is quoted: without the fillers before it and the hesitations in it.
    let text: String
    /// How many words it has without those fillers.
    let wordCount: Int
    /// ``text`` as two sentences are compared.
    let normalised: String
    /// Whether it asks.
    let isQuestion: Bool
    /// The kind of remark that it is; nil if it is none.
    let remark: Remark.Kind?
    /// Whether it can be read by itself: it has some words, and enough of them carry meaning.
    let saysSomething: Bool
    /// Whether it has a number or a date.
    let isCounted: Bool
    /// Whether it says nothing without what is around it, such as "Okay", "Anything else".
    let isBare: Bool
    /// Whether it is a short question, which means little without its answer.
    var isAside: Bool { isQuestion && !saysSomething }
    /// Whether its beginning points to what was said before, or it says too little to be understood without that.
    let pointsBack: Bool
    /// Whether it begins by taking back or correcting something.
    let corrects: Bool
    /// Whether it begins by contradicting.
    let objects: Bool
    /// Whether it ends in the middle.
    let isBrokenOff: Bool
    /// Whether it announces something: "next", "about", "let's move on".
    let isAnnounced: Bool
    /// What of what people say to settle something it has.
    let cues: Set<LanguageData.Section>
    /// What it may bring.
    let item: ItemFinder.Reading
    /// What it is worth as a quote; nil if it is none.
    let quote: RemarkFinder.QuoteReading?

    /// A short sentence with fewer words that carry meaning, numbers and dates apart, says part of something.
    private static let (leastContent, fewWords) = (3, 12)

    /// Whether a mark stands between a word and the next one.
    private static func isMarked(_ reading: Reading, behind place: Int) -> Bool {
        let gap = reading.words[place].range.upperBound..<reading.words[place + 1].range.lowerBound
        return !reading.text(gap).allSatisfy { $0 == " " }
    }

    /// Sections of what is said to go along or to go on.
    private static let nods: Set<LanguageData.Section> = [
        .acknowledgement, .approval, .thanks, .connective, .resumption,
    ]

    /// Sections of what is said to turn to another matter.
    private static let announcements: Set<LanguageData.Section> = [
        .transition, .agenda, .ordinal, .subject, .questions,
    ]

    /// What of an utterance its sentences are compared with; told once for all of them.
    struct Marks {
        /// Numbers and names, and numbers and dates.
        let (claims, counted): ([Range<Int>], [Range<Int>])
        /// Whether whoever wrote it down set marks.
        let isPunctuated: Bool

        init(_ reading: Reading) {
            let numbers = reading.numbers.map(\.range)
            claims = numbers + reading.names.filter(\.isSure).map(\.range)
            counted = numbers + reading.dates.map(\.range)
            isPunctuated = reading.text.contains { ".?!,".contains($0) }
        }
    }

    /// Reads the sentence `number` of an utterance, which has `words`.
    init(_ read: ReadUtterance, _ marks: Marks, sentence number: Int, words: ArraySlice<Word>) {
        let reading = read.reading
        let range = reading.sentences[number]
        let phrases = read.phrases.filter { words.indices.contains($0.words.lowerBound) }
        said = reading.text(range)
        var first = words.startIndex
        // "Nein, …" is said in passing, too, but nothing may lose its negation.
        while let filler = phrases.first(where: { $0.section == .fillers && $0.words.lowerBound == first }),
            filler.words.upperBound < words.endIndex,
            !phrases.contains(where: { $0.section == .inverting && $0.words == filler.words })
                || Self.isMarked(reading, behind: filler.words.upperBound - 1),
            !phrases.contains(where: { $0.section == .negation && $0.words == filler.words })
        {
            first = filler.words.upperBound
        }
        let kept = words[first...]
        text = Quotation.text(reading, words: kept, end: range.upperBound)
        wordCount = kept.count
        normalised = kept.map(\.folded).joined(separator: " ")
        isQuestion = text.last.map { "?？؟".contains($0) } ?? false
        // Where marks are set, what is broken off ends without one, on a word that needs another one.
        isBrokenOff =
            kept.last.map { $0.role == .function } == true
            && text.last.map { $0.isLetter || "-–—,".contains($0) } == true
            && marks.isPunctuated
        saysSomething =
            !isBrokenOff && kept.count >= 5 && Set(kept.filter(\.carriesMeaning).map(\.stem)).count >= 3
        let claims = marks.claims.contains(where: range.overlaps)
        isCounted = marks.counted.contains(where: range.overlaps)
        let nods = phrases.filter { Self.nods.contains($0.section) }
        let contradicts = phrases.contains {
            [.objection, .correction].contains($0.section) || $0.section == .negation && kept.count > 1
        }
        isBare =
            !claims && !contradicts
            && zip(kept.indices, kept).allSatisfy { place, word in
                !word.carriesMeaning || nods.contains { $0.words.contains(place) }
            }
        func begins(with section: LanguageData.Section, within count: Int) -> Bool {
            phrases.contains {
                $0.section == section && (words.startIndex..<first + count).contains($0.words.lowerBound)
            }
        }
        let content = kept.indices.filter { place in
            kept[place].carriesMeaning && !marks.counted.contains { $0.overlaps(kept[place].range) }
        }
        // A pronoun after two words of meaning may stand for those.
        let open = content.dropFirst(2).first ?? kept.endIndex
        pointsBack =
            content.count < Self.leastContent && kept.count < Self.fewWords
            || begins(with: .pointing, within: 3)
            || phrases.contains { $0.section == .pronouns && (first...open).contains($0.words.lowerBound) }
        corrects = begins(with: .correction, within: 5)
        // "No, …" objects, "No problem" and "Don't forget …" do not.
        let opening = kept.first.map { $0.range.upperBound..<range.upperBound }.map(reading.text) ?? ""
        objects =
            corrects || begins(with: .objection, within: 3) || begins(with: .contrast, within: 2)
            || begins(with: .negation, within: 1) && opening.first.map { ",.，。、،!".contains($0) } == true
        let found = phrases.filter { $0.words.lowerBound >= first }
        // "Dann nehmen wir" begins with a filler and decides; "De acuerdo, …" agrees to what was said before.
        isAnnounced = phrases.contains { Self.announcements.contains($0.section) }
        cues = Set(phrases.filter { $0.words.upperBound > first }.map(\.section))
            .intersection(ItemLikelihood.cues)
        remark = RemarkFinder.kind(of: found, wordCount: wordCount, isQuestion: isQuestion)
        item = ItemFinder.Reading(
            reading, words: kept, sentence: number, phrases: found, isQuestion: isQuestion)
        quote = isQuestion ? nil : RemarkFinder.QuoteReading(reading, words: kept)
    }
}
