/// A measure of a summary, the value of which is a number.
package enum Measure: Sendable, Hashable {
    /// The parts of a ROUGE score.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        case precision, recall, f1
    }

    /// How the scores against several references are combined into one.
    package enum Pooling: String, Sendable, Hashable, CaseIterable {
        /// The mean of the scores against each reference.
        case mean
        /// The score against the reference with the largest F1.
        case best
    }

    case rouge(Rouge.Kind, Part, Pooling)
    /// ``SummaryMeasures/referenceCoverage(summary:reference:)``, as the mean over the references.
    case referenceCoverage
    /// ``SummaryMeasures/support(summary:source:)``.
    case support
    /// ``SummaryMeasures/reach(summary:source:)``.
    case reach
    /// ``SummaryMeasures/numberFaithfulness(summary:source:)``.
    case numberFaithfulness
    /// ``SummaryMeasures/nameFaithfulness(summary:source:)``.
    case nameFaithfulness
    /// ``SummaryMeasures/repetition(_:length:)`` for runs of three words.
    case repetition
    /// The number of words in the summary, as ROUGE counts them.
    case words

    /// All measures in the order of reports: those of ROUGE, then the others.
    package static let all: [Measure] =
        Pooling.allCases.flatMap { pooling in
            Rouge.Kind.allCases.flatMap { kind in Part.allCases.map { .rouge(kind, $0, pooling) } }
        } + others

    /// The measures other than ROUGE.
    package static let others: [Measure] = [
        .referenceCoverage, .support, .reach, .numberFaithfulness, .nameFaithfulness, .repetition, .words,
    ]

    /// The measure's name for programs, such as `rougeL_f1` or `rougeL_f1_best`.
    package var name: String {
        switch self {
        case .rouge(let kind, let part, .mean): kind.rawValue + "_" + part.rawValue
        case .rouge(let kind, let part, .best): kind.rawValue + "_" + part.rawValue + "_best"
        case .referenceCoverage: "reference_coverage"
        case .support: "support"
        case .reach: "reach"
        case .numberFaithfulness: "number_faithfulness"
        case .nameFaithfulness: "name_faithfulness"
        case .repetition: "repetition"
        case .words: "words"
        }
    }

    /// The measure's name for people, such as "ROUGE-L recall".
    package var title: String {
        switch self {
        case .rouge(let kind, let part, let pooling):
            "ROUGE-" + kind.rawValue.dropFirst(5) + (part == .f1 ? "" : " " + part.rawValue)
                + (pooling == .best ? " (best reference)" : "")
        case .referenceCoverage: "coverage of the reference"
        case .support: "support in the source"
        case .reach: "reach"
        case .numberFaithfulness: "numbers in the source"
        case .nameFaithfulness: "names in the source"
        case .repetition: "repetition"
        case .words: "words"
        }
    }
}

/// A system's answer to one example, with the values of the measures.
package struct ScoredAnswer: Sendable, Hashable {
    /// The id of the example.
    package var id: String
    /// The answer.
    package var text: String
    /// The value of each measure that is defined for this answer.
    package var values: [Measure: Double]

    /// Creates an answer with values that were measured elsewhere.
    package init(id: String, text: String, values: [Measure: Double]) {
        self.id = id
        self.text = text
        self.values = values
    }

    /// Measures `text`.
    ///
    /// - Parameters:
    ///   - references: what people wrote; at least one text.
    ///   - source: the utterances that were summarised, with their speakers.
    ///   - isStemmed: whether ROUGE compares stems instead of words.
    package init(id: String, text: String, references: [String], source: [String], isStemmed: Bool) {
        self.id = id
        self.text = text
        values = [:]
        let each = Rouge.each(prediction: text, references: references, isStemmed: isStemmed)
        for (pooling, rouge) in [(Measure.Pooling.mean, Rouge.mean(of: each)), (.best, Rouge.best(of: each))]
        {
            for kind in Rouge.Kind.allCases {
                values[.rouge(kind, .precision, pooling)] = rouge[kind].precision
                values[.rouge(kind, .recall, pooling)] = rouge[kind].recall
                values[.rouge(kind, .f1, pooling)] = rouge[kind].f1
            }
        }
        let coverages = references.compactMap {
            SummaryMeasures.referenceCoverage(summary: text, reference: $0)
        }
        if !coverages.isEmpty {
            values[.referenceCoverage] = coverages.reduce(0, +) / Double(coverages.count)
        }
        values[.support] = SummaryMeasures.support(summary: text, source: source)
        values[.reach] = SummaryMeasures.reach(summary: text, source: source)
        values[.numberFaithfulness] = SummaryMeasures.numberFaithfulness(summary: text, source: source)
        values[.nameFaithfulness] = SummaryMeasures.nameFaithfulness(summary: text, source: source)
        values[.repetition] = SummaryMeasures.repetition(text)
        values[.words] = Double(RougeText(text, isStemmed: false).words.count)
    }

    /// Measures how far people agree: each reference is measured against the others and the values are averaged; nil if
    /// there are fewer than two references.
    package init?(id: String, references: [String], source: [String], isStemmed: Bool) {
        guard references.count > 1 else { return nil }
        let each = references.indices.map { number in
            ScoredAnswer(
                id: id, text: references[number],
                references: references.indices.filter { $0 != number }.map { references[$0] },
                source: source, isStemmed: isStemmed)
        }
        self.id = id
        text = references[0]
        values = [:]
        for measure in Measure.all {
            let known = each.compactMap { $0.values[measure] }
            if !known.isEmpty { values[measure] = known.reduce(0, +) / Double(known.count) }
        }
    }
}
