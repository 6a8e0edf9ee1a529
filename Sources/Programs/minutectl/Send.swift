import ArgumentParser
import Control
import Errors
import Foundation
import Glibc
import Language
import Ledger
import Minutes
import Pipeline
import Transcript

/// Sends a transcript to the daemon.
struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a transcript to the daemon.",
        discussion: """
            A file of any known format is sent as a whole meeting, which ends with it. '-' sends lines of the standard \
            input as they come ('Name: text', or JSON Lines). Says how many utterances the daemon has recorded, and \
            ends with 70 if that is not all of them. A file in the spool whose content is known is not taken again; \
            with send and --meeting it becomes a meeting of its own.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "A transcript, or - for the standard input.")
    var file: String = "-"

    @Option(
        help:
            "The meeting's name. Default: the file's name; for the standard input, one that the daemon makes up."
    )
    var meeting: String?

    @Option(help: "The meeting's title, for people.")
    var title: String?

    @Flag(inversion: .prefixedNo, help: "End the meeting afterwards. Default: for a file yes, for '-' no.")
    var end: Bool?

    @Flag(help: "Add to a meeting that exists already.")
    var append = false

    @Flag(help: "Wait until the minutes are finished, and print them.")
    var wait = false

    @Flag(help: "Drop the file into the spool folder instead, under its own name.")
    var spool = false

    func validate() throws {
        if spool, file == "-" { throw ValidationError("--spool needs a file") }
        if wait, spool || file == "-" || end == false {
            throw ValidationError("--wait needs a meeting that ends with its file: use minutectl watch")
        }
        if spool, meeting != nil || title != nil || end != nil || append {
            throw ValidationError(
                "with --spool the file's name says it all: leave out --meeting, --title, --end, --append")
        }
    }

    func run() async throws {
        try await reporting {
            let status = try await daemon.ask(.status, \.status)
            if spool { return try dropIntoSpool(status.incomingFolder) }
            let client = IngestClient(socketPath: status.ingestSocket)
            if file == "-" {
                try await sendLines(client)
            } else {
                try await sendFile(client)
            }
        }
    }

    private func sendLines(_ client: IngestClient) async throws {
        let isShown = isatty(2) == 1
        let report = try await client.send(
            StandardInputLines(), meeting: try meeting.map { try MeetingID(new: $0) }, title: title,
            format: nil,
            endsMeeting: end ?? false
        ) { report in
            if isShown { FileHandle.standardError.write(Data("\r\(report.durableCount) recorded".utf8)) }
        }
        if isShown { complain("") }
        try conclude(report, expected: nil)
    }

    private func sendFile(_ client: IngestClient) async throws {
        let transcript = try readTranscript(path: file)
        let id = try meeting.map { try MeetingID(new: $0) } ?? transcript.meeting
        for note in transcript.file.notes {
            complain("minutectl: note: \(VisibleText.line(note.description))")
        }
        // A file that is sent twice would be in the minutes twice.
        if !append, let known = try await known(id) {
            throw ApplicationError(
                .badRequest,
                "there is a meeting '\(id)' already (\(known.state.rawValue), \(known.utteranceCount) utterances): "
                    + "give --append to add to it, or --meeting for another name")
        }
        let lines = IngestClient.jsonLines(transcript.file.utterances)
        let report = try await client.send(
            AsyncStream { continuation in
                for line in lines { continuation.yield(line) }
                continuation.finish()
            }, meeting: id, title: title ?? transcript.file.title, format: .jsonLines,
            endsMeeting: end ?? true)
        try conclude(report, expected: lines.count)
        print("meeting \(id)")
        if wait { try await showWhenFinished(id.name) }
    }

    private func showWhenFinished(_ meeting: String) async throws {
        let printer = ProgressPrinter(.standardError)
        try await daemon.client().watch(meeting: meeting) { reply in
            if let event = reply.event { printer.show(event) }
            return reply.watched?.state != .finished && reply.event?.kind != .finished
        }
        // The event comes as soon as the minutes are in the ledger; the file is written right after it.
        for _ in 0..<50 {
            let shown = try await daemon.ask(.show, meeting: meeting, \.shown)
            if let markdown = shown.markdown, let json = shown.json,
                try JSONRenderer.read(json).state == .finished
            {
                return print(markdown, terminator: "")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ApplicationError(
            .file, "the minutes of '\(meeting)' are not written yet: try minutectl show \(meeting)")
    }

    private func known(_ meeting: MeetingID) async throws -> MeetingRecord? {
        try await daemon.ask(.list, \.meetings).first { $0.id == meeting }
    }

    private func conclude(_ report: IngestClient.Report, expected: Int?) throws {
        for refusal in report.refusals { complain("minutectl: refused: \(VisibleText.line(refusal))") }
        let all = expected.map { " of \($0)" } ?? ""
        print(
            "\(report.durableCount)\(all) \(report.durableCount == 1 ? "utterance" : "utterances") recorded")
        if let ended = report.ended { print("meeting \(ended) ended") }
        guard report.refusals.isEmpty, expected == nil || expected == report.durableCount else {
            throw ExitCode(70)
        }
    }

    /// Copies under a name that the daemon ignores and then renames, so that the daemon never sees part of the file.
    private func dropIntoSpool(_ folder: String) throws {
        let name = URL(filePath: file).lastPathComponent
        let (hidden, target) = ("\(folder)/.\(name).\(getpid())", "\(folder)/\(name)")
        do {
            guard !FileManager.default.fileExists(atPath: target) else {
                throw ApplicationError(.file, "\(target) is still waiting to be taken")
            }
            try FileManager.default.copyItem(atPath: file, toPath: hidden)
            // The daemon has to read the copy through its group, whatever the mode of the original.
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: hidden)
            try FileManager.default.moveItem(atPath: hidden, toPath: target)
        } catch let error as ApplicationError {
            throw error
        } catch {
            // Ignored: the daemon ignores a file of this name.
            try? FileManager.default.removeItem(atPath: hidden)
            throw ApplicationError(
                .file, "\(file): cannot be put into \(folder): \(error.localizedDescription)")
        }
        print("put into \(target)")
    }
}
