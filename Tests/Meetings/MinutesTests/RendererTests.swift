import Evaluation
import Foundation
import Language
import TestSupport
import Testing

@testable import Minutes
@testable import Summaries
@testable import Transcript

@Suite struct RendererTests {
    private func standup(state: MinutesDocument.State = .finished) throws -> MinutesDocument {
        var said = talk(12, words: 5)
        for place in said.indices {
            said[place].text = place % 2 == 0 ? "The boat is still here." : "It rains on the harbour."
        }
        said[0].text = "I opened; ship Friday, agreed."
        said[1].text = "Then call *Bob* and me."
        let windows: [Outcome] = [
            .init(
                window: window(0, 0..<5),
                summary: summary(0, "Jane opened.\n\nDecisions:\n- Ship on Friday.\n* Call *Bob*.")),
            .init(window: window(1, 5..<8), failure: Note(.written, .text("the model ran out of memory"))),
            .init(window: window(2, 8..<10)),
        ]
        return MinutesDocument.make(
            meeting: try MeetingID("standup"), title: "Weekly #1 <standup> & more",
            startedAt: Date(timeIntervalSince1970: 1_714_557_600),
            endedAt: state == .open ? nil : Date(timeIntervalSince1970: 1_714_559_400), state: state,
            utterances: said, windows: windows,
            summary: state == .finished
                ? MeetingSummary(
                    text: "**Overall**: they agreed.\n1. call", model: "scripted", tokens: 9, seconds: 2)
                : nil,
            notes: [Note(.written, .text("standup.0002.vtt is missing"))], model: "gemma_test",
            generatedAt: Date(timeIntervalSince1970: 1_714_559_500))
    }

    @Test func markdownReadsLikeMinutes() throws {
        let expected = #"""
            # Weekly #1 &lt;standup> & more

            - **Meeting:** standup
            - **When:** 1 May 2024 at 10:00 UTC to 1 May 2024 at 10:30 UTC
            - **Who:** Jane (33%), Bob (33%), Carla (33%)

            ## In short

            Overall: they agreed. (0:00:00)

            - call (0:00:10)

            ## Course of the meeting

            ### 0:00:00 to 0:01:38: Rains on the harbour

            Jane opened. (0:00:00)

            Decisions:

            - Ship on Friday. (0:00:00)
            - Call \*Bob\*. (0:00:10)

            Part 2: No summary: the model ran out of memory.

            Not summarised yet.

            ---

            41% of what was said is summarised: 25 of 60 words, 5 of 12 turns.

            - standup.0002.vtt is missing
            - Part 2 could not be summarised: the model ran out of memory.

            Written by minuted, 1 May 2024 at 10:31 UTC. The summaries were written automatically, and each sentence \#
            was compared with what was said; check what matters against the transcript.

            """#
        let markdown = MarkdownRenderer().render(try standup())
        #expect(markdown == expected, "\(markdown)")
    }

    @Test func anOpenMeetingSaysSo() throws {
        let text = MarkdownRenderer().render(try standup(state: .open))
        #expect(text.contains("The meeting is going on") && text.contains("when the meeting is over"))
        #expect(text.contains("from 1 May 2024 at 10:00 UTC, 0:01:38 so far"))
        let empty = MinutesDocument.make(
            meeting: try MeetingID("empty"), state: .open, utterances: [], windows: [],
            generatedAt: .distantPast)
        let page = MarkdownRenderer().render(empty)
        #expect(page.contains("# empty\n") && page.contains("Nothing was received."))
        #expect(page.contains("Nothing has been summarised yet."))
        #expect(!page.contains("{{") && !page.contains("\n\n\n"))
    }

    @Test func jsonHasStableKeysAndReadsBack() throws {
        let document = try standup()
        let text = try JSONRenderer.render(document)
        #expect(try JSONRenderer.render(document) == text)
        #expect(try JSONRenderer.read(text) == document)
        for part in [
            "\"schema\" : 1", "\"startedAt\" : \"2024-05-01T10:00:00Z\"", "\"state\" : \"finished\"",
            "\"percent\" : 41", "\"failure\" : \"the model ran out of memory\"", "\"meeting\" : \"standup\"",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        let keys = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }
        #expect(keys.map(String.init) == keys.map(String.init).sorted() && keys.count > 8)
    }

    @Test func jsonIsWhatItsSchemaSays() throws {
        let url = Repository.root.appending(path: "etc/minutes.schema.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        let schema = try SchemaCheck(schema: text)
        for state in [MinutesDocument.State.open, .ended, .finished] {
            var document = try standup(state: state)
            #expect(schema.complaint(about: try JSONRenderer.render(document)) == nil)
            document.items = [
                MinutesItem(
                    kind: .action, text: "I'll call.", isQuoted: true, owner: "Ann", due: "by Friday",
                    citation: Statement.Citation(utterance: 1, start: 2, speaker: "Ann"))
            ]
            let json = try JSONRenderer.render(document)
            #expect(schema.complaint(about: json) == nil)
            #expect(schema.complaint(about: json.replacing("\"action\"", with: "\"deed\"")) != nil)
        }
        #expect(text.contains("a support of \(Statement.leastSupport) or more"))
    }

    @Test func whatIsTickedOffAndWhatIsStillOpenIsShown() throws {
        var document = try standup()
        func item(_ kind: MinutesItem.Kind, _ text: String, owner: String? = nil) -> MinutesItem {
            MinutesItem(
                kind: kind, text: text, isQuoted: false, owner: owner, due: owner == nil ? nil : "by Friday",
                citation: Statement.Citation(utterance: 1, start: 2, speaker: "Ann"))
        }
        document.items = [item(.action, "Call them", owner: "Ann"), item(.action, "Wait")]
        document.items?[0].isDone = true
        let earlier = try MeetingID("weekly_a-2026-11-21")
        document.stillOpen = [CarriedItem(meeting: earlier, item: item(.action, "Send it", owner: "Ann"))]
        let markdown = MarkdownRenderer().render(document)
        #expect(markdown.contains("\n- [x] **Ann**: Call them (by Friday, 0:00:02)\n- Wait (Ann, 0:00:02)\n"))
        let link = #"[weekly_a-2026-11-21](../weekly_a-2026-11-21/minutes.html#u1)"#
        #expect(
            markdown.contains("## Still open from last time\n\n- **Ann**: Send it (by Friday, \(link))\n"),
            "\(markdown)")
        let html = HTMLRenderer().render(document, utterances: talk(12, words: 5))
        #expect(html.contains("class=\"done\"><p class=\"said\" dir=\"auto\"><span class=\"tick\""))
        #expect(html.contains("<a href=\"../weekly_a-2026-11-21/minutes.html#u1\">weekly_a-2026-11-21</a>"))
        #expect(html.contains("Still open from last time"))
        let json = try JSONRenderer.render(document)
        #expect(try JSONRenderer.read(json) == document)
        let url = Repository.root.appending(path: "etc/minutes.schema.json")
        let schema = try SchemaCheck(schema: String(contentsOf: url, encoding: .utf8))
        #expect(schema.complaint(about: json) == nil)
    }

    @Test func jsonSaysHowFilesWereRead() throws {
        let said = talk(2)
        var file = TranscriptFile(format: .webVTT, utterances: said, notes: [Note(.headerMissing)])
        file.skippedCount = 40
        let facts = TranscriptFacts(file, encoding: "windows-1252")
        var document = try standup()
        #expect(!(try JSONRenderer.render(document)).contains("\"sources\""))
        document.sources = [
            .init(name: "standup.0001.vtt", reading: facts),
            .init(
                name: "standup.0002.vtt",
                reading: TranscriptFacts(TranscriptFile(format: .chat), encoding: "UTF-8")),
        ]
        let json = try JSONRenderer.render(document)
        #expect(try JSONRenderer.read(json) == document)
        let schema = try SchemaCheck(
            schema: String(
                contentsOf: Repository.root.appending(path: "etc/minutes.schema.json"), encoding: .utf8))
        #expect(schema.complaint(about: json) == nil)
        let root = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let sources = try #require(root["sources"] as? [[String: Any]])
        #expect(sources.map { $0["name"] as? String } == ["standup.0001.vtt", "standup.0002.vtt"])
        let reading = try #require(sources[0]["reading"] as? [String: Any])
        #expect(reading["format"] as? String == "webVTT" && reading["encoding"] as? String == "windows-1252")
        #expect(reading["utterances"] as? Int == 2 && reading["lastTime"] as? Double == 18)
        #expect(reading["skippedPercent"] as? Int == facts.skippedPercent && facts.skippedPercent > 10)
        #expect((reading["speakers"] as? [[String: Any]])?.map { $0["name"] as? String } == ["Bob", "Jane"])
        #expect((reading["notes"] as? [String])?.count == 1 && (reading["opening"] as? [String])?.count == 2)
        let empty = try #require(sources[1]["reading"] as? [String: Any])
        #expect(empty["lastTime"] == nil && empty["language"] == nil)
    }

    /// What was written in the chat is told from what was said, wherever it is quoted.
    @Test func chatIsMarkedLineByLine() throws {
        var said = talk(3, words: 6)
        for (place, text) in [
            "I will order the crane on Monday.", "We close the roof on Friday.", "I agree with that plan.",
        ].enumerated() { said[place].text = text }
        said[0].isWritten = true
        let document = MinutesDocument.make(
            meeting: try MeetingID("a"), state: .finished, utterances: said,
            windows: [
                .init(
                    window: window(0, 0..<3),
                    summary: summary(
                        0, "Jane will order the crane on Monday.\nThey close the roof on Friday."))
            ], generatedAt: .distantPast)
        let markdown = MarkdownRenderer().render(document)
        #expect(markdown.contains("crane on Monday. (0:00:00, in the chat)"), "\(markdown)")
        #expect(markdown.contains("roof on Friday. (0:00:10)"), "\(markdown)")
        let json = try JSONRenderer.render(document)
        #expect(json.contains("\"isWritten\" : true") && !json.contains("\"isWritten\" : false"))
        #expect(try JSONRenderer.read(json) == document)
        var transcript = PageTranscript()
        transcript.append(read(said))
        let lines = transcript.stretches.map(\.renderText).joined().split(separator: "\n")
        #expect(lines.map { $0.contains("in the chat") } == [true, false, false])
    }

    @Test func countsAreThoseOfTheTranscript() throws {
        let document = try standup()
        #expect(document.participants.map(\.utterances).reduce(0, +) == 12)
        #expect(document.coverage.percent == 41 && document.coverage.summarisedUtterances == 5)
        let quoted = MinutesDocument.make(
            meeting: try MeetingID("a"), state: .ended, utterances: talk(2),
            windows: [.init(window: window(0, 0..<2), summary: summary(0, "x", model: "extractive"))],
            generatedAt: .distantPast)
        #expect(quoted.coverage.percent == 100)
        #expect(quoted.notes.contains { $0.contains("Part 1") && $0.contains("quoted") }, "\(quoted.notes)")
    }

    @Test func oneWindowIsNotPrintedTwice() throws {
        let document = MinutesDocument.make(
            meeting: try MeetingID("a"), state: .finished,
            utterances: ["The ferry sails at noon from the old harbour.", "Then the harbour is closed."].map {
                Utterance(speaker: "Ann", text: $0, source: SourcePosition(name: "t", line: 1))
            },
            windows: [.init(window: window(0, 0..<2), summary: summary(0, "The ferry sails at noon."))],
            summary: MeetingSummary(text: "The ferry sails at noon.", model: "m", tokens: 0, seconds: 0),
            generatedAt: .distantPast)
        #expect(MarkdownRenderer().render(document).split(separator: "The ferry sails at noon.").count == 2)
    }

    @Test(arguments: [
        ("# heading", "\\# heading"), ("* item", "\\* item"), ("| a | b |", "\\| a \\| b \\|"),
        ("- item", "\\- item"), ("1. item", "1\\. item"), ("> quote", "\\> quote"), ("=== x", "\\=== x"),
        ("R&D &amp; AT&T", "R&D \\&amp; AT&T"), ("snake_case _x_", "snake_case \\_x\\_"),
        ("[a](http://b)", "\\[a\\](http:/\u{2060}/b)"), ("<script>", "&lt;script>"), ("100 # 5", "100 # 5"),
        ("a\n# b", "a # b"), ("`code` \\", "\\`code\\` \\\\"), ("plain, text: 12:30", "plain, text: 12:30"),
    ])
    func wordsCannotBreakThePage(words: String, markdown: String) {
        #expect(MarkdownText.inline(words) == markdown)
    }

    @Test func everyLineOfAForeignTextIsHarmless() {
        let text = MarkdownText.block("# A\n\n> B\n- # C\n| D |\n---\n- \n{{title}}")
        #expect(text == "\\# A\n\n\\> B\n\n- \\# C\n\n\\| D \\|\n\n\\---\n\n\\-\n\n{{title}}")
    }

    @Test func timesAreHoursMinutesSeconds() {
        #expect(
            [0, 59.9, 61, 3723.5, 360_000].map(MinutesClock.time) == [
                "0:00:00", "0:00:59", "0:01:01", "1:02:03", "100:00:00",
            ])
        #expect(MinutesClock.time(.nan) == "0:00:00" && MinutesClock.time(-4) == "0:00:00")
    }
}
