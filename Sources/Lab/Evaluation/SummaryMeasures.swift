import Language

/// What can be said about a summary without a person reading it, beside ROUGE.
package enum SummaryMeasures {
    /// Share of the different content words of `reference` that `summary` has; nil if the reference has none.
    package static func referenceCoverage(summary: String, reference: String) -> Double? {
        share(of: Set(TextWords.content(reference)), in: Set(TextWords.content(summary)))
    }

    /// Share of the summary's different content words that the source has; nil if the summary has none.
    package static func support(summary: String, source: [String]) -> Double? {
        share(of: Set(TextWords.content(summary)), in: Set(source.flatMap(TextWords.content)))
    }

    /// Share of the source's quarters that the summary speaks of; nil if the source has fewer than four utterances.
    ///
    /// A sentence speaks of the quarter in which the utterance lies that has most of its content words (the first
    /// of several). Lead-3 reaches one quarter, a summary of the whole three or four.
    package static func reach(summary: String, source: [String]) -> Double? {
        guard source.count >= 4 else { return nil }
        let words = source.map { Set(TextWords.content($0)) }
        var quarters: Set<Int> = []
        for sentence in Sentences.of(summary) {
            let wanted = Set(TextWords.content(sentence))
            let common = words.map { $0.intersection(wanted).count }
            guard let most = common.max(), most > 0, let place = common.firstIndex(of: most) else { continue }
            quarters.insert(place * 4 / source.count)
        }
        return Double(quarters.count) / 4
    }

    /// Share of the numbers in the summary that the source mentions; nil if there are none.
    package static func numberFaithfulness(summary: String, source: [String]) -> Double? {
        let mentioned = NumberMentions.all(in: source.joined(separator: "\n"))
        return share(NumberMentions.claims(in: summary)) { mentioned.contains($0) }
    }

    /// Share of the names in the summary that the source has; nil if there are none.
    package static func nameFaithfulness(summary: String, source: [String]) -> Double? {
        let words = NameMentions.words(in: source.joined(separator: "\n"))
        return share(NameMentions.claims(in: summary)) { words.contains($0) }
    }

    /// Share of the runs of `length` words that stood in the text before; nil if it has none.
    package static func repetition(_ text: String, length: Int = 3) -> Double? {
        precondition(length > 0)
        let words = RougeText(text, isStemmed: false).words
        guard words.count >= length else { return nil }
        let runs = (0...(words.count - length)).map { words[$0..<($0 + length)] }
        return 1 - Double(Set(runs).count) / Double(runs.count)
    }

    /// A sentence and the utterances that it is said to come from.
    package struct Citation: Sendable, Hashable {
        /// What is claimed.
        package var sentence: String
        /// Where it is said to stand; none for a claim without evidence.
        package var utterances: [String]

        /// Makes a citation.
        package init(sentence: String, utterances: [String]) {
            self.sentence = sentence
            self.utterances = utterances
        }
    }

    /// Share of the citations whose utterances hold at least half of the sentence's content words; nil if there are
    /// no sentences with content words.
    package static func citationPrecision(_ citations: [Citation]) -> Double? {
        let shares = citations.compactMap { support(summary: $0.sentence, source: $0.utterances) }
        return share(shares) { $0 >= supportedShare }
    }

    /// Share of `utteranceCount` utterances that are cited; nil if there are none.
    ///
    /// - Parameter cited: numbers of utterances; what is outside of the transcript does not count.
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
