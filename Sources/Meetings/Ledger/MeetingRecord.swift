import Foundation
import Language
import Summaries
import Transcript

/// A meeting as the ledger knows it.
package struct MeetingRecord: Sendable, Hashable, Codable {
    /// The state of a meeting.
    package enum State: String, Sendable, Codable {
        /// More may come.
        case open
        /// No more is expected; the summary of the whole is still to come.
        case ended
        /// The summary of the whole is there. Later input opens the meeting again.
        case finished
    }

    /// Its name.
    package let id: MeetingID
    /// Its title, if a delivery knew one.
    package let title: String?
    /// When its first delivery was received.
    package let createdAt: Date
    /// When anything about it was last recorded.
    package let changedAt: Date
    /// When the meeting began, if a delivery knew.
    package let startedAt: Date?
    /// When it was ended; nil while it is open.
    package let endedAt: Date?
    /// Where it stands.
    package let state: State
    /// Utterances received: the next one gets this sequence number.
    package let utteranceCount: Int
    /// Words received.
    package let wordCount: Int
    /// The largest time of an utterance, in seconds from the meeting's start; nil if there are none yet.
    package let lastTime: Double?
    /// Windows closed: the next one gets this index.
    package let windowCount: Int
    /// Utterances that are in a window: the next window begins here.
    package let windowedUtteranceCount: Int
    /// Corrections that changed utterances: whoever knows the open ones reads them again when it grows.
    package let correctionCount: Int
    /// Windows with a summary.
    package let summarisedWindowCount: Int
    /// Windows that were given up.
    package let failedWindowCount: Int
    /// Deliveries that brought it.
    package let deliveryCount: Int
    /// How many summaries of the whole were committed.
    package let revision: Int
    /// Windows that a set of minutes has which is being made once more; nil if none is.
    package let redoneWindowCount: Int?
    /// When what was said was erased, and the minutes kept; nil if it is there.
    package let transcriptErasedAt: Date?
}

/// A window as the ledger knows it.
package struct WindowRecord: Sendable, Hashable, Codable {
    /// The state of a window.
    package enum State: Sendable, Hashable, Codable {
        /// Waits for its summary.
        case closed
        /// Has its summary.
        case summarised
        /// Was given up, for this reason.
        case failed(reason: Note)
    }

    /// The window.
    package let window: Window
    /// Words of its utterances.
    package let wordCount: Int
    /// When it was closed.
    package let closedAt: Date
    /// Where it stands.
    package let state: State
    /// Attempts that failed.
    package let attempts: Int
    /// Why the last attempt failed.
    package let lastFailure: Note?
    /// Its summary, once committed.
    package let summary: WindowSummary?
    /// What was found in it, once it has its summary or was given up.
    package let findings: WindowFindings?
    /// When the summary was committed.
    package let committedAt: Date?
}

/// A problem that the minutes have to state.
package struct NoteRecord: Sendable, Hashable, Codable {
    /// What happened.
    package let note: Note
    /// When it was recorded.
    package let at: Date
}

/// An attempt of the model that failed.
package struct FailureRecord: Sendable, Hashable, Codable {
    /// The window; nil for the summary of the whole.
    package let window: Int?
    /// Why the summary did not come about.
    package let reason: Note
    /// When it was recorded.
    package let at: Date
}

/// A summary of the whole meeting and what it covers.
package struct OverallRecord: Sendable, Hashable, Codable {
    /// 1 for the first; counts up when a meeting got more input after it was finished.
    package let revision: Int
    /// The summary; nil where there was nothing to summarise or the model gave nothing.
    package let summary: MeetingSummary?
    /// The sentences of ``summary`` with their evidence, if a model wrote it.
    package let statements: [Summaries.Statement]?
    /// Utterances that the meeting had when it was written.
    package let utteranceCount: Int
    /// When it was committed.
    package let committedAt: Date
}
