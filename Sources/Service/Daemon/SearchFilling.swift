import Ledger
import Logging
import ServiceLifecycle

/// Brings the meetings of a ledger that could not be searched into its index, a few rows at a time.
struct SearchFilling: Service {
    let ledger: Ledger
    let logger: Logger

    /// Between two steps, so that what comes in is recorded meanwhile.
    private static let pause = Duration.milliseconds(50)
    /// After a step that failed.
    private static let patience = Duration.seconds(600)

    /// Fills, and then waits for graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var (steps, isTroubled) = (0, false)
            while true {
                do {
                    guard try ledger.fillSearchIndex() else { break }
                    (steps, isTroubled) = (steps + 1, false)
                } catch {
                    if !isTroubled {
                        logger.error("meetings cannot be made searchable yet, trying again", error: error)
                    }
                    isTroubled = true
                }
                // Cancellation is the way out of the sleep, here and below.
                guard (try? await Task.sleep(for: isTroubled ? Self.patience : Self.pause)) != nil else {
                    return
                }
            }
            if steps > 0 { logger.info("all meetings can be searched") }
            // A service that ends would end the daemon.
            while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
        }
    }
}
