/// Values in the text format of Prometheus, version 0.0.4.
package enum MetricsText {
    /// The text of `samples`, in the order of ``Metric/all``; metrics without a value are left out.
    package static func render(_ samples: [MetricSample]) -> String {
        let byMetric = Dictionary(grouping: samples, by: \.metric)
        var text = ""
        for metric in Metric.all {
            guard let samples = byMetric[metric] else { continue }
            text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            let lines = samples.map { sample in
                let labels = sample.labels.sorted { $0.key < $1.key }.map {
                    "\($0.key)=\"\(escaped($0.value))\""
                }
                let shown = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
                return "\(metric.name)\(shown) \(number(sample.value))\n"
            }
            text += lines.sorted().joined()
        }
        return text
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return "\(whole)" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return "\(value)"
    }
}
