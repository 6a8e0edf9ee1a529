import Foundation
import Ledger
import Logging
import Summaries
import Transcript

/// Everything that can be configured, resolved once at the start and never changed.
///
/// Each component gets the part that it needs. ``SettingsOption/all`` says how each value is spelled in
/// `etc/minuted.yaml` and in the environment.
package struct Settings: Sendable, Hashable {
    /// Folders the daemon works in.
    package struct Folders: Sendable, Hashable {
        /// Ledger and lock.
        package var state: String
        /// Where transcripts are dropped.
        package var spool: String
        /// Where minutes are written.
        package var output: String

        /// The ledger's file.
        package var ledger: String { state + "/ledger.sqlite" }
        /// Where the model's caches of meetings are saved.
        package var caches: String { state + "/cache/kv" }
        /// The file whose lock keeps a second daemon out.
        package var lock: String { state + "/minuted.lock" }
        /// The work that was in progress when the daemon crashed.
        package var atHand: String { state + "/at-hand" }
    }

    /// Unix sockets the daemon listens on.
    package struct Sockets: Sendable, Hashable {
        /// Takes utterances.
        package var ingest: String
        /// Takes `minutectl`'s requests.
        package var control: String
    }

    /// The language model.
    package struct Model: Sendable, Hashable {
        /// A GGUF file, or a folder with config.json and safetensors.
        package var path: String
        /// Tokens the cache holds; nil leaves it to the model.
        package var contextLength: Int?
        /// Threads that compute; nil for one per core.
        package var threads: Int?
        /// Whether no bit of an answer may depend on what else is asked at the time.
        package var isDeterministic = false
        /// The form of prompts; nil leaves it to what the model's file says.
        package var style: ModelProfile.Style?
        /// What it works with, by kind of meeting.
        package var adapters = ChoiceByKind(all: Self.automaticAdapter)
        /// How much disk space saved caches of meetings may take; 0 saves none.
        package var snapshotMegabytes: Int
        /// The folder for saved caches; nil if none are saved.
        ///
        /// This is not an option: the daemon chooses the folder.
        package var snapshotFolder: String?
        /// Where the repacked weights are kept for the next start.
        package var cacheFolder = CacheFolder.automatic
        /// Where they are kept if no folder is set and the model's own folder cannot be written.
        package var stateCacheFolder: String

        /// The value that selects the adapter beside the model, if there is one.
        package static let automaticAdapter = "auto"

        /// The path of the adapter beside a model: `gemma.adapter.gguf` for `gemma.gguf`.
        package static func adapterPath(besideModel path: String) -> String {
            (path.hasSuffix(".gguf") ? String(path.dropLast(5)) : path) + ".adapter.gguf"
        }

        /// ``adapters`` as paths.
        package var adapterPaths: ChoiceByKind {
            adapters.mapValues { value in
                guard value == Self.automaticAdapter else { return value }
                let beside = Self.adapterPath(besideModel: path)
                return FileManager.default.fileExists(atPath: beside) ? beside : nil
            }
        }

        /// Where files that save time at the next start go.
        package enum CacheFolder: Sendable, Hashable {
            /// Beside the model, or else into ``Settings/Model/stateCacheFolder``.
            case automatic
            /// Nowhere.
            case none
            /// Here.
            case folder(String)
        }

        /// The folders to be tried, in this order.
        package var cacheFolders: [String] {
            switch cacheFolder {
            case .automatic:
                [
                    URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false),
                    stateCacheFolder,
                ]
            case .none: []
            case .folder(let folder): [folder]
            }
        }
    }

    /// When a window of conversation closes.
    package struct Segmentation: Sendable, Hashable {
        /// A window closes before it has more tokens.
        package var maximumTokens: Int
        /// A pause does not close a window that has fewer.
        package var minimumTokens: Int
        /// A silence that closes a window; 0 for never.
        package var pauseSeconds: Double
        /// Whether the end of a topic closes a window.
        package var findsTopics: Bool

        /// The same values for the segmenter.
        package var policy: SegmentationPolicy {
            SegmentationPolicy(
                maximumTokens: maximumTokens, minimumTokens: minimumTokens,
                pauseSeconds: pauseSeconds > 0 ? pauseSeconds : .infinity, findsTopics: findsTopics)
        }
    }

    /// How windows are summarised.
    package struct Summaries: Sendable, Hashable {
        /// Tries before a window is marked as failed.
        package var attempts: Int
        /// Wait before the second try, in seconds; doubled for each further one.
        package var retrySeconds: Double
    }

    /// How minutes are written, by kind of meeting.
    package struct Minutes: Sendable, Hashable {
        /// `standard`, or the path of a template.
        package var template = ChoiceByKind.none
        /// The language that the model is told to write in.
        package var language = ChoiceByKind.none
        /// The path of a list of terms.
        package var vocabulary = ChoiceByKind.none
    }

    /// When meetings end by themselves.
    package struct Meetings: Sendable, Hashable {
        /// Minutes without input after which an open meeting ends; 0 for never.
        package var idleEndMinutes: Double
    }

    /// How the spool folder is watched.
    package struct Spool: Sendable, Hashable {
        /// Seconds a file that is still being written has to stay unchanged.
        package var settleSeconds: Double
        /// Seconds between two scans of the whole folder.
        package var rescanSeconds: Double
        /// Seconds a chunk waits for a missing one before it.
        package var gapWaitSeconds: Double
        /// Larger files are refused.
        package var fileMegabytesLimit: Int
        /// Whether to look at the interval only, without the kernel's events.
        package var polls = false
    }

    /// The limits of the ingest socket.
    package struct Ingest: Sendable, Hashable {
        /// Longer lines are refused.
        package var lineKilobytesLimit: Int
        /// How much input of one connection may wait before reading stops.
        package var pendingKilobytesLimit: Int
        /// How much input of all connections together may wait.
        package var allPendingMegabytesLimit: Int
        /// More connections at once are turned away.
        package var connectionLimit: Int
        /// The same limit for the connections of one user.
        package var connectionLimitPerUser: Int
        /// Seconds in which a connection has to name a meeting, or bring words for one; 0 for any time.
        package var silenceSeconds: Double
        /// Users that may connect, by name or number; with no groups either, everybody whom the socket's mode lets in.
        package var allowedUsers: [String]
        /// Groups whose members may connect.
        package var allowedGroups: [String]
    }

    /// How many days things are kept, by kind of meeting; what is not named is kept.
    package struct Retention: Sendable, Hashable {
        /// Received files, in `done/`.
        package var received = ChoiceByKind.none
        /// What was said; the minutes stay.
        package var transcripts = ChoiceByKind.none
        /// Meetings, with everything that is known of them.
        package var minutes = ChoiceByKind.none
        /// Saved caches that are not used.
        package var caches = ChoiceByKind.none
        /// Files that were refused, meetings that could not be summarised as a whole, damaged ledgers.
        package var failed = ChoiceByKind.none

        /// How many days a choice gives to the meeting called `name`; nil keeps.
        package static func days(_ choice: ChoiceByKind, ofMeeting name: String) -> Int? {
            choice.kind(ofMeeting: name).flatMap { choice.values[$0] }.flatMap { Int($0) }
        }
    }

    /// Whom finished minutes are handed on to: an entry of the section `delivery`, by its name.
    package struct Delivery: Sendable, Hashable {
        /// What the unit that does it is called: `minuted-deliver@NAME.service`.
        package var name: String
        /// The program and its arguments.
        package var command: [String]
        /// How the names of its meetings begin; empty for all meetings.
        package var meetings: [String] = []
        /// So often is it tried before it is given up.
        package var attempts = 30
        /// Wait before the second try, in seconds; doubled for each further one.
        package var retrySeconds = 30.0
        /// The longest that a try may take, in seconds.
        package var timeoutSeconds = 60.0

        /// Describes an entry.
        package init(name: String, command: [String]) {
            self.name = name
            self.command = command
        }

        /// The same for the ledger, which does not know commands.
        package var target: OutboxTarget {
            OutboxTarget(
                name: name, kinds: meetings, attempts: attempts, retrySeconds: retrySeconds,
                timeoutSeconds: timeoutSeconds)
        }
    }

    /// How minutes are written.
    package struct Output: Sendable, Hashable {
        /// Least seconds between two writes of a meeting's minutes while it goes on.
        package var refreshSeconds: Double
        /// The group that may read minutes, by kind of meeting.
        package var group = ChoiceByKind.none
    }

    /// Where metrics are written for those who watch over the daemon.
    package struct Metrics: Sendable, Hashable {
        /// A file for node_exporter's textfile collector; nil for none.
        package var file: String?
        /// Seconds between two writes.
        package var seconds = 15.0
    }

    /// Folders the daemon works in.
    package var folders: Folders
    /// Unix sockets the daemon listens on.
    package var sockets: Sockets
    /// The language model.
    package var model: Model
    /// When a window of conversation closes.
    package var segmentation: Segmentation
    /// How windows are summarised.
    package var summaries: Summaries
    /// How minutes are written.
    package var minutes = Minutes()
    /// When meetings end by themselves.
    package var meetings: Meetings
    /// How the spool folder is watched.
    package var spool: Spool
    /// The limits of the ingest socket.
    package var ingest: Ingest
    /// How minutes are written.
    package var output: Output
    /// How long things are kept.
    package var retention = Retention()
    /// Where metrics are written.
    package var metrics = Metrics()
    /// Whom finished minutes are handed on to, by name.
    package var deliveries: [Delivery] = []
    /// The least severe records that are logged.
    package var logLevel: Logger.Level

    /// The defaults, with all files under `state` and all sockets under `runtime`.
    package init(state: String = "/var/lib/minuted", runtime: String = "/run/minuted") {
        folders = Folders(state: state, spool: state + "/spool", output: state + "/minutes")
        sockets = Sockets(ingest: runtime + "/ingest.sock", control: runtime + "/control.sock")
        model = Model(
            path: state + "/models/gemma.gguf", snapshotMegabytes: 1024, stateCacheFolder: state + "/cache")
        let policy = SegmentationPolicy()
        segmentation = Segmentation(
            maximumTokens: policy.maximumTokens, minimumTokens: policy.minimumTokens,
            pauseSeconds: policy.pauseSeconds, findsTopics: policy.findsTopics)
        summaries = Summaries(attempts: 3, retrySeconds: 2)
        meetings = Meetings(idleEndMinutes: 240)
        spool = Spool(settleSeconds: 2, rescanSeconds: 10, gapWaitSeconds: 30, fileMegabytesLimit: 64)
        ingest = Ingest(
            lineKilobytesLimit: 64, pendingKilobytesLimit: 1024, allPendingMegabytesLimit: 64,
            connectionLimit: 1024, connectionLimitPerUser: 256, silenceSeconds: 300, allowedUsers: [],
            allowedGroups: [])
        output = Output(refreshSeconds: 5)
        logLevel = .info
    }

    /// The file that is read when no other is named.
    package static let defaultPath = "/etc/minuted/minuted.yaml"
}
