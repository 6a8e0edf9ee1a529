import ArgumentParser
import Control
import Errors
import Files
import Foundation
import Intake
import Language
import Ledger
import Settings
import Summaries
import Transcript

/// The operator's tool: asks the daemon, feeds it, or does its work for one file.
@main
struct MinuteCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "minutectl",
        abstract: "Feeds minuted, asks it, and shows its minutes.",
        discussion: """
            The daemon is found through its control socket: sockets.control of the configuration, or --socket.

            EXIT STATUS: 0 done; 64 wrong usage; 65 the file is no transcript; 66 there is no such meeting; 69 no \
            daemon answers; 70 not everything that was sent is recorded; 74 a file cannot be read or written; 76 \
            the daemon broke off; 77 you may not ask for this; 78 the configuration or the model cannot be used; 130 interrupted; 1 anything else.
            """,
        version: Release.version,
        subcommands: [
            Status.self, List.self, Show.self, Open.self, Watch.self, Send.self, End.self, Pause.self,
            Resume.self,
            Search.self, Ask.self, Metrics.self, Retry.self, Deliveries.self, Deliver.self, Rename.self,
            Edit.self, Done.self, Redo.self, Forget.self, Forgotten.self, Sweep.self, Backup.self,
            Restore.self, Check.self,
            Fsck.self,
            Reload.self, Log.self, Model.self, Summarize.self, Render.self, Export.self,
            Manual.self,
        ])
}

/// The option of every command that needs the configuration.
struct ConfigurationOption: ParsableArguments {
    @Option(help: "The daemon's configuration file. Default: \(Settings.defaultPath), if it is there.")
    var config: String?

    func settings(overrides: [String: String] = [:]) async throws -> Settings {
        try await Settings.load(
            path: config, environment: ProcessInfo.processInfo.environment, overrides: overrides)
    }
}

/// The options of every command that talks to the daemon.
struct DaemonOptions: ParsableArguments {
    @OptionGroup var configured: ConfigurationOption

    @Option(help: "The daemon's control socket; overrides the configuration.")
    var socket: String?

    func client() async throws -> ControlClient {
        if let socket { return ControlClient(socketPath: socket) }
        do {
            return ControlClient(socketPath: try await configured.settings().sockets.control)
        } catch  where configured.config == nil {
            // The daemon may still be running with an earlier configuration that was valid.
            complain("minutectl: note: \(ErrorText.of(error))")
            return ControlClient(socketPath: Settings().sockets.control)
        }
    }

    /// Sends a request and returns the part of the reply that answers it.
    func ask<Answer>(
        _ command: ControlRequest.Command, meeting: String? = nil, now: Bool? = nil, latest: Int? = nil,
        after: String? = nil, limit: Int? = nil,
        _ part: (ControlReply) -> Answer?
    ) async throws -> Answer {
        let reply = try await client().request(
            ControlRequest(
                command, meeting: meeting, now: now, latest: latest, after: after, limit: limit))
        guard let answer = part(reply) else {
            throw ApplicationError(.badConversation, "the daemon did not answer '\(command.rawValue)'")
        }
        return answer
    }
}

/// Runs a command; if it fails, reports the error and exits with the status for it.
func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ExitCode {
        throw error
    } catch is CancellationError {
        throw ExitCode(130)
    } catch {
        complain("minutectl: \(ErrorText.of(error))")
        switch error {
        case let error as ApplicationError: throw ExitCode(error.exitStatus)
        case is TranscriptError: throw ExitCode(65)
        case is MinutesError: throw ExitCode(78)
        case let error as LedgerError where error.code == .unknownMeeting: throw ExitCode(66)
        case let error as LedgerError where error.code == .badSearch: throw ExitCode(64)
        case is LedgerError, is IntakeError, is FileError: throw ExitCode(74)
        default: throw ExitCode(1)
        }
    }
}

/// Writes a line to the standard error, without characters that could control the terminal.
func complain(_ text: String) {
    FileHandle.standardError.write(Data((VisibleText.lines(text) + "\n").utf8))
}
