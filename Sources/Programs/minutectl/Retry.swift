import ArgumentParser
import Errors
import Foundation
import Intake
import Language
import Settings
import StateFolder

/// Retries what failed: files that were refused, summaries that were given up, minutes that were not handed on.
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Retry what failed: files, the summaries of a meeting, or handing minutes on.",
        subcommands: [RetryFiles.self, RetryMeeting.self, RetryDelivery.self],
        defaultSubcommand: RetryFiles.self)
}

/// Moves refused files back into incoming/.
struct RetryFiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files", abstract: "Retry files that were refused.",
        discussion:
            "Moves them from failed/ of the spool folder back to incoming/. Without names it lists them. For root and "
            + "the daemon's user.")

    @OptionGroup var configured: ConfigurationOption

    @Flag(help: "Retry all refused files.")
    var all = false

    @Argument(help: "Names of files in failed/.")
    var files: [String] = []

    func validate() throws {
        if all, !files.isEmpty { throw ValidationError("give names or --all, not both") }
    }

    func run() async throws {
        try await reporting {
            let folders = try await configured.settings().folders
            try DaemonUser.become(ownerOf: folders.state)
            guard access(folders.spool + "/failed", W_OK | X_OK) == 0 || errno != EACCES else {
                throw ApplicationError(
                    .forbidden,
                    "only root and the daemon's own user may see refused files and have them tried again")
            }
            let spool = try SpoolFolder(path: folders.spool)
            let failed = spool.failedNames()
            guard all || !files.isEmpty else {
                for name in failed { print(VisibleText.line(name)) }
                return
            }
            for name in all ? failed : files {
                guard let back = try spool.retry(name) else {
                    throw ApplicationError(
                        .file, "there is no file \(VisibleText.line(name)) in \(spool.failed)")
                }
                print("put back: \(VisibleText.line(back))")
            }
        }
    }
}
