import Synchronization
import Transcript

/// Something that happened to a meeting, for those who watch.
package struct ProgressEvent: Sendable, Hashable, Codable {
    /// What happened.
    package enum Kind: String, Sendable, Codable {
        /// Utterances arrived.
        case utterances
        /// A window was closed and waits for its summary.
        case windowClosed
        /// A summary is begun, or begun again.
        case started
        /// A piece of the summary that is being written.
        case text
        /// A summary is complete and durable.
        case summarised
        /// A summary did not come about and is tried again.
        case retrying
        /// A summary was given up.
        case failed
        /// The meeting takes no more utterances.
        case ended
        /// The minutes are complete.
        case finished
    }

    /// Whose progress it is.
    package var meeting: MeetingID
    /// What happened.
    package var kind: Kind
    /// The window it is about, 0-based; nil for the meeting as a whole.
    package var window: Int?
    /// Windows closed so far.
    package var windowCount: Int
    /// Utterances received so far.
    package var utteranceCount: Int
    /// The new piece of text, the whole summary, or the reason of a failure.
    package var text: String?
    /// Tokens of the prompt.
    package var promptTokens: Int?
    /// Prompt tokens that were already in the cache.
    package var reusedTokens: Int?
    /// Tokens of the answer.
    package var generatedTokens: Int?
    /// Time in the model.
    package var seconds: Double?

    /// Whether ``text`` is what the minutes say, and not a reason.
    package var isWritten: Bool { kind == .text || kind == .summarised }

    /// Makes an event; what does not apply is left out.
    package init(
        meeting: MeetingID, kind: Kind, window: Int? = nil, windowCount: Int, utteranceCount: Int,
        text: String? = nil, promptTokens: Int? = nil, reusedTokens: Int? = nil, generatedTokens: Int? = nil,
        seconds: Double? = nil
    ) {
        self.meeting = meeting
        self.kind = kind
        self.window = window
        self.windowCount = windowCount
        self.utteranceCount = utteranceCount
        self.text = text
        self.promptTokens = promptTokens
        self.reusedTokens = reusedTokens
        self.generatedTokens = generatedTokens
        self.seconds = seconds
    }
}

/// Passes progress on to whoever watches; costs nothing when nobody does.
package final class Progress: Sendable {
    /// Events that wait for a slow watcher; beyond it the oldest are lost to that watcher.
    private static let bufferLimit = 4096

    private struct Watcher {
        let meeting: MeetingID?
        let continuation: AsyncStream<ProgressEvent>.Continuation
    }

    private struct State {
        var next = 0
        var watchers: [Int: Watcher] = [:]
    }

    // Guards: who watches.
    private let state = Mutex(State())

    /// Makes one without watchers.
    package init() {}

    /// Events from now on, of one meeting or of all; ends when the watcher lets go of it.
    package func events(of meeting: MeetingID? = nil) -> AsyncStream<ProgressEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ProgressEvent.self, bufferingPolicy: .bufferingNewest(Self.bufferLimit))
        let number = state.withLock { state in
            state.next += 1
            state.watchers[state.next] = Watcher(meeting: meeting, continuation: continuation)
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            // The watcher is destroyed outside the lock: that may run code of others.
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Whether anybody watches.
    package var isWatched: Bool {
        state.withLock { !$0.watchers.isEmpty }
    }

    /// Tells the watchers.
    package func report(_ event: ProgressEvent) {
        let interested = state.withLock { state in
            state.watchers.values.filter { $0.meeting == nil || $0.meeting == event.meeting }
        }
        for watcher in interested { watcher.continuation.yield(event) }
    }
}
