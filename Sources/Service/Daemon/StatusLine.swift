import Foundation
import Ledger
import Pipeline
import ServiceLifecycle
import Synchronization

/// Keeps the line that `systemctl status` shows up to date: meetings, waiting windows, speed.
final class StatusLine: Service {
    private let ledger: Ledger
    private let pipeline: Pipeline
    private let model: String
    private let send: @Sendable (String) -> Void
    // Guards: a trouble to be shown, and the line that was sent last.
    private let state = Mutex((trouble: String?.none, last: ""))

    init(
        ledger: Ledger, pipeline: Pipeline, model: String, send: @escaping @Sendable (String) -> Void
    ) {
        self.ledger = ledger
        self.pipeline = pipeline
        self.model = model
        self.send = send
    }

    /// A trouble that is shown at the beginning of the line; nil if there is none.
    var trouble: String? {
        get { state.withLock { $0.trouble } }
        set { state.withLock { $0.trouble = newValue } }
    }

    /// Sends the line when it changes, until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Changes come in series, so one update in two seconds is enough; every ten seconds, other things are updated.
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in self.ledger.changes() {
                        await self.update()
                        guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
                    }
                }
                group.addTask {
                    repeat { await self.update() } while (try? await Task.sleep(for: .seconds(10))) != nil
                }
            }
        }
    }

    /// Sends the line if it has changed.
    func update() async {
        let text = await text()
        let isNew = state.withLock { state in
            defer { state.last = text }
            return state.last != text
        }
        if isNew, !Task.isShuttingDownGracefully { send(text) }
    }

    /// The line as it is now.
    func text() async -> String {
        var parts: [String] = []
        if let trouble { parts.append(trouble) }
        if await pipeline.isPaused { parts.append("paused") }
        // Ignored: a ledger that cannot be read is reported by the parts that need it.
        if let load = try? ledger.load() {
            let (open, waiting) = (load.openMeetings, load.waitingWindows)
            parts.append("\(open) \(open == 1 ? "meeting" : "meetings") open")
            parts.append("\(waiting) \(waiting == 1 ? "window waits" : "windows wait")")
        }
        if let outbox = try? ledger.outboxLoad(), outbox.failed > 0 {
            parts.append("\(outbox.failed) not handed on")
        }
        let speed = await pipeline.tokensPerSecond.map { ", \(Int($0.rounded())) tokens/s" } ?? ""
        return parts.joined(separator: ", ") + "; \(model)\(speed)"
    }
}
