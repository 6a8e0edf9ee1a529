import Control
import Errors
import Files
import Foundation
import Intake
import LanguageModels
import Ledger
import Logging
import Pipeline
import ServiceLifecycle
import ServiceManager
import Settings
import StateFolder
import Summaries
import Transcript
import UnixSignals

/// All of `minuted`, put together from its settings.
///
/// The parts are independent of each other: the intake writes the ledger, the pipeline reads and continues it, the
/// output folder and the control socket show it.
package struct Daemon: Service {
    /// Opens a model.
    package typealias ModelLoader = @Sendable (Settings.Model) throws -> any LanguageModel

    /// What the daemon was started with.
    package let settings: Settings
    private let loadModel: ModelLoader
    private let reload: ConfigurationReload.Loader?
    private let threshold: LogThreshold?
    private let signals: [UnixSignal]
    private let onReady: @Sendable () -> Void
    private let onStopping: @Sendable () -> Void

    /// Creates a daemon, which does nothing before ``run()``.
    ///
    /// - `signals` stop it gracefully.
    /// - `reload` reads the configuration again, at SIGHUP or on request over the control socket; without it the daemon
    ///   cannot reload.
    /// - `threshold` is changed when a reload changes the log level.
    /// - `onReady` is called when everything is usable, `onStopping` when it is told to stop.
    package init(
        settings: Settings, signals: [UnixSignal] = [.sigterm, .sigint],
        reload: ConfigurationReload.Loader? = nil, threshold: LogThreshold? = nil,
        onReady: @escaping @Sendable () -> Void = {}, onStopping: @escaping @Sendable () -> Void = {},
        loadModel: @escaping ModelLoader
    ) {
        self.settings = settings
        self.loadModel = loadModel
        self.reload = reload
        self.threshold = threshold
        self.signals = signals
        self.onReady = onReady
        self.onStopping = onStopping
    }

    /// Runs until a signal, graceful shutdown or cancellation.
    ///
    /// Work in progress is done again at the next start; nothing that was acknowledged is lost. Throws
    /// ``ApplicationError``, `FileError`, `LedgerError` or `IntakeError` if it cannot start.
    package func run() async throws {
        let logger = Logger(label: "minuted")
        let notifier = ServiceNotifier()
        try Folder.make(settings.folders.state)
        let lock = try StateLock(path: settings.folders.lock)
        let ledger = try openLedger(logger)
        let (atHand, suspects) = try lookBack(ledger, logger)
        if atHand.lastDeath?.works.isEmpty == false { try await pause(notifier) }
        let readers = try MinutesReaders(settings.output.group)
        let output = try OutputFolder(path: settings.folders.output, readers: readers)
        try readers.check(in: output.path)
        try output.settleReaders()
        let spool = try SpoolFolder(path: settings.folders.spool)
        let styles = try MinutesStyles(settings.minutes)
        await completeErasures(ledger, logger)
        try ledger.adopt(settings.deliveries.map(\.target))
        let patience = StartPatience(notifier, what: "loading \(settings.model.path)")
        defer { patience.end() }
        let model = try await openModel(snapshotFolder: snapshotFolder())
        patience.end()
        logger.info(
            "opened the model",
            metadata: [
                "model": "\(model.profile.name)", "style": "\(model.profile.style.rawValue)",
                "contextLength": "\(model.profile.contextLength)",
            ])
        try styles.check(model)
        let sockets = try InheritedSockets(listenDescriptors())
        let pipeline = Pipeline(
            ledger: ledger, model: model,
            writer: MinutesWriter(ledger: ledger, folder: output, styles: styles),
            policy: Pipeline.Policy(settings), atHand: atHand, suspects: suspects,
            logger: Logger(label: "pipeline"))
        let ingest = try ingestServer(ledger, sockets, atHand)
        let gate = IntakeGate()
        let watcher = spoolWatcher(spool, ledger, atHand, gate)
        let keeper = try StateKeeper(settings: settings, ledger: ledger, pipeline: pipeline, gate: gate)
        let statusLine = StatusLine(ledger: ledger, pipeline: pipeline, model: model.profile.name) {
            notifier.status($0)
        }
        let reloading = reload.map {
            ConfigurationReload(
                settings: settings, load: $0, ledger: ledger, pipeline: pipeline, keeper: keeper,
                threshold: threshold, statusLine: statusLine, logger: logger)
        }
        let control = try await ControlServer(
            path: settings.sockets.control, descriptor: sockets.control,
            service: ControlService(
                ledger: ledger, pipeline: pipeline, output: output, settings: settings,
                profile: model.profile, reload: reloading, keeper: keeper, logger: Logger(label: "control")),
            logger: Logger(label: "control"))
        let readiness = Readiness(
            ingest: ingest, statusLine: statusLine, onReady: onReady, onStopping: onStopping, logger: logger)
        let sweeping = DailySweep(keeper: keeper, logger: Logger(label: "sweep"))
        let filling = SearchFilling(ledger: ledger, logger: Logger(label: "search"))
        var services: [any Service] = [pipeline, watcher, ingest, control, sweeping, filling]
        if let path = settings.metrics.file {
            services.append(
                MetricsFile(
                    metrics: ServiceMetrics(ledger: ledger, settings: settings, pipeline: pipeline),
                    path: path, interval: .seconds(settings.metrics.seconds),
                    logger: Logger(label: "metrics")))
        }
        if let reloading { services.append(ReloadOnHangup(reload: reloading, notifier: notifier)) }
        if let interval = notifier.watchdogInterval {
            let parts = [
                Watchdog.Part(name: "the pipeline", responder: pipeline),
                Watchdog.Part(name: "the spool", responder: watcher),
                Watchdog.Part(name: "the ingest socket", responder: ingest),
            ]
            let engine = (model as? any Responding).map { Watchdog.Part(name: "the engine", responder: $0) }
            services.append(
                Watchdog(
                    parts: parts + [engine].compactMap(\.self), interval: interval,
                    feed: { notifier.watchdog() }, logger: logger))
        }
        // Stopped from the last to the first.
        try await run(services + [readiness])
        withExtendedLifetime(lock) { logger.info("stopped") }
    }

    /// Opens the ledger.
    ///
    /// A damaged one is set aside and a new one begun, so that meetings are still recorded.
    private func openLedger(_ logger: Logger) throws -> Ledger {
        let path = settings.folders.ledger
        do {
            let ledger = try Ledger(path: path)
            try ledger.checkIntegrity()
            return ledger
        } catch let error as LedgerError where error.code == .damaged {
            let aside = try Ledger.setAside(path)
            logger.critical(
                "the ledger is damaged: it was set aside and a new one is begun",
                error: error, metadata: ["file": "\(aside)"])
            return try Ledger(path: path)
        }
    }

    /// Completes what was being forgotten when the previous process ended, before anything can be made of it.
    private func completeErasures(_ ledger: Ledger, _ logger: Logger) async {
        do {
            guard let outcome = try await StateKeeper(settings: settings, ledger: ledger).resume() else {
                return
            }
            ControlService.log(outcome, logger)
        } catch {
            // The sweep tries it again.
            logger.error("something could not be removed yet, trying again", error: error)
        }
    }

    /// Handles the crash of the previous process, if there was one, and prepares to record one of this process.
    private func lookBack(_ ledger: Ledger, _ logger: Logger) throws -> (AtHand, Set<MeetingID>) {
        let atHand = try AtHand(path: settings.folders.atHand)
        let suspects = try atHand.lastDeath.map {
            try Pipeline.settle(
                $0, ledger: ledger, attempts: settings.summaries.attempts, logger: logger)
        }
        atHand.watchFaults()
        return (atHand, suspects ?? [])
    }

    /// Lets time pass where a service manager counts the starts, so that inputs which the daemon dies of, each some times
    /// before it is given up, do not use up the starts that are allowed (StartLimitBurst= of the unit).
    private func pause(_ notifier: ServiceNotifier) async throws {
        guard notifier.status("waiting, since the daemon died of what it was working on") else { return }
        try await Task.sleep(for: .seconds(4))
    }

    /// Opens the model and checks that its context is long enough.
    ///
    /// Errors are errors of the configuration.
    ///
    /// - `snapshotFolder` is where caches are saved; nil for nowhere. One process uses it.
    package func openModel(snapshotFolder: String? = nil) async throws -> any LanguageModel {
        guard FileManager.default.fileExists(atPath: settings.model.path) else {
            throw ApplicationError(
                .configuration,
                "there is no model at \(settings.model.path): put a Gemma model there (a GGUF file, or a folder with "
                    + "config.json and safetensors), or set model.path")
        }
        let model: any LanguageModel
        do {
            var options = settings.model
            options.snapshotFolder = snapshotFolder
            model = try loadModel(options)
        } catch {
            throw ApplicationError(
                .configuration, "the model \(settings.model.path) cannot be used: \(ErrorText.of(error))")
        }
        try await checkContext(of: model)
        return model
    }

    /// Where caches are saved; nil, and nothing is left there, if they are not to be.
    private func snapshotFolder() -> String? {
        if settings.model.snapshotMegabytes > 0 { return settings.folders.caches }
        // Ignored: most often there is none.
        try? FileManager.default.removeItem(atPath: settings.folders.caches)
        return nil
    }

    private func run(_ services: [any Service]) async throws {
        // Its messages about which service starts are only for debugging.
        var logger = Logger(label: "services")
        logger.logLevel = max(settings.logLevel, .warning)
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            return
        }
    }

    private func spoolWatcher(
        _ folder: SpoolFolder, _ ledger: Ledger, _ atHand: AtHand, _ gate: IntakeGate
    ) -> SpoolWatcher {
        let spool = settings.spool
        return SpoolWatcher(
            folder: folder, ledger: ledger,
            settings: SpoolWatcher.Settings(
                byteLimit: spool.fileMegabytesLimit * 1024 * 1024, settle: .seconds(spool.settleSeconds),
                gapWait: .seconds(spool.gapWaitSeconds), scanInterval: .seconds(spool.rescanSeconds),
                polls: spool.polls),
            atHand: atHand, gate: gate, logger: Logger(label: "spool"))
    }

    private func ingestServer(
        _ ledger: Ledger, _ sockets: InheritedSockets, _ atHand: AtHand
    ) throws -> IngestServer {
        let path = settings.sockets.ingest
        if sockets.ingest == nil {
            try Folder.make(Folder.split(path).folder)
        }
        return IngestServer(
            listener: sockets.ingest.map { .descriptor($0) } ?? .path(path), ledger: ledger,
            settings: try ingestSettings(), atHand: atHand, logger: Logger(label: "ingest"))
    }
}

extension Daemon {
    private func ingestSettings() throws -> IngestServer.Settings {
        let ingest = settings.ingest
        do {
            return IngestServer.Settings(
                lineBytesLimit: ingest.lineKilobytesLimit << 10,
                pendingBytesLimit: ingest.pendingKilobytesLimit << 10,
                allPendingBytesLimit: ingest.allPendingMegabytesLimit << 20,
                connectionLimit: ingest.connectionLimit,
                connectionLimitPerUser: ingest.connectionLimitPerUser,
                silencePatience: .seconds(ingest.silenceSeconds),
                peers: try PeerRule(users: ingest.allowedUsers, groups: ingest.allowedGroups))
        } catch {
            throw ApplicationError(.configuration, "\(error)")
        }
    }
}

/// The sockets that systemd opened for the daemon, by the names that the socket unit gives them.
struct InheritedSockets: Sendable, Hashable {
    private(set) var ingest: Int32?
    private(set) var control: Int32?

    init(_ descriptors: [ListenDescriptor]) throws(ApplicationError) {
        for inherited in descriptors {
            switch inherited.name {
            case "ingest" where ingest == nil: ingest = inherited.descriptor
            case "control" where control == nil: control = inherited.descriptor
            default:
                throw ApplicationError(
                    .configuration,
                    "systemd handed over a socket called '\(inherited.name)': give each socket unit "
                        + "FileDescriptorName=ingest or FileDescriptorName=control, and each once")
            }
        }
    }
}

/// Tells systemd, and the callbacks of ``Daemon``, when the daemon is ready and when it stops.
private struct Readiness: Service {
    let ingest: IngestServer
    let statusLine: StatusLine
    let onReady: @Sendable () -> Void
    let onStopping: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
        let notifier = ServiceNotifier()
        await cancelWhenGracefulShutdown { await ingest.untilListening() }
        if !Task.isCancelled, !Task.isShuttingDownGracefully {
            notifier.ready(status: await statusLine.text())
            logger.notice("ready")
            onReady()
        }
        // Ends with graceful shutdown or cancellation.
        try await statusLine.run()
        notifier.stopping(status: "stopping")
        onStopping()
        logger.notice("stopping")
    }
}

/// Reloads the configuration at SIGHUP.
private struct ReloadOnHangup: Service {
    let reload: ConfigurationReload
    let notifier: ServiceNotifier

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                notifier.reloading()
                // Ignored: the error is logged, and the daemon continues with the old configuration.
                _ = try? await reload.reload()
                notifier.ready()
            }
        }
    }
}

extension SpoolWatcher: Responding {}
extension IngestServer: Responding {}
extension Pipeline: Responding {}
extension GemmaLanguageModel: Responding {}
