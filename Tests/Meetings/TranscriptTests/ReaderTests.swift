import Foundation
import Language
import Testing
import TestSupport

@testable import Transcript

@Suite struct ReaderTests {
    private func refusal(_ bytes: [UInt8], _ name: String) -> TranscriptError? {
        do {
            _ = try TranscriptReader.read(bytes, name: name)
            return nil
        } catch { return error }
    }

    @Test(arguments: 0..<Samples.all.count)
    func encodingsAndLineEndsMakeNoDifference(index: Int) throws {
        let (name, text) = Samples.all[index]
        let plain = try TranscriptReader.read(Array(text.utf8), name: name)
        var variants: [[UInt8]] = []
        for lineEnd in ["\n", "\r\n", "\r"] {
            let ended = text.split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: lineEnd)
            variants.append(Array(ended.utf8))
            variants.append([0xEF, 0xBB, 0xBF] + ended.utf8)
            variants.append([0xFF, 0xFE] + ended.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
            variants.append([0xFE, 0xFF] + ended.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        }
        for variant in variants { #expect(try TranscriptReader.read(variant, name: name) == plain) }
    }

    @Test(arguments: 0..<Samples.all.count)
    func theFormatIsFoundWithoutTheExtension(index: Int) throws {
        let (name, text) = Samples.all[index]
        let named = try read(text, name)
        let bare = try read(text, "meeting")
        #expect(named.format == bare.format && spelled(named.utterances) == spelled(bare.utterances))
    }

    /// Found by fuzzing: words whose times go back, and a correction with a later start.
    @Test(arguments: [
        (
            """
            {"segments": [{"start": 2, "end": 3, "text": " Who is here?", "words": [
                {"word": "Who", "start": 2, "end": 2.5}, {"word": "is", "start": 2.5, "end": 0.6},
                {"word": "here?", "speaker": "SPEAKER_00"}]}]}
            """, "2-? SPEAKER_00: Who is here?"
        ),
        (
            """
            {"participantIdentity":"Bob","segments":[{"id":"1","text":"It is.","startTime":2000,"endTime":3500,"final":true}]}
            {"participantIdentity":"Bob","segments":[{"id":"1","text":"It was.","startTime":6000,"final":true}]}
            """, "6-? Bob: It was."
        ),
        (#"{"speaker": "Bob", "start": 5, "end": 4, "text": "So."}"#, "5-? Bob: So."),
    ])
    func anEndBeforeTheStartIsDropped(text: String, wanted: String) throws {
        #expect(spelledWithTimes(try read(text, "meeting").utterances) == [wanted])
    }

    @Test func whatIsNotTextIsRefusedWithItsOffset() throws {
        let nul = try #require(refusal([0x41, 0x42, 0x00, 0x43], "a.txt"))
        #expect(nul.code == .notText && nul.message.contains("offset 2"))
        let damaged = try #require(refusal(Array("café, ".utf8) + [0xE9, 0x20, 0x41], "a.txt"))
        #expect(damaged.code == .notText && damaged.message.contains("offset 7"))
        let cut = try #require(refusal(Array("ok".utf8) + [0xE2, 0x82], "a.txt"))
        #expect(cut.message.contains("offset 2"))
        let odd = try #require(refusal([0xFF, 0xFE, 0x41], "a.txt"))
        #expect(odd.code == .notText)
        let lone = try #require(refusal([0xFF, 0xFE, 0x41, 0x00, 0x00, 0xD8], "a.txt"))
        #expect(lone.message.contains("offset 4"))
    }

    @Test func whatIsUTF8IsDecidedAsTheStandardLibraryDoes() {
        let telling: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF,
            0xF0,
            0xF1, 0xF4, 0xF5, 0xFF,
        ]
        var generator = SeededGenerator(seed: 3)
        var valid = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                telling.randomElement(using: &generator) ?? 0
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            valid += expected ? 1 : 0
            guard (TranscriptText.invalidUTF8Offset(bytes) == nil) == expected else {
                Issue.record("\(bytes)")
                return
            }
        }
        #expect(valid > 500)
    }

    @Test(arguments: [[UInt8](), Array(" \n\t\r\n".utf8), [0xEF, 0xBB, 0xBF], [0xFF, 0xFE]])
    func emptyFilesAreRefused(bytes: [UInt8]) throws {
        let error = try #require(refusal(bytes, "a.txt"))
        #expect(error.code == .empty && error.message.contains("a.txt"))
    }

    @Test(arguments: [
        ("page.html", "<!DOCTYPE html><p>Jane: hi</p>"), ("a.txt", "<?xml version=\"1.0\"?>\n<a/>"),
        ("a.vtt", "Jane: no captions at all"), ("a.srt", "Jane: no captions at all"),
        ("a.json", "[{\"text\":\"x\"}]"), ("a.json", "{\n  \"text\": \"x\"\n}"),
        ("data.csv", "a,b,c\n1,2,3\n"), ("a.txt", "{\\rtf1 hello}"), ("a.pdf", "%PDF-1.7 text"),
    ])
    func otherFormatsAreRefusedSayingWhatIsAccepted(name: String, text: String) throws {
        let error = try #require(refusal(Array(text.utf8), name))
        #expect(error.code == .unknownFormat)
        #expect(error.message.contains("WebVTT") && error.message.contains(name))
    }

    @Test func anUnknownExtensionIsForgivenWhereSpeakersAreNamed() throws {
        #expect(try read("Jane: hello\nBob: hi\n", "talk.rec").utterances.count == 2)
    }

    @Test func jsonLinesAreRead() throws {
        let file = try read(Samples.jsonLines, "standup.jsonl")
        #expect(file.meeting?.name == "standup" && file.title == "Weekly standup" && file.endsMeeting)
        #expect(file.startedAt == Date(timeIntervalSince1970: 1_714_557_600))
        #expect(
            spelled(file.utterances) == ["Jane: Good morning.", "Bob: Hello there.", "-: Somebody coughs."])
        #expect(file.utterances.map(\.start) == [1.5, 4.25, nil])
        #expect(file.utterances.map(\.end) == [4, 6, nil])
        #expect(file.utterances[1].source.line == 3)
        #expect(file.notes.isEmpty)
    }

    @Test func aBadJSONLineIsNamed() throws {
        let error = try #require(refusal(Array("{\"text\":\"a\"}\n\nnonsense\n".utf8), "a.jsonl"))
        #expect(error.code == .malformed && error.message.contains("a.jsonl, line 3"))
        let typed = try #require(refusal(Array("{\"text\":5}".utf8), "a.jsonl"))
        #expect(typed.message.contains("\"text\" must be a string"))
        let named = try #require(refusal(Array("{\"meeting\":\"a/b\"}".utf8), "a.jsonl"))
        #expect(named.code == .badMeetingName)
    }

    /// Their folders would lie where the lists of all meetings do.
    @Test(arguments: ["index.html", "index-board.html"]) func namesOfListsAreRefused(name: String) throws {
        let named = try #require(refusal(Array("{\"meeting\":\"\(name)\"}".utf8), "a.jsonl"))
        #expect(named.code == .badMeetingName && named.message.contains("lists of all meetings"))
        #expect(throws: TranscriptError.self) { try ChunkName("\(name).vtt") }
        #expect(throws: TranscriptError.self) { try ChunkName("\(name).0001.vtt") }
        // What an earlier version has taken is still known.
        #expect(try MeetingID(name).name == name)
        #expect(try ChunkName("index.vtt")?.meeting.name == "index")
    }

    @Test func unreadableTimesAreNotedAndTheWordsKept() throws {
        let text = """
            {"text":"a","start":-1}
            {"text":"b","start":"soon"}
            {"text":"c","start":5,"end":4}
            {"speaker":"x"}
            """
        let file = try read(text, "a.jsonl")
        #expect(file.utterances.map(\.text) == ["a", "b", "c"])
        #expect(file.utterances.map(\.start) == [nil, nil, 5] && file.utterances[2].end == nil)
        #expect(file.notes.count == 3 && file.notes[0].description.hasPrefix("2 ×"))
    }

    @Test func secondsSince1970CountFromTheStart() throws {
        let file = try read(
            "{\"text\":\"a\",\"start\":1714557600}\n{\"text\":\"b\",\"start\":1714557630}", "a.jsonl")
        #expect(file.utterances.map(\.start) == [0, 30])
        #expect(file.startedAt == Date(timeIntervalSince1970: 1_714_557_600) && file.notes.count == 1)
    }
}
