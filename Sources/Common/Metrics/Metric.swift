/// Something that is counted or measured, as Prometheus knows it.
package struct Metric: Sendable, Hashable {
    /// What its values do.
    package enum Kind: String, Sendable {
        /// It only grows while the process lives.
        case counter
        /// It goes up and down.
        case gauge
    }

    /// Its name, with its unit at the end.
    package let name: String
    /// What its values do.
    package let kind: Kind
    /// What it is, in a sentence.
    package let help: String

    private init(_ name: String, _ kind: Kind, _ help: String) {
        (self.name, self.kind, self.help) = ("minuted_" + name, kind, help)
    }

    // The daemon itself.
    package static let up = Metric("up", .gauge, "Whether the daemon answers.")
    package static let build = Metric("build_info", .gauge, "The version, as a label; the value is 1.")
    package static let started = Metric(
        "start_time_seconds", .gauge, "When the daemon started, in Unix time.")
    package static let written = Metric(
        "written_time_seconds", .gauge, "When this was written, in Unix time.")
    package static let paused = Metric("paused", .gauge, "Whether all work is paused.")
    package static let pausedMeetings = Metric(
        "paused_meetings", .gauge, "Meetings that are paused, or held since the daemon died of them.")

    // What is there, from the ledger.
    package static let meetings = Metric("meetings", .gauge, "Meetings by state: open, ended or finished.")
    package static let incompleteMeetings = Metric(
        "incomplete_meetings", .gauge, "Finished meetings of which a part was given up.")
    package static let utterances = Metric("utterances", .gauge, "Utterances in the ledger.")
    package static let waitingWindows = Metric("waiting_windows", .gauge, "Windows that wait for a summary.")
    package static let oldestWaiting = Metric(
        "oldest_waiting_seconds", .gauge,
        "How long the oldest window has waited for its summary; 0 if none waits.")
    package static let unsearchedMeetings = Metric(
        "unsearched_meetings", .gauge, "Meetings of an older version that cannot be searched yet.")
    package static let pendingErasures = Metric(
        "pending_erasures", .gauge, "Erasures that are asked for and not completed.")

    package static let deliveries = Metric(
        "deliveries", .gauge, "Minutes to be handed on, by entry and state: waiting, or failed (given up).")

    // On the disk.
    package static let spoolFiles = Metric(
        "spool_files", .gauge, "Files that wait in incoming/, and refused files in failed/.")
    package static let diskBytes = Metric(
        "disk_bytes", .gauge, "Disk space that the ledger with its write-ahead log, and saved caches take.")
    package static let freeBytes = Metric(
        "disk_free_bytes", .gauge, "Disk space that is left to the daemon where the ledger is.")

    // What was done since the start.
    package static let filesTaken = Metric(
        "files_taken_total", .counter, "Files of the spool that were recorded.")
    package static let filesRefused = Metric(
        "files_refused_total", .counter, "Files that were refused, by reason.")
    package static let linesRefused = Metric(
        "lines_refused_total", .counter, "Lines of the socket that were refused.")
    package static let connectionsRefused = Metric(
        "connections_refused_total", .counter, "Connections to the ingest socket that were turned away.")
    package static let windows = Metric(
        "windows_total", .counter, "Windows by result: summarised, retried or failed (given up).")
    package static let cacheLookups = Metric(
        "cache_lookups_total", .counter,
        "Windows by whether the model's cache had the beginning of their prompt: hit or miss.")
    package static let tokens = Metric(
        "tokens_total", .counter, "Tokens: read, reused from the cache, or written.")
    package static let seconds = Metric(
        "seconds_total", .counter,
        "Seconds by phase: read_ahead, summarise, whole, judge, write_minutes. Phases of several meetings overlap."
    )
    package static let statements = Metric(
        "statements_total", .counter,
        "Sentences of summaries by what the check of evidence did: shown, or left_out.")
    package static let leftOut = Metric(
        "statements_left_out_total", .counter,
        "Sentences that were left out: missing (a number, name or day was not said) or unlike (hardly a word was)."
    )

    /// All of them, in the order in which they are written.
    package static let all = [
        up, build, started, written, paused, pausedMeetings, meetings, incompleteMeetings, utterances,
        waitingWindows, oldestWaiting, unsearchedMeetings, pendingErasures, deliveries, spoolFiles, diskBytes,
        freeBytes,
        filesTaken, filesRefused, linesRefused, connectionsRefused, windows, cacheLookups, tokens, seconds,
        statements, leftOut,
    ]
}
