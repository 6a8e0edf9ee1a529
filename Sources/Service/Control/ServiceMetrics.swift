import Foundation
import Glibc
import Ledger
import Metrics
import Pipeline
import Settings
import Summaries

/// What the daemon has counted, and what its folders and its ledger hold, for Prometheus.
package struct ServiceMetrics: Sendable {
    private let ledger: Ledger
    private let folders: Settings.Folders
    /// Nil where no daemon runs.
    private let pipeline: Pipeline?
    private let startedAt: Date

    /// The metrics of a daemon, or (without `pipeline`) of what it has left.
    package init(
        ledger: Ledger, settings: Settings, pipeline: Pipeline? = nil, startedAt: Date = .now
    ) {
        (self.ledger, self.pipeline, self.startedAt) = (ledger, pipeline, startedAt)
        folders = settings.folders
    }

    /// All values as text.
    package func text(at time: Date = .now) async throws -> String {
        MetricsText.render(try await samples(at: time))
    }

    private func samples(at time: Date) async throws -> [MetricSample] {
        var samples = [
            MetricSample(.up, pipeline == nil ? 0 : 1),
            MetricSample(.build, 1, ["version": Release.version]),
            MetricSample(.written, time.timeIntervalSince1970.rounded()),
        ]
        if let pipeline {
            let (isPaused, held) = (await pipeline.isPaused, await pipeline.heldMeetings)
            samples += [
                MetricSample(.started, startedAt.timeIntervalSince1970.rounded()),
                MetricSample(.paused, isPaused ? 1 : 0),
                MetricSample(.pausedMeetings, Double(held.count)),
            ]
            samples += Self.zeros + Counters.process.samples
            if let caches = await pipeline.model.savedTimelines() {
                samples.append(MetricSample(.diskBytes, Double(caches.bytes), ["part": "caches"]))
            }
        }
        samples += try ledgerSamples(at: time)
        for folder in ["incoming", "failed"] {
            // Ignored: a folder that is not there holds nothing.
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: folders.spool + "/" + folder)) ?? []
            let count = names.count { !$0.hasSuffix(".reason") && !$0.hasPrefix(".") }
            samples.append(MetricSample(.spoolFiles, Double(count), ["folder": folder]))
        }
        return Self.withoutTwice(samples)
    }

    private func ledgerSamples(at time: Date) throws -> [MetricSample] {
        let figures = try ledger.figures()
        let states = [("open", figures.open), ("ended", figures.ended), ("finished", figures.finished)]
        var samples = states.map { MetricSample(.meetings, Double($0.1), ["state": $0.0]) }
        let oldest = figures.oldestWaiting.map { max(0, time.timeIntervalSince($0)) } ?? 0
        samples += [
            MetricSample(.incompleteMeetings, Double(figures.incomplete)),
            MetricSample(.utterances, Double(figures.utterances)),
            MetricSample(.waitingWindows, Double(figures.waitingWindows)),
            MetricSample(.oldestWaiting, oldest.rounded()),
            MetricSample(.unsearchedMeetings, Double(figures.unsearched)),
            MetricSample(.pendingErasures, Double(figures.pendingErasures)),
        ]
        for entry in figures.deliveries {
            samples.append(
                MetricSample(.deliveries, Double(entry.waiting), ["name": entry.name, "state": "waiting"]))
            samples.append(
                MetricSample(.deliveries, Double(entry.failed), ["name": entry.name, "state": "failed"]))
        }
        let sizes = ["", "-wal"].map { suffix -> Int in
            var status = stat()
            return stat(folders.ledger + suffix, &status) == 0 ? Int(status.st_size) : 0
        }
        samples.append(MetricSample(.diskBytes, Double(sizes.reduce(0, +)), ["part": "ledger"]))
        var disk = statvfs()
        if statvfs(folders.state, &disk) == 0 {
            samples.append(MetricSample(.freeBytes, Double(disk.f_bavail) * Double(disk.f_frsize)))
        }
        return samples
    }

    /// What has not been counted yet is 0 and not unknown: a rate over it begins with the first one.
    private static let zeros: [MetricSample] = {
        var zeros: [MetricSample] = [Metric.filesTaken, .linesRefused, .connectionsRefused].map {
            MetricSample($0, 0)
        }
        let labelled: [(Metric, String, [String])] = [
            (.windows, "result", ["summarised", "retried", "failed"]),
            (.tokens, "kind", ["read", "reused", "written"]), (.cacheLookups, "result", ["hit", "miss"]),
            (.statements, "result", ["shown", "left_out"]),
        ]
        for (metric, label, values) in labelled {
            zeros += values.map { MetricSample(metric, 0, [label: $0]) }
        }
        return zeros
    }()

    /// The last value of each metric and its labels.
    private static func withoutTwice(_ samples: [MetricSample]) -> [MetricSample] {
        var last: [[String]: MetricSample] = [:]
        for sample in samples {
            let labels = sample.labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
            last[[sample.metric.name] + labels] = sample
        }
        return Array(last.values)
    }
}
