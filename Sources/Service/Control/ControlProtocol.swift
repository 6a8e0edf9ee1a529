import Errors
import Foundation
import Ledger
import Pipeline
import Summaries
import Transcript

/// What `minutectl` asks the daemon: one JSON object on one line.
package struct ControlRequest: Sendable, Hashable, Codable {
    /// What can be asked.
    package enum Command: String, Sendable, Codable, CaseIterable {
        /// How the daemon is.
        case status
        /// All meetings, or all but older ones that are finished.
        case list
        /// One meeting and where its minutes are.
        case show
        /// A meeting takes no more utterances; with `now` it is finished without the summaries that it lacks.
        case end
        /// Nothing more is begun for a meeting, or for any.
        case pause
        /// What was paused goes on.
        case resume
        /// A meeting's summaries that were given up are tried again.
        case retry
        /// The configuration is read again.
        case reload
        /// Progress as it happens, until the client closes the connection.
        case watch
    }

    /// The protocol's version: raised when a key changes its meaning.
    package static let version = 1

    /// ``version`` of the client.
    package var version: Int
    /// What is asked, by name; a text, so that an unknown one can be answered.
    package var command: String
    /// The meeting it is about; needed by `show`, `end` and `retry`, narrows `watch`, `pause` and `resume`.
    package var meeting: String?
    /// Whether `end` does not wait for summaries.
    package var now: Bool?
    /// How many finished meetings `list` has at most, those that began last; all by default.
    package var latest: Int?
    /// The name of the meeting after which the answer of `list` begins; the first one by default.
    package var after: String?
    /// How many meetings an answer of `list` has at most; no limit by default.
    package var limit: Int?

    /// Makes a request.
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

/// What the daemon answers: one JSON object on one line, with the key that was asked for or `error`.
package struct ControlReply: Sendable, Hashable, Codable {
    /// Why a request was not followed.
    package struct Failure: Sendable, Hashable, Codable {
        /// For programs.
        package var code: String
        /// For people.
        package var message: String
    }

    /// How the daemon is.
    package struct Status: Sendable, Hashable, Codable {
        /// The daemon's process.
        package var process: Int32
        /// Since when it runs.
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
        /// Meetings, by where they stand.
        package var openMeetings: Int
        /// Meetings that are ended and wait for the rest of their minutes.
        package var endedMeetings: Int
        /// Meetings whose minutes are complete.
        package var finishedMeetings: Int
        /// Windows that wait for a summary.
        package var waitingWindows: Int
        /// What the model is at.
        package var activity: Pipeline.Activity?
        /// What the model's saved caches take; nil if none are saved.
        package var savedCaches: SavedTimelines?
        /// Whether nothing is begun for any meeting; nil if not.
        package var paused: Bool?
        /// Meetings that nothing is begun for; nil if there are none.
        package var pausedMeetings: [MeetingID]?
        /// Tokens read and written in a second, over the last summaries.
        package var tokensPerSecond: Double?
    }

    /// What is tried again.
    package struct Retried: Sendable, Hashable, Codable {
        /// Whether anything is.
        package var isAnything: Bool
        /// Windows; the summary of the whole comes with them.
        package var windowCount: Int
    }

    /// What came of reading the configuration again: keys of options.
    package struct Reloaded: Sendable, Hashable, Codable {
        /// In force with a new value.
        package var changed: [String]
        /// With another value than the daemon was started with, which the next start takes over.
        package var waiting: [String]

        /// Says what came of it.
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
    /// Why the request was not followed.
    package var error: Failure?
    /// Answers `status`.
    package var status: Status?
    /// Answers `list`.
    package var meetings: [MeetingRecord]?
    /// Finished meetings that ``meetings`` lacks; nil if it lacks none.
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
    /// One of many that answer `watch`.
    package var event: ProgressEvent?
    /// Comes first when one meeting is watched: how it stands.
    package var watched: MeetingRecord?

    /// Makes an empty reply.
    package init() {}

    /// The reply as the daemon spells it, on one line.
    package func json() throws -> String {
        try ControlCoding.line(self)
    }

    /// Makes a refusal.
    init(refusing error: any Error) {
        switch error {
        case let error as ApplicationError:
            self.error = Failure(code: error.code.rawValue, message: error.message)
        case let error as LedgerError where error.code == .unknownMeeting:
            self.error = Failure(code: ApplicationError.Code.unknownMeeting.rawValue, message: error.message)
        default:
            self.error = Failure(code: "internal", message: "\(error)")
        }
    }

    /// The refusal as an error; nil if the request was followed.
    var refusal: ApplicationError? {
        error.map {
            ApplicationError(ApplicationError.Code(rawValue: $0.code) ?? .badConversation, $0.message)
        }
    }
}

/// How both sides write their lines.
package enum ControlCoding {
    /// Requests are short.
    static let requestBytesLimit = 64 * 1024
    /// A reply may carry the minutes of a long meeting twice.
    static let replyBytesLimit = 64 * 1024 * 1024

    /// A value as JSON on one line; throws what JSON cannot say.
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
