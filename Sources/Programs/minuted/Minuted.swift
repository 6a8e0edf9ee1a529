import ArgumentParser
import Daemon
import Errors
import Files
import Foundation
import Glibc
import Intake
import LanguageModels
import Ledger
import Logging
import ServiceManager
import Settings

/// The daemon.
///
/// All of its work is in ``Daemon``; this command gives it settings and a log, and maps errors to exit statuses.
@main
struct Minuted: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "minuted",
        abstract: "Writes the minutes of meetings while they run.",
        discussion: """
            Takes transcripts from <state>/spool/incoming and from a Unix socket, summarises them with a Gemma model \
            inside this process, and keeps <state>/minutes/MEETING/minutes.md, minutes.json and minutes.html \
            up to date. Runs in the foreground until SIGTERM or SIGINT. See minutectl(1) for how to use it.

            Every option of the configuration can be overridden by an environment variable: model.contextLength is \
            MINUTED_MODEL_CONTEXT_LENGTH.

            Minutes are for root and the daemon's user to read, and for the group that output.group of the configuration \
            names for a kind of meeting. Members of the daemon's group put files into incoming, and neither list it nor \
            remove those of others; done and failed are closed to them.

            EXIT STATUS: 0 stopped as asked; 64 wrong usage; 74 a file or folder cannot be used; 75 another minuted \
            is using the state folder or a socket; 78 the configuration or the model cannot be used; 1 anything else.
            """,
        version: Release.version)

    @Option(help: "The configuration file. Default: \(Settings.defaultPath), if it is there.")
    var config: String?

    @Option(help: "Overrides folders.state: the ledger, and all folders that are not set.")
    var state: String?

    @Option(help: "Overrides model.path: a GGUF file, or a folder with config.json and safetensors.")
    var model: String?

    @Flag(
        help: "Check the configuration, print every option's value, and exit: 0 if it can be used, 78 if not."
    )
    var check = false

    func run() async throws {
        // A write to a peer that has gone away fails with an error instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        DescriptorLimit.raise()
        // Ignored until the daemon is ready to reload its configuration.
        signal(SIGHUP, SIG_IGN)
        do {
            let settings = try await loadSettings()
            if check { return explain(settings) }
            try await runDaemon(settings)
        } catch {
            report(error)
            throw ExitCode(status(of: error))
        }
    }

    /// Reports why the daemon ends: to journald as a record with an explanation, otherwise as a line.
    private func report(_ error: any Error) {
        guard LogDestination.detected == .journal, !check else { return complain("minuted: \(error)") }
        let writer = LogDestination.journal.writer(identifier: "minuted")
        let logger = Logger(label: "minuted") {
            LogDestination.journal.handler(
                label: $0, identifier: "minuted", threshold: LogThreshold(.info), writer: writer)
        }
        logger.critical("cannot start", error: error, metadata: ["status": "\(status(of: error))"])
        writer.flush(within: lastWords)
        ServiceNotifier().status("\(error)")
    }

    private func loadSettings() async throws -> Settings {
        var overrides: [String: String] = [:]
        overrides["folders.state"] = state.map(absolute)
        overrides["model.path"] = model.map(absolute)
        return try await Settings.load(
            path: config, environment: ProcessInfo.processInfo.environment, overrides: overrides)
    }

    private func explain(_ settings: Settings) {
        for option in SettingsOption.all { print("\(option.key): \(option.text(settings))") }
        for delivery in settings.deliveries {
            for option in DeliveryOption.all {
                print("\(DeliveryOption.section).\(delivery.name).\(option.key): \(option.text(delivery))")
            }
        }
        if !FileManager.default.fileExists(atPath: settings.model.path) {
            complain("minuted: note: there is no model at \(settings.model.path) yet")
        }
        for name in strayVariables { complain("minuted: note: \(name) is not an option and is ignored") }
    }

    private func runDaemon(_ settings: Settings) async throws {
        let destination = LogDestination.detected
        let threshold = LogThreshold(settings.logLevel)
        let writer = destination.writer(identifier: "minuted")
        defer { writer.flush(within: lastWords) }
        LoggingSystem.bootstrap { label in
            destination.handler(label: label, identifier: "minuted", threshold: threshold, writer: writer)
        }
        let logger = Logger(label: "minuted")
        logger.notice("starting", metadata: ["version": "\(Release.version)", "process": "\(getpid())"])
        for name in strayVariables {
            logger.warning("an environment variable is not an option", metadata: ["name": "\(name)"])
        }
        if let (point, time) = FaultPoint.requested {
            logger.warning("will kill itself", metadata: ["at": "\(point.rawValue)", "time": "\(time)"])
        }
        let daemon = Daemon(
            settings: settings, reload: { try await loadSettings() }, threshold: threshold,
            onStopping: { endAtTheLatest(logger, writer) }
        ) { model in
            try GemmaLanguageModel(model, logger: logger)
        }
        try await daemon.run()
    }

    private var strayVariables: [String] {
        Settings.strayVariables(in: ProcessInfo.processInfo.environment)
    }

    private func status(of error: any Error) -> Int32 {
        switch error {
        case let error as ApplicationError: error.exitStatus
        case let error as IntakeError where error.code == .socketInUse: 75
        case is IntakeError, is LedgerError, is FileError: 74
        case is ServiceError: 78
        default: 1
        }
    }
}

/// How long the last log records may take when the daemon ends.
private let lastWords = Duration.seconds(0.5)

/// Makes sure that the daemon stops within 5 s.
///
/// Everything that was acknowledged is durable, so a part that has not stopped by then can be abandoned.
private func endAtTheLatest(_ logger: Logger, _ writer: LogWriter) {
    let limit = 4.25
    Thread.detachNewThread {
        Thread.sleep(forTimeInterval: limit)
        logger.warning("stopped without waiting any longer")
        writer.flush(within: .seconds(0.25))
        Glibc._exit(0)
    }
}

private func absolute(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
}

private func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
