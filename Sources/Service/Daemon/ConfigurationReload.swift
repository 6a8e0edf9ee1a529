import Control
import Ledger
import Logging
import Pipeline
import ServiceManager
import Settings
import StateFolder

/// Reads the configuration again while the daemon runs, and applies what can be changed.
///
/// Options that parts of the daemon were created with (folders, sockets, the model, the spool) wait for the next start.
package actor ConfigurationReload: Reloading {
    /// Reads the configuration; throws ``ApplicationError`` if it has an error.
    package typealias Loader = @Sendable () async throws -> Settings

    private let started: Settings
    private var current: Settings
    private let load: Loader
    private let ledger: Ledger?
    private let pipeline: Pipeline
    private let keeper: StateKeeper?
    private let threshold: LogThreshold?
    private let statusLine: StatusLine?
    private let logger: Logger

    init(
        settings: Settings, load: @escaping Loader, ledger: Ledger? = nil, pipeline: Pipeline,
        keeper: StateKeeper? = nil,
        threshold: LogThreshold?, statusLine: StatusLine? = nil, logger: Logger
    ) {
        self.ledger = ledger
        self.keeper = keeper
        started = settings
        current = settings
        self.load = load
        self.pipeline = pipeline
        self.threshold = threshold
        self.statusLine = statusLine
        self.logger = logger
    }

    /// Reads the configuration and applies it as far as possible.
    ///
    /// Throws ``ApplicationError`` if it has an error; then nothing has changed.
    @discardableResult
    package func reload() async throws -> ControlReply.Reloaded {
        do {
            let new = try await load()
            let outcome = ControlReply.Reloaded(
                changed: Self.differing(current, new).filter(Self.isTakenOver),
                waiting: Self.differing(started, new).filter { !Self.isTakenOver($0) })
            try ledger?.adopt(new.deliveries.map(\.target))
            await pipeline.adopt(Pipeline.Policy(new))
            await keeper?.adopt(new.retention)
            threshold?.level = new.logLevel
            current = new
            await say(trouble: nil)
            logger.notice(
                "reloaded the configuration",
                metadata: [
                    "changed": "\(Self.list(outcome.changed))", "waiting": "\(Self.list(outcome.waiting))",
                ])
            return outcome
        } catch {
            await say(trouble: "the configuration has an error and was not reloaded")
            logger.error("the configuration was not reloaded", error: error)
            throw error
        }
    }

    private func say(trouble: String?) async {
        statusLine?.trouble = trouble
        await statusLine?.update()
    }

    private static func isTakenOver(_ key: String) -> Bool {
        [
            "segmentation.", "summaries.", "meetings.", "output.refreshSeconds", "retention.", "log.",
            DeliveryOption.section,
        ]
        .contains { key.hasPrefix($0) }
    }

    private static func differing(_ one: Settings, _ other: Settings) -> [String] {
        SettingsOption.all.filter { $0.text(one) != $0.text(other) }.map(\.key)
            + (one.deliveries == other.deliveries ? [] : [DeliveryOption.section])
    }

    private static func list(_ keys: [String]) -> String {
        keys.isEmpty ? "nothing" : keys.joined(separator: ", ")
    }
}
