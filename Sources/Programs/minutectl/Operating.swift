import ArgumentParser
import Control

/// Pauses summarising.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pause the summaries of one meeting or of all; transcripts are still recorded.",
        discussion:
            "A summary that is being written is finished. The pause lasts until resume or the next start of the daemon."
    )

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name; all meetings if none is given.")
    var meeting: String?

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(.pause, meeting: meeting) { $0.paused == nil ? nil : $0 }
            print(json ? try reply.json() : "\(meeting ?? "everything") is paused")
        }
    }
}

/// Resumes summarising.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Resume the summaries of one meeting or of all.")

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name; all meetings if none is given.")
    var meeting: String?

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(.resume, meeting: meeting) { $0.paused == nil ? nil : $0 }
            if json { return print(try reply.json()) }
            print("\(meeting ?? "everything") goes on")
            if reply.paused == true { complain("minutectl: note: everything is paused: minutectl resume") }
        }
    }
}

/// Retries the summaries of a meeting that were given up.
struct RetryMeeting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meeting", abstract: "Retry the summaries of a meeting that were given up, each once.",
        discussion:
            "A finished meeting is taken up again for it, and its minutes get a new summary of the whole.")

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(.retry, meeting: meeting) { $0.retried == nil ? nil : $0 }
            if json { return print(try reply.json()) }
            guard let retried = reply.retried, retried.isAnything else {
                return print("\(meeting): nothing was given up")
            }
            let windows = retried.windowCount
            print("\(meeting): \(windows) \(windows == 1 ? "part" : "parts") and the whole are tried again")
        }
    }
}

/// Reloads the configuration.
struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the daemon read its configuration again, and show what has changed.",
        discussion: """
            Does what `systemctl reload minuted` does, and tells at once whether the configuration was taken: a bad one \
            is refused with what is wrong (exit status 78), and the daemon goes on with the old one. For root.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(.reload) { $0.reloaded == nil ? nil : $0 }
            if json { return print(try reply.json()) }
            guard let outcome = reply.reloaded else { return }
            print(
                "changed: " + (outcome.changed.isEmpty ? "nothing" : outcome.changed.joined(separator: ", ")))
            if !outcome.waiting.isEmpty {
                print("for the next start: " + outcome.waiting.joined(separator: ", "))
            }
        }
    }
}
