import Foundation
import Language
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct PageTests {
    @Test func whatOthersWroteIsNothingButText() throws {
        for attack in Hostile.texts {
            let page = try Page(Hostile.meeting(attack))
            // Whatever is said, the page has the elements, and each element the attributes, that it has anyway.
            let harmless = try Page(Hostile.meeting("harmless"))
            #expect(page.tags == harmless.tags, "\(attack)")
            #expect(!page.html.unicodeScalars.contains { Hostile.bidiControls.contains($0.value) })
            let isControl = page.html.unicodeScalars.contains {
                $0.properties.generalCategory == .control && $0 != "\n"
            }
            #expect(!isControl)
        }
    }

    @Test(arguments: [
        ("<script>", "&lt;script&gt;"), ("a & b", "a &amp; b"), ("\"x\" 'y'", "&quot;x&quot; &#39;y&#39;"),
        // One character to Swift, two to a browser.
        ("\"\u{301} onclick=\"\u{338}", "&quot;\u{301} onclick=&quot;\u{338}"),
        ("<\u{338}b>", "&lt;\u{338}b&gt;"), ("&\u{20E3}amp;", "&amp;\u{20E3}amp;"),
        ("\u{202E}live\u{202C} \u{2066}x\u{2069}", "live x"), ("a\u{0}b\u{85}c\u{2028}d", "a b c d"),
        ("{{title}} {{{policy}}}", "{{title}} {{{policy}}}"), ("שלום \u{200F}é 漢字 👩‍👩‍👧", "שלום \u{200F}é 漢字 👩‍👩‍👧"),
    ])
    func textsAreEscapedByScalars(text: String, html: String) {
        #expect(HTMLText(escaping: text).renderText == html)
    }

    @Test(arguments: [MinutesDocument.State.open, .ended, .finished])
    func everyLinkHasItsPlace(state: MinutesDocument.State) throws {
        let page = try Page(Samples.standup(state: state))
        let places = page.values(of: "id")
        #expect(Set(places).count == places.count, "each place once")
        let links = page.values(of: "href")
        #expect(links.count > 20)
        for link in links {
            #expect(link.hasPrefix("#") && places.contains(String(link.dropFirst())), "\(link)")
        }
        for label in page.values(of: "aria-labelledby") { #expect(places.contains(label)) }
        // All that was said is there, each turn once; evidence leads to it.
        #expect((0..<14).allSatisfy { places.contains("u\($0)") })
        #expect(page.html.contains("<a class=\"cite\" href=\"#u0\">0:00:00</a>"))
    }

    @Test func nothingIsFetched() throws {
        let page = try Page(Samples.standup(state: .open))
        for outside in ["http:", "https:", "src=", "url(", "@import", "<link", "<iframe", "fetch("] {
            #expect(!page.html.contains(outside), "\(outside)")
        }
        // No style attributes and no handlers: the policy would forbid them.
        #expect(page.tags.allSatisfy { !$0.contains(" style") && !$0.contains(" on") })
        let policy = try #require(page.values(of: "content").first { $0.hasPrefix("default-src") })
        #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
        #expect(!policy.contains("unsafe"))
    }

    @Test func onlyUnfinishedMinutesAreLoadedAgain() throws {
        let (open, ended, finished) = try (
            Page(Samples.standup(state: .open)), Page(Samples.standup(state: .ended)),
            Page(Samples.standup(state: .finished))
        )
        for page in [open, ended] {
            #expect(page.values(of: "data-refresh") == ["5"])
            #expect(page.html.contains("<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>"))
            #expect(page.html.contains("id=\"pause\""))
        }
        #expect(open.html.contains("The meeting is going on") && ended.html.contains("The meeting is over"))
        #expect(
            finished.values(of: "data-refresh").isEmpty && !finished.html.contains("http-equiv=\"refresh\""))
        #expect(finished.html.contains("Complete") && finished.values(of: "data-state") == ["finished"])
    }

    @Test func thePageSaysWhatTheMinutesSay() throws {
        let html = try Page(Samples.standup(state: .finished)).html
        for text in [
            "Weekly &lt;stand-up&gt; &amp; more", "3 speakers", "Overall they agreed",
            "No summary: the model ran out of memory.", "Not summarised yet.", "We agreed to ship on Friday",
            "5 of 14 turns.", "chunk 2 is missing", "Left out: 1 sentence",
            "<li dir=\"auto\">Ship on Friday. <span", "“250”: not said where it would have to come from",
            "Not in a part yet",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        // Left out of the minutes themselves, and shown as such.
        #expect(html.contains("<s dir=\"auto\">They ordered 250 bikes.</s>"))
        #expect(html.split(separator: "250 bikes").count == 2)
    }

    @Test func anEmptyMeetingHasAPage() throws {
        for state in [MinutesDocument.State.open, .ended, .finished] {
            let document = MinutesDocument.make(
                meeting: try MeetingID("empty"), state: state, utterances: [], windows: [],
                generatedAt: .distantPast)
            let page = try Page((document, []))
            #expect(
                page.html.contains("Nothing was received.")
                    && page.html.contains("<h1><bdi>empty</bdi></h1>"))
            #expect(!page.html.contains("<svg") && !page.html.contains("{{"))
        }
    }

    @Test func theSameMinutesGiveTheSamePage() throws {
        let (document, utterances) = try Samples.standup(state: .open)
        let renderer = HTMLRenderer()
        #expect(
            renderer.render(document, utterances: utterances)
                == renderer.render(document, utterances: utterances))
    }

    /// Three hours, three thousand turns.
    @Test func aLongMeetingHasAPageOfAMegabyte() throws {
        let utterances = Samples.long
        let windows = stride(from: 0, to: 2950, by: 50).map { first in
            Outcome(
                window: window(first / 50, first..<(first + 50)),
                summary: summary(
                    first / 50, "They said word\(first)x1 and word\(first)x2. It was word\(first + 1)x3."))
        }
        let document = MinutesDocument.make(
            meeting: try MeetingID("long"), state: .open, utterances: utterances, windows: windows,
            generatedAt: .distantPast)
        let page = try Page((document, utterances))
        let said = utterances.reduce(0) { $0 + $1.text.utf8.count }
        #expect(page.html.utf8.count < said * 2 + 200_000 && page.html.utf8.count < 2_000_000)
        #expect(page.values(of: "id").count { $0.hasPrefix("u") } == 3000)
    }
}

/// A page taken apart as far as the tests need it.
struct Page {
    let html: String
    /// Each tag's name and the names of its attributes, in order.
    let tags: [String]
    private let attributes: [(name: String, value: String)]

    init(_ meeting: (document: MinutesDocument, utterances: [Utterance])) throws {
        try self.init(html: HTMLRenderer().render(meeting.document, utterances: meeting.utterances))
    }

    init(html: String) throws {
        self.html = html
        var (tags, attributes): ([String], [(String, String)]) = ([], [])
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            guard let first = rest.first, first.isASCII, first.isLetter else { continue }
            var tag = String(rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) })
            rest = rest.dropFirst(tag.count)
            // Attributes are in double quotes or have no value.
            while let character = rest.first, character != ">" {
                let name = rest.drop(while: \.isWhitespace).prefix { !" =>\n".contains($0) }
                rest = rest.drop(while: \.isWhitespace).dropFirst(name.count)
                if name.isEmpty { rest = rest.dropFirst(); continue }
                tag += " " + name
                guard rest.first == "=" else { continue }
                rest = rest.dropFirst()
                try #require(rest.first == "\"", "unquoted attribute \(name)")
                let value = rest.dropFirst().prefix { $0 != "\"" }
                rest = rest.dropFirst(value.count + 2)
                attributes.append((String(name), String(value)))
            }
            tags.append(tag)
            // What stands in these is not HTML.
            for raw in ["script", "style"] where tag == raw {
                rest = rest[try #require(rest.firstRange(of: "</\(raw)>")).lowerBound...]
            }
        }
        (self.tags, self.attributes) = (tags, attributes)
    }

    func values(of name: String) -> [String] { attributes.filter { $0.name == name }.map(\.value) }
}

enum Samples {
    /// Ten minutes with a summarised, a failed, a pending and an open part, decisions, and a sentence to be left out.
    static func standup(state: MinutesDocument.State) throws -> (MinutesDocument, [Utterance]) {
        var said = talk(14, words: 5)
        said[0].text = "I opened. We agreed to ship on Friday."
        said[1].text = "I'll call Bob by Monday."
        said[3].text = "Overall they agreed on the plan, so do we."
        let windows: [Outcome] = [
            .init(
                window: window(0, 0..<5),
                summary: summary(
                    0, "Jane opened.\n\nDecisions:\n- Ship on Friday.\n- They ordered 250 bikes.")),
            .init(window: window(1, 5..<8), failure: Note(.written, .text("the model ran out of memory"))),
            .init(window: window(2, 8..<10)),
        ]
        let document = MinutesDocument.make(
            meeting: try MeetingID("standup"), title: "Weekly <stand-up> & more",
            startedAt: Date(timeIntervalSince1970: 1_714_557_600),
            endedAt: state == .open ? nil : Date(timeIntervalSince1970: 1_714_559_400), state: state,
            utterances: said, windows: windows,
            summary: state == .finished
                ? MeetingSummary(text: "Overall they agreed.", model: "scripted", tokens: 9, seconds: 2)
                : nil,
            notes: [Note(.written, .text("chunk 2 is missing"))], model: "gemma_test",
            generatedAt: Date(timeIntervalSince1970: 1_714_559_500))
        return (document, said)
    }

    /// 3,000 turns of thirty words in three hours.
    static var long: [Utterance] {
        talk(3000, words: 30).map { utterance in
            var utterance = utterance
            utterance.mapTimes { $0 * 0.36 }
            return utterance
        }
    }
}

enum Hostile {
    static let bidiControls: [UInt32] = Array(0x202A...0x202E) + Array(0x2066...0x2069)
    static let texts = [
        "<script>alert(1)</script>", "</script><script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)", "' onmouseover='alert(1)",
        "\"\u{301} onfocus=alert(1) autofocus x=\"\u{301}",
        "--><svg onload=alert(1)>", "</title></head><body>", "&lt;b&gt; &#x3C;script&#x3E;",
        "{{{style}}} {{#lists}}",
        "\u{202E}drowssap\u{2066}", "a\u{0}b\u{1B}[31m\u{9B}31m", "]]><!--", "`${alert(1)}`",
        "javascript:alert(1)",
    ]

    /// A meeting in which everything that others name or say is `text`.
    static func meeting(_ text: String) throws -> (MinutesDocument, [Utterance]) {
        var said = talk(4, words: 5)
        for index in said.indices {
            said[index].speaker = text
            said[index].text = "We agreed that I'll send word0x1 by Friday \(text)"
        }
        var document = MinutesDocument.make(
            meeting: try MeetingID("m"), title: text, state: .finished, utterances: said,
            windows: [
                .init(window: window(0, 0..<2), summary: summary(0, "plain")),
                .init(window: window(1, 2..<3), failure: Note(.written, .text(text))),
            ],
            summary: MeetingSummary(text: "plain", model: "extractive", tokens: 0, seconds: 0),
            notes: [Note(.written, .text(text))],
            model: text, generatedAt: .distantPast)
        let cited = Statement.Citation(utterance: 1, start: 2, speaker: text)
        let grounded = Statement(
            text: text, beginsLine: true, isListed: false, citations: [cited], missing: [], support: 1)
        var leftOut = grounded
        leftOut.missing = [text]
        document.statements = [grounded, leftOut]
        document.windows[0].statements = [grounded, leftOut]
        document.items = MinutesItem.Kind.allCases.map {
            MinutesItem(
                kind: $0, text: text, isQuoted: $0 == .decision, owner: text, due: text, citation: cited)
        }
        document.stillOpen = (document.items ?? []).map { CarriedItem(meeting: document.meeting, item: $0) }
        document.remarks = [Remark(kind: .quote, text: text, citation: cited)]
        document.topics = [
            MinutesTopic(words: [text], firstWindow: 0, windowCount: 2, firstUtterance: 0, utteranceCount: 3)
        ]
        document.windows[1].state = .summarised
        document.windows[1].summary = summary(1, "plain")
        document.windows[1].statements = [leftOut]
        document.windows[1].quotes = document.remarks
        return (document, said)
    }
}
