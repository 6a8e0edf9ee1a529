import ArgumentParser
import Errors
import Files
import Foundation
import Language
import Minutes
import Settings
import Transcript

/// Writes minutes in another format.
struct Export: AsyncParsableCommand {
    /// What minutes can be written as.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case docx, pdf, md, html, json, ics

        /// Whether people look at it by a program of its own, and not in a terminal.
        var isBinary: Bool { self == .docx || self == .pdf }
    }

    static let configuration = CommandConfiguration(
        abstract: "Write minutes as a Word document, a PDF, a calendar file and others.",
        discussion: """
            docx is made by pandoc, pdf by pandoc and weasyprint, which are not part of this package (Debian: apt install \
            pandoc weasyprint). md, html and json are what the output folder has; with --template, docx, pdf and md are in the \
            layout of that. ics is iCalendar: the meeting as an event, if it is known when it began, and action items as to-dos. \
            Reads minutes.json, so that neither daemon nor model is needed.

            EXIT STATUS: 0 done; 69 a program that this needs is not installed; 74 a file cannot be read or written, or the \
            program failed.
            """)

    @Argument(help: "A meeting in the output folder, or the path of a minutes.json.")
    var minutes: String

    @Option(help: "\(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: Format

    @Option(
        name: [.short, .long],
        help: "The file to write. Default: MEETING.FORMAT in this folder for docx and pdf, else the output.")
    var output: String?

    @Option(help: "A Mustache file, for docx, pdf and md. Default: minutes.md as it is.")
    var template: String?

    @OptionGroup var configured: ConfigurationOption

    func validate() throws {
        guard template == nil || [.docx, .pdf, .md].contains(format) else {
            throw ValidationError("--template goes with docx, pdf and md")
        }
    }

    func run() async throws {
        try await reporting {
            let source = try await MinutesSource(minutes, configured)
            let text: String
            switch format {
            case .docx, .pdf:
                let path = output ?? "\(source.document.meeting.name).\(format.rawValue)"
                try await convert(source, to: path)
                if output == nil { print(path) }
                return
            case .md: text = try markdown(source)
            case .html: text = try source.sibling("minutes.html")
            case .json: text = source.json
            case .ics: text = CalendarRenderer.render(source.document)
            }
            if let output {
                try write(Array(text.utf8), to: output)
            } else {
                print(text, terminator: "")
            }
        }
    }

    private func markdown(_ source: MinutesSource) throws -> String {
        guard let template else { return try source.sibling("minutes.md") }
        return MarkdownRenderer(template: try MinutesTemplate(path: template)).render(source.document)
    }

    /// Has the minutes converted beside the file that they are to replace.
    private func convert(_ source: MinutesSource, to path: String) async throws {
        let folder = try TemporaryFolder()
        let pandoc = try Converter("pandoc")
        let result = "\(folder.path)/minutes.\(format.rawValue)"
        let document = source.document
        let language = document.language?.rawValue ?? "en"
        var arguments = [
            // What was said is text: nothing is read or fetched for it.
            "--from=gfm-raw_html", "--metadata=lang:\(language)",
            "--metadata=pagetitle:\(VisibleText.line(document.title ?? document.meeting.name))",
            "--output=\(result)",
        ]
        if ["ar", "he", "fa", "ur"].contains(language) { arguments.append("--metadata=dir:rtl") }
        if format == .pdf {
            let style = folder.path + "/style.html"
            try Data(Self.printStyle.utf8).write(to: URL(filePath: style))
            let weasyprint = try Converter("weasyprint")
            arguments += [
                "--to=html5", "--standalone", "--include-in-header=\(style)",
                "--pdf-engine=\(weasyprint.path)",
            ]
        } else {
            arguments.append("--to=docx")
        }
        try pandoc.run(arguments, input: try markdown(source), scratch: folder.path)
        guard let bytes = FileManager.default.contents(atPath: result), !bytes.isEmpty else {
            throw ApplicationError(.file, "pandoc wrote no \(format.rawValue)")
        }
        try write([UInt8](bytes), to: path)
    }

    private static let printStyle = """
        <style>
        @page { size: A4; margin: 2cm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt } }
        body { font-size: 10.5pt; max-width: none; padding: 0 }
        h1, h2, h3 { break-after: avoid }
        </style>

        """

    private func write(_ bytes: [UInt8], to path: String) throws {
        let whole = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        var file = try FileReplacement(of: whole, naming: .unique)
        try file.file.write(bytes)
        try file.takePlace()
    }
}

/// A program of another package that converts documents.
private struct Converter {
    let path: String
    private let name: String

    /// Finds the program; throws ``ApplicationError`` that names the package if it is not installed.
    init(_ name: String) throws(ApplicationError) {
        self.name = name
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        let found = folders.map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile(atPath:))
        guard let found else {
            throw ApplicationError(
                .unreachable, "\(name) is needed for this and is not installed: apt install \(name)")
        }
        path = found
    }

    /// Runs it with `input` as its standard input.
    func run(_ arguments: [String], input: String, scratch: String) throws {
        let (inputPath, errorPath) = (scratch + "/input", scratch + "/errors")
        try Data(input.utf8).write(to: URL(filePath: inputPath))
        try Data().write(to: URL(filePath: errorPath))
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: inputPath))
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errorPath))
        do {
            try process.run()
        } catch {
            throw ApplicationError(.file, "\(path) cannot be run: \(error.localizedDescription)")
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let errors = FileManager.default.contents(atPath: errorPath) ?? Data()
            throw ApplicationError(
                .file,
                "\(name) failed with exit status \(process.terminationStatus): "
                    + String(decoding: errors.suffix(1000), as: UTF8.self))
        }
    }
}
