import Testing

@testable import Transcript

/// How texts are laid out that people copy and export, one test a kind.
@Suite("Layouts of plain text") struct TextLayoutTests {
    private func lines(_ text: String, _ name: String = "m.txt") throws -> [String] {
        spelledWithTimes(try read(text, name).utterances)
    }

    // MARK: - Names in brackets

    @Test(arguments: [
        ("[SPEAKER_00]: Hi.\n[SPEAKER_01]: Yes.\n", ["SPEAKER_00: Hi.", "SPEAKER_01: Yes."]),
        ("[SPEAKER_00] Hi.\n[SPEAKER_01] Yes.\n", ["SPEAKER_00: Hi.", "SPEAKER_01: Yes."]),
        ("(speaker 0) Hi.\n(speaker 1) Yes.\n", ["speaker 0: Hi.", "speaker 1: Yes."]),
        ("[Ada] Hi there.\n[Ben] Yes.\n[Ada] Good.\n", ["Ada: Hi there.", "Ben: Yes.", "Ada: Good."]),
        (
            "(Ada Holm)\nHi there.\n\n(Ben Ross)\nYes.\n\n(Ada Holm)\nGood.\n",
            ["Ada Holm: Hi there.", "Ben Ross: Yes.", "Ada Holm: Good."]
        ),
    ])
    func namesInBrackets(text: String, said: [String]) throws {
        #expect(spelled(try read(text, "m.txt").utterances) == said)
    }

    @Test func soundsInBracketsAreNobody() throws {
        let file = try read("Ada: Hi.\n[Music]\nBen: Yes.\n[Applause] Ada: No.\n[laughs] well\n", "m.txt")
        #expect(Set(file.utterances.compactMap(\.speaker)) == ["Ada", "Ben"])
    }

    // MARK: - Times above

    @Test func aTimeBeforeANameAboveTheText() throws {
        let dashed =
            "0:00 - Ada Holm (Pier)\n  Shall we?\n\n0:21 - Ben Ross\n  Yes, we shall.\n\n1:05 - Ada Holm (Pier)\n  Good.\n"
        #expect(
            try lines(dashed) == [
                "0-? Ada Holm (Pier): Shall we?", "21-? Ben Ross: Yes, we shall.",
                "65-? Ada Holm (Pier): Good.",
            ])
        let apart = "00:00:05\nAda Holm\nShall we?\n\n00:00:21\nBen Ross\nYes, we shall.\n"
        #expect(try lines(apart) == ["5-? Ada Holm: Shall we?", "21-? Ben Ross: Yes, we shall."])
    }

    @Test func aShortAnswerBehindATimeIsNoName() throws {
        let text = "0:01 Agreed\n0:05 Good Morning everyone\n0:09 we start now\n0:12 Yes\n"
        #expect(try lines(text).allSatisfy { $0.contains("-? -:") })
    }

    @Test func headingsOfChaptersAreNoNames() throws {
        let chapters =
            "0:00 Introduction\nwelcome to all of you\n1:20 Roof\nso the roof came first\n2:40 Stairs\nand then these\n"
        #expect(try read(chapters, "m.txt").utterances.allSatisfy { $0.speaker == nil })
        let apart = "0:00\nRoof\nand stairs\n0:05\nwe begin with\nboth of them\n0:09\nGood\nthen go\n"
        #expect(try read(apart, "m.txt").utterances.allSatisfy { $0.speaker == nil })
    }

    @Test func aTimeAboveABlockIsTheTimeOfItsTurns() throws {
        let text = """
            March 3, 2026
            Pier works - Transcript
            00:00:00

            Ada Holm: Good morning.
            Ben Ross: Morning.

            00:05:12

            Ben Ross: It has two parts.

            Transcription ended after 00:12:45

            This editable transcript was computer generated and might contain errors.
            """
        let file = try read(text, "m.txt")
        #expect(
            spelledWithTimes(file.utterances) == [
                "0-? Ada Holm: Good morning.", "0-? Ben Ross: Morning.", "312-? Ben Ross: It has two parts.",
            ])
        #expect(file.title == "Pier works" && file.skippedCount > 0)
    }

    @Test func hoursAndMinutesAreToldByHowMuchIsSaid() throws {
        let day =
            "[14:02] ada: I think that we should begin with the pier today, and then go on.\n[14:03] ben: Yes, that is what I would like to do as well.\n[14:07] ada: Good.\n"
        #expect(try lines(day).map { $0.prefix { $0 != "-" } } == ["0", "60", "300"])
        let offsets = "[14:02] ada: Shall we?\n[14:09] ben: Yes.\n[14:21] ada: Good.\n"
        #expect(try lines(offsets).map { $0.prefix { $0 != "-" } } == ["842", "849", "861"])
    }

    @Test(arguments: [
        ("minutes", "seconds"), ("Minuten", "Sekunden"), ("minuti", "secondi"), ("minuter", "sekunder"),
        ("dakika", "saniye"),
        ("分", "秒"), ("хвилин", "секунд"),
    ])
    func webCopiesOfTeamsInAnyLanguage(minutes: String, seconds: String) throws {
        let text = """
            AH
            Ada Holm
            0 \(minutes) 9 \(seconds)0:09
            Ada Holm 0 \(minutes) 9 \(seconds)
            We begin with the pier.
            Ada Holm 0 \(minutes) 27 \(seconds)
            The permit came.
            RB
            Ross, Ben (ext.)
            5 \(minutes) 16 \(seconds)5:16
            Ross, Ben (ext.) 5 \(minutes) 16 \(seconds)
            It has two parts.
            """
        #expect(
            try lines(text) == [
                "9-? Ada Holm: We begin with the pier.", "27-? Ada Holm: The permit came.",
                "316-? Ross, Ben (ext.): It has two parts.",
            ])
    }

    // MARK: - Names

    @Test(arguments: [
        "Anna Maria de la Cruz Lopez", "Tomas 🌊", "Ada | Pier Trust", "ada@pier.example",
        "Prof. dr. Ada Holm", "iPad van Ada",
        "Holm-Straße, Jürgen [HH/IT]", "Участник №2", "\u{200F}ليلى\u{200F}", "रवि कुमार", "ნინო",
        "Holm, Ada (extern)", "Ch 1",
    ])
    func namesThatLookLikeNames(name: String) {
        #expect(SpokenLine("\(name): hello", rules: .cueText).speaker != nil)
    }

    @Test func anythingBeforeAColonIsANameWhereEachLineHasOne() throws {
        let text =
            "[0:01] jan de vries: Hi.\n[0:04] 3. OG Besprechungsraum: Yes.\n[0:09] ada external guest: Good.\n"
        #expect(
            try read(text, "m.txt").utterances.map(\.speaker) == [
                "jan de vries", "3. OG Besprechungsraum", "ada external guest",
            ])
        let said = "Ada: Hi.\nwell what I mean is: no.\nBen: Yes.\nand then he said: go.\nBen: Why?\n"
        #expect(Set(try read(said, "m.txt").utterances.compactMap(\.speaker)) == ["Ada", "Ben"])
    }

    // MARK: - What stands around

    @Test(arguments: [
        "Overview: The pier.\nKeywords: pier, permit\nHost: Ada Holm\nDatum: 12. Mai 2026\n\n",
        "=== ATTENDEES ===\nTotal Attendees: 2\n\nAttendee List:\n- Ada Holm\n- Ben Ross\n\n=== TRANSCRIPT ===\n",
        "参会人：Ada, Ben\n日期：2026-05-12\n\n", "Дата: 12.05.2026\nУчастники: Ada, Ben\n\n",
        "Pier call - May 12\nVIEW RECORDING - 12 mins: https://example.com/1\n\n---\n\n",
    ])
    func headersAreNeitherSpeakersNorSpeech(header: String) throws {
        let talk = "Ada Holm: Shall we begin?\nBen Ross: Yes, now.\nAda Holm: Next steps: I call them.\n"
        let file = try read(header + talk, "m.txt")
        #expect(
            spelled(file.utterances) == [
                "Ada Holm: Shall we begin?", "Ben Ross: Yes, now.", "Ada Holm: Next steps: I call them.",
            ])
        #expect(file.notes.contains { "\($0)".contains("header line") } && file.skippedCount > 0)
    }

    /// What might have been said stays.
    @Test(arguments: [
        "Ada: We met.\n\nBen: And left.\n\nCara: Late.\n",
        "Well, this is how it began.\n\nAda: Hi.\nBen: Yes.\nAda: Good.\n",
    ])
    func speechIsNoHeader(text: String) throws {
        let file = try read(text, "m.txt")
        #expect(file.utterances.count == text.split(separator: "\n").count && file.skippedCount == 0)
    }
}
