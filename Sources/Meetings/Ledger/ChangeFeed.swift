import Synchronization
import Transcript

/// Tells all listeners in this process that a meeting changed.
///
/// These are only hints: a listener that falls behind loses the oldest.
final class ChangeFeed: Sendable {
    /// Guards: the listeners, by number.
    private let listeners = Mutex<(next: Int, all: [Int: AsyncStream<MeetingID>.Continuation])>((0, [:]))
    private static let bufferLimit = 1024

    func stream() -> AsyncStream<MeetingID> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: MeetingID.self, bufferingPolicy: .bufferingNewest(Self.bufferLimit))
        let number = listeners.withLock { state in
            state.next += 1
            state.all[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { $0.all[number] = nil }
        }
        return stream
    }

    func send(_ meeting: MeetingID) {
        // Yielding may run a listener's termination, so not under the lock.
        let all = listeners.withLock { Array($0.all.values) }
        for continuation in all { continuation.yield(meeting) }
    }

    deinit {
        let all = listeners.withLock { Array($0.all.values) }
        for continuation in all { continuation.finish() }
    }
}
