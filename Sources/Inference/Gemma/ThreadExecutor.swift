import Foundation

/// Runs an actor's work on a dedicated thread.
///
/// Swift's cooperative pool has only as many threads as there are cores, so a forward pass on it would hold up
/// everything else, including the watchdog and the signal handlers.
final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    // Safety: `jobs` and `isStopped` are only touched while `condition` is locked.
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var isStopped = false

    /// Creates an executor whose thread the system calls `name`, of 15 bytes at most.
    init(name: String) {
        let thread = Thread { [self] in
            // Only of a thread that runs already does Foundation tell the system the name, which `top -H` shows.
            Thread.current.name = name
            while let job = nextJob() { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    private func nextJob() -> UnownedJob? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty {
            if isStopped { return nil }
            condition.wait()
        }
        return jobs.removeFirst()
    }

    /// Whether a job is waiting to run.
    var hasJobs: Bool {
        condition.lock()
        defer { condition.unlock() }
        return !jobs.isEmpty
    }

    /// Makes the thread, which keeps this executor alive, end once its queue is empty.
    func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        condition.unlock()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        condition.lock()
        jobs.append(unowned)
        condition.signal()
        condition.unlock()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
