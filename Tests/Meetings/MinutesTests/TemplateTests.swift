import Foundation
import Language
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct TemplateTests {
    private static let folder = Repository.root.appending(path: "etc/templates")

    private static func shipped() throws -> [MinutesTemplate] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let paths = files.map { $0.path(percentEncoded: false) }.sorted()
        return try paths.map { path in try MinutesTemplate(path: path) }
    }

    private func call() throws -> MinutesDocument {
        let said: [(String, String)] = [
            ("Ann", "Thanks for calling. What is it that you need from the new station?"),
            (
                "Bob",
                "We need the station to start by itself after a power cut, and we need it before the winter."
            ),
            ("Ann", "I'll send you the manual by Friday, and I'll ask the workshop about the relay."),
            ("Bob", "I'm worried that the relay is too expensive for a station of this size."),
            ("Ann", "I agree, so let's keep the old relay for the next two years."),
            ("Bob", "I'm stuck on the permit, and whether the town pays for the cable stays open."),
            ("Ann", "Yesterday I spoke with the town about the cable, and they were friendly."),
        ]
        var utterances: [Utterance] = []
        for (number, turn) in said.enumerated() {
            let start = Double(number) * 10
            utterances.append(
                Utterance(
                    speaker: turn.0, start: start, end: start + 9, text: turn.1,
                    source: SourcePosition(name: "call", line: number + 1)))
        }
        return MinutesDocument.make(
            meeting: try MeetingID("call"), title: "Call", state: .finished, utterances: utterances,
            windows: [
                .init(
                    window: window(0, 0..<4), summary: summary(0, "Bob needs the station before the winter.")),
                .init(
                    window: window(1, 4..<7),
                    summary: summary(1, "Ann and Bob keep the old relay for the next two years.")),
            ],
            summary: MeetingSummary(
                text: "Bob needs the station to start by itself after a power cut.", model: "m", tokens: 1,
                seconds: 1),
            notes: [Note(.written, .text("a note"))], model: "m", generatedAt: .distantPast)
    }

    @Test func theStandardTemplateIsBuiltIn() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "standard.mustache"), encoding: .utf8)
        #expect(text == MinutesTemplate.standard.text)
    }

    @Test func allShippedTemplatesShowAMeeting() throws {
        let templates = try Self.shipped()
        #expect(
            Set(templates.map(\.name)).isSuperset(of: [
                "standard", "highlight", "key-points", "per-speaker", "decisions", "sentiment",
                "customer-call",
                "interview", "stand-up",
            ]))
        let empty = MinutesDocument.make(
            meeting: try MeetingID("empty"), state: .open, utterances: [], windows: [],
            generatedAt: .distantPast)
        for template in templates {
            #expect(template.description != nil, "\(template.name)")
            for document in [try call(), empty] {
                let text = MarkdownRenderer(template: template).render(document)
                #expect(text.contains("# \(document.title ?? "empty")"), "\(template.name)")
                #expect(!text.contains("{{") && !text.contains("\n\n\n"), "\(template.name)")
            }
        }
    }

    @Test(arguments: [
        ("highlight", ["power cut. (0:00:10)"], ["Worried", "- "]),
        (
            "decisions", ["“I agree, so let's keep the old relay", "“I'm stuck on the permit"],
            ["- “I'm worried that the relay is too expensive"]
        ),
        ("sentiment", ["| Bob | 0 | 0 | 1 | 0 |", "## Worried"], ["## Objected"]),
        ("customer-call", ["## Wishes", "“We need the station", "**Ann**: “I'll send you"], ["## Praise"]),
        (
            "interview",
            ["**Ann: What is it that you need from the new station?** (0:00:00)", "Bob: We need"], []
        ),
        ("stand-up", ["- **Held up:** “I'm stuck", "- Done: “Yesterday I spoke"], ["In their words"]),
        ("per-speaker", ["## Bob", "Worries about:"], ["## Carla"]),
        ("key-points", ["- Bob needs the station before the winter."], ["Nothing has been"]),
    ])
    func aTemplateShowsWhatItIsFor(name: String, has: [String], hasNot: [String]) throws {
        let path = Self.folder.appending(path: "\(name).mustache").path(percentEncoded: false)
        let text = MarkdownRenderer(template: try MinutesTemplate(path: path)).render(try call())
        for part in has { #expect(text.contains(part), "\(part) in:\n\(text)") }
        for part in hasNot { #expect(!text.contains(part), "\(part) in:\n\(text)") }
    }

    @Test(arguments: ["standard", "stand-up"])
    func whatIsStillOpenIsShown(name: String) throws {
        let path = Self.folder.appending(path: "\(name).mustache").path(percentEncoded: false)
        var document = try call()
        let item = MinutesItem(
            kind: .action, text: "Send it", isQuoted: false, owner: "Ann",
            citation: Statement.Citation(utterance: 1, start: 2, speaker: "Ann"))
        document.stillOpen = [CarriedItem(meeting: try MeetingID("call-2026-11-21"), item: item)]
        let text = MarkdownRenderer(template: try MinutesTemplate(path: path)).render(document)
        #expect(text.contains("## Still open from last time\n\n- "), "\(text)")
        #expect(text.contains("../call-2026-11-21/minutes.html#u1"), "\(text)")
    }

    @Test func whatSomebodyLacksIsNotTakenFromTheWholeMeeting() throws {
        let template = try MinutesTemplate(
            text:
                "{{#people}}{{#items}}{{name}}:{{#concerns}}{{#items}}{{text}}{{/items}}{{/concerns}};{{/items}}{{/people}}",
            name: "a", source: "a")
        let text = MarkdownRenderer(template: template).render(try call())
        #expect(text.contains("Ann:;") && text.contains("Bob:“I'm worried"))
    }

    @Test(arguments: [
        ("# {{titel}}", "a:1: there is no 'titel' here; did you mean 'title'?"),
        ("\n{{#people}}\n{{#items}}\n{{nam}}\n{{/items}}{{/people}}", "a:4: there is no 'nam' here"),
        ("{{decisions}}", "a:1: 'decisions' has parts: open it"),
        ("{{isOpen}}", "a:1: 'isOpen' is yes or no"),
        ("x\n{{#decisions}}\ny", "a:2: 'decisions' is opened and never closed"),
        (
            "{{#decisions}}{{#items}}{{/decisions}}{{/items}}",
            "a:1: 'decisions' is closed where 'items' of line 1"
        ),
        ("{{/decisions}}", "a:1: 'decisions' is closed and was never opened"),
        ("\n\n{{title", "a:3: '{{' is never closed"), ("{{> other}}", "a:1: '{{>' is not available"),
        ("{{=<% %>=}}", "a:1: '{{=' is not available"), ("{{}}", "a:1: a tag without a name"),
        ("{{.}}", "a:1: '.' is no name"), ("{{decisions.many}}", "a:1: 'decisions.many': there is no 'many'"),
        ("{{!\ntitle: x\n}}", "a:2: 'title' is not one of"), ("{{!\nasks\n}}", "a:2: 'asks' is not"),
        ("{{!\nasks:\n}}", "a:2: 'asks' has to have one value"),
    ])
    func aWrongTemplateIsRefusedWithLineAndReason(text: String, complaint: String) {
        let error = #expect(throws: MinutesError.self) {
            try MinutesTemplate(text: text, name: "a", source: "a")
        }
        #expect(error?.message.hasPrefix(complaint) == true, "\(error?.message ?? "")")
    }

    @Test func aFileThatIsNoTextIsRefused() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "template-\(UUID()).mustache")
        defer { try? FileManager.default.removeItem(at: path) }
        try Data([0xFF, 0xFE, 0x00]).write(to: path)
        for wrong in [path, path.appending(path: "none")] {
            #expect(throws: MinutesError.self) {
                try MinutesTemplate(path: wrong.path(percentEncoded: false))
            }
        }
    }

    @Test func wordsOfTheMeetingCannotBreakAPage() throws {
        let hostile = "{{title}} # *now* [a](b) <b>"
        let document = MinutesDocument.make(
            meeting: try MeetingID("a"), title: hostile, state: .finished,
            utterances: [
                Utterance(
                    speaker: hostile, text: "We decided to \(hostile).",
                    source: SourcePosition(name: "a", line: 1))
            ],
            windows: [], generatedAt: .distantPast)
        for template in try Self.shipped() {
            let text = MarkdownRenderer(template: template).render(document)
            #expect(text.contains(#"{{title}} # \*now\* \[a\](b) &lt;b>"#), "\(template.name)")
            #expect(!text.contains("[a](b)") || text.contains(#"\[a\]"#))
        }
    }

    @Test func aStyleTellsChatModelsOnly() throws {
        let style = MinutesStyle(
            template: try MinutesTemplate(text: "{{!\nasks: Be brief.\n}}{{title}}", name: "a", source: "a"),
            language: "German", vocabulary: try Vocabulary(text: "Kubernetes\nGemma", source: "v"))
        let told = PromptTemplate.instructionTuned.told(style.summaries)
        #expect(told.instructions.contains("in the past tense, in German, that says"))
        #expect(told.instructions.contains("Spell these as they stand here: Kubernetes, Gemma."))
        #expect(told.windowRequest.hasSuffix(" Be brief.") && told.overallRequest.hasSuffix(" Be brief."))
        #expect(PromptTemplate.tuned.told(style.summaries) == .tuned)
        #expect(PromptTemplate.instructionTuned.told(SummaryStyle()) == .instructionTuned)
    }
}

@Suite struct VocabularyTests {
    private static let terms = """
        # What we build
        Kubernetes: cooper netties, Kubernetties

        C++: see plus plus  # a language
        Jitsi: jitsy, jit see
        Gemma
        """

    @Test(arguments: [
        ("We run Cooper Netties, and kubernetties!", "We run Kubernetes, and Kubernetes!"),
        ("see plus plus, not see plus", "C++, not see plus"), ("jitsying jitsy", "jitsying Jitsi"),
        ("", ""), ("gemma", "gemma"), ("jit\u{a0}see", "Jitsi"), ("the jit see", "the Jitsi"),
    ])
    func variantsArePutRight(text: String, corrected: String) throws {
        #expect(try Vocabulary(text: Self.terms, source: "v").corrected(text) == corrected)
    }

    @Test(arguments: [
        (": a", "v:1: there is no term"), ("A: b,,c", "v:1: a variant of 'A' is empty"),
        ("A: b\n\nC: B", "v:3: 'B' is a variant of 'A' already"),
    ])
    func aWrongListIsRefusedWithItsLine(text: String, complaint: String) {
        let error = #expect(throws: MinutesError.self) { try Vocabulary(text: text, source: "v") }
        #expect(error?.message.hasPrefix(complaint) == true)
    }

    @Test func noTermsChangeNothing() { #expect(Vocabulary.none.corrected("a  b") == "a  b") }
}
