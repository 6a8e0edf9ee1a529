import Foundation
import Ledger
import Metrics
import Minutes
import Summaries
import TestSupport
import Testing
import Transcript

/// The real programs with a real model, from transcripts to minutes.
@Suite(
    .serialized, .enabled(if: Program.areBuilt, Program.absence),
    .enabled(if: TestModel.path != nil, TestModel.absence))
struct WholePathTests {
    private static let talk = [
        "we have to decide today when the new release goes out",
        "the tests are green since Monday and the translations came in yesterday evening",
        "I would like two more days for the printer driver because it still fails on the old machines",
        "then let us say Thursday the twelfth and not a day later",
        "I will write the announcement and send it around on Wednesday",
        "somebody has to tell the customer in Brennock that the export changes its columns",
        "that is me, I will call them tomorrow morning at nine",
        "what is open is whether we keep the old interface for another year",
    ]
    private static let speakers = ["Marta", "Jonas", "Priya"]

    /// Numbered, so that each utterance is its own witness.
    private static func utterances(_ count: Int) -> [(speaker: String, text: String)] {
        (0..<count).map { (speakers[$0 % 3], "number \($0 + 1), \(talk[$0 % talk.count])") }
    }

    @Test func spoolAndSocketLeadToMinutes() async throws {
        let daemon = try await RunningDaemon(windowTokens: 200)
        let spoken = Self.utterances(16)
        let lines = spoken.map { "\($0.speaker): \($0.text)" }

        try daemon.spool("files.0001.txt", lines[..<9].joined(separator: "\n") + "\n")
        try daemon.spool("files.0002.txt", lines[9...].joined(separator: "\n") + "\n")
        try daemon.spool("files.end", "")
        let client = try SocketClient(daemon.ingestSocket)
        try client.send([#"{"meeting": "live", "title": "Live and direct", "ack": true}"#] + lines)
        #expect(client.answers(until: #"{"ack":15}"#).contains(#"{"ack":15}"#))
        try client.send([#"{"end": true}"#])
        #expect(client.answers(until: "ended").contains(#"{"ended":"live"}"#))

        for meeting in ["files", "live"] {
            try await daemon.untilFinished(meeting)
            let minutes = try #require(daemon.minutes(meeting))
            #expect(minutes.coversAll(16), "\(meeting): \(minutes)")
            #expect(minutes.windows.count > 1)
            #expect(Set(minutes.participants.map(\.name)) == Set(Self.speakers))
            #expect(daemon.markdown(meeting).contains("Marta"))
        }
        #expect(daemon.markdown("live").contains("Live and direct"))
        try await askAboutMeetings(daemon)
        #expect(try await daemon.stop(SIGTERM) == 0)
        try await search(daemon)
        try await metrics(daemon, up: false)
        let index = daemon.scratch.read("state/minutes/index.html")
        #expect(index.contains("<a href=\"live/minutes.html\"><bdi>Live and direct</bdi></a>"))
        #expect(index.contains("<bdi>Priya</bdi>") && index.contains("files/minutes.html"))
        try expectExactlyOnce(spoken, in: daemon, meetings: ["files", "live"])
        let done = try FileManager.default.contentsOfDirectory(
            atPath: daemon.scratch.path + "/state/spool/done")
        #expect(done.sorted() == ["files.0001.txt", "files.0002.txt", "files.end"])
    }

    private func askAboutMeetings(_ daemon: RunningDaemon) async throws {
        let scratch = daemon.scratch
        let list = try await Program.minutectl.run(["list", "--config", daemon.configuration], in: scratch)
        #expect(list.status == 0 && list.output.contains("files") && list.output.contains("live"))
        let shown = try await Program.minutectl.run(
            ["show", "live", "--config", daemon.configuration], in: scratch)
        #expect(shown.status == 0 && shown.output.contains("Live and direct"))
        let status = try await Program.minutectl.run(
            ["status", "--config", daemon.configuration], in: scratch)
        #expect(status.status == 0, "\(status.errors)")
        try await search(daemon)
        try await metrics(daemon, up: true)
        let unknown = try await Program.minutectl.run(
            ["show", "nobody", "--config", daemon.configuration], in: scratch)
        #expect(unknown.status != 0 && unknown.errors.contains("nobody"))
    }

    /// From the daemon, in its file, and what is left without it.
    private func metrics(_ daemon: RunningDaemon, up: Bool) async throws {
        let printed = try await Program.minutectl.run(
            ["metrics", "--config", daemon.configuration], in: daemon.scratch)
        #expect(printed.status == 0, "\(printed)")
        func written() -> String { daemon.scratch.read("minuted.prom") }
        if up {
            try await eventually("the file is written", within: .seconds(20)) {
                written().contains("\nminuted_meetings{state=\"finished\"} 2\n")
            }
        }
        let file = written()
        #expect(file.isEmpty != up)
        for text in up ? [printed.output, file] : [printed.output] {
            try Self.expectSound(text)
            #expect(text.contains("\nminuted_up \(up ? 1 : 0)\n"))
            #expect(text.contains("\nminuted_meetings{state=\"finished\"} 2\n"), "\(text)")
            #expect(
                text.contains("\nminuted_utterances 32\n") && text.contains("\nminuted_waiting_windows 0\n"))
            #expect(text.contains("minuted_seconds_total{phase=\"summarise\"}") == up)
            #expect(text.contains("\nminuted_files_taken_total 2\n") == up)
        }
    }

    /// Every value has its type before it and stands once; promtool says the same where it is installed.
    private static func expectSound(_ text: String) throws {
        var (type, seen) = ("", Set<Substring>())
        for line in text.split(separator: "\n") where !line.hasPrefix("# HELP ") {
            if line.hasPrefix("# TYPE ") {
                type = String(line.split(separator: " ")[2])
            } else {
                let match = try #require(
                    try /(minuted_[a-z_]+)(\{[^ ]*\})? [-+.e0-9]+/.wholeMatch(in: line), "\(line)")
                #expect(match.output.1 == type)
                #expect(seen.insert(line.prefix { $0 != " " }).inserted, "\(line)")
            }
        }
        #expect(seen.count > 12)
        try Promtool.check(["check", "metrics"], input: text)
    }

    @Test func theAlertsAreRulesThatPrometheusReads() throws {
        try Promtool.check(
            ["check", "rules", Repository.root.appending(path: "examples/alerts.yaml").path])
        // Whatever they are about is measured.
        let rules = try String(
            contentsOf: Repository.root.appending(path: "examples/alerts.yaml"), encoding: .utf8)
        let names = Set(Metric.all.map(\.name))
        for match in rules.matches(of: /minuted_[a-z_]+/) {
            #expect(names.contains(String(match.output)), "nobody measures \(match.output)")
        }
    }

    /// The same answer from the daemon and from the ledger alone.
    private func search(_ daemon: RunningDaemon) async throws {
        func run(_ arguments: [String]) async throws -> Outcome {
            try await Program.minutectl.run(
                ["search", "--config", daemon.configuration] + arguments, in: daemon.scratch)
        }
        let found = try await run(["Brennock", "columns", "--meeting", "live"])
        #expect(found.status == 0 && found.output.contains("live  ") && found.output.contains("Priya"))
        #expect(found.output.contains("/state/minutes/live/minutes.html#u5"), "\(found)")
        let json = try await run(["brennock", "--json", "--speaker", "Priya", "--since", "2000-01-01"])
        #expect(json.status == 0 && json.output.contains(#""place":"turn""#), "\(json)")
        #expect(try await run(["xyzzyx"]).status == 1)
        #expect(try await run(["?"]).status == 64)
        #expect(try await run(["a", "--since", "yesterday"]).status == 64)
        #expect(try await run(["a", "--meeting", "nobody"]).status == 66)
    }

    /// A name that the daemon makes up tells the time in UTC, as the minutes do; it told local time.
    @Test func namesAndMinutesTellTheSameTime() async throws {
        let daemon = try await RunningDaemon(windowTokens: 200)
        func hour() -> String { String(Date().ISO8601Format().prefix(13)) }
        let begin = hour()
        try SocketClient(daemon.ingestSocket).send(["Ada: good morning"])
        let folder = daemon.scratch.path + "/state/minutes"
        func names() -> [String] {
            let all = try? FileManager.default.contentsOfDirectory(atPath: folder)
            return (all ?? []).filter { $0 != "index.html" }
        }
        try await eventually("there are minutes", within: .seconds(120)) { !names().isEmpty }
        let name = try #require(names().first)
        let hours = [begin, hour()].map {
            "socket-" + $0.replacing("-", with: "").replacing("T", with: "-")
        }
        #expect(hours.contains { name.hasPrefix($0) }, "\(name), not \(hours)")
    }

    /// Stopped in the middle of its work, by request or by force, it goes on where it was.
    @Test(arguments: [SIGTERM, SIGKILL])
    func stoppedInTheMiddleItFinishesExactlyOnce(_ signal: Int32) async throws {
        let daemon = try await RunningDaemon(windowTokens: 150)
        let spoken = Self.utterances(40)
        let lines = spoken.map { "\($0.speaker): \($0.text)" }
        try daemon.spool("files.0001.txt", lines.joined(separator: "\n") + "\n")
        let client = try SocketClient(daemon.ingestSocket)
        try client.send([#"{"meeting": "live", "ack": true}"#] + lines)
        #expect(client.answers(until: #"{"ack":39}"#).contains(#"{"ack":39}"#))
        // The middle: a summary is durable, and others are still to come.
        try await eventually("a first summary is there", within: .seconds(120)) {
            daemon.minutes("files")?.windows.contains { $0.state == "summarised" } ?? false
        }
        let status = try await daemon.stop(signal)
        #expect(status == (signal == SIGKILL ? -SIGKILL : 0), "log:\n\(daemon.log)")
        let before = try summaries(in: daemon)
        #expect(!before.isEmpty)

        try daemon.spool("files.end", "")
        try await daemon.restart()
        try SocketClient(daemon.ingestSocket).send([#"{"meeting": "live"}"#, #"{"end": true}"#])
        for meeting in ["files", "live"] {
            try await daemon.untilFinished(meeting)
            #expect(try #require(daemon.minutes(meeting)).coversAll(40), "\(meeting)")
        }
        #expect(try await daemon.stop(SIGTERM) == 0)
        try expectExactlyOnce(spoken, in: daemon, meetings: ["files", "live"])
        let after = try summaries(in: daemon)
        #expect(before.allSatisfy { after[$0.key] == $0.value }, "what was committed is not made again")
    }

    @Test func fileIsSummarisedWithoutADaemon() async throws {
        let scratch = try Scratch()
        let spoken = Self.utterances(12)
        let path = try scratch.write(
            spoken.map { "\($0.speaker): \($0.text)\n" }.joined(), to: "standup.txt")
        let configuration = try scratch.write(
            RunningDaemon.configuration(in: scratch, model: try #require(TestModel.path), windowTokens: 150),
            to: "minuted.yaml")
        let outcome = try await Program.minutectl.run(
            ["summarize", path, "--config", configuration], in: scratch, limit: .seconds(300))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("Marta"))
        #expect(
            !FileManager.default.fileExists(atPath: scratch.path + "/state"), "nothing of a daemon is made")
    }

    private func expectExactlyOnce(
        _ spoken: [(speaker: String, text: String)], in daemon: RunningDaemon, meetings: [String]
    ) throws {
        let ledger = try Ledger(path: daemon.ledger)
        #expect(try ledger.meetings().map(\.id.name).sorted() == meetings.sorted())
        for name in meetings {
            let found = try ledger.utterances(of: MeetingID(name), in: 0..<spoken.count + 10)
            #expect(found.map(\.text) == spoken.map(\.text))
            #expect(found.map(\.speaker) == spoken.map(\.speaker))
        }
    }

    /// Texts of the summaries, by meeting and window.
    private func summaries(in daemon: RunningDaemon) throws -> [String: String] {
        let ledger = try Ledger(path: daemon.ledger)
        var found: [String: String] = [:]
        for meeting in try ledger.meetings() {
            for window in try ledger.windows(of: meeting.id) {
                found["\(meeting.id) \(window.window.index)"] = window.summary?.text
            }
        }
        return found
    }
}
