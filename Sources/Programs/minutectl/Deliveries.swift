import ArgumentParser
import Control
import Foundation
import Language
import Ledger
import Transcript

/// Lists what is handed on.
struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "List what is to be handed on, what was given up, and the latest \(latest) that were delivered.",
        discussion: """
            States: waiting (to be tried, or tried again), running, delivered, failed (given up: minutectl retry delivery), \
            replaced (the minutes changed before it came through; a later one has them). What waits for long has nobody to \
            hand it on: systemctl status 'minuted-deliver@*'.
            """)

    private static let latest = 100

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "Only those of this meeting.")
    var meeting: String?

    @Flag(help: "List all that were delivered.")
    var all = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(
                .deliveries, meeting: meeting, latest: all ? Int.max : Self.latest
            ) { $0.deliveries == nil ? nil : $0 }
            if json { return print(try reply.json()) }
            let rows = (reply.deliveries ?? []).map { record in
                [
                    record.id, record.target, record.meeting.name, record.state.rawValue,
                    "\(record.attempts)", localTime(record.settledAt ?? record.createdAt),
                    VisibleText.line(record.problem ?? ""),
                ]
            }
            printTable([["ID", "TARGET", "MEETING", "STATE", "ATTEMPTS", "SINCE", "PROBLEM"]] + rows)
        }
    }
}

/// Has what was given up tried again.
struct RetryDelivery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delivery",
        abstract: "Retry handing minutes on that was given up, or at once what waits.",
        discussion: "Without names: all that was given up. The identifier stays the same.")

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "Identifiers, as minutectl deliveries shows them.")
    var ids: [String] = []

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            var request = ControlRequest(.resend)
            request.ids = ids.isEmpty ? nil : ids
            let reply = try await daemon.client().request(request)
            if json { return print(try reply.json()) }
            let count = reply.resent ?? 0
            print(count == 0 ? "nothing was given up" : "\(count) \(count == 1 ? "is" : "are") tried again")
        }
    }
}
