import ArgumentParser
import Control
import Errors
import Foundation
import Language
import Ledger
import Settings
import StateFolder

/// Removes what is older than the configuration allows.
struct Sweep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove what is older than retention of the configuration allows, or say what that is.",
        discussion: """
            The daemon does this at its start and once a day. By default everything is kept. Meetings that are not \
            finished are not forgotten; those that failed are kept longer, and listed as kept. For root and the daemon's \
            user; all who may use minutectl may have it said with --dry-run.

            EXIT STATUS: 0 done; 74 something could not be removed yet.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Remove nothing, and say what would go and why.")
    var dryRun = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            var request = ControlRequest(.sweep)
            request.dry = dryRun
            let report = try await daemon.keeping(request, \.swept) { keeper, user in
                try await keeper.sweep(isDry: dryRun, by: user)
            }
            if json { print(try ControlCoding.line(report)) } else { show(report) }
            if let trouble = report.trouble {
                complain("minutectl: not everything could be removed yet: \(trouble)")
                throw ExitCode(74)
            }
        }
    }

    private func show(_ report: SweepReport) {
        for item in report.items {
            print(
                VisibleText.line("\(padded(Self.words(item.action), to: 18))\(item.subject): \(item.reason)"))
        }
        let count = report.count
        let things = count == 1 ? "1 thing" : "\(count) things"
        print(report.isDryRun ? "\(things) would go" : "\(things) went")
        for left in report.left { complain("minutectl: note: \(left)") }
    }

    private static func words(_ action: SweepItem.Action) -> String {
        switch action {
        case .meeting: "meeting"
        case .transcript: "what was said"
        case .received: "received file"
        case .cache: "cache"
        case .refused: "refused file"
        case .damagedLedger: "damaged ledger"
        case .finish: "is finished"
        case .kept: "is kept"
        }
    }
}

extension DaemonOptions {
    /// Has the daemon do something with its folders, or does it here if none runs.
    ///
    /// Then this process takes the daemon's place while it lasts: as its user, with its lock.
    func keeping<Answer>(
        _ request: ControlRequest, _ part: (ControlReply) -> Answer?,
        here: (StateKeeper, _ user: String) async throws -> Answer
    ) async throws -> Answer {
        try await answering(request, part) { settings in
            let user = ControlService.name(of: getuid())
            try DaemonUser.become(ownerOf: settings.folders.state)
            let lock = try StateLock(path: settings.folders.lock)
            defer { withExtendedLifetime(lock) {} }
            return try await here(
                StateKeeper(settings: settings, ledger: try Ledger(path: settings.folders.ledger)), user)
        }
    }
}
