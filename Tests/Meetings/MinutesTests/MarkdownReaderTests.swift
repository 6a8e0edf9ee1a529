import Foundation
import Language
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// `minutes.md` as readers of Markdown have it: what others said is text, and nothing else.
@Suite struct MarkdownReaderTests {
    static let readers = MarkdownReader.allCases.filter(\.isInstalled)
    private static let absence: Comment =
        "no reader of Markdown: apt-get install cmark-gfm python3-markdown-it python3-linkify-it"

    /// What has a meaning to some reader, or did once it stood beside something else.
    private static let pieces = [
        "www.", "WWW.", "http://", "https://", "ftp://", "//", "<", ">", "[", "](", "]", "![", "(", ")", "!",
        "`",
        "``", "```", "~~", "~", "|", "&lt;", "&#60;", "&#x3c;", "&copy", "&amp", "&", "@", "mailto:", "xmpp:",
        "\\",
        "\\\\", "\n", "\r\n", "\t", "\u{A0}", "＜", "．", "：", ":smile:", ":+1:", "#", "##", "1.", "1)", "-",
        "--",
        "---", "+", "+++", "=", "===", "*", "**", "***", "_", "__", "a__b", "$", "$$", "$5", "<!--", "-->",
        "<b>",
        "</b>", "<img src=x>", "<script>", "a.example/", "example.com", ".com", ".md", "com", "a", "b", "Ann",
        "x1",
        ":", ":-", ":-:", "|-|", "{{", "}}", "[^1]", "[^1]:", "[x]", "[ ]", "^", "\u{200B}", "\u{202E}",
        "\u{2066}",
        "\u{200F}", "é", "中", "😀", "\u{301}", "'", "\"", ";", ",", ".", "?", "x@y.z", "@ann",
        "user+tag@host.org", "//host", "127.0.0.1", "12:30:15", "\u{2028}", "\u{1B}[31m", "\u{7F}", "\u{85}",
        " ",
        " ", " ", "    ", "javascript:alert(1)", "• ", "- ",
    ]

    /// What was found by hand.
    private static let payloads = [
        "www.a.example/<img src=http://b.example/x>", "http://a.example/\\<img src=x>", "a <b>c</b>",
        "see www.example.com, or mail a.b@c.example now", "[a](http://b)", "| a |\n|---|", "a\n:-:", "C #",
        "# C # #",
        "<javascript:alert(1)>", "<a@b.c>", "mailto:a@b", "xmpp:a@b.c/x", "`x <b>` y", "    code", "a\\",
        "&lt;b&gt;",
    ]

    /// The places of the layout that a text is put into: Markdown, its elements, its text.
    private static let places: [(markdown: String, tags: [String], text: String)] = [
        ("# %", ["h1"], "%"), ("%", ["p"], "%"), ("No summary: %.", ["p"], "No summary: %."),
        ("- %", ["ul", "li"], "%"), ("- % (Bob, 0:00:10)", ["ul", "li"], "% (Bob, 0:00:10)"),
        ("- **%**: % (0:01:00)", ["ul", "li", "strong"], "%: % (0:01:00)"), ("*%*", ["p", "em"], "%"),
        ("### Part 1, 0:00:00: %", ["h3"], "Part 1, 0:00:00: %"),
        (
            "| | all |\n|---|---|\n| % | 0 |",
            ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"], "all % 0"
        ),
    ]

    private static func texts(_ count: Int, seed: UInt64) -> [String] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let length = Int.random(in: 1...9, using: &generator)
            return (0..<length).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
        }
    }

    @Test(.enabled(if: !readers.isEmpty, absence), arguments: readers)
    func whatOthersSaidIsText(reader: MarkdownReader) throws {
        let count = Soak.number("MINUTED_FUZZ_SECONDS").map { $0 * 20 } ?? 600
        let texts = Self.payloads + Self.texts(count, seed: UInt64(Soak.number("MINUTED_SOAK_SEED") ?? 1))
        var documents: [String] = []
        var expected: [MarkdownReader.Seen?] = []
        for text in texts where !shown(text).isEmpty {
            for place in Self.places {
                documents.append(place.markdown.replacing("%", with: MarkdownText.inline(text)))
                expected.append(
                    .init(tags: place.tags, text: shown(place.text.replacing("%", with: shown(text)))))
            }
            documents.append(MarkdownText.block(text))
            expected.append(nil)
        }
        for ((document, seen), expected) in try zip(zip(documents, reader.see(documents)), expected) {
            if let expected {
                #expect(seen == expected, "\(document)")
            } else {
                #expect(Set(seen.tags).isSubset(of: ["p", "ul", "li"]), "\(document): \(seen)")
            }
        }
    }

    /// In every template, and wherever it may stand in a document.
    @Test(.enabled(if: !readers.isEmpty, absence), arguments: readers)
    func noTemplateMakesMoreOfIt(reader: MarkdownReader) throws {
        let folder = Repository.root.appending(path: "etc/templates")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".mustache")
        }
        #expect(names.count > 5)
        for name in names {
            let file = folder.appending(path: name)
            let renderer = MarkdownRenderer(template: try MinutesTemplate(path: file.path))
            let showsOpenItems = try String(contentsOf: file, encoding: .utf8).contains("{{#stillOpen}}")
            let documents = try (["harmless"] + Hostile.texts + Self.payloads.map { shown($0) }).map {
                renderer.render(try Hostile.meeting($0).0)
            }
            for (document, page) in zip(documents, try reader.see(documents)) {
                #expect(Set(page.tags).isSubset(of: Self.layout.union(["a"])), "\(name): \(document)")
                // To each item of an earlier meeting, where they are shown.
                #expect(page.tags.count { $0 == "a" } == (showsOpenItems ? 3 : 0), "\(name)")
                #expect(page.tags.count { $0 == "h1" } == 1, "\(name): \(document)")
            }
        }
    }

    /// What templates are made of.
    private static let layout: Set = [
        "h1", "h2", "h3", "p", "ul", "li", "strong", "em", "hr", "table", "thead", "tbody", "tr", "th", "td",
    ]

    /// The readers do see what is not escaped.
    @Test(.enabled(if: !readers.isEmpty, absence), arguments: readers)
    func withoutEscapingMuchComesOfIt(reader: MarkdownReader) throws {
        let tags = try reader.see([
            "a <img src=x>", "www.example.com", "[a](b)", "![a](b)", "# a", "- a", "`a`", "~~a~~",
            "| a |\n|---|", "<!-- a -->",
        ]).map { $0.tags.last }
        #expect(
            tags
                == ["img", "a", "a", "img", "h1", "li", "code", "del", "th", "comment"].map { $0 as String? }
                || tags
                    == ["img", "a", "a", "img", "h1", "li", "code", "s", "th", "comment"].map {
                        $0 as String?
                    }
        )
        // As it once was escaped.
        let once = try reader.see(["www.a.example/\\<img src=http://b>"])[0].tags
        #expect(reader == .markdownIt || once == ["p", "a", "img"])
    }

    @Test func nothingRawIsLeft() {
        for text in Self.payloads + Self.texts(2000, seed: 7) {
            for markdown in [MarkdownText.inline(text), MarkdownText.block(text)] {
                #expect(
                    !markdown.contains("<") && !markdown.contains("://")
                        && !markdown.lowercased().contains("www."))
                #expect(!markdown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
            }
            #expect(!MarkdownText.inline(text).contains { $0.isNewline })
        }
    }

    @Test(arguments: [
        "We ship on Friday, e.g. at 12:30:15, or at 9.30; it costs $100 to $200 (5% less).",
        "Müller & Söhne: R&D said “no”, didn't they? 3.5 > 3, #4 and 50/50.", "snake_case, a_1 and C:D",
        "-5 degrees",
        "1.5 million", "standup.0002.vtt is missing", "שלום, עולם", "مرحبا",
    ])
    func ordinaryWordsStayAsTheyAre(words: String) {
        #expect(MarkdownText.inline(words) == words)
    }

    /// A text as a reader shows it: blanks folded, without what is not shown.
    private func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { !$0.setsDirection }.map { $0.isControl ? " " : $0 }
        return MarkdownReader.folded(String(String.UnicodeScalarView(scalars)))
    }
}

/// A program that shows Markdown, behind `Fixtures/markdown_readers.py`.
enum MarkdownReader: String, CaseIterable, Sendable {
    case cmark = "cmark-gfm"
    case markdownIt = "markdown-it"

    /// Elements in their order, and the text between them.
    struct Seen: Decodable, Equatable {
        let tags: [String]
        let text: String
    }

    var isInstalled: Bool {
        // Ignored: what cannot be run is not there.
        (try? see(["a"])) == [Seen(tags: ["p"], text: "a")]
    }

    /// What the reader makes of each document; the word joiner, which is not seen, is left out.
    func see(_ documents: [String]) throws -> [Seen] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Fixtures/markdown_readers.py")
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "readers-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        // Ignored: temporary files are cleaned up anyway.
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try JSONEncoder().encode(documents).write(to: input)
        try Data().write(to: output)
        let process = Process()
        // Debian's, which has Debian's packages.
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script.path, rawValue]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return try JSONDecoder().decode([Seen].self, from: Data(contentsOf: output)).map {
            Seen(tags: $0.tags, text: Self.folded($0.text.replacing("\u{2060}", with: "")))
        }
    }

    static func folded(_ text: String) -> String {
        text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { String($0) }.joined(
            separator: " ")
    }
}
