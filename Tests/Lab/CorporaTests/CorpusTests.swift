import TestSupport
import Testing

@testable import Corpora

struct CorpusTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let dialogues = """
        {"fname": "a", "dialogue": "#Person1#: Is the boat in?\\n#Person2#: At  noon.\\n", "summary": " At noon. "}

        {"fname": "b", "dialogue": "#Jo#: Yes.", "summary1": "Jo agrees.", "summary2": "Yes.", "topic1": "x"}
        {"dialogue": "nobody speaks\\n#A#: so\\nit goes on", "summary": "One\\nTwo"}
        """

    private static let meeting = """
        {"meeting_transcripts": [
            {"speaker": "Chair (Hon. X (Y))", "content": "{vocalsound} Well , let 's start ."},
            {"speaker": "B", "content": "{disfmarker} ."},
            {"speaker": "C", "content": "The L_C_D_s are F - seven , {gap} not T_V_ ."},
            {"speaker": "D", "content": "[Laughter.] Do n't [sic] ask ?"}],
         "specific_query_list": [
            {"query": "What of screens ?", "answer": "They are LCDs.", "relevant_text_span": [["2", "3"]]},
            {"query": "Nothing?", "answer": "No.", "relevant_text_span": [["1", "1"]]},
            {"query": "Summarize the ends.", "answer": "Both.", "relevant_text_span": [["3", "3"], ["0", "0"]]}],
         "general_query_list": [{"query": "Summarize.", "answer": "All."}],
         "topic_list": [{"topic": "screens", "relevant_text_span": [["1", "2"]]}]}
        """

    @Test func dialogueIsCutIntoItsTurns() throws {
        let corpus = try Corpus.read([try scratch.write(Self.dialogues, to: "test.jsonl")])
        #expect(corpus.examples.map(\.id) == ["dialogsum/a", "dialogsum/b", "dialogsum/test_line4"])
        #expect(
            corpus.examples[0].source == [
                CorpusUtterance(speaker: "#Person1#", text: "Is the boat in?", index: 0),
                CorpusUtterance(speaker: "#Person2#", text: "At noon.", index: 1),
            ])
        #expect(corpus.examples[0].references == ["At noon."])
        #expect(corpus.examples[1].references == ["Jo agrees.", "Yes."])
        #expect(corpus.examples[2].source.map(\.text) == ["nobody speaks", "so it goes on"])
        #expect(corpus.examples[2].references == ["One\nTwo"])
        #expect(corpus.examples.allSatisfy { $0.kind == .dialogue && $0.query == nil })
    }

    @Test func meetingGivesItsQueriesAndTopics() throws {
        try scratch.write(Self.meeting, to: "m1.json")
        let corpus = try Corpus.read([scratch.path])
        #expect(
            corpus.examples.map(\.id) == [
                "qmsum/m1/specific/0", "qmsum/m1/specific/2", "qmsum/m1/window/2", "qmsum/m1/general/0",
                "qmsum/m1/overall/0",
            ])
        #expect(corpus.examples.map(\.kind) == [.query, .query, .window, .meeting, .overall])
        #expect(corpus.examples[0].source.map(\.index) == [2, 3])
        #expect(corpus.examples[1].source.map(\.index) == [0, 3])
        #expect(corpus.examples[2].source == corpus.examples[1].source && corpus.examples[2].query == nil)
        #expect(corpus.examples[3].source.map(\.index) == [0, 2, 3])
        #expect(corpus.examples[3].source[0].speaker == "Chair")
        #expect(corpus.examples[4].source.map(\.text) == ["They are LCDs.", "Both."])
        #expect(corpus.examples[4].references == ["All."])
        #expect(corpus.notes.count == 1)
        #expect(
            corpus.meetings.map(\.topics) == [[CorpusMeeting.Topic(title: "screens", spans: [1..<3])]])
        #expect(corpus.meetings[0].deliveredCount == 4)
    }

    @Test func kindsAreChosen() throws {
        let path = try scratch.write(Self.meeting, to: "m1.json")
        let queries = try Corpus.read([path], options: .init(kinds: [.query]))
        #expect(queries.examples.allSatisfy { $0.kind == .query } && queries.examples.count == 2)
        #expect(throws: CorporaError.self) { try Corpus.read([path], options: .init(kinds: [.dialogue])) }
    }

    @Test func withoutCleaningTheTokensStay() throws {
        let path = try scratch.write(Self.meeting, to: "m1.json")
        let corpus = try Corpus.read([path], options: .init(isCleaned: false))
        #expect(corpus.examples[0].source[0].text == "The L_C_D_s are F - seven , {gap} not T_V_ .")
        #expect(corpus.meetings[0].utterances.count == 4)
    }

    @Test(arguments: [
        ("{vocalsound} Well , let 's start .", "Well, let's start."),
        ("The L_C_D_s are F - seven , {gap} not T_V_ .", "The LCDs are F-seven, not TV."),
        ("[Laughter.] Do n't [sic] ask ?", "Don't [sic] ask?"),
        ("{disfmarker} , .", ""), ("- and - -", "- and - -"),
        ("snake_case {x1} { open", "snake_case {x1} { open"),
        ("£ 4 . 5 - 6 %", "£ 4. 5-6%"), ("@ so @@ .", "so."), ("", ""), ("'Kay - {pause} yes", "'Kay-yes"),
    ])
    func textIsCleaned(_ raw: String, _ clean: String) {
        #expect(QMSumText.cleaned(raw) == clean)
        #expect(QMSumText.cleaned(clean) == clean, "cleaning is done once and for all")
    }

    @Test func pairsOfBothLayoutsAreFound() throws {
        try scratch.write("Ann: We ship on Friday.\nBob: Agreed.\n", to: "one.txt")
        try scratch.write("# Minutes\n\n- Shipping on Friday.\n* Agreed.\n", to: "one.minutes.1.md")
        try scratch.write("They ship.\n", to: "one.minutes.2.txt")
        try scratch.write(
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello there.</v>\n", to: "two/transcript.vtt")
        try scratch.write(#"{"summary": {"text": "A greeting."}}"#, to: "two/minutes.json")
        try scratch.write("1\n00:00:01,000 --> 00:00:02,000\nAlone.\n", to: "three.srt")
        let corpus = try Corpus.read([scratch.path])
        #expect(corpus.examples.map(\.id) == ["pairs/one", "pairs/two"])
        #expect(
            corpus.examples.map(\.references) == [
                ["Shipping on Friday.\nAgreed.", "They ship."], ["A greeting."],
            ])
        #expect(corpus.examples[0].source.map(\.speaker) == ["Ann", "Bob"])
        #expect(corpus.notes.count == 1 && corpus.notes[0].contains("three.srt"))
    }

    @Test(arguments: [
        ("I ' Ve been here, haven ' t I?", "I've been here, haven't I?"), ("It' s Ann ' s.", "It's Ann's."),
        ("well. . . yes. . No.", "well... yes... No."), ("2, 000 yuan, 30, 40", "2,000 yuan, 30, 40"),
        ("the boys ' team", "the boys ' team"), ("don't", "don't"), ("", ""),
    ])
    func dialoguesAreWrittenTogether(_ raw: String, _ clean: String) {
        #expect(DialogSumText.cleaned(raw) == clean)
        #expect(DialogSumText.cleaned(clean) == clean, "cleaning is done once and for all")
    }

    @Test func speakersWithNumbersGetNames() throws {
        let path = try scratch.write(
            """
            {"fname": "a", "dialogue": "#Person1#: Hi, Kate.\\n#Person2#: I ' m in.", "summary": "#Person1# greets #Person2#."}
            {"fname": "b", "dialogue": "#Ann#: Hi, Kate.\\n#Bo#: Yes.", "summary": "#Bo# is called Kate."}
            """, to: "d.jsonl")
        let examples = try Corpus.read([path]).examples
        #expect(examples[0].source.map(\.speaker) == ["#Person1#", "#Person2#"])
        #expect(examples[0].source[1].text == "I'm in.")
        let naming = SpeakerNaming(examples[0].source)
        #expect(naming.applied(to: examples[0].references[0]) == "#Person1# greets Kate.")
        #expect(naming.applied(to: "#Person2#'s Ann sees #Person2#") == "Kate's Ann sees Kate")
        #expect(naming.applied(to: "") == "")
        // Speakers who have names already keep them.
        let other = examples[1].references[0]
        #expect(SpeakerNaming(examples[1].source).applied(to: other) == other)
        #expect(
            try Corpus.read([path], options: .init(isCleaned: false)).examples[0].source[1].text
                == "I ' m in.")
    }

    @Test func numbersAreTakenWhole() {
        let conversation = [
            CorpusUtterance(speaker: "Speaker 1", text: "Hi, Kate.", index: 0),
            CorpusUtterance(speaker: "Speaker 12", text: "Good morning, Tom.", index: 1),
        ]
        #expect(
            SpeakerNaming(conversation).applied(to: "Speaker 12 sees Speaker 1, Speaker 123 and Speaker 1")
                == "Kate sees Tom, Speaker 123 and Tom")
    }

    @Test func folderOfTranscriptsAsJSONLinesIsNotTakenForDialogues() throws {
        try scratch.write(#"{"speaker": "Ann", "text": "Hello."}"# + "\n", to: "call.jsonl")
        try scratch.write("A greeting.", to: "call.minutes.txt")
        #expect(try Corpus.read([scratch.path]).examples.map(\.id) == ["pairs/call"])
    }

    @Test(arguments: [
        ("a.jsonl", "{\"dialogue\": \"#A#: x\"}", "summary"), ("a.jsonl", "\n{]", "line 2"),
        ("a.json", "[]", "a.json"), ("a.json", "{}", "meeting_transcripts"), ("a.pdf", "", "known"),
        (
            "a.json",
            """
            {"meeting_transcripts": [{"speaker": "A", "content": "x"}],
             "specific_query_list": [{"query": "q", "answer": "a", "relevant_text_span": [["0", "1"]]}]}
            """, "0 to 1"
        ),
    ])
    func refusalNamesWhatIsWrong(_ name: String, _ text: String, _ named: String) throws {
        let path = try scratch.write(text, to: name)
        let error = #expect(throws: CorporaError.self) { try Corpus.read([path]) }
        #expect(error?.message.contains(named) == true && error?.message.contains(name) == true)
    }

    @Test func sameExampleTwiceIsRefused() throws {
        let path = try scratch.write(Self.dialogues, to: "a.jsonl")
        #expect(throws: CorporaError.self) { try Corpus.read([path, path]) }
        #expect(throws: CorporaError.self) { try Corpus.read([scratch.path + "/absent"]) }
    }
}
