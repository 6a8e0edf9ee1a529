import Control
import Logging
import ServiceLifecycle
import StateFolder

/// Removes what was kept long enough: at the start, and then once a day.
struct DailySweep: Service {
    let keeper: StateKeeper
    let logger: Logger

    private static let interval = Duration.seconds(86_400)
    /// Between two looks at what could not be completed.
    private static let retryInterval = Duration.seconds(600)

    /// Sweeps until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var next = ContinuousClock.now
            var refusal: String?
            repeat {
                if ContinuousClock.now < next {
                    await complete()
                } else {
                    next = .now + (await sweep(&refusal))
                }
                // Cancellation is the way out of the sleep.
            } while (try? await Task.sleep(for: Self.retryInterval)) != nil
        }
    }

    /// Completes what somebody asked for since and could not be completed.
    private func complete() async {
        do {
            if let outcome = try await keeper.resume() { ControlService.log(outcome, logger) }
        } catch {
            logger.error("something could not be removed yet, trying again", error: error)
        }
    }

    /// Sweeps once; returns how long to wait for the next time.
    private func sweep(_ refusal: inout String?) async -> Duration {
        do {
            let report = try await keeper.sweep(isAutomatic: true, by: "the daily sweep")
            if let reason = report.refusal {
                // Once, and not each time.
                if refusal == nil {
                    logger.warning(
                        "nothing is removed: the clock may be wrong", metadata: ["error": "\(reason)"])
                }
                refusal = reason
                // The clock may be set right at any time; what was asked for is completed all the same.
                await complete()
                return Self.retryInterval
            }
            refusal = nil
            ControlService.log(report, logger)
            return report.trouble == nil ? Self.interval : Self.retryInterval
        } catch {
            logger.error("something could not be removed yet, trying again", error: error)
            return Self.retryInterval
        }
    }
}
