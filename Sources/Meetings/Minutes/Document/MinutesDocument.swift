import Foundation
import Language
import Summaries
import Transcript

/// A meeting's minutes as a value: everything that `minutes.md` and `minutes.json` show.
package struct MinutesDocument: Sendable, Hashable, Codable {
    /// The progress of a meeting and its minutes.
    package enum State: String, Sendable, Hashable, Codable {
        /// More may be said.
        case open
        /// Nothing more is expected; summaries are still to be written.
        case ended
        /// The minutes are complete.
        case finished
    }

    /// Someone who spoke.
    package struct Participant: Sendable, Hashable, Codable {
        /// The name in the transcript.
        package var name: String
        /// How many times they spoke.
        package var utterances: Int
        /// How many words they said.
        package var words: Int
        /// Their percentage of all words with a known speaker, rounded.
        package var share: Int
    }

    /// How much of the transcript the summaries cover.
    package struct Coverage: Sendable, Hashable, Codable {
        /// The number of utterances received.
        package let utterances: Int
        /// The number of utterances in windows that have a summary.
        package let summarisedUtterances: Int
        /// The number of words received.
        package let words: Int
        /// The number of words in windows that have a summary.
        package let summarisedWords: Int
        /// The percentage of words in windows that have a summary, rounded down so that 100 means all; 100 if nothing
        /// was said.
        package let percent: Int

        /// The coverage with these counts.
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

    /// A file that was delivered, and how it was read.
    package struct Source: Sendable, Hashable, Codable {
        /// The file's name.
        package var name: String
        /// How it was read.
        package var reading: TranscriptFacts

        /// A source.
        package init(name: String, reading: TranscriptFacts) {
            self.name = name
            self.reading = reading
        }
    }

    /// The version of the layout, raised when a key changes its meaning or is removed.
    package static let schemaVersion = 1

    /// ``schemaVersion`` of the document.
    package var schema = Self.schemaVersion
    /// The meeting.
    package var meeting: MeetingID
    /// The language of the minutes; nil while it is unknown, and in documents of older versions.
    package var language: LanguageCode?
    /// The title for people; nil if there is none.
    package var title: String?
    /// When the meeting began.
    package var startedAt: Date?
    /// When the meeting ended.
    package var endedAt: Date?
    /// The day on which the meeting was to be, `2026-11-30`, where its calendar has no time of day.
    package var day: String?
    /// Where the meeting was to be; nil if that is not known.
    package var place: String?
    /// Who was invited, as far as that is known, in the order of the invitation.
    package var invited: [InvitedPerson]?
    /// How far the meeting and its minutes have come.
    package var state: State
    /// Who spoke; whoever said most words comes first.
    package var participants: [Participant]
    /// The summary of the whole meeting, once it is written.
    package var summary: MeetingSummary?
    /// The sentences of ``summary`` with their evidence, if a model wrote it.
    package var statements: [Statement]?
    /// Decisions, action items and open questions, in order.
    package var items: [MinutesItem]?
    /// What earlier meetings of the series have left open, the latest first; nil if there is nothing, or no series.
    package var stillOpen: [CarriedItem]?
    /// What was talked about, in order; nil in documents of older versions, as are the next two.
    package var topics: [MinutesTopic]?
    /// Quotes, and remarks of a kind (agreement, concern, wish), in order.
    package var remarks: [Remark]?
    /// Questions with the answers that followed them, in order.
    package var exchanges: [Exchange]?
    /// The windows, in order.
    package var windows: [MinutesWindow]
    /// How much of the meeting is summarised.
    package var coverage: Coverage
    /// Notes for people: gaps, failures, what was skipped.
    package var notes: [String]
    /// The files, in the order in which they came; nil if there are none, and in documents of older versions.
    package var sources: [Source]?
    /// The name of the model.
    package var model: String?
    /// When the document was made.
    package var generatedAt: Date

    /// The labels in the language of the minutes.
    var labels: Labels { .of(language ?? .english) }

    /// The sentences of all summaries with their evidence; those of the summary of the whole come last.
    var allStatements: [Statement] { windows.flatMap { $0.statements ?? [] } + (statements ?? []) }
}

/// A window as the minutes show it.
package struct MinutesWindow: Sendable, Hashable, Codable {
    /// What became of a window.
    package enum State: String, Sendable, Hashable, Codable {
        case pending, summarised, failed
    }

    /// Its number in the meeting, 0-based.
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
    /// Quotes in place of a summary none of whose sentences is grounded; nil if one is.
    package var quotes: [Remark]?
    /// Why there is no summary, if ``state`` is `failed`.
    package var failure: String?
}
