import ArgumentParser
import Daemon
import Foundation
import LanguageModels
import Logging
import Pipeline
import ServiceManager
import Settings
import Summaries

/// Writes the minutes of one file without a daemon.
struct Summarize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the minutes of one transcript, without a daemon.",
        discussion: """
            The minutes go to the standard output, the progress to the standard error. Hints in FILE.meta.json are believed, \
            and a calendar of the file's name (standup.ics beside standup.vtt) tells title, start, place and who was invited.
            """)

    @Argument(help: "A transcript: text, WebVTT, SRT or JSON Lines.")
    var file: String

    @OptionGroup var configured: ConfigurationOption

    @Option(help: "The model; overrides model.path.")
    var model: String?

    @Option(help: "Also write MEETING/minutes.md, minutes.json and minutes.html into this folder.")
    var output: String?

    @Flag(help: "Do not show progress.")
    var quiet = false

    func run() async throws {
        try await reporting {
            var overrides: [String: String] = [:]
            overrides["model.path"] = model.map {
                URL(filePath: $0).standardizedFileURL.path(percentEncoded: false)
            }
            let settings = try await configured.settings(overrides: overrides)
            // Checked first, because opening the model takes longer.
            _ = try readTranscript(path: file)
            let result = try await cancellingOnSignals { try await summarize(settings) }
            print(result.markdown, terminator: "")
            for path in result.paths { complain("written: \(path)") }
        }
    }

    private func summarize(_ settings: Settings) async throws -> FileSummary.Result {
        let model = try await Daemon(settings: settings) { try GemmaLanguageModel($0) }.openModel()
        let printer = quiet ? nil : ProgressPrinter(.standardError)
        printer?.say("\(file), with \(model.profile.name)")
        let logger = Logger(label: "minutectl") { _ in
            StandardErrorLogHandler(threshold: LogThreshold(.warning))
        }
        return try await FileSummary(settings: settings, model: model, logger: logger)
            .run(path: file, output: output) { printer?.show($0) }
    }
}
