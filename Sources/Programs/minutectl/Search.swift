import ArgumentParser
import Control
import Errors
import Foundation
import Language
import Ledger
import Minutes
import Settings
import Transcript

/// Searches what was said and written.
struct Search: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Search what was said, and the minutes, of all meetings.",
        discussion: """
            Finds turns, summaries and titles in which all of the words stand, the best first, each with its meeting, its \
            time, who said it, and its address on the meeting's page. Case and accents do not matter; begin* finds words that \
            begin so, and '"these words"' words that stand together. In Chinese, Japanese, Korean and Thai a word is found \
            wherever its characters stand. Of words that stand in very many places the latest 500 places are weighed.

            For root, the daemon's user, and the group that output.group of the daemon's configuration names, each for the \
            meetings whose minutes they may read. Where no daemon runs, the ledger is read at once.

            EXIT STATUS: 0 something was found; 1 nothing was found; 66 there is no such meeting.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "Words that all have to stand there.")
    var words: [String]

    @Option(help: "Only in this meeting.")
    var meeting: String?

    @Option(
        help: "Only what somebody of this name, transcribed or given, has said; a part of the name will do.")
    var speaker: String?

    @Option(help: "Only in meetings from this day on, YYYY-MM-DD.")
    var since: String?

    @Option(help: "How much is shown at most.")
    var limit = 20

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is 1 at least") }
        if let since, Self.day(since) == nil {
            throw ValidationError("'\(since)' is no day: write it as 2026-11-29")
        }
    }

    func run() async throws {
        try await reporting {
            var request = ControlRequest(.search)
            let wanted = SearchRequest(
                words.joined(separator: " "), meeting: try meeting.map { try MeetingID($0) },
                speaker: speaker, since: since.flatMap(Self.day), limit: limit)
            request.search = wanted
            let answer = try await daemon.reading(request, \.found) { ledger, settings in
                try ledger.search(wanted).linked(below: settings.folders.output)
            }
            if json { print(try ControlCoding.line(answer)) } else { show(answer) }
            let unsearched = answer.unsearchedMeetings
            if unsearched > 0 {
                complain(
                    "minutectl: note: \(unsearched) meetings of an older version cannot be searched yet, which the daemon "
                        + "sees to")
            }
            if answer.isPartial {
                complain("minutectl: note: there may be more: narrow it with further words or with --meeting")
            }
            guard !answer.hits.isEmpty else { throw ExitCode(1) }
        }
    }

    /// Midnight at the beginning of a day, local time.
    private static func day(_ text: String) -> Date? {
        let style = Date.ISO8601FormatStyle(timeZone: .autoupdatingCurrent).year().month().day()
        // Ignored: what is no day is refused.
        return try? style.parse(text)
    }

    private func show(_ answer: SearchAnswer) {
        for hit in answer.hits {
            let date = localTime(hit.date).prefix(10)
            let what =
                switch hit.place {
                case .turn: hit.speaker ?? "turn \(hit.number + 1)"
                case .part: "summary of part \(hit.number + 1)"
                case .summary: "summary"
                case .title: "title"
                }
            let time = hit.time.map { "  " + MinutesClock.time($0) } ?? ""
            print(VisibleText.line("\(hit.meeting)  \(date)\(time)  \(what)"))
            print("    " + VisibleText.line(hit.text))
            if let link = hit.link { print("    " + VisibleText.line(link)) }
        }
    }
}

extension DaemonOptions {
    /// Has the daemon read something, which knows what the user may see, or reads it here if none runs.
    func reading<Answer>(
        _ request: ControlRequest, _ part: (ControlReply) -> Answer?,
        here: (Ledger, Settings) async throws -> Answer
    ) async throws -> Answer {
        try await answering(request, part) { settings in
            try await here(try Ledger(path: settings.folders.ledger, access: .readOnly), settings)
        }
    }

    /// Asks the daemon for a part of its reply, or finds the answer `here` if none runs and there is a ledger.
    func answering<Answer>(
        _ request: ControlRequest, _ part: (ControlReply) -> Answer?, here: (Settings) async throws -> Answer
    ) async throws -> Answer {
        do {
            guard let answer = part(try await client().request(request)) else {
                throw ApplicationError(.badConversation, "the daemon did not answer '\(request.command)'")
            }
            return answer
        } catch let error as ApplicationError where error.code == .unreachable && socket == nil {
            let settings = try await configured.settings()
            guard FileManager.default.fileExists(atPath: settings.folders.ledger) else { throw error }
            return try await here(settings)
        }
    }
}
