import Dispatch
import Foundation
import Glibc
import Synchronization

/// Asks a thread that sleeps in poll(2) whether it still responds.
final class PollQuestion: Sendable {
    private struct State {
        var isRunning = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// To be polled for reading: readable while somebody waits for ``answer()``.
    let descriptor: CInt
    private let writing: CInt
    // Guards: the waiting tasks, and whether there is a thread that will answer.
    private let state = Mutex(State())

    init() {
        var ends: [CInt] = [0, 0]
        precondition(pipe(&ends) == 0, "no descriptors are left: \(String(cString: strerror(errno)))")
        (descriptor, writing) = (ends[0], ends[1])
        for end in ends {
            // Ignored: cannot fail for a descriptor that was just made.
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    /// Returns when the thread has answered; at once if there is none.
    func ask() async {
        await withCheckedContinuation { continuation in
            let isRunning = state.withLock { state in
                if state.isRunning { state.waiting.append(continuation) }
                return state.isRunning
            }
            guard isRunning else { return continuation.resume() }
            var byte: UInt8 = 0
            // Ignored: a full pipe has woken the thread already.
            _ = write(writing, &byte, 1)
        }
    }

    /// A thread will answer from now on.
    func begin() { state.withLock { $0.isRunning = true } }

    /// The thread has ended: questions are answered at once.
    func end() {
        state.withLock { $0.isRunning = false }
        answer()
    }

    /// Resumes all waiting tasks.
    func answer() {
        var bytes = [UInt8](repeating: 0, count: 64)
        // What is left over wakes the thread once more. Ignored: it fails if nobody has asked.
        _ = read(descriptor, &bytes, bytes.count)
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Answers from a thread of its own while `body` runs on this one and takes long, but not beyond `limit`: then it is
    /// stuck, and that has to be noticed.
    func answering<Result>(atMost limit: Duration, _ body: () throws -> Result) rethrows -> Result {
        let end = ContinuousClock.now + limit
        let isDone = DoneFlag()
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            while !isDone.isSet, ContinuousClock.now < end {
                var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                if Glibc.poll(&poll, 1, Self.pauseMilliseconds) > 0 { answer() }
            }
            ended.signal()
        }
        defer {
            isDone.set()
            ended.wait()
        }
        return try body()
    }

    private static let pauseMilliseconds: CInt = 50
}

/// A flag that is set once.
private final class DoneFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
}
