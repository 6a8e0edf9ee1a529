import Foundation
import Ledger
import Pipeline
import ServiceLifecycle
import Synchronization

/// Keeps the line that `systemctl status` shows: meetings, what waits, speed.
final class StatusLine: Service {
    private let ledger: Ledger
    private let pipeline: Pipeline
    private let model: String
    private let send: @Sendable (String) -> Void
    // Guards: what else the line has to say, and what was sent last.
    private let state = Mutex((trouble: String?.none, last: ""))

    init(
        ledger: Ledger, pipeline: Pipeline, model: String, send: @escaping @Sendable (String) -> Void
    ) {
        self.ledger = ledger
        self.pipeline = pipeline
        self.model = model
        self.send = send
    }

    /// Stands before the rest of the line until it is nil again.
    var trouble: String? {
        get { state.withLock { $0.trouble } }
        set { state.withLock { $0.trouble = newValue } }
    }

    /// Sends the line when it changes, until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            // A change brings another one soon: two seconds are often enough, and ten for what is no meeting's change.
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

    /// Sends the line if it says something else than before.
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
        // Ignored: a ledger that cannot be read is said by those who need it.
        if let load = try? ledger.load() {
            let (open, waiting) = (load.openMeetings, load.waitingWindows)
            parts.append("\(open) \(open == 1 ? "meeting" : "meetings") open")
            parts.append("\(waiting) \(waiting == 1 ? "window waits" : "windows wait")")
        }
        let speed = await pipeline.tokensPerSecond.map { ", \(Int($0.rounded())) tokens/s" } ?? ""
        return parts.joined(separator: ", ") + "; \(model)\(speed)"
    }
}
