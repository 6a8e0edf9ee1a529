import ArgumentParser
import Control
import Errors
import Foundation
import Language
import Minutes
import Pipeline
import Settings
import StateFolder
import Summaries

/// Ticks an action item off.
struct Done: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tick an action item of a meeting off, or list its items.",
        discussion: """
            The item is shown as ticked off in minutes.md (- [x]), on the page and in minutes.json, whenever they are written \
            again. Open questions can be ticked off too. Without ITEM, the action items and open questions are listed as the \
            minutes have them. a12 is an action item of the utterance 12, counted from 0 on; rename --turn counts from 1.

            For root, the daemon's user, and the group that output.group of the daemon's configuration names. Where no \
            daemon runs, this is done at once all the same, for root and the daemon's user.

            EXIT STATUS: 0 done; 64 there is no such item, or more than one; 66 there is no such meeting.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Argument(help: "What the list calls it (a12), or words that stand in it alone.")
    var item: String?

    @Flag(help: "Take it back.")
    var undo = false

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
        guard item != nil || !undo else { throw ValidationError("--undo needs an item") }
    }

    func run() async throws {
        try await reporting {
            guard let item else { return try await list() }
            let edited = try await daemon.edit(meeting, .tick(item: item, isDone: !undo))
            if json { return print(try ControlCoding.line(edited)) }
            if let item = edited.item { print(Self.line(item)) }
        }
    }

    private func list() async throws {
        let folder = try await daemon.configured.settings().folders.output
        // Ignored: the page, which lies beside it, is there, so the meeting is.
        _ = try MeetingPage.path(of: meeting, below: folder)
        let document = try MinutesSource(path: "\(folder)/\(meeting)/minutes.json").document
        let items = (document.items ?? []).filter(\.kind.canBeDone)
        if json { return print(try ControlCoding.line(items)) }
        for item in items { print(Self.line(item)) }
    }

    private static func line(_ item: MinutesItem) -> String {
        let owner = item.owner.map { "\($0): " } ?? ""
        let due = item.due.map { " (\($0))" } ?? ""
        return VisibleText.line(
            "[\(item.isDone == true ? "x" : " ")] \(item.id ?? "?")  \(owner)\(item.text)\(due)")
    }
}

/// Changes a meeting's title.
struct Edit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a meeting another title.",
        discussion: """
            The minutes are written again at once. The title takes the place of the one that was received. The meeting's \
            name, by which minutectl and its files know it, stays. For root, the daemon's user, and the group that \
            output.group of the daemon's configuration names. Where no daemon runs, this is done at once all the same, for \
            root and the daemon's user.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Option(help: "The title; '' for none.")
    var title: String

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let edited = try await daemon.edit(meeting, .retitle(title: title))
            if json { return print(try ControlCoding.line(edited)) }
            print(VisibleText.line(edited.title.map { "\(meeting): \($0)" } ?? "\(meeting) has no title"))
        }
    }
}
