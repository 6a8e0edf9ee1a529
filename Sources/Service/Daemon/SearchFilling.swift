import Ledger
import Logging
import ServiceLifecycle

/// Brings the meetings of a ledger that could not be searched into its index, a few rows at a time.
struct SearchFilling: Service {
    let ledger: Ledger
    let logger: Logger

    /// Between two steps, so that what comes in is recorded meanwhile.
    private static let pause = Duration.milliseconds(50)
    /// Until it looks again whether there is something to fill: an index that was damaged is emptied.
    private static let interval = Duration.seconds(60)
    /// After a step that failed.
    private static let patience = Duration.seconds(600)

    /// Fills, and looks again from time to time, until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var (steps, isTroubled) = (0, false)
            var wait = Self.pause
            repeat {
                do {
                    let isFilled = try !ledger.fillSearchIndex()
                    if isFilled, steps > 0 { logger.info("all meetings can be searched") }
                    steps = isFilled ? 0 : steps + 1
                    (isTroubled, wait) = (false, isFilled ? Self.interval : Self.pause)
                } catch {
                    if !isTroubled {
                        logger.error("meetings cannot be made searchable yet, trying again", error: error)
                    }
                    (isTroubled, wait) = (true, Self.patience)
                }
                // Cancellation is the way out of the sleep.
            } while (try? await Task.sleep(for: wait)) != nil
        }
    }
}
