import ArgumentParser
import Control
import Errors
import Foundation
import Language
import Ledger
import StateFolder
import Transcript

/// Erases meetings, or a person's name.
struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Erase meetings, or replace a person's name in all of them, for good.",
        discussion: """
            A meeting is erased everywhere below the daemon's folders, also while it runs: its words, summaries and titles in \
            the ledger with its unused pages and its write-ahead log, its minutes, its received files under whatever \
            name (not what another meeting has received too under its own name), what was refused under its name, and the \
            model's cache. It cannot be undone. What is left is a record of when, by whom and why (minutectl \
            forgotten), with the meeting's name. What was copied elsewhere, backups, and what the disk keeps of removed \
            files are out of reach.

            Stop what sends a meeting that runs: what comes under its name afterwards is a new meeting. A connection that \
            fed it is closed with an error; a sender with a name is refused until it says "from": 0. A file that is \
            dropped again is taken again.

            With --speaker nothing but the name is erased: in all meetings it becomes Person 1 (or the next number that is \
            free there, in the meeting's language), wherever it stands as a whole, whatever its case: as a speaker, in what \
            was said, in summaries, findings, titles and notes. Received files of these meetings are removed, since \
            they have the name. Not found are inflected and misspelled forms, unless --also names them, and names of \
            meetings and files. The minutes say that a name was replaced; nothing remembers which.

            Where no daemon runs, this is done at once all the same. For root and the daemon's user.

            EXIT STATUS: 0 nothing is left; 66 there is no such meeting, and nothing was erased; 74 not all could be \
            erased, or not all unused pages overwritten, which the daemon tries again at its start and every ten \
            minutes.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "Names of meetings, as minutectl list shows them.")
    var meetings: [String] = []

    @Option(help: "The whole name of a person, as the minutes show it.")
    var speaker: String?

    @Option(help: "Another spelling of the person's name, such as the first name alone; may be repeated.")
    var also: [String] = []

    @Option(help: "Why; it is remembered.")
    var reason: String?

    @Flag(help: "Do not ask, on a terminal, whether this is meant.")
    var yes = false

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
        guard meetings.isEmpty != (speaker == nil) else {
            throw ValidationError("name meetings, or a person with --speaker, and not both")
        }
        guard also.isEmpty || speaker != nil else { throw ValidationError("--also goes with --speaker") }
        for name in [speaker].compactMap(\.self) + also
        where name.filter({ $0.isLetter || $0.isNumber }).count < 2 {
            throw ValidationError("'\(name)' is too short for a name: everything else would be replaced too")
        }
    }

    func run() async throws {
        try await reporting {
            guard yes || confirmed() else {
                complain("minutectl: nothing was erased")
                throw ExitCode(1)
            }
            let names = [speaker].compactMap(\.self) + also
            var request = ControlRequest(.forget)
            request.reason = reason
            if names.isEmpty { request.meetings = meetings } else { request.names = names }
            let outcome = try await daemon.keeping(request, \.forgotten) { keeper, user in
                let reason = reason ?? ControlService.noReason
                guard names.isEmpty else {
                    return try await keeper.forget(person: names, by: user, reason: reason)
                }
                return try await keeper.forget(
                    try meetings.map { try MeetingID($0) }, by: user, reason: reason)
            }
            if json { print(try ControlCoding.line(outcome)) } else { show(outcome) }
            if let trouble = outcome.trouble {
                complain(
                    "minutectl: not all is erased, or unused pages of the ledger are not overwritten yet, which is "
                        + "tried again: \(trouble)")
                throw ExitCode(74)
            }
        }
    }

    private func confirmed() -> Bool {
        guard isatty(0) == 1, isatty(2) == 1 else { return true }
        let what =
            speaker.map { "'\($0)' is replaced in all meetings" }
            ?? "\(meetings.joined(separator: ", ")): erased"
        FileHandle.standardError.write(Data("\(VisibleText.line(what)) for good. Type yes to go on: ".utf8))
        return readLine() == "yes"
    }

    private func show(_ outcome: StateKeeper.Outcome) {
        for erasure in outcome.erasures {
            let names = erasure.meetings.map(\.name).joined(separator: ", ")
            let counts = "\(erasure.utteranceCount) utterances, \(erasure.fileCount) received files"
            if erasure.kind == .person {
                print(names.isEmpty ? "no meeting has this name" : "replaced in \(names): \(counts) removed")
            } else {
                print("forgotten: \(names): \(counts)")
            }
        }
        for (word, count) in outcome.alone.sorted(by: { $0.key < $1.key }) {
            complain(
                "minutectl: note: '\(word)' still stands alone \(count == 1 ? "once" : "\(count) times") in these "
                    + "meetings: --also '\(word)' replaces it too, whoever is meant")
        }
        for left in outcome.left { complain("minutectl: note: \(left)") }
    }
}

/// Lists what was erased.
struct Forgotten: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what was forgotten: when, by whom and why.",
        discussion:
            "The record has names of meetings and counts, and nothing of what was said; of a person no name.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let reply = try await daemon.ask(.erasures) { $0.erasures == nil ? nil : $0 }
            if json { return print(try reply.json()) }
            for erasure in reply.erasures ?? [] {
                let names = erasure.meetings.map(\.name).joined(separator: ", ")
                let what =
                    switch erasure.kind {
                    case .meeting: names
                    case .transcript: "what was said in \(names)"
                    case .person: "a person in \(names.isEmpty ? "no meeting" : names)"
                    }
                let state = erasure.state == .done ? "" : " (not completed yet)"
                print(
                    VisibleText.line(
                        "\(localTime(erasure.askedAt))  \(what)\(state), by \(erasure.askedBy): \(erasure.reason)"
                    ))
            }
        }
    }
}
