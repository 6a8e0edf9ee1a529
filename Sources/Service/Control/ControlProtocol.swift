import Errors
import Foundation
import Ledger
import Pipeline
import StateFolder
import Summaries
import Transcript

/// A request of `minutectl` to the daemon: one JSON object on one line.
package struct ControlRequest: Sendable, Hashable, Codable {
    /// The commands.
    package enum Command: String, Sendable, Codable, CaseIterable {
        /// The state of the daemon.
        case status
        /// All meetings, or all but older ones that are finished.
        case list
        /// One meeting and where its minutes are.
        case show
        /// A meeting takes no more utterances; with `now` it is finished without the summaries that it lacks.
        case end
        /// No more work is started for a meeting, or for all.
        case pause
        /// Paused work is resumed.
        case resume
        /// The summaries of a meeting that were given up are tried again.
        case retry
        /// The configuration is read again.
        case reload
        /// Meetings, or a person, are forgotten.
        case forget
        /// What is older than the configuration allows is removed; with `dry` only told.
        case sweep
        /// What was forgotten.
        case erasures
        /// Something in the minutes of a meeting is put right by hand.
        case edit
        /// The minutes of a finished meeting are made once more.
        case redo
        /// A part of such minutes that was made elsewhere.
        case redoPart
        /// What was said and written of some words.
        case search
        /// A question is answered from what was said in a meeting.
        case ask
        /// What was counted, for Prometheus.
        case metrics
        /// What is to be handed on, and was.
        case deliveries
        /// What was given up of that is tried again.
        case resend
        /// The next minutes that `target` gets, for whoever hands them on.
        case claim
        /// What came of handing them on.
        case settle
        /// Progress as it happens, until the client closes the connection.
        case watch
    }

    /// The protocol's version: raised when a key changes its meaning.
    package static let version = 1

    /// ``version`` of the client.
    package var version: Int
    /// The name of the command; a text, so that an unknown command can be answered.
    package var command: String
    /// The meeting that the command is about; needed by `show`, `end`, `retry`, `edit`, `redo` and `ask`, narrows `watch`,
    /// `pause` and `resume`.
    package var meeting: String?
    /// Whether `end` does not wait for summaries.
    package var now: Bool?
    /// The most finished meetings that `list` returns, the latest ones; all by default.
    package var latest: Int?
    /// The name of the meeting after which the answer of `list` begins; the first one by default.
    package var after: String?
    /// How many meetings an answer of `list` has at most; no limit by default.
    package var limit: Int?
    /// The meetings that `forget` is about.
    package var meetings: [String]?
    /// The spellings of the person that `forget` is about, the whole name first.
    package var names: [String]?
    /// Why something is to be forgotten; it is remembered.
    package var reason: String?
    /// Whether `sweep` removes nothing.
    package var dry: Bool?
    /// What `edit` puts right.
    package var edit: MinutesEdit?
    /// How `redo` is to make minutes.
    package var redo: RedoRequest?
    /// What `redoPart` brings.
    package var redoPart: RedoPart?
    /// Which of the earlier sets of minutes `show` shows, from 1 on; the current one by default.
    package var set: Int?
    /// What `ask` asks.
    package var question: String?
    /// What `search` looks for.
    package var search: SearchRequest?
    /// The entry of the configuration that `claim` is about.
    package var target: String?
    /// How many seconds `claim` waits for something to hand on, at most 60; 0 by default.
    package var wait: Double?
    /// Whether whoever sends `claim` has just begun, so that earlier attempts for the target are broken off.
    package var begins: Bool?
    /// What `settle` is about, or `resend`; all that was given up by default.
    package var ids: [String]?
    /// Which attempt `settle` is about.
    package var attempt: Int?
    /// Why that failed; nil if it did not.
    package var problem: String?

    /// Creates a request.
    package init(
        _ command: Command, meeting: String? = nil, now: Bool? = nil, latest: Int? = nil,
        after: String? = nil, limit: Int? = nil
    ) {
        self.now = now
        self.latest = latest
        self.after = after
        self.limit = limit
        self.version = Self.version
        self.command = command.rawValue
        self.meeting = meeting
    }
}

/// A reply of the daemon: one JSON object on one line, with the key that was asked for or with `error`.
package struct ControlReply: Sendable, Hashable, Codable {
    /// Why a request was refused.
    package struct Failure: Sendable, Hashable, Codable {
        /// For programs.
        package var code: String
        /// For people.
        package var message: String
    }

    /// The state of the daemon.
    package struct Status: Sendable, Hashable, Codable {
        /// The process number of the daemon.
        package var process: Int32
        /// When the daemon started.
        package var startedAt: Date
        /// The model's name.
        package var model: String
        /// Tokens that fit into the model's cache.
        package var contextLength: Int
        /// Where transcripts are dropped.
        package var incomingFolder: String
        /// Where utterances are sent.
        package var ingestSocket: String
        /// Where minutes are written.
        package var outputFolder: String
        /// How many meetings are open.
        package var openMeetings: Int
        /// How many meetings have ended and wait for the rest of their minutes.
        package var endedMeetings: Int
        /// How many meetings have complete minutes.
        package var finishedMeetings: Int
        /// How many windows wait for a summary.
        package var waitingWindows: Int
        /// What the model is working on; nil if nothing.
        package var activity: Pipeline.Activity?
        /// The disk space of the model's saved caches; nil if none are saved.
        package var savedCaches: SavedTimelines?
        /// Whether all work is paused; nil if not.
        package var paused: Bool?
        /// Meetings that are paused; nil if there are none.
        package var pausedMeetings: [MeetingID]?
        /// Tokens read and written in a second, over the last summaries.
        package var tokensPerSecond: Double?
        /// What is to be handed on; nil if nothing is configured, waits or was given up.
        package var outbox: OutboxLoad?
    }

    /// Minutes for somebody who hands them on.
    package struct Claimed: Sendable, Hashable, Codable {
        /// What is to be done.
        package var delivery: OutboxRecord
        /// The meeting's title.
        package var title: String?
        /// When the meeting was finished, or changed, last.
        package var changedAt: Date
        /// How often the meeting was finished.
        package var revision: Int
        /// What the files of the minutes have, by their names.
        package var files: [String: String]
    }

    /// The result of `ask`.
    package struct Answered: Sendable, Hashable, Codable {
        /// The meeting.
        package var meeting: MeetingID
        /// What it says.
        package var answer: MeetingAnswer
        /// The address of the meeting's page; `#u12` behind it is that of the turn 12, counted from 0.
        package var page: String
    }

    /// The result of `retry`.
    package struct Retried: Sendable, Hashable, Codable {
        /// Whether anything is tried again.
        package var isAnything: Bool
        /// How many windows are summarised again, besides the meeting as a whole.
        package var windowCount: Int
    }

    /// The result of `reload`: keys of options.
    package struct Reloaded: Sendable, Hashable, Codable {
        /// Options whose new value is in force.
        package var changed: [String]
        /// Options whose new value takes effect at the next start.
        package var waiting: [String]

        /// Creates a result.
        package init(changed: [String], waiting: [String]) {
            self.changed = changed
            self.waiting = waiting
        }
    }

    /// A meeting and where its minutes are.
    package struct Shown: Sendable, Hashable, Codable {
        /// The meeting.
        package var meeting: MeetingRecord
        /// The minutes for people.
        package var markdownPath: String
        /// The minutes for programs.
        package var jsonPath: String
        /// The content of the first, nil if it is not written yet.
        package var markdown: String?
        /// The content of the second, nil if it is not written yet.
        package var json: String?
    }

    /// ``ControlRequest/version`` of the daemon.
    package var version = ControlRequest.version
    /// Why the request was refused.
    package var error: Failure?
    /// Answers `status`.
    package var status: Status?
    /// Answers `list`.
    package var meetings: [MeetingRecord]?
    /// How many finished meetings are not in ``meetings``; nil if all are.
    package var omitted: Int?
    /// Answers `show`.
    package var shown: Shown?
    /// Answers `end`: false if the meeting was ended before.
    package var ended: Bool?
    /// Answers `pause` and `resume`: whether it is paused now.
    package var paused: Bool?
    /// Answers `retry`.
    package var retried: Retried?
    /// Answers `reload`.
    package var reloaded: Reloaded?
    /// Answers `forget`.
    package var forgotten: StateKeeper.Outcome?
    /// Answers `sweep`.
    package var swept: SweepReport?
    /// Answers `edit`.
    package var edited: StateKeeper.Edited?
    /// Answers `redo` and `redoPart`.
    package var redone: RedoOutcome?
    /// Answers `search`.
    package var found: SearchAnswer?
    /// Answers `ask`.
    package var answered: Answered?
    /// Answers `metrics`: text in Prometheus's format.
    package var metrics: String?
    /// Answers `erasures`.
    package var erasures: [ErasureRecord]?
    /// Answers `deliveries`.
    package var deliveries: [OutboxRecord]?
    /// Answers `resend`: how many are tried again.
    package var resent: Int?
    /// Answers `claim`; nil if nothing is to be handed on now.
    package var claimed: Claimed?
    /// Answers `settle`; nil if the meeting was forgotten meanwhile.
    package var settled: OutboxRecord?
    /// One of many that answer `watch`.
    package var event: ProgressEvent?
    /// The state of the meeting, sent first when one meeting is watched.
    package var watched: MeetingRecord?

    /// Creates an empty reply.
    package init() {}

    /// The reply as one line of JSON.
    package func json() throws -> String {
        try ControlCoding.line(self)
    }

    /// Creates a reply that says why a request was refused.
    init(refusing error: any Error) {
        switch error {
        case let error as ApplicationError:
            self.error = Failure(code: error.code.rawValue, message: error.message)
        case let error as LedgerError where error.code == .unknownMeeting:
            self.error = Failure(code: ApplicationError.Code.unknownMeeting.rawValue, message: error.message)
        case let error as LedgerError where error.code == .badSearch:
            self.error = Failure(code: ApplicationError.Code.badRequest.rawValue, message: error.message)
        default:
            self.error = Failure(code: "internal", message: "\(error)")
        }
    }

    /// The refusal as an error; nil if the request succeeded.
    var refusal: ApplicationError? {
        error.map {
            ApplicationError(ApplicationError.Code(rawValue: $0.code) ?? .badConversation, $0.message)
        }
    }
}

/// How both sides encode their lines.
package enum ControlCoding {
    /// Requests are short.
    static let requestBytesLimit = 64 * 1024
    /// Those of administrators may carry what was found in a window.
    static let administratorsBytesLimit = 16 * 1024 * 1024
    /// A reply may carry the minutes of a long meeting twice.
    static let replyBytesLimit = 64 * 1024 * 1024

    /// A value as one line of JSON.
    package static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, _ line: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(line.utf8))
    }
}
