import Synchronization
import Transcript

/// Something that happened to a meeting, for watchers.
package struct ProgressEvent: Sendable, Hashable, Codable {
    /// What happened.
    package enum Kind: String, Sendable, Codable {
        /// Utterances arrived.
        case utterances
        /// A window was closed and waits for its summary.
        case windowClosed
        /// Work on a summary has begun, perhaps again.
        case started
        /// A piece of the summary that is being written.
        case text
        /// A summary is complete and durable.
        case summarised
        /// A summary failed and is tried again.
        case retrying
        /// A summary was given up.
        case failed
        /// The meeting takes no more utterances.
        case ended
        /// The minutes are complete.
        case finished
    }

    /// The meeting.
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

    /// Whether ``text`` is part of the minutes, and not a reason.
    package var isWritten: Bool { kind == .text || kind == .summarised }

    /// Creates an event; arguments that do not apply are left out.
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

/// Passes events on to watchers; costs nothing while there are none.
package final class Progress: Sendable {
    /// How many events wait for a slow watcher, which loses the oldest ones beyond that.
    private static let bufferLimit = 4096

    private struct Watcher {
        let meeting: MeetingID?
        let continuation: AsyncStream<ProgressEvent>.Continuation
    }

    private struct State {
        var next = 0
        var watchers: [Int: Watcher] = [:]
    }

    // Guards: the watchers.
    private let state = Mutex(State())

    /// Begins without watchers.
    package init() {}

    /// The events from now on, of one meeting or of all, until the stream is released.
    package func events(of meeting: MeetingID? = nil) -> AsyncStream<ProgressEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ProgressEvent.self, bufferingPolicy: .bufferingNewest(Self.bufferLimit))
        let number = state.withLock { state in
            state.next += 1
            state.watchers[state.next] = Watcher(meeting: meeting, continuation: continuation)
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            // The watcher is released outside the lock, because that may run other code.
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Whether there are watchers.
    package var isWatched: Bool {
        state.withLock { !$0.watchers.isEmpty }
    }

    /// Sends an event to the watchers.
    package func report(_ event: ProgressEvent) {
        let interested = state.withLock { state in
            state.watchers.values.filter { $0.meeting == nil || $0.meeting == event.meeting }
        }
        for watcher in interested { watcher.continuation.yield(event) }
    }
}
