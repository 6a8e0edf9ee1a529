import Control
import Logging
import ServiceLifecycle
import StateFolder

/// Removes what was kept long enough: at the start, and then once a day.
struct DailySweep: Service {
    let keeper: StateKeeper
    let logger: Logger

    private static let interval = Duration.seconds(86_400)
    /// After something could not be removed.
    private static let retryInterval = Duration.seconds(600)

    /// Sweeps until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Cancellation is the way out of the sleep.
            repeat {} while (try? await Task.sleep(for: await sweep())) != nil
        }
    }

    /// Sweeps once; returns how long to wait for the next time.
    private func sweep() async -> Duration {
        do {
            let report = try await keeper.sweep(by: "the daily sweep")
            ControlService.log(report, logger)
            return report.trouble == nil ? Self.interval : Self.retryInterval
        } catch {
            logger.error("something could not be removed yet, trying again", error: error)
            return Self.retryInterval
        }
    }
}
