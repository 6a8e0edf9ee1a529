import ArgumentParser
import Control
import Daemon
import Errors
import Foundation
import LanguageModels
import Ledger
import Minutes
import Pipeline
import Settings
import Summaries
import Transcript

/// Has the minutes of a finished meeting made once more.
struct Redo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the minutes of a finished meeting made once more, without losing the first.",
        discussion: """
            Without options the model that the daemon runs now makes them again, after an upgrade for example; minutectl \
            list shows how far it is. Until the new minutes are whole the others are shown. Then these are minutes.1.md \
            and minutes.1.json in the meeting's folder (minutectl show MEETING --set 1), the next ones minutes.2.md, and \
            so on. Names, titles and ticks hold for the new minutes too: an item that is ticked off is known by its \
            words, or else as the only one of its kind in its turn. Minutes that are to be handed on are again.

            With --template alone no model has to work, unless the layout asks something of one that can be told. With \
            --language the headings are in that language, and what the model writes too if it is an instruction-tuned \
            Gemma without an adapter. Both hold for the meeting from then on.

            With --model another model makes them in this process, so that the daemon need not have both in memory; it \
            takes as much memory as the model does in the daemon, and it reads the daemon's ledger: it is for root and \
            the daemon's user. What it makes goes to the daemon part by part; if it is interrupted, the minutes stay as \
            they are.

            For root, the daemon's user, and the group that output.group of the daemon's configuration names.

            EXIT STATUS: 0 done, or begun; 64 the meeting is not finished, or nothing would be different; 66 there is no such \
            meeting; 69 no daemon answers; 77 you may not; 78 the layout or the model cannot be used.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Option(
        help: """
            A layout: a Mustache file, or the name of one of \(templatesFolder).
            """)
    var template: String?

    @Option(help: "The language of the minutes, in English or by its code (German, de).")
    var language: String?

    @Option(help: "A model to make them with, instead of the daemon's.")
    var model: String?

    @Flag(help: "Give up what is being made; the minutes stay as they are.")
    var cancel = false

    @Flag(help: "As JSON.")
    var json = false

    static let templatesFolder = "/usr/share/minuted/templates"

    func validate() throws {
        guard !cancel || template == nil && language == nil && model == nil else {
            throw ValidationError("--cancel goes with no other option")
        }
    }

    func run() async throws {
        try await reporting {
            var wish = RedoRequest()
            wish.language = language
            wish.template = try template.map(Self.read)
            wish.cancels = cancel ? true : nil
            let asked = wish
            if let model { return try await cancellingOnSignals { try await make(asked, model) } }
            report(try await ask(asked))
        }
    }

    private func ask(_ wish: RedoRequest) async throws -> RedoOutcome {
        var request = ControlRequest(.redo, meeting: meeting)
        request.redo = wish
        return try await answer(request)
    }

    private func answer(_ request: ControlRequest) async throws -> RedoOutcome {
        guard let outcome = try await daemon.client().request(request).redone else {
            throw ApplicationError(.badConversation, "the daemon did not answer '\(request.command)'")
        }
        return outcome
    }

    private func report(_ outcome: RedoOutcome) {
        if json { return print(#"{"redone":"\#(outcome.rawValue)"}"#) }
        switch outcome {
        case .written:
            print("\(meeting): written again; minutectl show \(meeting) --set NUMBER shows the others")
        case .begun: print("\(meeting): being made again; minutectl list shows how far it is")
        case .cancelled: print("\(meeting): given up, the minutes stay as they are")
        case .nothing: print("\(meeting): nothing was being made again")
        }
    }

    /// A layout, read here: the daemon may not be allowed to.
    private static func read(_ template: String) throws -> StoredTemplate {
        if template == MinutesTemplate.standard.name {
            return StoredTemplate(name: template, text: MinutesTemplate.standard.text)
        }
        let named = "\(templatesFolder)/\(template).mustache"
        let isName = !template.contains("/") && !FileManager.default.fileExists(atPath: template)
        let read = try MinutesTemplate(path: isName ? named : template)
        return StoredTemplate(name: read.name, text: read.text)
    }

    // MARK: - Another model

    private func make(_ wish: RedoRequest, _ path: String) async throws {
        let path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        let settings = try await daemon.configured.settings(overrides: ["model.path": path])
        let id = try MeetingID(meeting)
        var wish = wish
        wish.isElsewhere = true
        // Ignored: that it is begun. What is wrong shows before the model is opened, which takes longer.
        _ = try await ask(wish)
        var asked: Double?
        do {
            let ledger = try Ledger(path: settings.folders.ledger, access: .readOnly)
            guard let redo = try ledger.redo(of: id) else {
                throw ApplicationError(
                    .badRequest, "the minutes of '\(id)' are not made again: it was given up")
            }
            asked = redo.asked
            let model = try await Daemon(settings: settings) { try GemmaLanguageModel($0) }.openModel()
            try await RedoElsewhere(ledger: ledger, model: model, settings: settings).run(
                id, asked: redo.asked
            ) { number, count in
                complain("\(meeting): part \(number + 1) of \(count), with \(model.profile.name)")
            } send: { part in
                var request = ControlRequest(.redoPart, meeting: meeting)
                request.redoPart = part
                _ = try await answer(request)  // Ignored: that it is recorded.
            }
        } catch {
            var givingUp = RedoRequest()
            givingUp.cancels = true
            givingUp.asked = asked
            let wish = givingUp
            // Also after this task was cancelled. Ignored: whoever asks again is told that something is being made.
            _ = try? await Task { try await ask(wish) }.value
            throw error
        }
        report(.written)
    }
}
