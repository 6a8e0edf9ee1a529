import ArgumentParser
import Control

/// Prints what the daemon has counted.
struct Metrics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what the daemon counts and measures, in the text format of Prometheus.",
        discussion: """
            Meetings by state, what waits and for how long, tokens, seconds by phase, what the check of evidence showed and \
            left out, what was refused and why, disk space: counts, and no names. Counters begin at 0 when the daemon starts. \
            metrics.file of the configuration has the daemon write the same into a file for node_exporter. Where no daemon \
            runs, minuted_up is 0, and what the ledger has is printed.
            """)

    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
        try await reporting {
            let text = try await daemon.reading(ControlRequest(.metrics), \.metrics) { ledger, settings in
                try await ServiceMetrics(ledger: ledger, settings: settings).text()
            }
            print(text, terminator: "")
        }
    }
}
