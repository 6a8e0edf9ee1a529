import Foundation
import Logging
import Minutes
import Transcript

/// Everything that can be configured, resolved once at the start and never changed.
///
/// Each part goes to the one who needs it. ``SettingsOption/all`` says how each value is spelled in
/// `etc/minuted.yaml` and in the environment.
public struct Settings: Sendable, Hashable {
    /// Folders the daemon works in.
    public struct Folders: Sendable, Hashable {
        /// Ledger and lock.
        public var state: String
        /// Where transcripts are dropped.
        public var spool: String
        /// Where minutes are written.
        public var output: String

        /// The ledger's file.
        public var ledger: String { state + "/ledger.sqlite" }
        /// Where the model's caches of meetings are saved.
        public var caches: String { state + "/cache/kv" }
        /// The file whose lock keeps a second daemon out.
        public var lock: String { state + "/minuted.lock" }
        /// What the daemon was at when it died of a fault.
        public var atHand: String { state + "/at-hand" }
    }

    /// Unix sockets the daemon listens on.
    public struct Sockets: Sendable, Hashable {
        /// Takes utterances.
        public var ingest: String
        /// Takes `minutectl`'s requests.
        public var control: String
    }

    /// The language model.
    public struct Model: Sendable, Hashable {
        /// A GGUF file, or a folder with config.json and safetensors.
        public var path: String
        /// Tokens the cache holds; nil leaves it to the model.
        public var contextLength: Int?
        /// Threads that compute; nil for one per core.
        public var threads: Int?
        /// Whether no bit of an answer may depend on what else is asked at the time.
        public var isDeterministic = false
        /// How it takes a request; nil leaves it to what the model's file says.
        public var style: ModelProfile.Style?
        /// What it works with, by kind of meeting.
        public var adapters = ChoiceByKind(all: Self.automaticAdapter)
        /// What saved caches of meetings may take; 0 saves none.
        public var snapshotMegabytes: Int
        /// Where they are saved; nil for nowhere.
        ///
        /// Not an option: the daemon has a place of its own for them.
        public var snapshotFolder: String?
        /// Where the repacked weights are kept for the next start.
        public var cacheFolder = CacheFolder.automatic
        /// Where they are kept if that is not decided and the model's own folder cannot be written.
        public var stateCacheFolder: String

        /// Stands for the adapter that lies beside the model, if one does.
        public static let automaticAdapter = "auto"

        /// Where that lies: `gemma.adapter.gguf` for `gemma.gguf`.
        public static func adapterPath(besideModel path: String) -> String {
            (path.hasSuffix(".gguf") ? String(path.dropLast(5)) : path) + ".adapter.gguf"
        }

        /// ``adapters`` as paths.
        public var adapterPaths: ChoiceByKind {
            adapters.mapValues { value in
                guard value == Self.automaticAdapter else { return value }
                let beside = Self.adapterPath(besideModel: path)
                return FileManager.default.fileExists(atPath: beside) ? beside : nil
            }
        }

        /// Where files that save time at the next start go.
        public enum CacheFolder: Sendable, Hashable {
            /// Beside the model, or else into ``Settings/Model/stateCacheFolder``.
            case automatic
            /// Nowhere.
            case none
            /// Here.
            case folder(String)
        }

        /// The folders to be tried, in this order.
        public var cacheFolders: [String] {
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
    public struct Segmentation: Sendable, Hashable {
        /// A window closes before it has more tokens.
        public var maximumTokens: Int
        /// A pause does not close a window that has fewer.
        public var minimumTokens: Int
        /// A silence that closes a window; 0 for never.
        public var pauseSeconds: Double
        /// Whether the end of a topic closes a window.
        public var findsTopics: Bool

        /// The same for the segmenter.
        public var policy: SegmentationPolicy {
            SegmentationPolicy(
                maximumTokens: maximumTokens, minimumTokens: minimumTokens,
                pauseSeconds: pauseSeconds > 0 ? pauseSeconds : .infinity, findsTopics: findsTopics)
        }
    }

    /// How windows are summarised.
    public struct Summaries: Sendable, Hashable {
        /// Tries before a window is marked as failed.
        public var attempts: Int
        /// Wait before the second try, in seconds; doubled for each further one.
        public var retrySeconds: Double
    }

    /// How minutes are written, by kind of meeting.
    public struct Minutes: Sendable, Hashable {
        /// `standard`, or the path of a template.
        public var template = ChoiceByKind.none
        /// The language that the model is told to write in.
        public var language = ChoiceByKind.none
        /// The path of a list of terms.
        public var vocabulary = ChoiceByKind.none
    }

    /// When meetings end by themselves.
    public struct Meetings: Sendable, Hashable {
        /// Minutes without input after which an open meeting ends; 0 for never.
        public var idleEndMinutes: Double
    }

    /// How the spool folder is watched.
    public struct Spool: Sendable, Hashable {
        /// Seconds a file that is still being written has to stay unchanged.
        public var settleSeconds: Double
        /// Seconds between two scans of the whole folder.
        public var rescanSeconds: Double
        /// Seconds a chunk waits for a missing one before it.
        public var gapWaitSeconds: Double
        /// Larger files are refused.
        public var fileMegabytesLimit: Int
        /// Whether to look at the interval only, without the kernel's events.
        public var polls = false
    }

    /// What the ingest socket takes.
    public struct Ingest: Sendable, Hashable {
        /// Longer lines are refused.
        public var lineKilobytesLimit: Int
        /// What may wait of one connection before it is not read.
        public var pendingKilobytesLimit: Int
        /// What may wait of all together.
        public var allPendingMegabytesLimit: Int
        /// More connections at once are turned away.
        public var connectionLimit: Int
        /// The same of one user.
        public var connectionLimitPerUser: Int
        /// Seconds in which a connection has to name a meeting, or bring words for one; 0 for any time.
        public var silenceSeconds: Double
        /// Users that may connect, by name or number; with no groups either, everybody whom the socket's mode lets in.
        public var allowedUsers: [String]
        /// Groups whose members may connect.
        public var allowedGroups: [String]
    }

    /// How minutes are written.
    public struct Output: Sendable, Hashable {
        /// Least seconds between two writes of a meeting's minutes while it goes on.
        public var refreshSeconds: Double
        /// The group that may read minutes, by kind of meeting.
        public var group = ChoiceByKind.none
    }

    /// Folders the daemon works in.
    public var folders: Folders
    /// Unix sockets the daemon listens on.
    public var sockets: Sockets
    /// The language model.
    public var model: Model
    /// When a window of conversation closes.
    public var segmentation: Segmentation
    /// How windows are summarised.
    public var summaries: Summaries
    /// How minutes are written.
    public var minutes = Minutes()
    /// When meetings end by themselves.
    public var meetings: Meetings
    /// How the spool folder is watched.
    public var spool: Spool
    /// What the ingest socket takes.
    public var ingest: Ingest
    /// How minutes are written.
    public var output: Output
    /// The least severe records that are logged.
    public var logLevel: Logger.Level

    /// The defaults, with all files under `state` and all sockets under `runtime`.
    public init(state: String = "/var/lib/minuted", runtime: String = "/run/minuted") {
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
    public static let defaultPath = "/etc/minuted/minuted.yaml"
}
