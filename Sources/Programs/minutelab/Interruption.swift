import Glibc
import Synchronization

/// Whether the user wants to stop: the first SIGINT or SIGTERM asks, the second ends the process.
enum Interruption {
    private static let wanted = Atomic<Bool>(false)

    /// Asked between steps.
    static var isWanted: Bool { wanted.load(ordering: .relaxed) }

    /// From here on, signals ask.
    static func listen() {
        for number in [SIGINT, SIGTERM] {
            // An atomic store and signal() are all that a signal handler may do here.
            signal(number) { number in
                Interruption.wanted.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
