import Foundation
import Glibc
import ServiceManager
import Synchronization

/// Has the service manager wait for a start that takes long, as long as it makes progress.
///
/// A large model from a slow disk takes longer than any fixed limit; one that hangs, because its disk does, is none the
/// better for more time. Progress is time on the processor or pages from the disk.
final class StartPatience: Sendable {
    // Guards: whether the start is over.
    private let isOver = Mutex(false)

    /// Asks for more time from now on, every `interval` in which something was done; `what` goes into the status.
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
