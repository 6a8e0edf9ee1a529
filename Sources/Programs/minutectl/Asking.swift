import ArgumentParser
import Control
import Errors
import Foundation
import Ledger
import Pipeline
import Summaries
import Transcript

/// Shows the state of the daemon: meetings, waiting windows, the model.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the state of the daemon.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(.status) { $0.status == nil ? nil : $0 }
            if json { return print(try reply.json()) }
            guard let status = reply.status else { return }
            let windows = status.waitingWindows
            let lines: [(String, String?)] = [
                ("daemon", "running since \(localTime(status.startedAt)), process \(status.process)"),
                ("model", "\(status.model), context of \(status.contextLength) tokens"),
                (
                    "meetings",
                    "\(status.openMeetings) open, \(status.endedMeetings) ended, \(status.finishedMeetings) finished"
                ),
                ("waiting", windows == 1 ? "1 window" : "\(windows) windows"),
                ("at work", status.activity.map(describe) ?? "nothing"),
                ("speed", status.tokensPerSecond.map { "\(Int($0.rounded())) tokens/s" } ?? "not known yet"),
                ("paused", paused(status)),
                ("caches", status.savedCaches.map(describe) ?? "not saved"),
                ("outbox", status.outbox.map(describe)),
                ("incoming", status.incomingFolder),
                ("socket", status.ingestSocket),
                ("minutes", status.outputFolder),
            ]
            for case (let name, let value?) in lines { print(padded(name, to: 10) + value) }
        }
    }

    private func paused(_ status: ControlReply.Status) -> String {
        if status.paused == true { return "everything" }
        return status.pausedMeetings?.map(\.name).joined(separator: ", ") ?? "nothing"
    }

    private func describe(_ caches: SavedTimelines) -> String {
        "\(caches.count) saved, \(caches.bytes >> 20) of \(caches.bytesLimit >> 20) MiB"
    }

    private func describe(_ outbox: OutboxLoad) -> String {
        var parts: [String] = []
        if outbox.waiting > 0 {
            let since = outbox.waitingSince.map { ", the oldest since \(localTime($0))" } ?? ""
            parts.append("\(outbox.waiting) to be handed on\(since)")
            if let oldest = outbox.waitingSince, Date.now.timeIntervalSince(oldest) > 3600 {
                parts.append(
                    "that is long: see minutectl deliveries and systemctl status 'minuted-deliver@*'")
            }
        }
        if outbox.failed > 0 { parts.append("\(outbox.failed) failed, see minutectl deliveries") }
        return parts.isEmpty ? "nothing waits to be handed on" : parts.joined(separator: "; ")
    }

    private func describe(_ activity: Pipeline.Activity) -> String {
        let what = activity.window.map { "part \($0 + 1)" } ?? "the whole"
        return "\(activity.meeting), \(what), for \(Int(Date.now.timeIntervalSince(activity.since))) s"
    }
}

/// Lists meetings.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the meetings: all that go on, and the latest \(latest) finished ones.")

    private static let latest = 100

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "List all finished meetings.")
    var all = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            var reply = ControlReply()
            if all {
                reply.meetings = try await everyMeeting()
            } else {
                reply = try await daemon.ask(.list, latest: Self.latest) { $0.meetings == nil ? nil : $0 }
            }
            if json { return print(try reply.json()) }
            let rows = (reply.meetings ?? []).map { meeting in
                [
                    meeting.id.name, meeting.state.rawValue, "\(meeting.utteranceCount)", windows(meeting),
                    localTime(meeting.changedAt), meeting.startedAt.map(localTime) ?? "", meeting.title ?? "",
                ]
            }
            printTable(
                [["MEETING", "STATE", "UTTERANCES", "SUMMARISED", "CHANGED", "STARTED", "TITLE"]] + rows)
            if let omitted = reply.omitted {
                complain(
                    "minutectl: note: \(omitted) older finished meetings are left out: minutectl list --all")
            }
        }
    }

    /// All meetings, asked for page by page: a daemon with thousands has other things to do in between.
    private func everyMeeting() async throws -> [MeetingRecord] {
        var meetings: [MeetingRecord] = []
        while true {
            let page = try await daemon.ask(
                .list, after: meetings.last?.id.name, limit: Self.pageSize, \.meetings)
            // A daemon that knows no pages gives all at once.
            guard page.first?.id != meetings.first?.id || meetings.isEmpty else { return meetings }
            meetings += page
            if page.count != Self.pageSize { return meetings }
        }
    }

    private static let pageSize = 1000

    private func windows(_ meeting: MeetingRecord) -> String {
        let failed = meeting.failedWindowCount > 0 ? ", \(meeting.failedWindowCount) failed" : ""
        let again = meeting.redoneWindowCount.map { ", again \($0)/\(meeting.windowCount)" } ?? ""
        return "\(meeting.summarisedWindowCount)/\(meeting.windowCount)\(failed)\(again)"
    }
}

/// Shows the minutes of a meeting.
struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the minutes of a meeting as far as they are written.",
        discussion:
            "For root, the daemon's user, and the group that output.group of the daemon's configuration names."
    )

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Flag(help: "Show minutes.json instead of minutes.md.")
    var json = false

    @Flag(help: "Print the path of the file instead of its content.")
    var path = false

    @Option(
        help:
            "The minutes of this number, counted from 1 on, of those whose place others have taken (minutectl redo)."
    )
    var set: Int?

    func run() async throws {
        try await reporting {
            var request = ControlRequest(.show, meeting: meeting)
            request.set = set
            guard let shown = try await daemon.client().request(request).shown else {
                throw ApplicationError(.badConversation, "the daemon did not answer 'show'")
            }
            if path { return print(json ? shown.jsonPath : shown.markdownPath) }
            guard let text = json ? shown.json : shown.markdown else {
                throw ApplicationError(
                    .file, "the minutes of '\(meeting)' are not written yet: try again in a moment")
            }
            print(text, terminator: "")
        }
    }
}

/// Ends a meeting.
struct End: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a meeting: nothing more will be said in it, and its minutes are finished.")

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Flag(
        help: "Finish the minutes at once, without the summaries that are still missing.")
    var now = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(.end, meeting: meeting, now: now ? true : nil) {
                $0.ended == nil ? nil : $0
            }
            if json { return print(try reply.json()) }
            let isNew = reply.ended == true
            print(isNew ? "\(meeting) is ended" : "\(meeting) was ended before")
        }
    }
}

/// Shows progress as it happens.
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch summaries as they are written.",
        discussion:
            "With a meeting: until its minutes are finished. Without: all meetings, until interrupted; each sentence "
            + "then stands on a line that begins with its meeting's name.")

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name; all meetings if none is given.")
    var meeting: String?

    @Flag(help: "As JSON, one object for each event.")
    var json = false

    func run() async throws {
        try await reporting {
            let printer = ProgressPrinter(.standardOutput, namesMeetings: meeting == nil)
            try await daemon.client().watch(meeting: meeting) { reply in
                if json {
                    // Written at once: print would be buffered when the output is a pipe.
                    FileHandle.standardOutput.write(Data((try reply.json() + "\n").utf8))
                }
                if let state = reply.watched {
                    if !json { printer.show(state) }
                    return state.state != .finished
                }
                guard let event = reply.event else { return true }
                if !json { printer.show(event) }
                return meeting == nil || event.kind != .finished
            }
        }
    }
}
