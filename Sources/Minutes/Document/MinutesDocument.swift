import Foundation
import Transcript

/// A meeting's minutes as a value: everything that `minutes.md` and `minutes.json` show.
public struct MinutesDocument: Sendable, Hashable, Codable {
    /// How far the meeting and its minutes are.
    public enum State: String, Sendable, Hashable, Codable {
        /// More may be said.
        case open
        /// Nothing more is expected; summaries are still to be written.
        case ended
        /// All is written.
        case finished
    }

    /// Someone who spoke.
    public struct Participant: Sendable, Hashable, Codable {
        /// As the transcript calls them.
        public var name: String
        /// Times that they spoke.
        public var utterances: Int
        /// Words that they said.
        public var words: Int
        /// Percentage of all words that somebody said, rounded.
        public var share: Int

        /// Makes a participant.
        public init(name: String, utterances: Int, words: Int, share: Int) {
            self.name = name
            self.utterances = utterances
            self.words = words
            self.share = share
        }
    }

    /// How much of the transcript the summaries cover.
    public struct Coverage: Sendable, Hashable, Codable {
        /// Utterances received.
        public let utterances: Int
        /// Utterances in windows that have a summary.
        public let summarisedUtterances: Int
        /// Words received.
        public let words: Int
        /// Words in windows that have a summary.
        public let summarisedWords: Int
        /// Share of the words, rounded down so that 100 means all; 100 if nothing was said.
        public let percent: Int

        /// Makes a coverage.
        public init(utterances: Int, summarisedUtterances: Int, words: Int, summarisedWords: Int) {
            self.utterances = utterances
            self.summarisedUtterances = summarisedUtterances
            self.words = words
            self.summarisedWords = summarisedWords
            if words > 0 {
                percent = summarisedWords * 100 / words
            } else {
                percent = utterances == summarisedUtterances ? 100 : 0
            }
        }
    }

    /// The layout's version: raised when a key changes its meaning or goes away.
    public static let schemaVersion = 1

    /// ``schemaVersion`` of the document.
    public var schema = Self.schemaVersion
    /// The meeting.
    public var meeting: MeetingID
    /// For people; nil if nobody named it.
    public var title: String?
    /// When it began.
    public var startedAt: Date?
    /// When it ended.
    public var endedAt: Date?
    /// How far it is.
    public var state: State
    /// Who spoke, most words first.
    public var participants: [Participant]
    /// The summary of the whole, once written.
    public var summary: MeetingSummary?
    /// The sentences of ``summary`` with their evidence, if a model wrote it.
    public var statements: [Statement]?
    /// Decisions, action items and open questions, in order.
    public var items: [MinutesItem]?
    /// What was talked about, in order; nil in documents of older versions, as are the next two.
    public var topics: [MinutesTopic]?
    /// Quotes, and what people said of a kind: agreed, worried, wished; in order.
    public var remarks: [Remark]?
    /// Questions with what was said to them next, in order.
    public var exchanges: [Exchange]?
    /// The windows, in order.
    public var windows: [MinutesWindow]
    /// How much is summarised.
    public var coverage: Coverage
    /// For people: gaps, failures, what was skipped.
    public var notes: [String]
    /// The model's name.
    public var model: String?
    /// When the document was made.
    public var generatedAt: Date

    /// Makes a document from its parts; `make` counts for you.
    public init(
        meeting: MeetingID, title: String?, startedAt: Date?, endedAt: Date?, state: State,
        participants: [Participant], summary: MeetingSummary?, statements: [Statement]? = nil,
        items: [MinutesItem]? = nil, topics: [MinutesTopic]? = nil, remarks: [Remark]? = nil,
        exchanges: [Exchange]? = nil, windows: [MinutesWindow], coverage: Coverage, notes: [String],
        model: String?, generatedAt: Date
    ) {
        self.meeting = meeting
        self.title = title
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.state = state
        self.participants = participants
        self.summary = summary
        self.statements = statements
        self.items = items
        self.topics = topics
        self.remarks = remarks
        self.exchanges = exchanges
        self.windows = windows
        self.coverage = coverage
        self.notes = notes
        self.model = model
        self.generatedAt = generatedAt
    }
}

/// A window as the minutes show it.
public struct MinutesWindow: Sendable, Hashable, Codable {
    /// What became of a window.
    public enum State: String, Sendable, Hashable, Codable {
        case pending, summarised, failed
    }

    /// 0-based number in the meeting.
    public var index: Int
    /// Seconds from the meeting's start to the first utterance that has a time.
    public var start: Double?
    /// Seconds from the meeting's start to the end of the last utterance that has a time.
    public var end: Double?
    /// Sequence number of the first utterance, 0-based.
    public var firstUtterance: Int
    /// How many utterances it has.
    public var utteranceCount: Int
    /// Who spoke, in the order in which they first did.
    public var speakers: [String]
    /// What became of it.
    public var state: State
    /// The summary, if ``state`` is `summarised`.
    public var summary: WindowSummary?
    /// The sentences of ``summary`` with their evidence, if a model wrote it.
    public var statements: [Statement]?
    /// Sentences that were said, in place of a summary of which nothing is borne out; nil where something is.
    public var quotes: [Remark]?
    /// Why there is none, if ``state`` is `failed`.
    public var failure: String?

    /// Makes a window from its parts.
    public init(
        index: Int, start: Double?, end: Double?, firstUtterance: Int, utteranceCount: Int,
        speakers: [String],
        state: State, summary: WindowSummary? = nil, statements: [Statement]? = nil, quotes: [Remark]? = nil,
        failure: String? = nil
    ) {
        self.index = index
        self.start = start
        self.end = end
        self.firstUtterance = firstUtterance
        self.utteranceCount = utteranceCount
        self.speakers = speakers
        self.state = state
        self.summary = summary
        self.statements = statements
        self.quotes = quotes
        self.failure = failure
    }
}
