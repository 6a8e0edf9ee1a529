import Dispatch
import Logging
import Synchronization

/// Writes log records on a thread of its own, so that logging never blocks: journald may hang, and a pipe may have no
/// reader.
///
/// The number of waiting records is limited. Records beyond that are lost, the less severe ones first; their number is
/// logged as soon as records can be written again.
package final class LogWriter: Sendable {
    private struct State {
        var waitingCount = 0
        var lostCount = 0
    }

    // Guards: how many records wait to be written, and how many were lost since the last report.
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "log")
    private let limit: Int
    private let limitOfSevere: Int
    private let reportLost: @Sendable (Int) -> Void

    /// - `limit`: records that may wait; a quarter more from `warning` on.
    /// - `reportLost` writes at once that so many records were lost; it is called on the writer's thread.
    package init(limit: Int = 4096, reportLost: @escaping @Sendable (Int) -> Void) {
        self.limit = limit
        limitOfSevere = limit + limit / 4
        self.reportLost = reportLost
    }

    /// Calls `write` on the thread once all earlier records are written; returns at once.
    func add(_ level: Logger.Level, _ write: @escaping @Sendable () -> Void) {
        let lostBefore = state.withLock { state -> Int? in
            guard state.waitingCount < (level < .warning ? limit : limitOfSevere) else {
                state.lostCount += 1
                return nil
            }
            state.waitingCount += 1
            defer { state.lostCount = 0 }
            return state.lostCount
        }
        guard let lostBefore else { return }
        queue.async { [self] in
            // Reported at the place in the log where they are missing.
            if lostBefore > 0 { reportLost(lostBefore) }
            write()
            let lost = state.withLock { state -> Int in
                state.waitingCount -= 1
                guard state.waitingCount == 0 else { return 0 }
                defer { state.lostCount = 0 }
                return state.lostCount
            }
            if lost > 0 { reportLost(lost) }
        }
    }

    /// Waits until everything is written, but no longer than `limit`; false if something is left.
    @discardableResult package func flush(within limit: Duration) -> Bool {
        let written = DispatchSemaphore(value: 0)
        queue.async { written.signal() }
        let (seconds, attoseconds) = limit.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        return written.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }
}

extension LogWriter? {
    /// Passes `write` to the writer; without one it is called at once.
    func write(_ level: Logger.Level, _ write: @escaping @Sendable () -> Void) {
        if let self { self.add(level, write) } else { write() }
    }
}
