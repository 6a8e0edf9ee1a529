import Foundation
import Language
import Summaries
import Transcript

/// A meeting's minutes as a value: everything that `minutes.md` and `minutes.json` show.
package struct MinutesDocument: Sendable, Hashable, Codable {
    /// How far the meeting and its minutes are.
    package enum State: String, Sendable, Hashable, Codable {
        /// More may be said.
        case open
        /// Nothing more is expected; summaries are still to be written.
        case ended
        /// All is written.
        case finished
    }

    /// Someone who spoke.
    package struct Participant: Sendable, Hashable, Codable {
        /// As the transcript calls them.
        package var name: String
        /// Times that they spoke.
        package var utterances: Int
        /// Words that they said.
        package var words: Int
        /// Percentage of all words that somebody said, rounded.
        package var share: Int
    }

    /// How much of the transcript the summaries cover.
    package struct Coverage: Sendable, Hashable, Codable {
        /// Utterances received.
        package let utterances: Int
        /// Utterances in windows that have a summary.
        package let summarisedUtterances: Int
        /// Words received.
        package let words: Int
        /// Words in windows that have a summary.
        package let summarisedWords: Int
        /// Share of the words, rounded down so that 100 means all; 100 if nothing was said.
        package let percent: Int

        /// Makes a coverage.
        package init(utterances: Int, summarisedUtterances: Int, words: Int, summarisedWords: Int) {
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
    package static let schemaVersion = 1

    /// ``schemaVersion`` of the document.
    package var schema = Self.schemaVersion
    /// The meeting.
    package var meeting: MeetingID
    /// The language of the minutes; nil while nothing tells it, and in documents of older versions.
    package var language: LanguageCode?
    /// For people; nil if nobody named it.
    package var title: String?
    /// When it began.
    package var startedAt: Date?
    /// When it ended.
    package var endedAt: Date?
    /// How far it is.
    package var state: State
    /// Who spoke, most words first.
    package var participants: [Participant]
    /// The summary of the whole, once written.
    package var summary: MeetingSummary?
    /// The sentences of ``summary`` with their evidence, if a model wrote it.
    package var statements: [Statement]?
    /// Decisions, action items and open questions, in order.
    package var items: [MinutesItem]?
    /// What was talked about, in order; nil in documents of older versions, as are the next two.
    package var topics: [MinutesTopic]?
    /// Quotes, and what people said of a kind: agreed, worried, wished; in order.
    package var remarks: [Remark]?
    /// Questions with what was said to them next, in order.
    package var exchanges: [Exchange]?
    /// The windows, in order.
    package var windows: [MinutesWindow]
    /// How much is summarised.
    package var coverage: Coverage
    /// For people: gaps, failures, what was skipped.
    package var notes: [String]
    /// The model's name.
    package var model: String?
    /// When the document was made.
    package var generatedAt: Date

    /// The labels of its language.
    var labels: Labels { .of(language ?? .english) }

    /// The sentences of all summaries with their evidence, the whole's last.
    var allStatements: [Statement] { windows.flatMap { $0.statements ?? [] } + (statements ?? []) }
}

/// A window as the minutes show it.
package struct MinutesWindow: Sendable, Hashable, Codable {
    /// What became of a window.
    package enum State: String, Sendable, Hashable, Codable {
        case pending, summarised, failed
    }

    /// 0-based number in the meeting.
    package var index: Int
    /// Seconds from the meeting's start to the first utterance that has a time.
    package var start: Double?
    /// Seconds from the meeting's start to the end of the last utterance that has a time.
    package var end: Double?
    /// Sequence number of the first utterance, 0-based.
    package var firstUtterance: Int
    /// How many utterances it has.
    package var utteranceCount: Int
    /// Who spoke, in the order in which they first did.
    package var speakers: [String]
    /// What became of it.
    package var state: State
    /// The summary, if ``state`` is `summarised`.
    package var summary: WindowSummary?
    /// The sentences of ``summary`` with their evidence, if a model wrote it.
    package var statements: [Statement]?
    /// Sentences that were said, in place of a summary of which nothing is borne out; nil where something is.
    package var quotes: [Remark]?
    /// Why there is none, if ``state`` is `failed`.
    package var failure: String?
}
