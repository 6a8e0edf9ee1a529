import ArgumentParser
import Control
import Errors
import Foundation
import StateFolder
import Transcript

/// Gives a speaker another name.
struct Rename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a speaker of a meeting another name, also while the meeting runs.",
        discussion: """
            Whoever is shown as NAME is shown as NEWNAME from now on, also in what is said later: as a speaker, as the one who \
            is to do something, and in the sentences of a model. The minutes are written again at once, and no model has to \
            work. What people said stays as they said it. Two who get the same name are one person. In a model's sentences \
            only the whole NAME is replaced, in this spelling; one that is also a word (May, Host) also where it was a word.

            It lies over the transcript, which stays as it is. Another rename changes it, or puts it back: minutectl \
            rename standup 'Ada Okafor' 'Speaker 1'. Where two were made one, the name in the transcript still tells them \
            apart: minutectl rename standup 'Speaker 3' 'Speaker 3' puts that one back.

            With --turn or --at only single turns change, where a recogniser took one person for another. In a sentence of \
            a model that also rests on other turns the name stays. '' as NAME means all turns that name nobody.

            For root, the daemon's user, and the group that output.group of the daemon's configuration names. Where no \
            daemon runs, this is done at once all the same, for root and the daemon's user.

            EXIT STATUS: 0 done; 64 there is no such speaker or turn; 66 there is no such meeting.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Argument(help: "The name that the minutes show.")
    var name: String

    @Argument(help: "The name that they are to show.")
    var newName: String

    @Option(
        help: """
            Only the turn of this number, or those from one to another (12-15), from 1 on as the minutes count them; may \
            be repeated.
            """)
    var turn: [TurnNumbers] = []

    @Option(help: "Only the turn at this time, as the minutes show it (0:12:30); may be repeated.")
    var at: [MeetingTime] = []

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let edited = try await daemon.edit(
                meeting,
                .rename(
                    name: name, newName: newName, turns: turn.flatMap(\.numbers).map { $0 - 1 },
                    times: at.map(\.seconds)))
            if json { return print(try ControlCoding.line(edited)) }
            let count = edited.utteranceCount ?? 0
            let called = name.isEmpty ? "who was not named" : name
            print("\(meeting): \(called) is \(newName) in \(count == 1 ? "1 turn" : "\(count) turns")")
        }
    }
}

/// One number of a turn, or several in a row.
struct TurnNumbers: ExpressibleByArgument {
    /// From 1 on.
    let numbers: ClosedRange<Int>

    init?(argument: String) {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 1,
            first <= last,
            last - first < Self.limit
        else { return nil }
        numbers = first...last
    }

    private static let limit = 10_000
}

/// A time in a meeting.
struct MeetingTime: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        guard let seconds = TypedText.seconds(argument) else { return nil }
        self.seconds = seconds
    }
}

extension DaemonOptions {
    /// Has the daemon put something right in the minutes of a meeting, or does it here if none runs.
    func edit(_ meeting: String, _ edit: MinutesEdit) async throws -> StateKeeper.Edited {
        var request = ControlRequest(.edit, meeting: meeting)
        request.edit = edit
        return try await keeping(request, \.edited) { keeper, _ in
            try await keeper.edit(try MeetingID(meeting), edit)
        }
    }
}
