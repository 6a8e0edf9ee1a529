import Control
import Errors
import Files
import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// Writes the metrics into a file for node_exporter's textfile collector, again and again.
struct MetricsFile: Service {
    let metrics: ServiceMetrics
    let path: String
    let interval: Duration
    let logger: Logger

    /// Writes until graceful shutdown or cancellation; then removes the file, so that nothing outdated is collected.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isTroubled = false
            repeat {
                do {
                    try await write()
                    isTroubled = false
                } catch {
                    if !isTroubled {
                        logger.error(
                            "metrics cannot be written, trying again", error: error,
                            metadata: ["file": "\(path)"])
                    }
                    isTroubled = true
                }
                // Cancellation is the way out of the sleep.
            } while (try? await Task.sleep(for: interval)) != nil
        }
        // Ignored: it says itself when it was written.
        _ = unlink(path)
    }

    private func write() async throws {
        let text = try await metrics.text()
        var new = try FileReplacement(of: path)
        // node_exporter runs as another user; there are counts in it, and nothing of what was said.
        guard fchmod(new.file.descriptor, 0o644) == 0 else { throw FileError(path, "opened to readers") }
        try new.file.write(Array(text.utf8))
        try new.takePlace()
    }
}
