import Language
import Testing

@testable import Transcript

/// What looks like another layout, and what it is read as instead.
@Suite("Doubtful texts") struct DoubtfulTextTests {
    private func lines(_ text: String, _ name: String = "m.txt") throws -> [String] {
        spelled(try read(text, name).utterances)
    }

    private func marked(_ text: String, _ name: String = "m.txt") throws -> [String] {
        try read(text, name).utterances.map {
            "\($0.isWritten ? "chat" : "said") \($0.speaker ?? "-"): \($0.text)"
        }
    }

    /// The search for a text looks at each object once.
    @Test(arguments: [60, 200]) func deepObjectsAreReadAtOnce(depth: Int) throws {
        let open = String(repeating: "{\"a\": ", count: depth)
        let close = String(repeating: "}", count: depth)
        let start = ContinuousClock.now
        #expect(
            try lines(open + #"{"text": "Ada: Shall we?\nBen: Yes."}"# + close, "m.json")
                == ["Ada: Shall we?", "Ben: Yes."])
        #expect(throws: TranscriptError.self) { try read(open + #"{"text": "x"}"# + close, "m.json") }
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    /// In Windows-1252, dots and small letters stand where old Macintoshes had others.
    @Test(arguments: [
        ("Ada: Well… yes…\nBen: So… maybe.\n", "windows-1252"),
        ("Ada: Well…yes…\nBen: So…maybe…\nAda: And…\n", "windows-1252"),
        ("Zoé: Ma sœur a bon cœur.\nLuc: Un œuf, un vœu.\n", "windows-1252"),
        ("Ada: The Roofix™ came.\nBen: And the Stairix™, too.\n", "windows-1252"),
        ("Jürgen: Schön, fangen wir an.\nZoë: Ja, für Köln.\n", "macintosh"),
        ("René: Le café est fermé.\nZoé: À côté aussi.\n", "macintosh"),
    ])
    func windowsIsNoMacintosh(text: String, encoding: String) throws {
        let bytes = try #require(VendorFileTests.encoded(text, encoding))
        let (file, facts) = try TranscriptReader.readWithFacts(bytes, name: "m.txt")
        #expect(facts.encoding == encoding)
        #expect(spelled(file.utterances) == text.split(separator: "\n").map(String.init))
    }

    @Test(arguments: [
        "[0:05] Ada: Is WhatsApp end-to-end encrypted?\n[0:10] Ben: Yes.\n",
        "[12/05/2026, 10:02:33] Ada: Is WhatsApp end-to-end encrypted?\n[12/05/2026, 10:02:40] Ben: Yes.\n",
        "Ada: Ist WhatsApp Ende-zu-Ende verschlüsselt?\nBen: Ja.\n",
    ])
    func aQuestionAboutWhatsAppIsSaid(text: String) throws {
        let said = try read(text, "m.txt")
        #expect(said.utterances.count == 2 && said.utterances.allSatisfy { !$0.isWritten })
        #expect(said.format == .plainText)
    }

    /// Nor is it lost where WhatsApp's own notice stands above.
    @Test func aQuestionInWhatsAppIsKept() throws {
        let text =
            "12/05/2026, 10:02 - Messages and calls are end-to-end encrypted. Not even WhatsApp can read them.\n12/05/2026, 10:02 - Ada: Is WhatsApp end-to-end encrypted?\n12/05/2026, 10:03 - Ben: Yes.\n"
        #expect(
            try marked(text) == ["chat Ada: Is WhatsApp end-to-end encrypted?", "chat Ben: Yes."])
    }

    @Test(arguments: [
        "---\nAda: Shall we begin?\nBen: Yes.\n---\nAda: Next.\nBen: Right.\n",
        "---\nada: shall we begin?\nben: yes\n---\nada: next\nben: right then\n",
        "---\nAda Holm: Shall we begin?\nBen Ross: Yes.\n---\nCy: Next.\nDee: Right.\n",
    ])
    func whatIsSaidBetweenRulesIsKept(text: String) throws {
        let file = try read(text, "m.txt")
        #expect(file.utterances.count == 4 && file.skippedCount == 0)
        let note = "---\ntitle: Pier\nDate: 2026-05-12\n---\nAda: Shall we begin?\nBen: Yes.\n"
        #expect(try lines(note) == ["Ada: Shall we begin?", "Ben: Yes."])
    }

    /// A wide blank within what is said makes no columns, neither in a file nor over the socket.
    @Test func wideBlanksAreNoColumns() throws {
        for text in [
            "[0:05] maybe   we should wait\n", "[0:05] Fine   then\n[0:09] we go on\n[0:12] and on\n",
        ] {
            #expect(try read(text, "m.txt").utterances.allSatisfy { $0.speaker == nil })
        }
        var decoder = LineDecoder(format: .text)
        guard case .utterance(let said)? = try decoder.decode("[0:05] maybe   we should wait").first else {
            Issue.record("nothing was said")
            return
        }
        #expect(said.speaker == nil && said.text == "maybe we should wait")
        #expect(
            try lines("00:00:05   Ada      Shall we?\n00:00:12   Ben      Yes.\n") == [
                "Ada: Shall we?", "Ben: Yes.",
            ])
    }

    @Test func commasOfTextsInTables() throws {
        let rows = (0..<20).map { "0:\(10 + $0),Ada,we go on\n" }.joined()
        #expect(try lines(rows + "0:52,Ben,Yes, we do\n", "m.csv").last == "Ben: Yes, we do")
        let middle = (0..<20).map { "0:\(10 + $0),we go on now,Ada\n" }.joined()
        #expect(try lines(middle + "0:52,Yes, we do,Ben\n", "m.csv").last == "Ben: Yes, we do")
        #expect(
            try lines("text,speaker\nShall we?,Ada\nYes, we do,Ben\n", "m.csv") == [
                "Ada: Shall we?", "Ben: Yes, we do",
            ])
        #expect(
            try lines("speaker,time,text\nAda,0:05,\"Yes\",,\nBen,0:07,No\n", "m.csv") == [
                "Ada: Yes", "Ben: No",
            ])
    }

    @Test(arguments: ["ONE: the roof. TWO: the stairs.", "IMPORTANT: the roof. NASA: no stairs."])
    func wordsInCapitalsWithinATurn(words: String) throws {
        #expect(
            try lines("ADA HOLM: Two things. \(words)\nBEN ROSS: Yes.\n") == [
                "ADA HOLM: Two things. \(words)", "BEN ROSS: Yes.",
            ])
    }

    @Test func timesBetweenNamesAndTexts() throws {
        for mark in [" | ", " - ", " – "] {
            let text = [
                "Ada\(mark)0:05\(mark)Shall we?", "Ben\(mark)0:12\(mark)Yes.", "Ada\(mark)1:20\(mark)Who?",
            ]
            #expect(
                spelledWithTimes(try read(text.joined(separator: "\n"), "m.txt").utterances) == [
                    "5-? Ada: Shall we?", "12-? Ben: Yes.", "80-? Ada: Who?",
                ])
        }
    }

    @Test func initialsAreNoQuestions() throws {
        let text =
            "Q. Where were you?\nA. At the harbour.\nA.J. Holm: Objection.\nQ. When?\nQ.R. Ross: Sustained.\nA. On Monday.\n"
        #expect(
            try lines(text) == [
                "Q: Where were you?", "A: At the harbour.", "A.J. Holm: Objection.", "Q: When?",
                "Q.R. Ross: Sustained.", "A: On Monday.",
            ])
    }

    @Test func numbersWithinWhatIsSaid() throws {
        let text =
            "1. Ada: Who came?\n2. Ben: I counted,\n20 people came.\n3. Ada: Good.\n4. Ben: Yes.\n5. Ada: Then go.\n"
        #expect(try lines(text)[1] == "Ben: I counted, 20 people came.")
        #expect(try lines("user_1 logged in again\nguest_2 left\n").allSatisfy { $0.hasPrefix("-: ") })
    }

    @Test func dashesOfEurope() throws {
        for dash in ["–", "—"] {
            let text =
                "Ada Holm (PPE). \(dash) When?\nBen Ross, Member of the Commission. \(dash) In spring.\nAda Holm (PPE). \(dash) I see.\n"
            #expect(
                try read(text, "m.txt").utterances.map(\.speaker) == [
                    "Ada Holm (PPE)", "Ben Ross, Member of the Commission", "Ada Holm (PPE)",
                ])
        }
    }

    // MARK: - Names elsewhere

    @Test func whatPeopleAreIsNotTheirName() throws {
        let said =
            #""segments": [{"speaker": "Ada", "start": 1, "text": "Shall we?"}, {"speaker": "Ben", "start": 2, "text": "Yes."}]"#
        for people in [
            #"{"Ada": "host", "Ben": "guest", "Cy": "guest"}"#, #"{"Ada": "Host", "Ben": "Guest"}"#,
        ] {
            #expect(
                try lines("{\"participants\": \(people), \(said)}", "m.json") == [
                    "Ada: Shall we?", "Ben: Yes.",
                ])
        }
        let labels = said.replacing("Ada", with: "host").replacing("Ben", with: "spk_1")
        #expect(
            try lines(#"{"participants": {"host": "Ada", "spk_1": "Ben"}, \#(labels)}"#, "m.json")
                == ["Ada: Shall we?", "Ben: Yes."])
    }

    /// Lists beyond any number are read, also if they call their parts otherwise.
    @Test func manyListsInADocument() throws {
        let pages = (0..<2100).map {
            #"{"p": [{"speaker": "Ada", "start": \#($0), "text": "Line \#($0)."}]}"#
        }
        let other = #"{"p": [{"who": "Ben", "begin": 2100, "sentence": "The end."}]}"#
        let file = try read("[" + (pages + [other]).joined(separator: ",") + "]", "m.json")
        #expect(file.utterances.count == 2101)
        #expect(spelled(file.utterances.suffix(2)) == ["Ada: Line 2099.", "Ben: The end."])
    }

    // MARK: - Chats

    @Test(arguments: [
        "From Monday to Friday: closed.", "Von Montag bis Freitag an Land: zu.",
        "From Pier to Shore: by boat.",
    ])
    func whatGoesFromOneToAnotherIsSaid(line: String) throws {
        #expect(try read("Ada: Hi.\n\(line)\nBen: Yes.\n", "m.txt").utterances.allSatisfy { !$0.isWritten })
    }

    @Test(arguments: [
        "From Carla Voss to Everyone: Hi.", "10:02:33 From Carla Voss to Ben Ross: Hi.",
        "From Carla Voss to Ben Ross (Direct Message): Hi.", "From Ada to Ben: Hi.",
    ])
    func whatIsWrittenToOneIsWritten(line: String) throws {
        let text = "Ada: Shall we?\nBen: Yes.\n\(line)\nAda: Thank you.\n"
        #expect(try read(text, "m.txt").utterances.map(\.isWritten) == [false, false, true, false])
    }

    @Test func whatIsRemovedFromAPageIsNoReaction() throws {
        let text =
            "10:02:33 From Ada to Everyone: Removed a \"Buy\" button from the page\n10:03:00 From Ben to Everyone: Yes.\n10:03:10 From Ada to Everyone: Removed a 👍 reaction from \"Yes.\"\n"
        #expect(
            try marked(text) == ["chat Ada: Removed a \"Buy\" button from the page", "chat Ben: Yes."])
        #expect(try marked("Ada: Hi.\n🗨️ Ben: Yes.\nAda: Good.\n")[1] == "chat Ben: Yes.")
    }

    @Test func onlyMarkedPiecesAreWritten() throws {
        let text =
            #"{"items": [{"speaker": "Ada", "start": 1, "text": "Shall we?"}, {"speaker": "Ben", "start": 2, "text": "Yes.", "chat": true}, {"speaker": "Ada", "start": 3, "text": "Good."}]}"#
        #expect(try marked(text, "m.json") == ["said Ada: Shall we?", "chat Ben: Yes.", "said Ada: Good."])
        let messages =
            #"{"items": [{"type": "message", "speaker": "Ada", "start": 1.5, "text": "Shall we?"}, {"type": "message", "speaker": "Ben", "start": 2, "text": "Yes."}]}"#
        #expect(try marked(messages, "m.json") == ["said Ada: Shall we?", "said Ben: Yes."])
    }

    @Test func linesWithoutANameInterrupt() throws {
        #expect(
            try marked("Ada: We should\n[Chat] the link is up\nwait for him.\nBen: Yes.\n") == [
                "said Ada: We should", "chat -: the link is up", "said Ada: wait for him.", "said Ben: Yes.",
            ])
        #expect(
            try marked(
                ">> ADA: We should\n[Chat] the link is up\nwait for him.\n>> BEN (chat): Yes,\nwe do.\n") == [
                    "said ADA: We should", "chat -: the link is up", "said ADA: wait for him.",
                    "chat BEN: Yes, we do.",
                ])
    }

    @Test func tablesKeepTheMark() throws {
        #expect(
            try marked(
                "speaker,start,text\nAda,1,Shall we?\nBen (chat),2,Yes.\nAda,3,[Chat] Good.\n", "m.csv") == [
                    "said Ada: Shall we?", "chat Ben: Yes.", "chat Ada: Good.",
                ])
        #expect(
            try marked("start,text\n1,Ada: Shall we?\n2,Ben (chat): Yes.\n", "m.csv") == [
                "said Ada: Shall we?", "chat Ben: Yes.",
            ])
    }

    @Test func theMarkAboveALineOutlivesTheConnection() throws {
        var first = LineDecoder(format: .text)
        #expect(try first.decode("Ada (chat):").isEmpty)
        var second = LineDecoder(name: "socket:2")
        try second.resume(from: first.savedState())
        for decoder in [first, second] {
            var decoder = decoder
            guard case .utterance(let said)? = try decoder.decode("the link is up").first else {
                Issue.record("nothing was said")
                return
            }
            #expect(said.isWritten && said.speaker == "Ada")
        }
    }

    @Test func writtenLinesDoNotGrow() {
        func line(_ text: String, _ isWritten: Bool) -> Utterance {
            Utterance(
                speaker: "Ada", text: text, source: SourcePosition(name: "m", line: 1), isWritten: isWritten)
        }
        var said = [
            "we begin with", "we begin with the roof", "we begin with the roof and", "and the stairs",
        ]
        .map { line($0, false) }
        said += ["and the stairs come", "and the stairs come last"].map { line($0, true) }
        _ = GrowingLines.merge(&said)  // Ignored: how many were merged.
        #expect(
            said.map(\.text) == ["we begin with the roof and", "and the stairs", "and the stairs come last"])
    }
}
