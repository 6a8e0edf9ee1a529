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
            let document = try await MinutesSource(minutes, configured).document
            print(MarkdownRenderer(template: template).render(document), terminator: "")
        }
    }
}

/// The minutes of a meeting, read from their files.
struct MinutesSource {
    /// What `minutes.json` has.
    let json: String
    /// The same as a value.
    let document: MinutesDocument
    private let path: String

    /// Reads the minutes of a meeting in the output folder, or those at the path of a `minutes.json`.
    init(_ minutes: String, _ configured: ConfigurationOption) async throws {
        if minutes.contains("/") || minutes.hasSuffix(".json") {
            try self.init(path: minutes)
        } else {
            try self.init(path: "\(try await configured.settings().folders.output)/\(minutes)/minutes.json")
        }
    }

    /// Reads a `minutes.json`; throws ``ApplicationError`` if it cannot be read, or is none.
    init(path: String) throws {
        self.path = path
        json = try Self.text(at: path)
        do {
            document = try JSONRenderer.read(json)
        } catch {
            throw ApplicationError(
                .file, "\(path): is no minutes.json of this version: \(ErrorText.of(error))")
        }
    }

    /// What another file of the same folder has.
    func sibling(_ name: String) throws -> String {
        let folder = URL(filePath: path).deletingLastPathComponent()
        return try Self.text(at: folder.appending(path: name).path(percentEncoded: false))
    }

    private static func text(at path: String) throws(ApplicationError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ApplicationError(.file, "\(path): cannot be read: \(error.localizedDescription)")
        }
    }
}
