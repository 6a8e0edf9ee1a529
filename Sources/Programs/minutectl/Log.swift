import ArgumentParser
import Glibc

/// Shows what the journal has about a meeting.
struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the journal has about a meeting, or about the daemon.",
        discussion: """
            Runs journalctl(1) with the fields that the daemon logs: MINUTED_MEETING, MINUTED_WINDOW, MINUTED_SOURCE and \
            others. Who is not root has to be in the group adm or systemd-journal to see it.
            """)

    @Argument(help: "The meeting's name; everything that the daemon logged if none is given.")
    var meeting: String?

    @Flag(name: .shortAndLong, help: "Keep showing records as they are logged.")
    var follow = false

    @Flag(name: [.customShort("x"), .long], help: "Explain each record: what it means and what to do.")
    var explain = false

    @Flag(name: .shortAndLong, help: "Show only records since the machine was started.")
    var boot = false

    @Option(name: [.customShort("n"), .long], help: "Show only this many of the latest records.")
    var lines: Int?

    @Flag(help: "As JSON, one object with all fields for each record.")
    var json = false

    func run() throws {
        var arguments = ["journalctl", "--no-pager", "--quiet", "SYSLOG_IDENTIFIER=minuted"]
        if let meeting { arguments.append("MINUTED_MEETING=\(meeting)") }
        if follow { arguments.append("--follow") }
        if explain { arguments.append("--catalog") }
        if boot { arguments.append("--boot") }
        if let lines { arguments.append("--lines=\(lines)") }
        if json { arguments.append("--output=json") }
        var pointers = arguments.map { strdup($0) } + [nil]
        execvp("journalctl", &pointers)
        complain("minutectl: journalctl(1) cannot be run: \(String(cString: strerror(errno)))")
        throw ExitCode(69)
    }
}
