import Language
import Testing

@testable import Transcript

/// JSON, captions and tables of programs that nobody here has seen: by what their parts are called.
@Suite("Files of other programs") struct VendorFileTests {
    private func lines(_ text: String, _ name: String) throws -> [String] {
        spelledWithTimes(try read(text, name).utterances)
    }

    private static let both = ["0.5-1.5 Ada: Shall we?", "2-3 Ben: Yes, we do."]

    @Test(arguments: [
        // Turns with sentences
        #"{"callTranscripts": [{"callId": "7", "transcript": [{"speakerId": "Ada", "topic": null, "sentences": [{"start": 500, "end": 150000, "text": "Shall we?"}]}]}]}"#
    ])
    func sentencesHaveTheirTurnsSpeaker(text: String) throws {
        #expect(try lines(text, "call.json") == ["0.5-150 Ada: Shall we?"])
    }

    /// Documents in which two people speak.
    static let shapes = [
        #"{"content": {"blocks": [{"speakerLabel": "Ada", "startMs": 500, "endMs": 1500, "body": "Shall we?"}, {"speakerLabel": "Ben", "startMs": 2000, "endMs": 3000, "body": "Yes, we do."}]}}"#,
        #"[{"Speaker": "Ada", "StartTime": 0.5, "EndTime": 1.5, "Text": "Shall we?"}, {"Speaker": "Ben", "StartTime": 2, "EndTime": 3, "Text": "Yes, we do."}]"#,
        #"{"Transcript": [{"ParticipantId": "Ada", "Content": "Shall we?", "BeginOffsetMillis": 500, "EndOffsetMillis": 1500}, {"ParticipantId": "Ben", "Content": "Yes, we do.", "BeginOffsetMillis": 2000, "EndOffsetMillis": 3000}]}"#,
        #"{"items": [{"text": "Shall we?", "personName": "Ada", "offsetMillisecond": 500, "durationMillisecond": 1000}, {"text": "Yes, we do.", "personName": "Ben", "offsetMillisecond": 2000, "durationMillisecond": 1000}]}"#,
        #"{"data": {"transcript": {"sentences": [{"speaker_name": "Ada", "speaker_id": 0, "text": "Shall we?", "raw_text": "x", "start_time": 0.5, "end_time": 1.5}, {"speaker_name": "Ben", "speaker_id": 1, "text": "Yes, we do.", "start_time": 2, "end_time": 3}]}}}"#,
        #"{"segments": [{"speaker": "a", "words": [{"text": "Shall", "start": 0.5, "end": 1}, {"text": "we?", "start": 1, "end": 1.5}]}, {"speaker": "b", "words": [{"text": "Yes, we do.", "start": 2, "end": 3}]}], "speakers": [{"spkid": "a", "name": "Ada"}, {"spkid": "b", "name": "Ben"}]}"#,
        #"{"speech": {"speakers": [{"id": 5, "speaker_name": "Ada"}, {"id": 6, "speaker_name": "Ben"}], "transcripts": [{"transcript": "Shall we?", "speaker_id": 5, "start": 0.5, "end": 1.5}, {"transcript": "Yes, we do.", "speaker_id": 6, "start": 2, "end": 3}]}}"#,
        #"{"speakers": {"0": "Ada", "1": {"name": "Ben"}}, "lines": [{"speaker": 0, "text": "Shall we?", "start": 0.5, "end": 1.5}, {"speaker": 1, "text": "Yes, we do.", "start": 2, "end": 3}]}"#,
        #"{"chunks": [{"timestamp": [0.5, 1.5], "speaker": "Ada", "text": " Shall we?"}, {"timestamp": [2, 3], "speaker": "Ben", "text": " Yes, we do."}], "text": "Shall we? Yes, we do."}"#,
        #"{"tokens": [{"text": "Sh", "start_ms": 500, "end_ms": 600, "speaker": "Ada"}, {"text": "all", "start_ms": 600, "end_ms": 900, "speaker": "Ada"}, {"text": " we", "start_ms": 1000, "end_ms": 1400, "speaker": "Ada"}, {"text": "?", "start_ms": 1400, "end_ms": 1500, "speaker": "Ada"}, {"text": " Yes", "start_ms": 2000, "end_ms": 2100, "speaker": "Ben"}, {"text": ",", "start_ms": 2100, "end_ms": 2200, "speaker": "Ben"}, {"text": " we", "start_ms": 2300, "end_ms": 2500, "speaker": "Ben"}, {"text": " do", "start_ms": 2600, "end_ms": 2900, "speaker": "Ben"}, {"text": ".", "start_ms": 2900, "end_ms": 3000, "speaker": "Ben"}]}"#,
        "{\"Offset\": 5000000, \"Duration\": 10000000, \"DisplayText\": \"Shall we?\", \"SpeakerId\": \"Ada\"}\n{\"Offset\": 20000000, \"Duration\": 10000000, \"DisplayText\": \"Yes, we do.\", \"SpeakerId\": \"Ben\"}\n",
    ]

    @Test(arguments: shapes)
    func partsAreToldByTheirNames(text: String) throws {
        #expect(try lines(text, "m.json") == Self.both)
    }

    @Test func momentsAreCountedFromTheFirst() throws {
        let iso =
            #"[{"start_timestamp": "2026-05-12T10:02:33Z", "end_timestamp": "2026-05-12T10:02:35Z", "text": "Shall we?", "source": "microphone"}, {"start_timestamp": "2026-05-12T10:02:36Z", "text": "Yes.", "source": "system"}]"#
        #expect(try lines(iso, "m.json") == ["0-2 microphone: Shall we?", "3-? system: Yes."])
        let milliseconds =
            #"{"messages": [{"role": "system", "message": "You help.", "time": 1778580150000}, {"role": "bot", "message": "Shall we?", "time": 1778580153000, "endTime": 1778580155000}, {"role": "user", "message": "Yes.", "time": 1778580157000}]}"#
        #expect(try lines(milliseconds, "m.json") == ["0-2 bot: Shall we?", "4-? user: Yes."])
        #expect(
            try lines(
                "{\"text\": \"Hi.\", \"start\": 1778580153000}\n{\"text\": \"Yes.\", \"start\": 1778580157000}\n",
                "m.jsonl")
                == ["0-? -: Hi.", "4-? -: Yes."])
    }

    @Test func sentencesRatherThanTheirWords() throws {
        let text =
            #"{"timestamp": {"word": [{"word": "Shall", "start": 0.1, "end": 0.3}, {"word": "we?", "start": 0.3, "end": 0.4}, {"word": "Yes.", "start": 2, "end": 2.4}, {"word": "I", "start": 3, "end": 3.1}, {"word": "do", "start": 3.1, "end": 3.2}, {"word": "so.", "start": 3.2, "end": 3.4}], "segment": [{"segment": "Shall we?", "start": 0.1, "end": 0.4}, {"segment": "Yes. I do so.", "start": 2, "end": 3.4}]}}"#
        #expect(try lines(text, "m.json") == ["0.1-0.4 -: Shall we?", "2-3.4 -: Yes. I do so."])
    }

    @Test func otranscribesParagraphs() throws {
        let text =
            #"{"text": "<p><span class=\"timestamp\" data-timestamp=\"5.1\">00:05</span><b>Ada:</b> Shall we?</p><p><span class=\"timestamp\">00:12</span><b>Ben:</b> R&amp;D.</p>", "media": "a.mp3", "media-time": 12.3}"#
        #expect(try lines(text, "m.otr") == ["5-? Ada: Shall we?", "12-? Ben: R&D."])
    }

    @Test(arguments: [
        #"{"id": "x", "title": "Pier", "transcript": "Ada: Shall we?\nBen: Yes, we do."}"#,
        #"{"data": {"content": "Ada: Shall we?\n\nBen: Yes, we do."}}"#,
        #"["Ada: Shall we?", "Ben: Yes, we do."]"#, #"[{"Ada": "Shall we?"}, {"Ben": "Yes, we do."}]"#,
    ])
    func textsWithinJSON(text: String) throws {
        let file = try read(text, "m.json")
        #expect(spelledWithTimes(file.utterances) == ["?-? Ada: Shall we?", "?-? Ben: Yes, we do."])
        #expect(file.title == (text.contains("Pier") ? "Pier" : nil))
        #expect(
            try lines(#"{"0:00:05": "Ada: Shall we?", "0:00:12": "Ben: Yes."}"#, "m.json") == [
                "5-? Ada: Shall we?", "12-? Ben: Yes.",
            ])
        #expect(
            try lines(#"{"vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nAda: Shall we?\n"}"#, "m.json") == [
                "1-2 Ada: Shall we?"
            ])
    }

    /// An utterance may be empty, a document may not.
    @Test func emptyPiecesAreNoHindrance() throws {
        let text =
            #"{"turns": [{"speaker": "A", "text": "", "start": 0}, {"speaker": "B", "text": "Yes.", "start": 1}]}"#
        #expect(try lines(text, "m.json") == ["1-? Speaker B: Yes."])
    }

    @Test func whatHoldsNoConversationIsStillRefused() {
        for text in [
            #"{"title": "Pier", "summary": "They spoke about the roof.", "action_items": ["Order a crane"]}"#,
            #"{"items": [{"name": "roof", "price": 5}, {"name": "stairs", "price": 6}]}"#,
            #"{"users": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Ben"}]}"#,
            #"[{"a": [1, 2, 3]}, {"a": [4, 5, 6]}]"#,
            "SPEAKER m 1 0.1 2.3 <NA> <NA> ada <NA> <NA>\nSPEAKER m 1 2.9 1.1 <NA> <NA> ben <NA> <NA>\n",
        ] {
            #expect(throws: TranscriptError.self) { try read(text, "m.json") }
            #expect(throws: TranscriptError.self) { try read(text, "m.rttm") }
        }
    }

    // MARK: - Captions

    @Test func textBesideTheTimes() throws {
        let text =
            "00:00:05,000 --> 00:00:07,000 Ada: Shall we?\n00:00:08,000 --> 00:00:10,000  Ben: Yes,\nwe do.\n\n00:00:11,000 --> 00:00:12,000 align:start position:10%\nAda: Good.\n"
        #expect(
            try lines(text, "m.srt") == ["5-7 Ada: Shall we?", "8-10 Ben: Yes, we do.", "11-12 Ada: Good."])
    }

    @Test(arguments: [" - ", "|", ":"]) func captionsWithoutColons(mark: String) throws {
        let text = (1...4).map {
            "\($0)\n00:00:0\($0),000 --> 00:00:0\($0),900\n\($0 % 2 == 0 ? "Ben" : "Ada")\(mark)Yes, \($0).\n"
        }
        .joined(separator: "\n")
        #expect(try read(text, "m.srt").utterances.map(\.speaker) == ["Ada", "Ben", "Ada", "Ben"])
    }

    @Test func dashesOfSubtitlesAreTurns() throws {
        let text =
            "1\n00:00:05,000 --> 00:00:07,000\nADA: Shall we begin?\n\n2\n00:00:08,000 --> 00:00:10,000\n- BEN: Yes.\n- CARLA: It came.\n\n3\n00:00:11,000 --> 00:00:12,000\n[DOOR SLAMS]\n\n4\n00:00:13,000 --> 00:00:14,000\n- Who?\n- Me.\n\n5\n00:00:15,000 --> 00:00:16,000\nADA: Good.\n"
        #expect(
            try lines(text, "m.srt") == [
                "5-7 ADA: Shall we begin?", "8-10 BEN: Yes.", "8-10 CARLA: It came.", "11-12 -: [DOOR SLAMS]",
                "13-14 -: Who?", "13-14 -: Me.", "15-16 ADA: Good.",
            ])
    }

    @Test func scenaristsCaptionsThatRoll() throws {
        // RU2, carriage return, text; each twice as broadcast.
        let text =
            "Scenarist_SCC V1.0\n\n00:00:01:00\t9425 9425 94ad 94ad c1c4 c1ba 20d9 e573 ae80\n\n00:00:03:00\t94ad 94ad 4eef ae80\n\n00:00:05:00\t942c 942c\n"
        #expect(
            try lines(text, "m.scc")
                == ["3-5 ADA: Yes.", "5-? -: No."].map { $0.replacing("5-?", with: "5-5") })
    }

    @Test func wordsOfSeveralChannels() throws {
        let text =
            "m A 0.10 0.30 shall 0.98\nm A 0.40 0.10 we 0.99\nm B 2.00 0.40 yes 0.99\nm B 2.40 0.20 do 0.99\n"
        #expect(try lines(text, "m.ctm") == ["0.1-0.5 Channel m A: shall we", "2-2.6 Channel m B: yes do"])
    }

    // MARK: - Tables without names of columns

    @Test(arguments: [
        "00:00:05,Ada,\"Shall we, then?\"\n00:00:12,Ben,Yes we do.\n00:01:20,Ada,Who pays?\n",
        "Ada;00:05;Shall we, then?\nBen;00:12;Yes we do.\nAda;01:20;Who pays?\n",
    ])
    func tablesWithoutAHead(text: String) throws {
        #expect(
            try lines(text, "m.csv") == [
                "5-? Ada: Shall we, then?", "12-? Ben: Yes we do.", "80-? Ada: Who pays?",
            ])
    }

    @Test func labelsOfAudacity() throws {
        #expect(
            try lines(
                "5.100000\t9.000000\tAda: Shall we?\n12.300000\t16.000000\tBen: Yes, we do.\n", "labels.txt")
                == [
                    "5.1-9 Ada: Shall we?", "12.3-16 Ben: Yes, we do.",
                ])
    }

    // MARK: - Encodings

    @Test(arguments: [
        (
            "Ayşe: Günaydın, çatıyla başlayalım mı?\nGülşen: Evet, izin pazartesi günü geldi.\n",
            "windows-1254"
        ),
        (
            "Łukasz: Dzień dobry, zaczynamy od dachu?\nMałgorzata: Tak, pozwolenie przyszło w poniedziałek.\n",
            "windows-1250"
        ),
        (
            "Jürgen: Schön, dass ihr da seid. Fangen wir an?\nZoë: Ja, gern. Für Köln ist sie da.\n",
            "windows-1252"
        ),
        (
            "René: Bonjour à tous, on commence par le toit ?\nChloé: Oui. Le permis est arrivé lundi.\n",
            "windows-1252"
        ),
        ("João: Bom dia, começamos pelo telhado?\nInês: Sim, a licença já chegou.\n", "windows-1252"),
        ("Åsa: Hej, ska vi börja med taket?\nÖrjan: Ja, på måndag.\n", "windows-1252"),
        ("Ada: It’s the roof.\nBen: Yes – the permit came.\n", "windows-1252"),
        ("Jürgen: Schön. Fangen wir an?\nZoë: Ja, für Köln.\n", "macintosh"),
        ("Ági: Jó reggelt, kezdjük a tetővel?\nŐrs: Igen, az engedély hétfőn megérkezett.\n", "windows-1250"),
        ("Jiří: Dobré ráno, začneme střechou?\nŽofie: Ano, povolení přišlo v pondělí.\n", "windows-1250"),
    ])
    func shortTextsOfOldEncodings(text: String, encoding: String) throws {
        let bytes = try #require(Self.encoded(text, encoding))
        let (file, facts) = try TranscriptReader.readWithFacts(bytes, name: "m.txt")
        // ISO 8859-2 has the same letters at other places, most of them.
        #expect(facts.encoding == encoding || (encoding == "windows-1250" && facts.encoding == "ISO-8859-2"))
        #expect(
            file.utterances.map { "\($0.speaker ?? "-"): \($0.text)" }
                == text.split(separator: "\n").map(String.init))
    }

    /// By looking for the byte of each character.
    static func encoded(_ text: String, _ encoding: String) -> [UInt8]? {
        var table: [Character: UInt8] = [:]
        for byte in UInt8(0x80)...0xFF {
            guard let decoded = Charset.utf8([byte], from: encoding) else { continue }
            table[Character(String(decoding: decoded, as: UTF8.self))] = byte
        }
        return text.reduce(into: [UInt8]()) { bytes, character in
            bytes.append(character.asciiValue ?? table[character] ?? UInt8(ascii: "?"))
        }
    }
}

/// What a greeting says about the lines of its connection.
@Suite("Hints over the socket") struct GreetingHintTests {
    private func said(_ greeting: String, _ lines: [[UInt8]]) throws -> [Utterance] {
        var decoder = LineDecoder()
        _ = try decoder.decode(greeting)
        return try lines.flatMap { try decoder.decode($0) }.compactMap { event in
            if case .utterance(let utterance) = event { utterance } else { nil }
        }
    }

    @Test func linesMayBeInAnOldEncoding() throws {
        let lines: [[UInt8]] = [[0xC0, 0x3A, 0x20, 0xC4, 0xE0, 0x2E], Array("B: ok.".utf8)]
        let said = try said(#"{"meeting": "m", "encoding": "windows-1251"}"#, lines)
        #expect(spelled(said) == ["А: Да.", "B: ok."])
        let japanese = try self.said(
            #"{"meeting": "m", "encoding": "Shift_JIS"}"#, [[0x82, 0xCD, 0x82, 0xA2]])
        #expect(japanese.map(\.text) == ["はい"])
        // Said or not, UTF-8 is UTF-8.
        #expect(
            try self.said(#"{"meeting": "m", "encoding": "UTF-8"}"#, [Array("Ä: ja".utf8)]).map(\.text) == [
                "ja"
            ])
    }

    @Test func timesMeanWhatItSays() throws {
        let lines = ["[11:03] Ada: Hi.", "[11:05] Ben: Yes.", "[11:06:30] Ada: Good."].map { Array($0.utf8) }
        func starts(_ base: String) throws -> [Double?] {
            try said(#"{"meeting": "m", "timeBase": "\#(base)"}"#, lines).map(\.start)
        }
        #expect(try starts("clock") == [0, 120, 210])
        #expect(try starts("offset") == [663, 665, 39_990])
        let milliseconds = [
            #"{"text": "Hi.", "start": 500, "end": 1500}"#, #"{"text": "Yes.", "start": 2000, "id": "a"}"#,
        ]
        let read = try said(
            #"{"meeting": "m", "timeBase": "milliseconds"}"#, milliseconds.map { Array($0.utf8) })
        #expect(spelledWithTimes(read) == ["0.5-1.5 -: Hi.", "2-? -: Yes."])
    }

    @Test(arguments: [
        #"{"encoding": "klingon"}"#, #"{"encoding": "UTF-16"}"#, #"{"encoding": "UTF-16LE"}"#,
        #"{"encoding": 7}"#,
        #"{"encoding": "IBM037"}"#, #"{"timeBase": "noon"}"#, #"{"timeBase": 1}"#,
    ])
    func whatCannotBeIsRefused(greeting: String) throws {
        #expect(throws: TranscriptError.self) { try SocketGreeting(parsing: greeting) }
        var decoder = LineDecoder()
        #expect(throws: TranscriptError.self) { try decoder.decode(greeting) }
        // It may be sent again, put right.
        _ = try decoder.decode(#"{"meeting": "m", "timeBase": "clock"}"#)
    }

    @Test func aLineThatIsNoTextInItIsRefused() throws {
        var decoder = LineDecoder()
        _ = try decoder.decode(#"{"meeting": "m", "encoding": "EUC-JP", "format": "text"}"#)
        #expect(throws: TranscriptError.self) { try decoder.decode([0xFF, 0xFF, 0x41]) }
        #expect(try decoder.decode(Array("A: B.".utf8)).count == 1)
    }
}
