import Foundation
import Language
import TestSupport
import Testing

@testable import Minutes
@testable import Summaries
@testable import Transcript

/// Minutes in the formats of other programs.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct ExportTests {
    private static func isThere(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/" + program)
    }

    /// Minutes in a folder, as the daemon writes them; what was said is not meant to be markup.
    private func minutes() throws -> Scratch {
        let scratch = try Scratch()
        func item(_ kind: MinutesItem.Kind, _ text: String) -> MinutesItem {
            MinutesItem(
                kind: kind, text: text, isQuoted: true, owner: kind == .action ? "Ada Okafor" : nil,
                due: kind == .action ? "by Friday" : nil,
                citation: .init(utterance: 0, start: 0, speaker: "Ada Okafor"))
        }
        let document = MinutesDocument(
            meeting: try MeetingID("weekly"), language: .english, title: "Weekly", state: .finished,
            participants: [.init(name: "Ada Okafor", utterances: 2, words: 20, share: 100)],
            items: [
                item(.action, "I'll write to the printer, ![x](http://127.0.0.1:9/x.png)."),
                item(.decision, "The decision is, we take the <b>green</b> cover."),
            ], windows: [],
            coverage: .init(utterances: 2, summarisedUtterances: 2, words: 20, summarisedWords: 20),
            notes: [],
            generatedAt: Date(timeIntervalSince1970: 1_714_559_500))
        for (name, text) in [
            ("minutes.json", try JSONRenderer.render(document)),
            ("minutes.md", MarkdownRenderer().render(document)), ("minutes.html", "<!DOCTYPE html>\n"),
        ] { try scratch.write(text, to: "minutes/weekly/" + name) }
        return scratch
    }

    private func export(_ scratch: Scratch, _ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(
            ["export", scratch.path + "/minutes/weekly/minutes.json"] + arguments, in: scratch)
    }

    @Test func textFormatsAreWhatTheFolderHas() async throws {
        let scratch = try minutes()
        for (format, name) in [("md", "minutes.md"), ("html", "minutes.html"), ("json", "minutes.json")] {
            let outcome = try await export(scratch, "--format", format)
            let expected = scratch.read("minutes/weekly/\(name)")
            #expect(outcome.status == 0 && outcome.output == expected, "\(format)")
        }
        let file = scratch.path + "/out.ics"
        #expect(try await export(scratch, "--format", "ics", "-o", file).status == 0)
        let calendar = scratch.read("out.ics")
        #expect(calendar.hasPrefix("BEGIN:VCALENDAR\r\n") && calendar.contains("BEGIN:VTODO\r\n"))
        let template = Repository.root.appending(path: "etc/templates/decisions.mustache").path
        let laidOut = try await export(scratch, "--format", "md", "--template", template)
        #expect(laidOut.output.hasPrefix("# Weekly: decisions"), "\(laidOut)")
        #expect(try await export(scratch, "--format", "ics", "--template", template).status == 64)
        #expect(try await export(scratch, "--format", "odt").status == 64)
        let absent = try await Program.minutectl.run(
            ["export", "/nonexistent/minutes.json", "--format", "md"], in: scratch)
        #expect(absent.status == 74 && absent.errors.contains("/nonexistent/minutes.json"))
    }

    @Test(.enabled(if: isThere("pandoc"), "pandoc is not installed"))
    func pandocMakesAWordDocument() async throws {
        let scratch = try minutes()
        let file = scratch.path + "/out.docx"
        let outcome = try await export(scratch, "--format", "docx", "--output", file)
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
        let unzipped = Process()
        unzipped.executableURL = URL(filePath: "/usr/bin/python3")
        unzipped.arguments = [
            "-c",
            "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('word/document.xml').decode())",
            file,
        ]
        let pipe = Pipe()
        unzipped.standardOutput = pipe
        try unzipped.run()
        // Addresses are broken by an invisible character, so that no reader makes a link of them.
        let xml = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .replacing("\u{2060}", with: "")
        unzipped.waitUntilExit()
        #expect(xml.contains("Heading1") && xml.contains("Ada Okafor"), "\(xml.prefix(400))")
        // What was said is text: no picture is fetched, and no tag is one.
        #expect(xml.contains("![x](http://127.0.0.1:9/x.png)") && xml.contains("&lt;b&gt;green&lt;/b&gt;"))
    }

    @Test(.enabled(if: isThere("pandoc") && isThere("weasyprint"), "pandoc or weasyprint is not installed"))
    func weasyprintMakesAPDF() async throws {
        let scratch = try minutes()
        let file = scratch.path + "/out.pdf"
        let outcome = try await export(scratch, "--format", "pdf", "--output", file)
        #expect(outcome.status == 0, "\(outcome)")
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(bytes.starts(with: Data("%PDF-".utf8)) && bytes.count > 2_000)
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(names.allSatisfy { !$0.hasSuffix(".tmp") })
    }

    /// Nothing is written if a program is missing, and its package is named.
    @Test func aMissingProgramIsNamed() async throws {
        let scratch = try minutes()
        for format in ["docx", "pdf"] {
            let process = try Program.minutectl.start(
                [
                    "export", scratch.path + "/minutes/weekly/minutes.json", "--format", format, "--output",
                    scratch.path + "/out." + format,
                ], in: scratch, log: format, variables: ["PATH": "/nonexistent"])
            #expect(try await process.exitStatus(within: .seconds(60)) == 69)
            #expect(
                scratch.read(format + ".err").contains(
                    "pandoc is needed for this and is not installed: apt install pandoc"))
            #expect(!FileManager.default.fileExists(atPath: scratch.path + "/out." + format))
        }
    }
}
