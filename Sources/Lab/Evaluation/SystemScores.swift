/// A system's answers to all examples, summed up.
package struct SystemScores: Sendable, Hashable {
    /// A mean over the examples that have a value, with its interval.
    package struct Summary: Sendable, Hashable {
        /// The mean.
        package var mean: Double
        /// The ends of the bootstrap interval.
        package var low: Double
        /// See `low`.
        package var high: Double
        /// Examples that have a value.
        package var count: Int

        /// Makes a summary of its parts.
        package init(mean: Double, low: Double, high: Double, count: Int) {
            self.mean = mean
            self.low = low
            self.high = high
            self.count = count
        }
    }

    /// What the system is called.
    package var name: String
    /// Its answers.
    package var answers: [ScoredAnswer]
    /// For each measure that any answer has a value of.
    package var summaries: [Measure: Summary]

    /// Sums answers up; the same seed gives the same intervals.
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

    /// By how much `measure` is larger here than in `other`, over the examples that both have a value of.
    ///
    /// Nil if there are none. The interval is that of the pairs' differences.
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
        // Each measure of each system is drawn anew from the seed: the figures do not depend on what else is measured.
        var bootstrap = Bootstrap(seed: seed)
        let interval = bootstrap.intervals(of: [values])[0]
        return Summary(
            mean: values.reduce(0, +) / Double(values.count), low: interval.low, high: interval.high,
            count: values.count)
    }
}
