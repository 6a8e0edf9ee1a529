import Language

/// Measures of a summary that need no human reader, apart from ROUGE.
package enum SummaryMeasures {
    /// The share of the distinct content words of `reference` that `summary` contains; nil if the reference has none.
    package static func referenceCoverage(summary: String, reference: String) -> Double? {
        share(of: Set(ReadText.stems(of: reference)), in: Set(ReadText.stems(of: summary)))
    }

    /// The share of the summary's distinct content words that the source contains; nil if the summary has none.
    package static func support(summary: String, source: [String]) -> Double? {
        share(of: Set(ReadText.stems(of: summary)), in: Set(source.flatMap(ReadText.stems(of:))))
    }

    /// The share of the source's quarters that the summary refers to; nil if the source has fewer than four utterances.
    ///
    /// A sentence refers to the quarter of the utterance that shares the most content words with it (the first one if
    /// several do). The first three utterances as a summary reach one quarter; a summary of everything reaches three or
    /// four.
    package static func reach(summary: String, source: [String]) -> Double? {
        guard source.count >= 4 else { return nil }
        let words = source.map { Set(ReadText.stems(of: $0)) }
        var quarters: Set<Int> = []
        for sentence in ReadText.of(summary).sentenceTexts {
            let wanted = Set(ReadText.stems(of: sentence))
            let common = words.map { $0.intersection(wanted).count }
            guard let most = common.max(), most > 0, let place = common.firstIndex(of: most) else { continue }
            quarters.insert(place * 4 / source.count)
        }
        return Double(quarters.count) / 4
    }

    /// The share of the numbers in the summary that the source mentions; nil if the summary has none.
    package static func numberFaithfulness(summary: String, source: [String]) -> Double? {
        let mentioned = ReadText.of(source.joined(separator: "\n")).saidNumbers
        return share(Set(ReadText.of(summary).numbers.filter(\.isClaim).map(\.value))) {
            mentioned.contains($0)
        }
    }

    /// The share of the names in the summary that the source contains; nil if the summary has none.
    package static func nameFaithfulness(summary: String, source: [String]) -> Double? {
        let words = Set(ReadText.of(source.joined(separator: "\n")).words.map(\.folded))
        return share(Set(ReadText.of(summary).names.filter(\.isSure).map(\.folded))) { words.contains($0) }
    }

    /// The share of the runs of `length` words that repeat an earlier run; nil if the text has fewer words.
    package static func repetition(_ text: String, length: Int = 3) -> Double? {
        precondition(length > 0)
        let words = RougeText(text, isStemmed: false).words
        guard words.count >= length else { return nil }
        let runs = (0...(words.count - length)).map { words[$0..<($0 + length)] }
        return 1 - Double(Set(runs).count) / Double(runs.count)
    }

    /// A sentence of a summary with the utterances that it cites as evidence.
    package struct Citation: Sendable, Hashable {
        /// The sentence.
        package var sentence: String
        /// The texts of the cited utterances; empty if the sentence cites none.
        package var utterances: [String]

        /// Creates a citation; `utterances` are texts, not numbers.
        package init(sentence: String, utterances: [String]) {
            self.sentence = sentence
            self.utterances = utterances
        }
    }

    /// The share of the citations whose utterances contain at least half of the sentence's content words; nil if no
    /// sentence has content words.
    package static func citationPrecision(_ citations: [Citation]) -> Double? {
        let shares = citations.compactMap { support(summary: $0.sentence, source: $0.utterances) }
        return share(shares) { $0 >= supportedShare }
    }

    /// The share of `utteranceCount` utterances that are cited; nil if there are no utterances.
    ///
    /// - Parameter cited: numbers of utterances, from 0; numbers outside the transcript are ignored.
    package static func citedShare(_ cited: some Sequence<Int>, utteranceCount: Int) -> Double? {
        guard utteranceCount > 0 else { return nil }
        return Double(Set(cited).count { (0..<utteranceCount).contains($0) }) / Double(utteranceCount)
    }

    private static let supportedShare = 0.5

    private static func share(of wanted: Set<String>, in present: Set<String>) -> Double? {
        share(wanted) { present.contains($0) }
    }

    private static func share<Element>(_ elements: some Collection<Element>, where holds: (Element) -> Bool)
        -> Double?
    {
        elements.isEmpty ? nil : Double(elements.count(where: holds)) / Double(elements.count)
    }
}
