import Logging
import ServiceLifecycle

/// Feeds the service manager's watchdog as long as every part of the daemon responds.
///
/// It is not fed by a mere timer: all parts are asked, and it is fed when all have answered. If one is stuck, the watchdog
/// is not fed, and the service manager restarts the daemon.
struct Watchdog: Service {
    /// A part that can get stuck.
    struct Part: Sendable {
        /// For the log.
        let name: String
        let responder: any Responding
    }

    let parts: [Part]
    /// How long the service manager waits for a sign of life.
    let interval: Duration
    let feed: @Sendable () -> Void
    let logger: Logger

    /// Asks until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await withDiscardingTaskGroup { group in
                    for part in parts { group.addTask { await ask(part) } }
                }
                feed()
                // Cancellation is the way out of the sleep.
                try? await Task.sleep(for: interval / 4)
            }
        }
    }

    private func ask(_ part: Part) async {
        let began = ContinuousClock.now
        let patience = interval / 4
        let warning = Task {
            // Cancelled when the part has answered.
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            logger.warning("a part does not answer", metadata: metadata(part, since: began))
        }
        await part.responder.respond()
        warning.cancel()
        if .now - began > patience {
            logger.notice("a part answers again", metadata: metadata(part, since: began))
        }
    }

    private func metadata(_ part: Part, since began: ContinuousClock.Instant) -> Logger.Metadata {
        ["part": "\(part.name)", "seconds": "\((.now - began).components.seconds)"]
    }
}
