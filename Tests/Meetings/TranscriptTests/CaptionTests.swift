import Language
import Testing
import Transcript

@Suite struct CaptionTests {
    @Test func teamsVoicesBecomeSpeakers() throws {
        let file = try read(Samples.teamsVTT, "teams.vtt")
        #expect(file.format == .webVTT)
        #expect(
            spelled(file.utterances) == [
                "Jane Doe: Good morning everyone, let's get started.", "Anders Åkesson: Morning & hello.",
                "Jane Doe: Who is here?", "Bob: I am.",
            ])
        #expect(file.utterances[0].start == 3.52 && file.utterances[0].end == 6.1)
        #expect(file.utterances[0].source == SourcePosition(name: "teams.vtt", line: 5))
        #expect(file.notes.count == 1 && file.notes[0].description.contains("1 × cue without text"))
    }

    @Test func zoomNamesAreToldFromOtherColons() throws {
        let file = try read(Samples.zoomVTT, "zoom.vtt")
        #expect(
            spelled(file.utterances) == [
                "Priya Natarajan: The release is on Friday.", "-: 10:30 Meeting: we should move it.",
                "Tom O'Brien: Note: the build is red.",
            ])
    }

    @Test func quirksOfWebVTTAreReadOrCounted() throws {
        let file = try read(Samples.messyVTT, "messy.vtt")
        #expect(
            spelled(file.utterances) == [
                "Mary: a < b is what they said <loudly> note that this line is text",
                "Carl: no blank line above and a number without one", "-: Words with broken times.",
                "Mary: One.",
            ])
        #expect(file.utterances[0].start == 62.5)
        #expect(file.utterances[2].start == nil)
        for part in [
            "NOTE block skipped", "STYLE block skipped", "REGION block skipped", "2 × header line",
            "repeated cue", "time that cannot be read", "cue identifier skipped",
        ] {
            #expect(file.notes.contains { "\($0)".contains(part) }, "\(part) in \(file.notes)")
        }
    }

    @Test func subRipIsReadWithItsQuirks() throws {
        let file = try read(Samples.subRip, "talk.srt")
        #expect(file.format == .subRip)
        #expect(
            spelled(file.utterances) == [
                "Anna: Shall we begin?", "Ben: Yes.", "Ben: The index is missing here.",
                "ANNA: And the blank line there.",
            ])
        #expect(file.utterances[1].end == 6.25)
        #expect(file.notes.contains { "\($0)".contains("cue without text") })
    }

    @Test func aTurnCutIntoCuesIsOneUtterance() throws {
        let text = """
            WEBVTT

            00:01.000 --> 00:03.000
            <v Ann>I think that we</v>

            00:03.100 --> 00:05.000
            <v Ann>should ship it.</v>

            00:05.100 --> 00:06.000
            <v Ann>Really.</v>

            00:09.000 --> 00:10.000
            <v Ann>and then</v>

            00:30.000 --> 00:31.000
            <v Ann>much later</v>
            """
        let file = try read(text, "cut.vtt")
        #expect(
            spelled(file.utterances) == [
                "Ann: I think that we should ship it.", "Ann: Really.", "Ann: and then", "Ann: much later",
            ])
        #expect(file.utterances[0].start == 1 && file.utterances[0].end == 5)
    }

    @Test func nothingSaidIsLostBetweenBlankLines() throws {
        let text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ann>First.</v>\n\nSecond after a blank line.\n"
        let file = try read(text, "blank.vtt")
        #expect(spelled(file.utterances) == ["Ann: First.", "-: Second after a blank line."])
        #expect(file.notes.contains { "\($0)".contains("outside of a cue") })
    }

    @Test(arguments: [
        ("WEBVTT", TranscriptFormat.webVTT), ("WEBVTT\n\nNOTE nothing here\n", .webVTT),
        ("00:01.000 --> 00:02.000\nhello", .subRip), ("1\n00:00:01,000 --> 00:00:02,000\n\n", .subRip),
    ])
    func silentChunksAreNoError(text: String, format: TranscriptFormat) throws {
        let file = try read(text, "chunk")
        #expect(file.format == format)
    }

    @Test(arguments: [
        ("a &lt;v Bob&gt; b", "a <v Bob> b"), ("&#72;&#x69; &unknown; &", "Hi &unknown; &"),
        ("x <b>y</b> <00:00:01.000><c.red>z</c>", "x y z"), ("if 1<2 and 3>2 then", "if 1<2 and 3>2 then"),
        ("unclosed <v Jane", "unclosed <v Jane"), ("List<String> stays", "List<String> stays"),
        ("two<br>lines", "two lines"), ("&nbsp;blank&nbsp;", "blank"),
    ])
    func markupIsTakenOffAndTextIsKept(payload: String, text: String) throws {
        let file = try read("WEBVTT\n\n00:01.000 --> 00:02.000\n\(payload)\n", "markup.vtt")
        #expect(file.utterances.map(\.text) == [text])
    }
}
