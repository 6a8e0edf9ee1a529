import Evaluation
import Foundation
import Language
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// Minutes of meetings that are not in English.
@Suite struct MinutesLanguageTests {
    /// Two parts: one with a decision, a task and a sentence to be left out, and one that failed.
    private func meeting(
        _ language: LanguageCode, said: String, decided: String, task: String, due: String,
        told: String? = nil,
        translated: Bool? = nil, state: MinutesDocument.State = .finished
    ) throws -> (document: MinutesDocument, utterances: [Utterance]) {
        let texts = [said, decided, task, said]
        let utterances = texts.enumerated().map { number, text in
            Utterance(
                speaker: ["Ann", "Bob"][number % 2], start: Double(number) * 30,
                end: Double(number) * 30 + 20,
                text: text, source: SourcePosition(name: "a", line: number + 1))
        }
        func citation(_ number: Int) -> Statement.Citation {
            .init(utterance: number, start: Double(number) * 30, speaker: ["Ann", "Bob"][number % 2])
        }
        let statements = [
            Statement(
                text: said, beginsLine: true, isListed: false, citations: [citation(0)], missing: [],
                support: 1,
                isTranslated: translated),
            Statement(
                text: "250", beginsLine: false, isListed: false, citations: [], missing: ["250"], support: 0,
                isTranslated: nil),
        ]
        let findings = WindowFindings(
            language: language, statements: statements,
            items: [
                MinutesItem(
                    kind: .decision, text: decided, isQuoted: true, owner: nil, due: nil,
                    citation: citation(1)),
                MinutesItem(
                    kind: .action, text: task, isQuoted: true, owner: "Ann", due: due, citation: citation(2)),
            ],
            remarks: [], quotes: [], exchanges: [], topicWords: [])
        let document = MinutesDocument.make(
            meeting: try MeetingID("a"), title: "Station",
            startedAt: Date(timeIntervalSince1970: 1_714_557_600),
            state: state,
            received: .init(
                utterances: 4, words: 2021, speakers: [("Ann", 2, 2000), ("Bob", 2, 21)]),
            windows: [
                .init(
                    window: window(0, 0..<3), wordCount: 1500, outline: .init(utterances[0..<3]),
                    summary: summary(0, said + " 250"), findings: findings),
                .init(
                    window: window(1, 3..<4), wordCount: 521, outline: .init(utterances[3..<4]),
                    failure: Note(.written, .text("out of memory"))),
            ],
            summary: MeetingSummary(text: said, model: "m", tokens: 1, seconds: 1),
            statements: [statements[0]], model: "m", language: told,
            generatedAt: Date(timeIntervalSince1970: 1_714_561_200))
        return (document, utterances)
    }

    private func german(state: MinutesDocument.State = .finished) throws -> (
        document: MinutesDocument, utterances: [Utterance]
    ) {
        try meeting(
            .german, said: "Die Station braucht einen neuen Regler.",
            decided: "Wir behalten den alten Regler.",
            task: "Ich schicke das Handbuch.", due: "bis Freitag", state: state)
    }

    private func japanese() throws -> (document: MinutesDocument, utterances: [Utterance]) {
        try meeting(
            .japanese, said: "駅には新しい装置が必要です。", decided: "古い装置を使うことに決めました。", task: "説明書を送ります。", due: "金曜日まで")
    }

    private func arabic() throws -> (document: MinutesDocument, utterances: [Utterance]) {
        try meeting(
            .arabic, said: "تحتاج المحطة إلى جهاز جديد.", decided: "قررنا الاحتفاظ بالجهاز القديم.",
            task: "سأرسل الدليل.", due: "يوم الجمعة")
    }

    /// No English label, however it is written, but for those that the language shares.
    private func expectNoEnglish(_ text: String, _ labels: Labels) {
        let english = Labels.of(.english)
        for key in Labels.Key.allCases where english[key] != labels[key] && english[key].count > 8 {
            #expect(!text.contains(english[key]), "\(english[key]) in:\n\(text)")
        }
        for word in ["UTC to ", " words", " turns", "Written by", "summarised:", "Part 1", "Part 2", "model"]
        {
            #expect(!text.contains(word), "\(word) in:\n\(text)")
        }
    }

    @Test func aGermanMeetingHasGermanMinutes() throws {
        let (document, _) = try german()
        #expect(document.language == .german)
        let text = MarkdownRenderer().render(document)
        let beginning = """
            # Station

            - **Besprechung:** a
            - **Wann:** seit 1. Mai 2024 um 10:00 UTC, bisher 0:01:50
            - **Wer:** Ann (99\u{A0}%), Bob (1\u{A0}%)

            ## Kurz gefasst

            Die Station braucht einen neuen Regler. (0:00:00)

            ## Beschlossen

            - „Wir behalten den alten Regler.“ (Bob, 0:00:30)

            ## Aufgaben

            - **Ann**: „Ich schicke das Handbuch.“ (bis Freitag, 0:01:00)

            """
        #expect(text.hasPrefix(beginning), "\(text)")
        for part in [
            "## Verlauf der Besprechung", "### 0:00:00 bis 0:01:50: Thema 1",
            "Keine Zusammenfassung: out of memory.",
            "1.500 von 2.021 Wörtern, 3 von 4 Beiträgen",
            "Geschrieben von minuted, 1. Mai 2024 um 11:00 UTC.",
        ] {
            #expect(text.contains(part), "\(part) in:\n\(text)")
        }
        expectNoEnglish(text, .of(.german))
    }

    @Test func aJapaneseMeetingHasJapaneseMinutes() throws {
        let (document, _) = try japanese()
        let text = MarkdownRenderer().render(document)
        for part in [
            "- **会議：** a", "2024年5月1日 10:00 UTC", "## 要点\n\n駅には新しい装置が必要です。（0:00:00）", "## 決定事項",
            "- 「古い装置を使うことに決めました。」（Bob、0:00:30）", "- **Ann**：「説明書を送ります。」（金曜日まで、0:01:00）", "2,021語",
        ] {
            #expect(text.contains(part), "\(part) in:\n\(text)")
        }
        expectNoEnglish(text, .of(.japanese))
    }

    @Test func anArabicMeetingHasArabicMinutes() throws {
        let (document, utterances) = try arabic()
        let text = MarkdownRenderer().render(document)
        for part in [
            "1 مايو 2024 في 10:00 UTC", "## باختصار", "## ما تقرر",
            "- «قررنا الاحتفاظ بالجهاز القديم.» (Bob، 0:00:30)",
            "(استُبعدت جملة واحدة)",
        ] {
            #expect(text.contains(part), "\(part) in:\n\(text)")
        }
        expectNoEnglish(text, .of(.arabic))
        let page = try Page((document, utterances))
        #expect(page.html.contains("<html lang=\"ar\" dir=\"rtl\""))
        expectNoEnglish(page.texts, .of(.arabic))
    }

    @Test(arguments: [MinutesDocument.State.open, .ended, .finished])
    func thePageIsInTheLanguageOfTheMeeting(state: MinutesDocument.State) throws {
        let page = try Page(try german(state: state))
        #expect(page.html.contains("<html lang=\"de\" dir=\"ltr\""))
        for part in [
            "<title>Station: Protokoll</title>", "<h2 id=\"h-summary\">Kurz gefasst</h2>",
            "seit <time datetime=\"2024-05-01T10:00:00Z\">1. Mai 2024 um 10:00 UTC</time>",
            "<li>2 Personen</li>",
            "<li>2.021 Wörter</li>", "<b>99\u{A0}%</b> <small>2.000 Wörter in 2 Beiträgen</small>",
            "<b class=\"owner\"><bdi>Ann</bdi></b>: „<q>Ich schicke das Handbuch.</q>“",
            "data-dark=\"Farben: dunkel\"",
        ] {
            let isThere = page.html.contains(part)
            #expect(isThere, "\(part)")
        }
        expectNoEnglish(page.texts, .of(.german))
        let places = Set(page.values(of: "id"))
        #expect(page.values(of: "href").allSatisfy { places.contains(String($0.dropFirst())) })
    }

    @Test func everyTemplateIsInTheLanguageOfTheMeeting() throws {
        let folder = Repository.root.appending(path: "etc/templates")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 9)
        for file in files {
            let template = try MinutesTemplate(path: file.path(percentEncoded: false))
            for (document, labels) in [
                (try german().document, Labels.of(.german)), (try arabic().document, .of(.arabic)),
                (try japanese().document, .of(.japanese)),
            ] {
                let text = MarkdownRenderer(template: template).render(document)
                expectNoEnglish(text, labels)
                #expect(!text.contains("{") && text.contains("Station"), "\(text)")
            }
        }
    }

    /// Templates of before there were labels.
    @Test func aTemplateOfOldGoesOnWorking() throws {
        let template = try MinutesTemplate(
            text: """
                {{#people}}{{#items}}{{name}} ({{share}} %, {{words}} in {{turns}}){{^isLast}}, {{/isLast}}{{/items}}{{/people}}
                {{#actions}}{{#items}}{{#owner}}{{owner}}: {{/owner}}{{text}} ({{#due}}{{due}}; {{/due}}{{place}}){{/items}}{{/actions}}
                {{#parts}}{{#items}}{{number}}{{#time}}, {{time}}{{/time}}{{#failure}} {{failure}}{{/failure}};{{/items}}{{/parts}}
                {{percent}}% {{summarisedWords}} of {{words}}, {{summarisedTurns}} of {{turns}}, {{#model}}{{model}}{{/model}}
                """, name: "old", source: "old")
        let (document, _) = try meeting(
            .english, said: "The station needs a relay.", decided: "We keep it.", task: "I'll call.",
            due: "by Friday")
        #expect(
            MarkdownRenderer(template: template).render(document) == """
                Ann (99 %, 2,000 words in 2 turns), Bob (1 %, 21 words in 2 turns)
                Ann: “I'll call.” (by Friday; 0:01:00)
                1, 0:00:00 to 0:01:20;2, 0:01:30 to 0:01:50 out of memory;
                74% 1,500 of 2,021 words, 3 of 4 turns, m

                """)
    }

    @Test func englishMinutesAreInPlainEnglish() throws {
        let (document, utterances) = try meeting(
            .english, said: "The station needs a relay.", decided: "We keep it.", task: "I'll call.",
            due: "by Friday")
        let text = MarkdownRenderer().render(document)
        for part in [
            "- **When:** from 1 May 2024 at 10:00 UTC, 0:01:50 so far",
            "## In short\n\nThe station needs a relay. (0:00:00)",
            "## Decided\n\n- “We keep it.” (Bob, 0:00:30)",
            "- **Ann**: “I'll call.” (by Friday, 0:01:00)", "### 0:00:00 to 0:01:50: topic 1",
            "No summary: out of memory.", "- Part 2 could not be summarised: out of memory.",
            "74% of what was said is summarised: 1,500 of 2,021 words, 3 of 4 turns.",
            "Written by minuted, 1 May 2024 at 11:00 UTC. The summaries were written automatically, and each sentence "
                + "was compared with what was said (1 was left out); check what matters against the transcript.",
        ] {
            #expect(text.contains(part), "\(part) in:\n\(text)")
        }
        #expect(!text.contains("model") && !text.contains("borne out"))
        #expect(try Page((document, utterances)).html.contains("<html lang=\"en\" dir=\"ltr\""))
    }

    @Test func minutesInAnotherLanguageSaySoAndWhatWasCompared() throws {
        let (document, _) = try meeting(
            .english, said: "Die Station braucht einen Regler.", decided: "We keep it.", task: "I'll call.",
            due: "by Friday", told: "German", translated: true)
        #expect(document.language == .german)
        let text = MarkdownRenderer().render(document)
        #expect(text.contains("## Kurz gefasst") && text.contains("Englisch") && text.contains("Deutsch"))
        let labels = Labels.of(.german)
        #expect(text.contains(labels.list([labels[.checkNumbers], labels[.checkNames], labels[.checkDays]])))
        // Told to write what is spoken anyway: nothing to say.
        let same = try meeting(
            .german, said: "Die Station braucht einen Regler.", decided: "Gut.", task: "Ja.", due: "morgen",
            told: "German")
        #expect(same.document.notes == [labels.noteWindowFailed(2, "out of memory")])
    }

    /// What the ledger noted, and why a part has no summary, was English in the minutes of every language.
    @Test(arguments: LanguageCode.firstClass)
    func notesAndReasonsAreInTheLanguageOfTheMinutes(language: LanguageCode) throws {
        let notes = [
            Note(.chunksMissing, .text("2"), .text("3")),
            Note(Note(.counted, .number(2), .note(Note(.cueWithoutText)), .text("7")), of: "m.vtt"),
            Note(.wholeFailed, .note(Note(.diedOften, .number(3)))),
        ]
        let document = MinutesDocument.make(
            meeting: try MeetingID("m"), state: .finished,
            received: .init(utterances: 2, words: 9, speakers: []),
            windows: [
                .init(
                    window: window(0, 0..<2), wordCount: 9, outline: .init([]),
                    findings: WindowFindings(language: language), failure: Note(.endedNow))
            ], notes: notes, generatedAt: .distantPast)
        let labels = Labels.of(language)
        let reason = Note(.endedNow).text(in: language)
        #expect(document.notes == notes.map { $0.text(in: language) } + [labels.noteWindowFailed(1, reason)])
        #expect(document.windows.map(\.failure) == [reason])
        guard language != .english else { return }
        let said = (1...2).map { Utterance(text: "…", source: SourcePosition(name: "a", line: $0)) }
        let shown = try MarkdownRenderer().render(document) + Page((document, said)).html
        for note in notes + [Note(.endedNow), Note(.cueWithoutText)] {
            #expect(!shown.contains(note.description), "\(note)")
        }
    }

    @Test func mostWordsDecideAndNothingJudgedIsEnglish() throws {
        func outcome(_ index: Int, words: Int, _ language: LanguageCode?) -> MinutesDocument.WindowOutcome {
            .init(
                window: window(index, index..<(index + 1)), wordCount: words, outline: .init([]),
                findings: language.map {
                    WindowFindings(
                        language: $0, statements: nil, items: [], remarks: [], quotes: [], exchanges: [],
                        topicWords: [])
                })
        }
        func language(_ windows: MinutesDocument.WindowOutcome..., told: String? = nil) throws
            -> LanguageCode?
        {
            try MinutesDocument.make(
                meeting: MeetingID("a"), state: .open,
                received: .init(utterances: 3, words: 30, speakers: []),
                windows: windows, language: told, generatedAt: .distantPast
            ).language
        }
        #expect(try language() == nil)
        #expect(try language(outcome(0, words: 10, nil)) == nil)
        #expect(try language(outcome(0, words: 10, .undetermined), outcome(1, words: 1, .polish)) == .polish)
        #expect(
            try language(
                outcome(0, words: 10, .french), outcome(1, words: 15, .polish), outcome(2, words: 6, .french))
                == .french)
        #expect(try language(outcome(0, words: 10, .french), told: "Swedish") == .swedish)
        #expect(try language(outcome(0, words: 10, .french), told: "gibberish") == .french)
        let empty = try MinutesDocument.make(
            meeting: MeetingID("a"), state: .open, received: .init(utterances: 0, words: 0, speakers: []),
            windows: [], generatedAt: .distantPast)
        let text = MarkdownRenderer().render(empty)
        #expect(text.contains("Nothing was received.") && text.contains("Nothing has been summarised yet."))
        #expect(text.contains("The summary of the whole is written when the meeting is over."))
    }

    @Test func theLanguageStandsInTheFile() throws {
        let url = Repository.root.appending(path: "etc/minutes.schema.json")
        let schema = try SchemaCheck(schema: String(contentsOf: url, encoding: .utf8))
        let (document, _) = try german()
        let json = try JSONRenderer.render(document)
        #expect(json.contains("\"language\" : \"de\""))
        #expect(schema.complaint(about: json) == nil)
        #expect(try JSONRenderer.read(json) == document)
        // As written before there was one.
        let old = try JSONRenderer.read(json.replacing("  \"language\" : \"de\",\n", with: ""))
        #expect(old.language == nil && MarkdownRenderer().render(old).contains("## Decided"))
    }

    /// What is stored in the place of a summary opens with an English sentence.
    @Test func whatStandsInThePlaceOfASummaryIsInTheLanguage() throws {
        let labels = Labels.of(.german)
        let (german, utterances) = try german()
        var document = german
        document.windows[0].summary?.text = FallbackSummary.quotesHeading + "\n- Ann: „Gut.“"
        document.summary?.text = FallbackSummary.partsHeading + "\n- Gut."
        document.statements = nil
        // Of a part that a model wrote of only in part, the heading is a statement.
        let statements = [
            Statement(
                text: FallbackSummary.quotesHeading, beginsLine: true, isListed: false, citations: [],
                missing: [],
                support: 0),
            Statement(
                text: "Gut.", beginsLine: true, isListed: true,
                citations: [.init(utterance: 0, start: 0, speaker: "Ann")], missing: [], support: 1),
        ]
        for isJudged in [false, true] {
            document.windows[0].statements = isJudged ? statements : nil
            for text in [MarkdownRenderer().render(document), try Page((document, utterances)).texts] {
                #expect(text.contains(labels[.longestStatements]) && text.contains(labels[.fromParts]))
                expectNoEnglish(text, labels)
            }
        }
    }

    @Test func aPartOfWhichNothingIsLeftShowsQuotesWithoutComment() throws {
        let (german, utterances) = try german()
        var document = german
        let quote = Remark(
            kind: .quote, text: "Gut so.", citation: .init(utterance: 0, start: 0, speaker: "Ann"))
        document.windows[0].statements?.removeFirst()
        document.windows[0].quotes = [quote]
        let course = try #require(MarkdownRenderer().render(document).firstRange(of: "## Verlauf"))
        let text = MarkdownRenderer().render(document)[course.lowerBound...]
        #expect(
            text.contains("- „Gut so.“ (Ann, 0:00:00)") && !text.contains(Labels.of(.german)[.nothingToNote]))
        #expect(try Page((document, utterances)).html.contains("<bdi>Ann</bdi>: „<q>Gut so.</q>“"))
        document.windows[0].quotes = []
        #expect(MarkdownRenderer().render(document).contains(Labels.of(.german)[.nothingToNote]))
        #expect(try Page((document, utterances)).html.contains(Labels.of(.german)[.nothingToNote]))
    }
}

extension Page {
    /// The page without its style and script.
    fileprivate var texts: String {
        html.replacing(/(?s)<style>.*?<\/style>|<script>.*?<\/script>|<meta.*?>/, with: "")
    }
}
