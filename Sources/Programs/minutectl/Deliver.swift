import ArgumentParser
import Control
import Errors
import Files
import Foundation
import Language
import Ledger
import Settings
import Transcript

/// Hands finished minutes on; what `minuted-deliver@.service` runs.
struct Deliver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hand finished minutes on by the command of an entry 'delivery' of the configuration.",
        discussion: """
            minuted-deliver@NAME.service runs it, as a user of its own, with a network, which the daemon does not have. It asks \
            the daemon for minutes that are to be handed on, runs the command of delivery.NAME for each, and reports what \
            came of it; until it is stopped, or with --once until nothing is due.

            The command gets one JSON object on its standard input: version, id, target, attempt, reason (finished, \
            or changed), meeting, title, revision, changedAt, and the paths folder, markdown, json and html of a \
            copy of the meeting's minutes, which is read-only and removed afterwards. Exit status 0 says that it is \
            done. Anything else, and taking longer than timeoutSeconds, is a failure: it is tried again with longer \
            and longer waits (at most an hour), and given up after so many attempts as the entry says. What the \
            command writes last is shown by minutectl deliveries, and here only on a terminal; processes that it \
            leaves behind are killed. The id stays the same in all attempts, and the same minutes may come twice: by \
            it a receiver can tell. For each entry one process hands on at a time: one that begins takes attempts of \
            an earlier one for broken off.

            For root, the daemon's user and the user minuted-deliver. It reads the configuration when it begins: \
            restart the unit when the command was changed. A daemon that does not know the entry yet (minutectl \
            reload) is waited for.

            EXIT STATUS: 0 with --once, nothing is due any more; 1 with --once, something failed and is tried again later; 77 you \
            may not hand minutes on; 78 the configuration has no such entry, with --once also the daemon's.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The name of the entry.")
    var name: String

    @Flag(help: "End when nothing is due.")
    var once = false

    func run() async throws {
        try await reporting {
            let settings = try await daemon.configured.settings()
            guard let delivery = settings.deliveries.first(where: { $0.name == name }) else {
                throw ApplicationError(
                    .configuration, "the configuration has no entry 'delivery.\(VisibleText.line(name))'")
            }
            let (client, isOnce) = (try await daemon.client(), once)
            let isDone = try await cancellingOnSignals {
                try await HandingOn(delivery: delivery, client: client).run(once: isOnce)
            }
            if !isDone { throw ExitCode(1) }
        }
    }
}

/// Asks the daemon for minutes, has the command hand them on, and reports what came of it.
private struct HandingOn: Sendable {
    let delivery: Settings.Delivery
    let client: ControlClient

    /// Works until it is cancelled, or, `once`, until nothing is due; false if an attempt failed.
    func run(once: Bool) async throws -> Bool {
        var isDone = true
        var isComplaining = false
        var begins = true
        while true {
            let claimed: ControlReply.Claimed?
            do {
                var request = ControlRequest(.claim)
                (request.target, request.wait) = (delivery.name, once ? nil : Self.patience)
                request.begins = begins ? true : nil
                claimed = try await client.request(request).claimed
                (begins, isComplaining) = (false, false)
            } catch let error as ApplicationError where !once && Self.passes(error) {
                // The daemon is being started, or updated, or has yet to read the configuration again.
                if !isComplaining { complain("minutectl: waiting for the daemon: \(error.message)") }
                // An answer may have been lost that gave something out.
                (begins, isComplaining) = (true, true)
                try await Task.sleep(for: .seconds(error.code == .configuration ? Self.patience : 5))
                continue
            }
            if let claimed {
                if try await handOn(claimed) == false { isDone = false }
            } else if once {
                return isDone
            }
        }
    }

    private static let patience = 30.0

    /// Whether the daemon may answer otherwise later.
    private static func passes(_ error: ApplicationError) -> Bool {
        [.unreachable, .badConversation, .busy, .file, .configuration].contains(error.code)
    }

    /// Runs the command for one meeting's minutes; false if it failed.
    private func handOn(_ claimed: ControlReply.Claimed) async throws -> Bool {
        let record = claimed.delivery
        let problem: DeliveryCommand.Problem?
        do {
            let copy = try MinutesCopy(claimed)
            problem = try await DeliveryCommand(
                command: delivery.command, limit: .seconds(delivery.timeoutSeconds)
            ).run(input: copy.input, scratch: copy.scratch)
        } catch is CancellationError {
            await report("it was stopped", record)
            throw CancellationError()
        } catch {
            problem = DeliveryCommand.Problem(how: ErrorText.of(error))
        }
        if let problem {
            // What the command wrote may be a word of the minutes: nothing for the journal. The ledger has it.
            let text = isatty(2) == 1 ? problem.text : problem.how
            complain("minutectl: \(record.id), attempt \(record.attempts): \(text)")
        }
        await report(problem?.text, record)
        return problem == nil
    }

    /// Tells the daemon what came of an attempt, also after this was cancelled; a daemon that is not there for a minute takes
    /// the attempt for broken off.
    private func report(_ problem: String?, _ record: OutboxRecord) async {
        var request = ControlRequest(.settle)
        (request.ids, request.attempt, request.problem) = ([record.id], record.attempts, problem)
        let (client, asked) = (client, request)
        await Task {
            for _ in 0..<30 {
                do {
                    _ = try await client.request(asked)  // Ignored: how it is recorded.
                    return
                } catch let error as ApplicationError where Self.passes(error) {
                    // Ignored: nobody cancels this task.
                    try? await Task.sleep(for: .seconds(2))
                } catch {
                    break
                }
            }
            complain("minutectl: the daemon does not know yet what came of \(record.id)")
        }.value
    }
}

/// A copy of a meeting's minutes that a command may read and nobody else, removed with the value.
private final class MinutesCopy {
    /// A folder for what else the command needs.
    let scratch: String
    /// What the command is told.
    let input: Data
    private let temporary: TemporaryFolder
    private let folder: String

    init(_ claimed: ControlReply.Claimed) throws {
        let record = claimed.delivery
        temporary = try TemporaryFolder()
        scratch = temporary.path
        folder = "\(temporary.path)/\(record.meeting.name)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        for (name, text) in claimed.files {
            guard !name.contains("/") else {
                throw ApplicationError(.badConversation, "the daemon sent a file called \(name)")
            }
            let path = "\(folder)/\(name)"
            try Data(text.utf8).write(to: URL(filePath: path))
            chmod(path, 0o400)
        }
        chmod(folder, 0o500)
        input = Data(
            (try ControlCoding.line(
                DeliveryInput(
                    id: record.id, target: record.target, attempt: record.attempts, reason: record.reason,
                    meeting: record.meeting.name, title: claimed.title, revision: claimed.revision,
                    changedAt: claimed.changedAt, folder: folder, markdown: "\(folder)/minutes.md",
                    json: "\(folder)/minutes.json", html: "\(folder)/minutes.html")) + "\n").utf8)
    }

    // Otherwise what is in it could not be removed.
    deinit { chmod(folder, 0o700) }
}

/// What a command that hands minutes on is told.
private struct DeliveryInput: Encodable {
    var version = 1
    var id: String
    var target: String
    var attempt: Int
    var reason: OutboxRecord.Reason
    var meeting: String
    var title: String?
    var revision: Int
    var changedAt: Date
    var folder: String
    var markdown: String
    var json: String
    var html: String
}
