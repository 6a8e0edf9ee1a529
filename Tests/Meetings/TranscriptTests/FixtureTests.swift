import Foundation
import TestSupport
import Testing

@testable import Transcript

/// A transcript in `Fixtures/`, and what is in it.
struct Fixture: Sendable {
    let file: String
    /// The row of the table of formats that it is an example of.
    let row: String
    let format: TranscriptFormat
    /// As `spelledWithTimes` writes them.
    let utterances: [String]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(file))) }

    static let all: [Fixture] = [
        Fixture(
            file: "teams.vtt", row: "Teams WebVTT", format: .webVTT,
            utterances: [
                "3.52-6.1 Jane Doe: Good morning everyone, let's get started.",
                "6.5-9 Anders Åkesson: Morning & hello.",
            ]),
        Fixture(
            file: "zoom.vtt", row: "Zoom WebVTT", format: .webVTT,
            utterances: [
                "1-4 Priya Natarajan: The release is on Friday.",
                "4.2-7 Tom O'Brien: 10:30 Meeting: we should move it.",
                "7.1-9 Tom O'Brien: Does that suit you?",
            ]),
        Fixture(
            file: "rolling.vtt", row: "WebVTT", format: .webVTT,
            utterances: ["0-6 -: the first item is the budget for the harbour wall repair which has grown"]),
        Fixture(
            file: "talk.srt", row: "SRT", format: .subRip,
            utterances: [
                "1-4 Anna: Shall we begin?", "4.5-6.25 Ben: Yes.", "7-9 Ben: The index is missing here.",
            ]),
        Fixture(
            file: "zoom-captions.txt", row: "Zoom saved captions", format: .plainText,
            utterances: [
                "0-? Priya Natarajan: The release is on Friday.",
                "5-? Tom O'Brien: We should move it to Monday.",
                "26-? Priya Natarajan: Agreed.",
            ]),
        Fixture(
            file: "zoom-captions-old.txt", row: "Zoom saved captions", format: .plainText,
            utterances: [
                "0-? -: The release is on Friday.", "5-? -: We should move it to Monday.", "26-? -: Agreed.",
            ]),
        Fixture(
            file: "otter.txt", row: "Otter text", format: .plainText,
            utterances: [
                "0-? Jane Doe: Welcome to the review. We have three topics.",
                "725-? Bob: The numbers are good.", "3723-? Jane Doe: Then we are done.",
            ]),
        Fixture(
            file: "teams.txt", row: "Teams text", format: .plainText,
            utterances: [
                "3-? Jane Doe: Good morning everyone.",
                "6-? Anders Åkesson: Morning. Shall I begin with the roof?",
                "3730-? Jane Doe: Then we are done.",
            ]),
        Fixture(
            file: "teams-spelled.txt", row: "Teams text", format: .plainText,
            utterances: [
                "3-? Jane Doe: Good morning everyone.",
                "66-? Anders Åkesson: Morning. Shall I begin with the roof?",
            ]),
        Fixture(
            file: "council.txt", row: "CART captions", format: .captionText,
            utterances: [
                "?-? MAYOR HART: GOOD EVENING. THE COUNCIL IS IN SESSION. ITEM ONE IS THE PARK.",
                "?-? Clerk: THE MOTION IS READ.", "?-? -: AYE.", "?-? -: NEXT, THE BUDGET.",
            ]),
        Fixture(
            file: "notes.txt", row: "Plain text", format: .plainText,
            utterances: [
                "?-? Jane Doe: Good morning. This line goes on with it.", "62-? Bob: The server is down.",
                "70-? Carla de la Cruz: Since when?",
            ]),
        Fixture(
            file: "scraper.txt", row: "Plain text", format: .plainText,
            utterances: ["?-? Jane: I think that we should ship it today.", "?-? Bob: Not before noon."]),
        Fixture(
            file: "standup.jsonl", row: "JSON Lines", format: .jsonLines,
            utterances: [
                "1.5-4 Jane: Good morning.", "4-6 Bob: The server is down.", "6-7 Jane: Done?",
            ]),
        Fixture(
            file: "whisper.json", row: "Whisper JSON", format: .whisper,
            utterances: ["0-1.5 -: Good morning.", "1.5-5 -: The server is down since seven."]),
        Fixture(
            file: "whisper-cpp.json", row: "Whisper JSON", format: .whisper,
            utterances: ["0-1.5 -: Good morning.", "1.5-5 -: The server is down."]),
        Fixture(
            file: "whisperx.json", row: "WhisperX JSON", format: .whisperX,
            utterances: [
                "0.1-1.4 SPEAKER_00: Good morning.", "2-3 SPEAKER_00: Who is here?",
                "4-6 SPEAKER_01: I am here.", "?-? -: Nobody knows when.",
            ]),
        Fixture(
            file: "deepgram.json", row: "Deepgram", format: .deepgram,
            utterances: ["0.1-0.9 Speaker 0: Good morning.", "2-3.5 Speaker 1: The server is down."]),
        Fixture(
            file: "deepgram.jsonl", row: "Deepgram streaming", format: .deepgramStream,
            utterances: ["0-1.2 -: Good morning.", "1.2-3.7 -: The server is down."]),
        Fixture(
            file: "aws.json", row: "AWS Transcribe", format: .awsTranscribe,
            utterances: ["0.1-0.9 Speaker 0: Good morning.", "2-3.5 Speaker 1: The server is down."]),
        Fixture(
            file: "aws.jsonl", row: "AWS Transcribe streaming", format: .awsStream,
            utterances: ["0.1-0.9 -: Good morning.", "2-3.5 Speaker 1: The server is down."]),
        Fixture(
            file: "assemblyai.json", row: "AssemblyAI", format: .assemblyAI,
            utterances: ["0.1-0.9 Speaker A: Good morning.", "2-3.5 Speaker B: The server is down."]),
        Fixture(
            file: "assemblyai.jsonl", row: "AssemblyAI streaming", format: .assemblyAIStream,
            utterances: ["0.1-0.9 -: Good morning.", "2-3.5 -: The server is down."]),
        Fixture(
            file: "jigasi.json", row: "Jigasi", format: .jigasi,
            utterances: ["3-? Jane: Good morning.", "10-? Bob: the server is down"]),
        Fixture(
            file: "livekit.jsonl", row: "LiveKit", format: .liveKit,
            utterances: ["0.1-0.9 Jane: Good morning.", "2-3.5 Bob: The server is down."]),
        Fixture(
            file: "vosk.txt", row: "Vosk", format: .vosk,
            utterances: ["0.1-3.5 -: good morning the server is down"]),
        Fixture(
            file: "azure.json", row: "Azure Speech", format: .azureSpeech,
            utterances: ["0.1-0.9 Speaker 1: Good morning.", "2-3.5 Speaker 2: The server is down."]),
        Fixture(
            file: "google.json", row: "Google Speech-to-Text", format: .googleSpeech,
            utterances: ["0.1-0.9 Speaker 1: Good morning.", "2-3.5 Speaker 2: The server is down."]),
        Fixture(
            file: "riva.json", row: "Riva", format: .riva,
            utterances: ["0.1-0.9 Speaker 1: Good morning.", "2-3.5 Speaker 2: The server is down."]),
        Fixture(
            file: "nemo.json", row: "NeMo", format: .nemo,
            utterances: ["0.1-0.9 speaker_0: good morning", "2-3.5 speaker_1: the server is down"]),
        Fixture(
            file: "scribe.json", row: "ElevenLabs Scribe", format: .elevenLabs,
            utterances: ["0.1-0.9 speaker_0: Good morning.", "2-3.5 speaker_1: The server is down."]),
        Fixture(
            file: "rev.json", row: "Rev", format: .rev,
            utterances: ["0.1-0.9 Speaker 0: Good morning.", "2-3.5 Speaker 1: The server is down."]),
        Fixture(
            file: "speechmatics.json", row: "Speechmatics", format: .speechmatics,
            utterances: ["0.1-0.9 S1: Good morning.", "2-3.5 S2: The server is down."]),
        Fixture(
            file: "gladia.json", row: "Gladia", format: .gladia,
            utterances: ["0.1-0.9 Speaker 0: Good morning.", "2-3.5 Speaker 1: The server is down."]),
        Fixture(
            file: "recall.json", row: "Recall.ai", format: .recall,
            utterances: ["0.1-0.9 Jane Doe: Good morning.", "2-3.5 Bob: The server is down."]),
        Fixture(
            file: "twilio.json", row: "Twilio", format: .twilio,
            utterances: ["0.1-0.9 Channel 1: Good morning.", "2-3.5 Channel 2: The server is down."]),
        Fixture(
            file: "youtube.json3", row: "YouTube json3", format: .youTubeJSON,
            utterances: ["0.1-2 -: Good morning.", "2-3.5 -: The server is down."]),
        Fixture(
            file: "segments.json", row: "Other JSON", format: .segments,
            utterances: ["0.1-0.9 Jane Doe: Good morning.", "2-3.5 Bob: The server is down."]),
        Fixture(
            file: "captions.sbv", row: "SBV", format: .sbv,
            utterances: ["0.1-0.9 -: Good morning.", "2-3.5 -: The server is down."]),
        Fixture(
            file: "lines.lrc", row: "LRC", format: .lrc,
            utterances: ["0.1-2 -: Good morning.", "2-3.5 -: The server is down."]),
        Fixture(
            file: "captions.ass", row: "SubStation Alpha", format: .subStation,
            utterances: ["0.1-0.9 Jane Doe: Good morning.", "2-3.5 Bob: The server, sadly, is down."]),
        Fixture(
            file: "captions.ttml", row: "TTML", format: .timedText,
            utterances: ["0.1-0.9 Jane Doe: Good morning.", "2-3.5 -: The server is down."]),
        Fixture(
            file: "youtube.srv3", row: "YouTube srv3", format: .youTubeXML,
            utterances: ["0.1-2 -: Good morning.", "2-3.5 -: The server is & was down."]),
        Fixture(
            file: "talk.scc", row: "SCC", format: .scenarist,
            utterances: ["1-4 ANNA: Shall we begin?", "5-7 BEN: Café über, nà."]),
        Fixture(
            file: "words.ctm", row: "CTM and STM", format: .wordTimes,
            utterances: ["0.1-0.9 -: good morning", "4-5.3 -: the server is down"]),
        Fixture(
            file: "talk.stm", row: "CTM and STM", format: .segmentTimes,
            utterances: ["0.1-1.4 jane doe: good morning", "2-3.5 bob: the server is down"]),
        Fixture(
            file: "watson.json", row: "IBM Watson", format: .watson,
            utterances: ["0.1-0.9 Speaker 0: good morning", "2-3.5 Speaker 1: the server is down"]),
        Fixture(
            file: "table.csv", row: "Tables", format: .table,
            utterances: ["0-1 Jane Doe: Good morning.", #"2-3 Bob: The server, sadly, is "down"."#]),
        Fixture(
            file: "whisper.tsv", row: "Tables", format: .table,
            utterances: ["0.1-9 -: Good morning.", "20-63.5 -: The server is down."]),
        Fixture(
            file: "chat.txt", row: "Meeting chat", format: .chat,
            utterances: [
                "0-? Jane Doe: Good morning.", "18-? Bob: The server is down.", "40-? Bob: Since seven.",
            ]),
        Fixture(
            file: "teams.docx", row: "Word documents", format: .word,
            utterances: [
                "3-? Jane Doe: Good morning everyone.", "6-? Anders Åkesson: Morning. Shall I begin?",
                "3730-? Jane Doe: Then we are done.",
            ]),
        Fixture(
            file: "meet.docx", row: "Word documents", format: .word,
            utterances: ["0-? Jane Doe: Good morning.", "0-? Bob: Morning.", "312-? Bob: It has two parts."]),
    ]
}

/// Utterances as `start-end speaker: text`, rounded to milliseconds.
func spelledWithTimes(_ utterances: [Utterance]) -> [String] {
    func spelled(_ seconds: Double?) -> String {
        guard let seconds else { return "?" }
        let rounded = (seconds * 1000).rounded() / 1000
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
    return utterances.map {
        "\(spelled($0.start))-\(spelled($0.end)) \($0.speaker ?? "-"): \($0.text)"
    }
}

@Suite struct FixtureTests {
    @Test(arguments: Fixture.all.indices)
    func eachFormatIsReadToTheWord(index: Int) throws {
        let fixture = Fixture.all[index]
        let file = try TranscriptReader.read(try fixture.bytes(), name: fixture.file)
        #expect(file.format == fixture.format)
        #expect(spelledWithTimes(file.utterances) == fixture.utterances, "\(fixture.file): \(file.notes)")
        #expect(file.utterances.allSatisfy(isSound))
    }

    /// What a file is called does not matter where its content is clear.
    @Test(arguments: Fixture.all.indices)
    func theContentDecidesNotTheName(index: Int) throws {
        let fixture = Fixture.all[index]
        let named = try TranscriptReader.read(try fixture.bytes(), name: fixture.file)
        for name in ["meeting", "meeting.txt", "meeting.0001"] {
            let other = try TranscriptReader.read(try fixture.bytes(), name: name)
            #expect(other.format == named.format, "\(fixture.file) as \(name)")
            #expect(spelledWithTimes(other.utterances) == fixture.utterances)
        }
    }

    /// Written as JSON Lines and read again, an utterance is the same.
    @Test(arguments: Fixture.all.indices)
    func jsonLinesKeepWhatAnyFormatSaid(index: Int) throws {
        let fixture = Fixture.all[index]
        let said = try TranscriptReader.read(try fixture.bytes(), name: fixture.file).utterances
        let text = said.map(JSONLinesWriter.line).joined(separator: "\n")
        let again = try TranscriptReader.read(Array(text.utf8), name: "again.jsonl").utterances
        func withoutSource(_ utterances: [Utterance]) -> [Utterance] {
            utterances.map {
                Utterance(
                    speaker: $0.speaker, start: $0.start, end: $0.end, text: $0.text,
                    source: SourcePosition(name: "", line: 1), id: $0.id, repeatCount: $0.repeatCount)
            }
        }
        #expect(withoutSource(again) == withoutSource(said))
    }

    /// Every encoding that is accepted gives the same words.
    @Test(arguments: Fixture.all.indices)
    func encodingsMakeNoDifference(index: Int) throws {
        let fixture = Fixture.all[index]
        // A document has its own.
        guard fixture.format != .word else { return }
        let text = String(decoding: try fixture.bytes(), as: UTF8.self)
        let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        let latin = text.unicodeScalars.map { UInt8($0.value) }
        for variant in [
            [0xEF, 0xBB, 0xBF] + text.utf8, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, little, big, latin,
            Array(text.replacing("\n", with: "\r\n").utf8),
        ] {
            let file = try TranscriptReader.read(variant, name: fixture.file)
            #expect(spelledWithTimes(file.utterances) == fixture.utterances, "\(variant.prefix(8))")
        }
    }

    /// The table of formats has a row for each example, and an example for each row.
    @Test func theTableOfFormatsIsTheseExamples() throws {
        let readme = Repository.root.appending(path: "Sources/Meetings/Transcript/README.md")
        let lines = try String(contentsOf: readme, encoding: .utf8).split(separator: "\n")
        let head = try #require(lines.firstIndex { $0.hasPrefix("| format | known by |") })
        let rows = lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map { row in
            row.split(separator: "|")[0].trimmed
        }
        #expect(Set(rows) == Set(Fixture.all.map(\.row)))
        #expect(rows.count == Set(rows).count)
    }

    @Test func everyFormatHasAnExample() {
        #expect(Set(Fixture.all.map(\.format)) == Set(TranscriptFormat.allCases))
    }
}
