import Foundation
import Testing
import TestSupport

@testable import Transcript

@Suite struct LineDecoderTests {
    private func events(_ lines: [String], decoder: LineDecoder = LineDecoder()) throws -> [LineDecoder.Event]
    {
        var decoder = decoder
        return try lines.flatMap { try decoder.decode($0) }
    }

    private func texts(_ events: [LineDecoder.Event]) -> [String] {
        events.compactMap { if case .utterance(let utterance) = $0 { spelled([utterance])[0] } else { nil } }
    }

    @Test func plainLinesJustWork() throws {
        let events = try events([
            "Jane: hello", "", "[00:01:02] Bob: hi", "no name here", "{not json", "Jane:", "above",
        ])
        #expect(
            texts(events) == ["Jane: hello", "Bob: hi", "-: no name here", "-: {not json", "Jane: above"])
        guard case .utterance(let second) = events[1] else {
            Issue.record("no utterance")
            return
        }
        #expect(second.start == 62 && second.source == SourcePosition(name: "socket", line: 3))
    }

    @Test func aGreetingNamesMeetingAndFormat() throws {
        let line = #"{"meeting":"standup","title":" Weekly  standup","ack":true,"format":"jsonl","x":[1]}"#
        let events = try events([line, #"{"speaker":"Jane","text":"hello","start":3}"#, #"{"end":true}"#])
        guard case .greeting(let greeting) = events[0] else {
            Issue.record("no greeting")
            return
        }
        #expect(greeting.meeting?.name == "standup" && greeting.title == "Weekly standup")
        #expect(greeting.wantsAcknowledgements && greeting.format == .jsonLines)
        #expect(texts(events) == ["Jane: hello"] && events.last == .endOfMeeting)
    }

    @Test func withoutAFormatTheNextLineDecides() throws {
        let greeting = #"{"meeting":"a"}"#
        #expect(
            try texts(events([greeting, "Jane: hi", #"{"text":"b"}"#])) == ["Jane: hi", #"-: {"text":"b"}"#])
        #expect(try texts(events([greeting, #"{"text":"b"}"#])) == ["-: b"])
        #expect(try events([greeting, "x", #"{"end": true}"#]).last == .endOfMeeting)
    }

    @Test func jsonLinesNeedNoGreeting() throws {
        #expect(try texts(events([#"{"text":"a","speaker":"Jo"}"#, #"{"text":"b"}"#])) == ["Jo: a", "-: b"])
        #expect(try events([#"{"end":true}"#]) == [.endOfMeeting])
    }

    @Test(arguments: [
        (#"{"meeting":5}"#, "\"meeting\" must be a string"),
        (#"{"ack":"yes"}"#, "\"ack\" must be true or false"),
        (#"{"format":"xml"}"#, "\"format\" must be"), (#"{"meeting":"a/b"}"#, "not usable"),
        (#"{"started":"yesterday"}"#, "ISO 8601"), (#"{"meeting":"#, "not a JSON object"),
    ])
    func badGreetingsAreRefusedByKey(line: String, reason: String) throws {
        var decoder = LineDecoder(name: "socket:3")
        let error = #expect(throws: TranscriptError.self) { try decoder.decode(line) }
        #expect(error?.message.contains(reason) == true)
        // The sender may try again.
        #expect(throws: Never.self) { try decoder.decode(#"{"meeting":"a"}"#) }
    }

    @Test func aBadLineIsNamedAndTheNextIsRead() throws {
        var decoder = LineDecoder(name: "socket:3", format: .jsonLines)
        _ = try decoder.decode(#"{"text":"a"}"#)
        let error = #expect(throws: TranscriptError.self) { try decoder.decode("nonsense") }
        #expect(error?.message.contains("socket:3, line 2") == true)
        #expect(try texts(decoder.decode(#"{"text":"b"}"#)) == ["-: b"])
        #expect(throws: TranscriptError.self) { try decoder.decode([0x41, 0xFF]) }
        #expect(try decoder.decode(Array("{\"text\":\"c\"}\r".utf8)).count == 1)
        #expect(decoder.lineCount == 5)
    }

    @Test func aLateLineAboutTheMeetingIsPassedOn() throws {
        let events = try events([#"{"text":"a"}"#, #"{"title":"T","started":"2024-05-01T10:00:00.250Z"}"#])
        guard case .meeting(let about) = events[1] else {
            Issue.record("no meeting")
            return
        }
        #expect(about.title == "T" && about.startedAt == Date(timeIntervalSince1970: 1_714_557_600.25))
    }

    @Test func mutatedLinesNeverTrap() {
        let lines = [
            #"{"meeting":"standup","ack":true,"format":"jsonl","started":"2024-05-01T10:00:00Z"}"#,
            #"{"speaker":"Jane","start":"00:00:01.5","end":2e3,"text":"Hello \u0041 there"}"#,
            "[00:01:02] Carla de la Cruz (1:20): some words", "Jane Doe  0:12", ">> BOB: hi",
        ]
        var generator = SeededGenerator(seed: 99)
        for round in 0..<5000 {
            var decoder = LineDecoder(format: [nil, .text, .jsonLines][round % 3])
            for line in lines {
                var bytes = Array(line.utf8)
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
                for case .utterance(let utterance) in (try? decoder.decode(bytes)) ?? []
                where !isSound(utterance) {
                    Issue.record("\(utterance)")
                    return
                }
            }
        }
    }
}
