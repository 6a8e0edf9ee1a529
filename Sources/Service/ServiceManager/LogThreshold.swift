import Logging
import Synchronization

/// The least severe level that is logged, shared by all handlers of a process, so that it can be changed while it runs.
package final class LogThreshold: Sendable {
    // Guards: the level.
    private let current: Mutex<Logger.Level>

    /// Creates a threshold of `level`.
    package init(_ level: Logger.Level) {
        current = Mutex(level)
    }

    /// Records below it are dropped by every logger that has no level of its own.
    package var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
