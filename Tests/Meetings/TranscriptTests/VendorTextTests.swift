import Language
import Testing

@testable import Transcript

/// Texts as other programs, messengers and stenographers lay them out, one test a kind.
@Suite("Texts of other programs") struct VendorTextTests {
    private func lines(_ text: String, _ name: String = "m.txt") throws -> [String] {
        spelledWithTimes(try read(text, name).utterances)
    }

    /// What three lines are read as, whatever their layout.
    private static let timed = ["5-? Ada: Shall we begin?", "12-? Ben: Yes, we do.", "80-? Ada: Who pays?"]
    private static let said = [
        "?-? Ada: Shall we begin?", "?-? Ben: Yes, we do.", "?-? Ada: Who pays?", "?-? Ben: I do.",
    ]

    /// Layouts of three lines with times.
    static let timedLayouts = [
        // A title and a moment above
        "Pier sync\nMay 12, 2026 at 10:02 AM - 32 mins\n\nTRANSCRIPT\n\nAda 00:00:05\nShall we begin?\n\nBen 00:00:12\nYes, we do.\n\nAda 00:01:20\nWho pays?\n",
        "Pier sync\n2026-05-12 10:02:33 | 32 min 14 s\n\nAda  00:05\nShall we begin?\n\nBen  00:12\nYes, we do.\n\nAda  01:20\nWho pays?\n",
        "Pier sync\nTue, May 12, 2026\n\n00:05\nAda\nShall we begin?\n\n00:12\nBen\nYes, we do.\n\n01:20\nAda\nWho pays?\n",
        "# Pier sync\n\n**Date:** 12 May 2026\n\n## Summary\n\n- The roof comes first\n\n## Transcript\n\n**Ada** (00:05)\nShall we begin?\n\n**Ben** (00:12)\nYes, we do.\n\n**Ada** (01:20)\nWho pays?\n",
        "Pier sync\nTue, May 12, 2026 10:02AM • 32:14\n\nSUMMARY KEYWORDS\nroof, permit\n\nSPEAKERS\nAda, Ben\n\nAda  00:05\nShall we begin?\n\nBen  00:12\nYes, we do.\n\nAda  01:20\nWho pays?\n",
        // Marks around parts
        "[00:00:05] **Ada:** Shall we begin?\n\n[00:00:12] **Ben:** Yes, we do.\n\n[00:01:20] **Ada:** Who pays?\n",
        "**[00:00:05] Ada**: Shall we begin?\n\n**[00:00:12] Ben**: Yes, we do.\n\n**[00:01:20] Ada**: Who pays?\n",
        "[00:00:05] [Ada]\nShall we begin?\n\n[00:00:12] [Ben]\nYes, we do.\n\n[00:01:20] [Ada]\nWho pays?\n",
        "Ada (00:05):\nShall we begin?\n\nBen (00:12):\nYes, we do.\n\nAda (01:20):\nWho pays?\n",
        "0:05 | Ada\nShall we begin?\n\n0:12 | Ben\nYes, we do.\n\n1:20 | Ada\nWho pays?\n",
        // Columns
        "00:00:05 | Ada | Shall we begin?\n00:00:12 | Ben | Yes, we do.\n00:01:20 | Ada | Who pays?\n",
        "00:00:05   Ada      Shall we begin?\n00:00:12   Ben      Yes, we do.\n00:01:20   Ada      Who pays?\n",
        // Times behind, and between marks
        "Ada: Shall we begin? (00:00:05)\nBen: Yes, we do. (00:00:12)\nAda: Who pays? (00:01:20)\n",
        "#00:00:05-0# Ada: Shall we begin?\n#00:00:12-0# Ben: Yes, we do.\n#00:01:20-0# Ada: Who pays?\n",
        "Ada: Shall we begin? #00:00:05-0#\n\nBen: Yes, we do. #00:00:12-0#\n\nAda: Who pays? #00:01:20-0#\n",
        // Digits of other scripts
        "[٠٠:٠٥] Ada: Shall we begin?\n[٠٠:١٢] Ben: Yes, we do.\n[٠١:٢٠] Ada: Who pays?\n",
        "۰۰:۰۵ Ada: Shall we begin?\n۰۰:۱۲ Ben: Yes, we do.\n۰۱:۲۰ Ada: Who pays?\n",
        "００：００：０５　Ada：Shall we begin?\n００：００：１２　Ben：Yes, we do.\n００：０１：２０　Ada：Who pays?\n",
    ]

    @Test(arguments: timedLayouts)
    func layoutsWithTimes(text: String) throws {
        #expect(try lines(text) == Self.timed)
    }

    /// Layouts of four lines without times.
    static let plainLayouts = [
        "Ada - Shall we begin?\nBen - Yes, we do.\nAda - Who pays?\nBen - I do.\n",
        "Ada – Shall we begin?\nBen – Yes, we do.\nAda – Who pays?\nBen – I do.\n",
        "Ada | Shall we begin?\nBen | Yes, we do.\nAda | Who pays?\nBen | I do.\n",
        "Ada → Shall we begin?\nBen → Yes, we do.\nAda → Who pays?\nBen → I do.\n",
        "Ada\tShall we begin?\nBen\tYes, we do.\nAda\tWho pays?\nBen\tI do.\n",
        "1. Ada: Shall we begin?\n2. Ben: Yes, we do.\n3. Ada: Who pays?\n4. Ben: I do.\n",
        "1   Ada:  Shall we begin?\n2   Ben:  Yes, we\n3   do.\n4   Ada:  Who pays?\n5   Ben:  I do.\n",
        "- **Ada**: Shall we begin?\n- **Ben**: Yes, we do.\n- **Ada**: Who pays?\n- **Ben**: I do.\n",
        "---\ntitle: Pier\ndate: 2026-05-12\n---\n\n- Ada: Shall we begin?\n- Ben: Yes, we do.\n- Ada: Who pays?\n- Ben: I do.\n",
        "<Ada> Shall we begin?\n<Ben> Yes, we do.\n<Ada> Who pays?\n<Ben> I do.\n",
        "【Ada】Shall we begin?\n【Ben】Yes, we do.\n【Ada】Who pays?\n【Ben】I do.\n",
        "Ada\nShall we begin?\n\nBen\nYes, we do.\n\nAda\nWho pays?\n\nBen\nI do.\n",
        "○Ada　Shall we begin?\n○Ben　Yes, we do.\n○Ada　Who pays?\n○Ben　I do.\n",
        "Ada. – Shall we begin?\nBen. – Yes, we do.\nAda. – Who pays?\nBen. – I do.\n",
        "> **Ada:** Shall we begin?\n\n> **Ben:** Yes, we do.\n\n> **Ada:** Who pays?\n\n> **Ben:** I do.\n",
        "{Ada} Shall we begin?\n{Ben} Yes, we do.\n{Ada} Who pays?\n{Ben} I do.\n",
        "## Ada\nShall we begin?\n\n## Ben\nYes, we do.\n\n## Ada\nWho pays?\n\n## Ben\nI do.\n",
        "**Ada**\nShall we begin?\n\n**Ben**\nYes, we do.\n\n**Ada**\nWho pays?\n\n**Ben**\nI do.\n",
        "@Ada: Shall we begin?\n@Ben: Yes, we do.\n@Ada: Who pays?\n@Ben: I do.\n",
        "Ada:Shall we begin?\nBen:Yes, we do.\nAda:Who pays?\nBen:I do.\n",
        "Ada「Shall we begin?」\nBen「Yes, we do.」\nAda「Who pays?」\nBen「I do.」\n",
        "Ada　Shall we begin?\nBen　Yes, we do.\nAda　Who pays?\nBen　I do.\n",
        "Ada: Shall we begin?\nBen: Yes, we do.\nAda: Who pays?\nBen: I do.\n",
    ]

    @Test(arguments: plainLayouts)
    func layoutsWithoutTimes(text: String) throws {
        #expect(try lines(text) == Self.said)
    }

    @Test func namesInCapitalsStandAlone() throws {
        let text =
            "MR ROSS\nI call the witness.\nShe was there.\n\nTHE CHAIR\nThank you.\n\nMR ROSS\nWhere were you?\n\nMS HOLM\nAt the harbour.\n"
        #expect(
            try lines(text) == [
                "?-? MR ROSS: I call the witness. She was there.", "?-? THE CHAIR: Thank you.",
                "?-? MR ROSS: Where were you?", "?-? MS HOLM: At the harbour.",
            ])
    }

    @Test func questionsAndAnswersOfACourt() throws {
        let text =
            "THE COURT: Please be seated.\n\nQ. Where were you?\n\nA. At the harbour.\n\nQ. When?\n\nA. On Monday.\n"
        #expect(
            try lines(text) == [
                "?-? THE COURT: Please be seated.", "?-? Q: Where were you?", "?-? A: At the harbour.",
                "?-? Q: When?", "?-? A: On Monday.",
            ])
    }

    @Test func interviewersHaveALetter() throws {
        let text = "I: Shall we begin?\nR: Yes.\nI: Who pays?\nR: I do.\n"
        #expect(
            try lines(text) == ["?-? I: Shall we begin?", "?-? R: Yes.", "?-? I: Who pays?", "?-? R: I do."])
        // What somebody begins with is no name.
        let said = try read("Ada: Well.\nI: mean it.\nBen: Yes.\n", "m.txt").utterances
        #expect(!said.contains { $0.speaker == "I" })
    }

    /// Where a page lost its line breaks; words before a colon within what is said are not taken for that.
    @Test func turnsOneBehindTheOther() throws {
        #expect(
            try lines("ADA HOLM: Good morning. BEN ROSS: Yes, it came. ADA HOLM: Who pays? BEN ROSS: I do.\n")
                == [
                    "?-? ADA HOLM: Good morning.", "?-? BEN ROSS: Yes, it came.", "?-? ADA HOLM: Who pays?",
                    "?-? BEN ROSS: I do.",
                ])
        #expect(
            try lines(
                "[00:00:05] Ada: Good morning. [00:00:12] Ben: Yes, it came. [00:01:20] Ada: Who pays?\n")
                == [
                    "5-? Ada: Good morning.", "12-? Ben: Yes, it came.", "80-? Ada: Who pays?",
                ])
        let said =
            "Ada: He wrote to me. Ben: do it. And then: NASA: they did it. [see 0:12]\nBen: Yes. The answer: no.\n"
        #expect(try read(said, "m.txt").utterances.count == 2)
    }

    @Test func assembliesNameOfficesAndPlaces() throws {
        let spain =
            "La señora PRESIDENTA: Tiene la palabra el señor Ross.\nEl señor ROSS MARTÍN: Gracias, señora presidenta.\n"
        #expect(
            try read(spain, "m.txt").utterances.map(\.speaker) == [
                "La señora PRESIDENTA", "El señor ROSS MARTÍN",
            ])
        let japan = "○委員長（佐藤太郎君）　これより会議を開きます。\n○鈴木花子君　質問します。\n　許可は届きましたか。\n"
        #expect(
            try lines(japan) == [
                "?-? 委員長（佐藤太郎君）: これより会議を開きます。", "?-? 鈴木花子君: 質問します。許可は届きましたか。",
            ])
        let europe =
            "Ada Holm (PPE). – When?\nBen Ross, Member of the Commission. – In spring.\nAda Holm (PPE). – I see.\n"
        #expect(
            try read(europe, "m.txt").utterances.map(\.speaker) == [
                "Ada Holm (PPE)", "Ben Ross, Member of the Commission", "Ada Holm (PPE)",
            ])
    }

    @Test func dialoguesWithDashesAreTurns() throws {
        #expect(
            try lines("— Доброе утро.\n— Разрешение пришло.\n— Кто заказывает кран?\n") == [
                "?-? -: Доброе утро.", "?-? -: Разрешение пришло.", "?-? -: Кто заказывает кран?",
            ])
    }

    /// The panel beside a film, with its heading, in any language, and the time read out once more.
    @Test(arguments: ["Transcript\nSearch in video", "Transkript", "文字起こし", "Расшифровка видео"])
    func panelsOfWebPages(heading: String) throws {
        let text =
            heading
            + "\n0:05\n5 secondsgood morning all\n0:12\nはい 許可は届きました\n1:20\n1 minute, 20 secondswho pays\n"
        #expect(
            try lines(text) == ["5-? -: good morning all", "12-? -: はい 許可は届きました", "80-? -: who pays"])
    }

    @Test func entitiesOfPagesAreCharacters() throws {
        let text = "Ada: R&amp;D, let&#39;s begin.\nBen: AT&T said &quot;yes&quot;.\n"
        #expect(try lines(text) == ["?-? Ada: R&D, let's begin.", "?-? Ben: AT&T said \"yes\"."])
    }

    @Test(arguments: [
        ("[12.05. 10:02] Holm, Ada\nJa.\n\n[12.05. 10:03] Ross, Ben\nNein.\n", ["Holm, Ada", "Ross, Ben"]),
        (
            "[12-May-26 10:02 AM] ada#1234\nYes.\n\n[12-May-26 10:03 AM] ben#0001\nNo.\n\n[12-May-26 10:04 AM] ada#1234\nSo.\n",
            ["ada#1234", "ben#0001", "ada#1234"]
        ),
        ("[May 12, 2026 10:02:00] Ada: Yes.\n[May 12, 2026 10:03:00] Ben: No.\n", ["Ada", "Ben"]),
        ("[Ada] [오전 10:02] Yes.\n[Ben] [오전 10:03] No.\n", ["Ada", "Ben"]),
    ])
    func messengersDates(text: String, names: [String]) throws {
        let said = try read(text, "m.txt").utterances
        #expect(said.map(\.speaker) == names && said.map(\.start) == Array([0, 60, 120].prefix(names.count)))
        let chat = try read("10:02 < ada> Yes.\n10:03 <@ben> No.\n", "m.txt").utterances
        #expect(chat.map(\.speaker) == ["ada", "ben"])
    }

    @Test func timesOfProgramsThatRecognise() throws {
        #expect(
            try lines("[5.12s -> 9.00s] Shall we?\n[12.34s -> 16.00s] Yes.\n") == [
                "5.12-9 -: Shall we?", "12.34-16 -: Yes.",
            ])
        #expect(
            try lines(
                "[00:05.000 --> 00:09.000] SPEAKER_00 Shall we?\n[00:12.000 --> 00:16.000] SPEAKER_01 Yes.\n")
                == ["5-9 SPEAKER_00: Shall we?", "12-16 SPEAKER_01: Yes."])
        #expect(try lines("00:00:05:Shall we?\n00:00:12:Yes.\n") == ["5-? -: Shall we?", "12-? -: Yes."])
        #expect(
            try lines("Ada\t00:00:05.100\t00:00:09.000\tShall we?\nBen\t00:00:12.000\t00:00:16.000\tYes.\n")
                == [
                    "5.1-9 Ada: Shall we?", "12-16 Ben: Yes.",
                ])
    }

    /// None of these layouts is seen where it is not.
    @Test func proseStaysAsItIs() throws {
        for text in [
            "The meeting began - as ever - at ten.\nAda opened - with the roof.\nBen agreed - at last.\nThen it ended - at noon.\n",
            "Roof\nand stairs\n\nBudget\nfor the year\n\nPermit\nof the town\n\nCrane\nto order\n",
            "1. The roof comes first\n2. Then the stairs\n3. Then nothing\n4. And the end\n",
            "A. The first thing\nB. The second thing\nQ. Why?\nC. The third thing\n",
            "I think so.\nI: no.\nWe go on.\nAnd on.\n", "[0:05] maybe   we should wait\n",
            "exactly\nso we do the roof\nsure\ni order it then\nexactly\nthen the stairs\nsure\nnext week it is\n",
            "indeed\nso we do the roof\nof course\ni order it then\nindeed\nthen the stairs\nfine\nnext week it is\n",
        ] {
            #expect(try read(text, "m.txt").utterances.allSatisfy { $0.speaker == nil }, "\(text)")
        }
    }
}

/// What was written in a meeting's chat.
@Suite("Chats") struct ChatTests {
    private func marked(_ text: String, _ name: String = "m.txt") throws -> [String] {
        try read(text, name).utterances.map {
            "\($0.isWritten ? "chat" : "said") \($0.speaker ?? "-"): \($0.text)"
        }
    }

    @Test(arguments: [
        "[Chat] Carla Voss: The link", "(chat) Carla Voss: The link", "Carla Voss (chat): The link",
        "Carla Voss [Chat]: The link", "💬 Carla Voss: The link", "From Carla Voss to Everyone: The link",
        "Von Carla Voss an Alle: The link", "[聊天] Carla Voss: The link", "Carla Voss (в чате): The link",
    ])
    func linesWithinATranscriptAreMarked(line: String) throws {
        let text = "Ada: Shall we begin?\nBen: Yes.\n\(line)\nAda: Thank you.\n"
        #expect(
            try marked(text) == [
                "said Ada: Shall we begin?", "said Ben: Yes.", "chat Carla Voss: The link",
                "said Ada: Thank you.",
            ])
        let notes = try read(text, "m.txt").notes
        #expect(notes.contains { $0.kind == .chatWritten && $0.arguments == [.number(1)] })
    }

    @Test func whatIsSaidAboutAChatIsSaid() throws {
        let text =
            "Ada: I put it in the chat.\nBen: The chat: it works.\nAda (Chatham): Yes.\nBen: (chat noise) No.\nFrom Monday to Friday: closed.\nBen: Is WhatsApp end-to-end encrypted?\n"
        #expect(try read(text, "m.txt").utterances.allSatisfy { !$0.isWritten })
    }

    @Test func reactionsAndQuotationsArePassedOver() throws {
        let text = """
            2026-05-12 10:02:33 From Ada Holm to Everyone:
            \tShall we begin?
            2026-05-12 10:03:01 From Ben Ross to Everyone:
            \tReplying to "Shall we begin?"
            \t
            \tYes, we do.
            2026-05-12 10:03:10 From Ada Holm to Everyone:
            \tReacted to "Yes, we do." with 👍
            10:03:20 From Ada Holm to Everyone: Reacted to "Yes" with 👍
            2026-05-12 10:04:00 From Ben Ross to Ada Holm (Direct Message):
            \tWho pays?
            """
        #expect(
            try marked(text) == [
                "chat Ada Holm: Shall we begin?", "chat Ben Ross: Yes, we do.", "chat Ben Ross: Who pays?",
            ])
        #expect(try read(text, "m.txt").format == .chat)
    }

    @Test(arguments: [
        "[12/05/2026, 10:02:33] Pier: \u{200E}Messages and calls are end-to-end encrypted. Not even WhatsApp can read them.\n[12/05/2026, 10:02:40] Ada: Shall we begin?\n[12/05/2026, 10:03:01] Ben: Yes.\nWe do.\n[12/05/2026, 10:03:20] Ada: \u{200E}image omitted\n[12/05/2026, 10:04:00] +49 170 1234567: Who pays?\n",
        "12/05/2026, 10:02 - Messages and calls are end-to-end encrypted. Not even WhatsApp can read them.\n12/05/2026, 10:02 - Ada: Shall we begin?\n12/05/2026, 10:03 - Ben: Yes.\nWe do.\n12/05/2026, 10:03 - Ada: <Media omitted>\n12/05/2026, 10:04 - +49 170 1234567: Who pays?\n",
    ])
    func exportsOfWhatsApp(text: String) throws {
        #expect(
            try marked(text) == [
                "chat Ada: Shall we begin?", "chat Ben: Yes. We do.", "chat +49 170 1234567: Who pays?",
            ])
    }

    @Test func messengersJSON() throws {
        let telegram = """
            {"name": "Pier", "messages": [{"id": 1, "type": "service", "date": "2026-05-12T10:02:00", "text": ""},
            {"id": 2, "type": "message", "date": "2026-05-12T10:02:33", "from": "Ada", "text": "Shall we?"},
            {"id": 3, "type": "message", "date": "2026-05-12T10:03:33", "from": "Ben",
             "text": ["See ", {"type": "link", "text": "https://a.example"}, "."]}]}
            """
        #expect(
            try marked(telegram, "result.json") == [
                "chat Ada: Shall we?", "chat Ben: See https://a.example.",
            ])
        let slack = """
            [{"user": "U1", "type": "message", "ts": "1778580153.0002", "text": "Shall we?",
              "user_profile": {"real_name": "Ada", "display_name": "a"}},
             {"user": "U2", "type": "message", "ts": "1778580181.0002", "text": "Yes.", "user_profile": {"real_name": "Ben"}}]
            """
        #expect(try marked(slack, "pier.json") == ["chat Ada: Shall we?", "chat Ben: Yes."])
        let teams = """
            {"value": [{"messageType": "message", "createdDateTime": "2026-05-12T10:02:33.1Z",
              "from": {"user": {"displayName": "Ada", "id": "1"}},
              "body": {"contentType": "html", "content": "<p>Shall <b>we</b>?</p>"}}]}
            """
        #expect(try marked(teams, "chat.json") == ["chat Ada: Shall we?"])
    }

    @Test func theMarkOutlivesJSONLines() throws {
        var said = Utterance(speaker: "Ada", text: "Hi.", source: SourcePosition(name: "m", line: 1))
        said.isWritten = true
        let line = JSONLinesWriter.line(said)
        #expect(line.contains(#""chat":true"#))
        #expect(try read(line + "\n", "m.jsonl").utterances.map(\.isWritten) == [true])
        var decoder = LineDecoder(format: .text)
        guard case .utterance(let sent)? = try decoder.decode("Ada (chat): Hi.").first else {
            Issue.record("nothing was said")
            return
        }
        #expect(sent.isWritten && sent.speaker == "Ada")
    }

    @Test func captionsKeepTheMark() throws {
        let text =
            "WEBVTT\n\n00:01.000 --> 00:02.000\nAda: Shall we\n\n00:02.000 --> 00:03.000\nAda (chat): begin?\n\n00:03.000 --> 00:04.000\nBen: Yes.\n"
        #expect(try marked(text, "m.vtt") == ["said Ada: Shall we", "chat Ada: begin?", "said Ben: Yes."])
    }
}
