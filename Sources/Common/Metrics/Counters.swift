import Synchronization

/// A value of a metric; labels tell several values of one metric apart.
package struct MetricSample: Sendable, Hashable {
    /// What it is a value of.
    package let metric: Metric
    /// Names and values of its labels.
    package let labels: [String: String]
    /// The value, in the metric's unit.
    package let value: Double

    /// A value.
    package init(_ metric: Metric, _ value: Double, _ labels: [String: String] = [:]) {
        (self.metric, self.value, self.labels) = (metric, value, labels)
    }
}

/// What has been counted since the process started.
package final class Counters: Sendable {
    private struct Key: Hashable {
        let metric: Metric
        let labels: [String: String]
    }

    /// Those of this process: what is counted is of the process, whichever part of it counts.
    package static let process = Counters()

    // Guards: the sums so far.
    private let sums = Mutex<[Key: Double]>([:])

    /// Counts from nothing.
    package init() {}

    /// Adds to a counter; `labels` must be few, as each combination is kept.
    package func add(_ value: Double = 1, to metric: Metric, _ labels: [String: String] = [:]) {
        precondition(metric.kind == .counter, "\(metric.name) is no counter")
        sums.withLock { $0[Key(metric: metric, labels: labels), default: 0] += value }
    }

    /// Adds the seconds that `body` takes to a phase.
    @discardableResult
    package func timing<Result>(
        _ phase: String, _ body: () async throws -> Result, isolation: isolated (any Actor)? = #isolation
    ) async rethrows -> Result {
        let begin = ContinuousClock.now
        defer { add((ContinuousClock.now - begin) / .seconds(1), to: .seconds, ["phase": phase]) }
        return try await body()
    }

    /// All that was counted, in no order.
    package var samples: [MetricSample] {
        sums.withLock { $0.map { MetricSample($0.key.metric, $0.value, $0.key.labels) } }
    }
}
