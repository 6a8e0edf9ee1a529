import ArgumentParser
import Errors
import Foundation
import Minutes
import Settings

/// Shows minutes, finished or not, in the layout of a template.
struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show minutes in the layout of a template.",
        discussion: """
            Reads minutes.json, so that neither daemon nor model is needed. The templates of /usr/share/minuted/templates \
            show what there is to begin with.
            """)

    @Argument(help: "A meeting in the output folder, or the path of a minutes.json.")
    var minutes: String

    @Option(help: "A Mustache file. Default: standard minutes.")
    var template: String?

    @OptionGroup var configured: ConfigurationOption

    func run() async throws {
        try await reporting {
            let template = try template.map(MinutesTemplate.init(path:)) ?? .standard
            let document = try minutesDocument(at: try await path())
            print(MarkdownRenderer(template: template).render(document), terminator: "")
        }
    }

    private func path() async throws -> String {
        if minutes.contains("/") || minutes.hasSuffix(".json") { return minutes }
        let settings = try await configured.settings()
        return "\(settings.folders.output)/\(minutes)/minutes.json"
    }
}

/// The minutes in a minutes.json; throws ``ApplicationError`` if it cannot be read, or is none.
func minutesDocument(at path: String) throws -> MinutesDocument {
    let text: String
    do {
        text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
        throw ApplicationError(.file, "\(path): cannot be read: \(error.localizedDescription)")
    }
    do {
        return try JSONRenderer.read(text)
    } catch {
        throw ApplicationError(
            .file, "\(path): is no minutes.json of this version: \(ErrorText.of(error))")
    }
}
