import Testing

@testable import Transcript

/// Who speaks in captions, and what is shown twice: one test a kind.
@Suite("Captions as people have them") struct CueConversationTests {
    /// A file of captions of two seconds each, one after the other.
    private func file(_ texts: [String], _ name: String = "m.vtt", identifiers: [String?] = []) throws
        -> TranscriptFile
    {
        func clock(_ seconds: Int) -> String { "00:00:\(seconds < 10 ? "0" : "")\(seconds).000" }
        let cues = texts.enumerated().map { index, text in
            let identifier = identifiers.isEmpty ? nil : identifiers[index]
            return (identifier.map { $0 + "\n" } ?? "")
                + "\(clock(index * 2)) --> \(clock(index * 2 + 2))\n\(text)\n"
        }
        return try read((name.hasSuffix(".vtt") ? "WEBVTT\n\n" : "") + cues.joined(separator: "\n"), name)
    }

    private func said(_ texts: [String], _ name: String = "m.vtt") throws -> [String] {
        spelled(try file(texts, name).utterances)
    }

    // MARK: - Who speaks

    @Test func namesInIdentifiers() throws {
        let named = try file(["Hi.", "Yes.", "Good."], identifiers: ["Speaker 1", "Speaker 2", "Speaker 1"])
        #expect(spelled(named.utterances) == ["Speaker 1: Hi.", "Speaker 2: Yes.", "Speaker 1: Good."])
        let chapters = try file(["Hi.", "Yes.", "Good."], identifiers: ["intro", nil, nil])
        #expect(chapters.utterances.allSatisfy { $0.speaker == nil } && !chapters.notes.isEmpty)
    }

    @Test func namesInALineOfTheirOwn() throws {
        #expect(
            try said(["Ada Holm\nShall we?", "Ben Ross\nYes, now\nor later.", "Ada Holm\nGood."], "m.srt")
                == [
                    "Ada Holm: Shall we?", "Ben Ross: Yes, now or later.", "Ada Holm: Good.",
                ])
        #expect(
            try said([
                "(Ada Holm)\nShall we go on and", "(Ada Holm)\nsee it?\n-\n(Ben Ross)\nYes.",
                "(Ada Holm)\nGood.",
            ]) == [
                "Ada Holm: Shall we go on and see it?", "Ben Ross: Yes.", "Ada Holm: Good.",
            ])
        #expect(
            try said(["Yes\nwe do.", "and this is\nall of it.", "now\ngo."]).allSatisfy { $0.hasPrefix("-:") }
        )
    }

    @Test func namesOnlyWhereTheyChange() throws {
        #expect(
            try said(["Ada: We begin.", "The permit came.", "Ben: Two parts.", "Noise and stairs."], "m.srt")
                == [
                    "Ada: We begin.", "Ada: The permit came.", "Ben: Two parts.", "Ben: Noise and stairs.",
                ])
        let each = [
            "Ada: We begin.", "Ada: The permit came.", "Somebody coughs.", "Ben: Two.", "Ben: No.", "Door.",
        ]
        #expect(try said(each)[2] == "-: Somebody coughs.")
    }

    @Test func namesInLinesOfMetadata() throws {
        #expect(
            try said([
                #"{"speakerName":"Ada Holm","spokenText":"Shall we?","spokenLanguage":"en-us"}"#,
                #"{"speakerName":"Ben Ross","spokenText":"Yes."}"#,
            ]) == ["Ada Holm: Shall we?", "Ben Ross: Yes."])
    }

    @Test func aVoiceWithoutANameIsNobody() throws {
        let file = try file(["<v ->We begin and</v>", "<v ->No, we do not,</v>", "not now."])
        #expect(spelled(file.utterances) == ["-: We begin and", "-: No, we do not, not now."])
    }

    // MARK: - What is shown twice

    @Test func rollingCaptionsWithMarksOfTurns() throws {
        #expect(
            try said([
                "&gt;&gt; We begin with the", "&gt;&gt; We begin with the\npier and its permit.",
                "pier and its permit.\n&gt;&gt; Which?", "&gt;&gt; Which?\n&gt;&gt; Both of",
                "&gt;&gt; Both of\nthem, I think.",
            ]) == ["-: We begin with the pier and its permit.", "-: Which?", "-: Both of them, I think."])
    }

    @Test func growingCaptionsFromTheFirstWordOn() throws {
        #expect(
            try said([
                "So", "So the", "So the permit came", "So the permit came today.", "It", "It has two parts",
                "It has two parts now.",
            ])
                == ["-: So the permit came today.", "-: It has two parts now."])
    }

    @Test func whatPeopleSayTwiceStays() throws {
        #expect(
            try said(["No.", "No.", "Yes we can.", "Well."]) == [
                "-: No.", "-: No.", "-: Yes we can.", "-: Well.",
            ])
    }

    @Test func joinedFilesGiveEachCaptionOnce() throws {
        let one =
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\nOne.\n\n00:03.000 --> 00:04.000\nTwo.\n\n"
        let two =
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00:00.000\n\n00:03.000 --> 00:04.000\nTwo.\n\n00:05.000 --> 00:06.000\nThree.\n"
        #expect(spelled(try read(one + two, "m.vtt").utterances) == ["-: One.", "-: Two.", "-: Three."])
    }

    @Test func timesBeforeTheStartAreTheStart() throws {
        let file = try read(
            "1\n-00:00:02,500 --> -00:00:00,200\nAda: On?\n\n2\n-00:00:00,100 --> 00:00:02,900\nBen: Yes.\n",
            "m.srt")
        #expect(spelledWithTimes(file.utterances) == ["0-0 Ada: On?", "0-2.9 Ben: Yes."])
    }

    @Test func anEmptyLineBelowTheTimesIsNoEnd() throws {
        let file = try read(
            "WEBVTT\n\n00:01.000 --> 00:02.000\n\nOne.\n\n00:03.000 --> 00:04.000\n\nTwo.\n", "m.vtt")
        #expect(spelledWithTimes(file.utterances) == ["1-2 -: One.", "3-4 -: Two."] && file.notes.isEmpty)
    }

    // MARK: - Scripts without blanks

    @Test func growingLinesWithoutBlanks() throws {
        let text =
            "李雷：我们\n李雷：我们先谈\n李雷：我们先谈屋顶的许可\n李雷：我们先谈屋顶的许可。\n韩梅：好的\n韩梅：好的，那么条件\n韩梅：好的，那么条件是什么？\n韩梅：好的，那么条件是什么？两个\n"
        #expect(spelled(try read(text, "m.txt").utterances) == ["李雷: 我们先谈屋顶的许可。", "韩梅: 好的，那么条件是什么？两个"])
    }

    @Test func captionsWithoutBlanksAreJoinedWithout() throws {
        #expect(try said(["<v 李雷>我们先谈屋顶</v>", "<v 李雷>的许可。</v>"]) == ["李雷: 我们先谈屋顶的许可。"])
        #expect(try said(["屋根の許可は先週の月曜日に", "先週の月曜日に届きました。"]) == ["-: 屋根の許可は先週の月曜日に届きました。"])
    }

    @Test func wordsOfEveryScript() {
        #expect(WordOverlap.words("The roof, 屋根の許可。 ok") == ["the", "roof", "屋", "根", "の", "許", "可", "ok"])
        #expect(WordOverlap.dropping(3, of: "The 屋根の許可。") == "の許可。")
        #expect(["屋根", "の", "許可"].joinedAsWords == "屋根の許可" && ["a", "b"].joinedAsWords == "a b")
    }
}
