import Foundation
import Minutes
import Transcript

/// A meeting as the ledger knows it.
public struct MeetingRecord: Sendable, Hashable, Codable {
    /// Where it stands.
    public enum State: String, Sendable, Codable {
        /// More may come.
        case open
        /// No more is expected; the summary of the whole is still to come.
        case ended
        /// The summary of the whole is there. Later input opens the meeting again.
        case finished
    }

    /// Its name.
    public let id: MeetingID
    /// Its title, if a delivery knew one.
    public let title: String?
    /// When its first delivery was received.
    public let createdAt: Date
    /// When anything about it was last recorded.
    public let changedAt: Date
    /// When the meeting began, if a delivery knew.
    public let startedAt: Date?
    /// When it was ended; nil while it is open.
    public let endedAt: Date?
    /// Where it stands.
    public let state: State
    /// Utterances received: the next one gets this sequence number.
    public let utteranceCount: Int
    /// Words received.
    public let wordCount: Int
    /// The largest time of an utterance, in seconds from the meeting's start; nil if there are none yet.
    public let lastTime: Double?
    /// Windows closed: the next one gets this index.
    public let windowCount: Int
    /// Utterances that are in a window: the next window begins here.
    public let windowedUtteranceCount: Int
    /// Corrections that changed utterances: whoever knows the open ones reads them again when it grows.
    public let correctionCount: Int
    /// Windows with a summary.
    public let summarisedWindowCount: Int
    /// Windows that were given up.
    public let failedWindowCount: Int
    /// Deliveries that brought it.
    public let deliveryCount: Int
    /// How many summaries of the whole were committed.
    public let revision: Int
}

/// A window as the ledger knows it.
public struct WindowRecord: Sendable, Hashable, Codable {
    /// Where it stands.
    public enum State: Sendable, Hashable, Codable {
        /// Waits for its summary.
        case closed
        /// Has its summary.
        case summarised
        /// Was given up, for this reason.
        case failed(reason: String)
    }

    /// The window.
    public let window: Window
    /// Words of its utterances.
    public let wordCount: Int
    /// When it was closed.
    public let closedAt: Date
    /// Where it stands.
    public let state: State
    /// Attempts that failed.
    public let attempts: Int
    /// Why the last attempt failed.
    public let lastFailure: String?
    /// Its summary, once committed.
    public let summary: WindowSummary?
    /// When the summary was committed.
    public let committedAt: Date?
}

/// A problem that the minutes have to state.
public struct NoteRecord: Sendable, Hashable, Codable {
    /// What happened, for people.
    public let text: String
    /// When.
    public let at: Date
}

/// An attempt of the model that failed.
public struct FailureRecord: Sendable, Hashable, Codable {
    /// The window; nil for the summary of the whole.
    public let window: Int?
    /// Why, for people.
    public let reason: String
    /// When.
    public let at: Date
}

/// A summary of the whole meeting and what it covers.
public struct OverallRecord: Sendable, Hashable, Codable {
    /// 1 for the first; counts up when a meeting got more input after it was finished.
    public let revision: Int
    /// The summary; nil where there was nothing to summarise or the model gave nothing.
    public let summary: MeetingSummary?
    /// Utterances that the meeting had when it was written.
    public let utteranceCount: Int
    /// When it was committed.
    public let committedAt: Date
}

/// How much of a meeting its summaries cover.
public struct Coverage: Sendable, Hashable, Codable {
    /// Who spoke, and how much.
    public struct Participant: Sendable, Hashable, Codable {
        /// The name; nil for utterances without a speaker.
        public let name: String?
        /// Turns.
        public let utteranceCount: Int
        /// Words.
        public let wordCount: Int
    }

    /// Utterances received.
    public let utterancesReceived: Int
    /// Utterances in windows that have a summary.
    public let utterancesSummarised: Int
    /// Words received.
    public let wordsReceived: Int
    /// Words in windows that have a summary.
    public let wordsSummarised: Int
    /// Windows closed.
    public let windowCount: Int
    /// Windows that have a summary.
    public let summarisedWindowCount: Int
    /// Windows that were given up.
    public let failedWindowCount: Int
    /// In order of their first words.
    public let participants: [Participant]
}
