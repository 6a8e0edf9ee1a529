import Testing

@testable import Metrics

/// What is counted, and how it is written.
struct MetricsTests {
    @Test func countersAddUp() async {
        let counters = Counters()
        counters.add(to: .filesRefused, ["reason": "tooLarge"])
        counters.add(2, to: .filesRefused, ["reason": "tooLarge"])
        counters.add(to: .filesRefused, ["reason": "notText"])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { counters.add(to: .linesRefused) } }
        }
        let text = MetricsText.render(counters.samples)
        #expect(
            text == """
                # HELP minuted_files_refused_total \(Metric.filesRefused.help)
                # TYPE minuted_files_refused_total counter
                minuted_files_refused_total{reason="notText"} 1
                minuted_files_refused_total{reason="tooLarge"} 3
                # HELP minuted_lines_refused_total \(Metric.linesRefused.help)
                # TYPE minuted_lines_refused_total counter
                minuted_lines_refused_total 100

                """)
    }

    @Test func timeIsCounted() async throws {
        let counters = Counters()
        try await counters.timing("whole") { try await Task.sleep(for: .milliseconds(20)) }
        let sample = try #require(counters.samples.first)
        #expect(sample.metric == .seconds && sample.labels == ["phase": "whole"] && sample.value >= 0.02)
    }

    @Test func valuesAreWrittenAsPrometheusReadsThem() {
        func line(_ value: Double, _ label: String? = nil) -> Substring? {
            let labels = label.map { ["version": $0] } ?? [:]
            return MetricsText.render([MetricSample(.build, value, labels)]).split(separator: "\n").last
        }
        #expect(line(1) == "minuted_build_info 1" && line(0.25) == "minuted_build_info 0.25")
        #expect(line(.infinity) == "minuted_build_info +Inf" && line(.nan) == "minuted_build_info NaN")
        #expect(line(1, "a\"b\\c\nd") == #"minuted_build_info{version="a\"b\\c\nd"} 1"#)
        #expect(line(1_234_567_890_123) == "minuted_build_info 1234567890123")
    }

    /// As Prometheus's conventions want them.
    @Test func namesFollowTheConventions() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        for metric in Metric.all {
            #expect(metric.name.wholeMatch(of: /minuted_[a-z_]+/) != nil)
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"))
        }
    }
}
