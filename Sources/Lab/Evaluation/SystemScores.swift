/// A system's answers to all examples, with a summary of each measure.
package struct SystemScores: Sendable, Hashable {
    /// The mean of a measure over the examples that have a value, with its confidence interval.
    package struct Summary: Sendable, Hashable {
        /// The mean of the values.
        package var mean: Double
        /// The lower end of the bootstrap interval.
        package var low: Double
        /// The upper end of the bootstrap interval.
        package var high: Double
        /// The number of examples that have a value.
        package var count: Int
    }

    /// The name of the system.
    package var name: String
    /// The system's answers.
    package var answers: [ScoredAnswer]
    /// The summary of each measure that at least one answer has a value for.
    package var summaries: [Measure: Summary]

    /// Summarises `answers`; the same seed gives the same intervals.
    package init(name: String, answers: [ScoredAnswer], seed: UInt32) {
        self.name = name
        self.answers = answers
        summaries = [:]
        for measure in Measure.all {
            let values = answers.compactMap { $0.values[measure] }
            guard !values.isEmpty else { continue }
            summaries[measure] = Self.summary(values, seed: seed)
        }
    }

    /// By how much `measure` is larger here than in `other`, over the examples for which both have a value.
    ///
    /// The interval is that of the differences between paired answers. Nil if there are no such examples.
    package func difference(from other: SystemScores, in measure: Measure, seed: UInt32) -> Summary? {
        let others = Dictionary(
            other.answers.map { ($0.id, $0.values[measure]) }, uniquingKeysWith: { one, _ in one })
        let differences = answers.compactMap { answer -> Double? in
            guard let own = answer.values[measure], let value = others[answer.id] ?? nil else { return nil }
            return own - value
        }
        return differences.isEmpty ? nil : Self.summary(differences, seed: seed)
    }

    private static func summary(_ values: [Double], seed: UInt32) -> Summary {
        // Each call starts again with the seed, so that the figures do not depend on what else is measured.
        var bootstrap = Bootstrap(seed: seed)
        let interval = bootstrap.intervals(of: [values])[0]
        return Summary(
            mean: values.reduce(0, +) / Double(values.count), low: interval.low, high: interval.high,
            count: values.count)
    }
}
