/// Estimates the uncertainty of a mean by drawing samples with replacement (Efron, 1979), as `rouge-score` does.
package struct Bootstrap: Sendable {
    /// The confidence interval of a mean.
    package struct Interval: Sendable, Hashable, Codable {
        /// The lower end of the interval.
        package var low: Double
        /// The median of the samples' means.
        package var mid: Double
        /// The upper end of the interval.
        package var high: Double
    }

    /// The number of samples that are drawn.
    package let sampleCount: Int
    /// The share of the samples' means that lies inside an interval.
    package let confidence: Double
    private var generator: MersenneTwister

    /// Creates a bootstrap; with the same seed, the same sequence of calls gives the same intervals.
    package init(seed: UInt32, sampleCount: Int = 1000, confidence: Double = 0.95) {
        precondition(sampleCount > 0 && (0...1).contains(confidence))
        self.sampleCount = sampleCount
        self.confidence = confidence
        generator = MersenneTwister(seed: seed)
    }

    /// The interval of each column's mean; each column has one value for each example, and the same examples are drawn
    /// for all columns.
    ///
    /// If there are no examples, nothing is drawn and the ends of the intervals are NaN.
    package mutating func intervals(of columns: [[Double]]) -> [Interval] {
        let count = columns.first?.count ?? 0
        precondition(columns.allSatisfy { $0.count == count }, "columns must be of equal length")
        guard count > 0 else {
            return columns.map { _ in Interval(low: .nan, mid: .nan, high: .nan) }
        }
        var means = columns.map { _ in [Double]() }
        var drawn = [Int](repeating: 0, count: count)
        for _ in 0..<sampleCount {
            for place in 0..<count { drawn[place] = generator.next(below: count) }
            for (column, values) in columns.enumerated() {
                means[column].append(drawn.reduce(0) { $0 + values[$1] } / Double(count))
            }
        }
        let tail = (1 - confidence) / 2
        return means.map { means in
            let sorted = means.sorted()
            return Interval(
                low: Self.percentile(sorted, tail), mid: Self.percentile(sorted, 0.5),
                high: Self.percentile(sorted, 1 - tail))
        }
    }

    /// A percentile of sorted values, interpolated linearly.
    private static func percentile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
}
