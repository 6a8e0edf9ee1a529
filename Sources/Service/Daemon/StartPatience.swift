import Foundation
import Glibc
import ServiceManager
import Synchronization

/// Asks the service manager to wait for a long start as long as it makes progress.
///
/// Loading a large model from a slow disk can take longer than any fixed limit; but a start that hangs because the disk
/// does would not profit from more time. Progress means processor time or pages read from disk.
final class StartPatience: Sendable {
    // Guards: whether the start is over.
    private let isOver = Mutex(false)

    /// Asks for more time after every `interval` with progress; `what` is shown in the status.
    init(_ notifier: ServiceNotifier, what: String, interval: Duration = .seconds(5)) {
        notifier.status(what)
        let began = ContinuousClock.now
        Thread.detachNewThread { [self] in
            var before = Self.usage()
            while true {
                Thread.sleep(forTimeInterval: interval / .seconds(1))
                if isOver.withLock({ $0 }) { return }
                let now = Self.usage()
                if now.milliseconds - before.milliseconds >= 10 || now.reads > before.reads {
                    notifier.extendTimeout(by: interval * 6)
                    notifier.status("\(what), for \((.now - began).components.seconds) s")
                }
                before = now
            }
        }
    }

    /// The start is over.
    func end() { isOver.withLock { $0 = true } }

    private static func usage() -> (milliseconds: Int, reads: Int) {
        var usage = rusage()
        // Ignored: cannot fail for this process.
        _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func milliseconds(_ time: timeval) -> Int { time.tv_sec * 1000 + Int(time.tv_usec) / 1000 }
        return (
            milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime), usage.ru_majflt + usage.ru_inblock
        )
    }
}
