import Foundation
import TestSupport
import Testing

@testable import Transcript

/// Numbers and times that no recogniser means, in every field of every format: they are refused, noted or left out,
/// and never trap.
@Suite("Extreme numbers")
struct ExtremeNumberTests {
    private static func awsEvent(_ channel: String) -> String {
        #"{"Transcript":{"Results":[{"ResultId":"1","ChannelId":\#(channel),"IsPartial":false,"StartTime":1,"#
            + #""EndTime":2,"Alternatives":[{"Transcript":"Good morning."}]}]}}"#
    }

    @Test(arguments: [
        (#""ch_0""#, "Channel 1"), (#""ch_1""#, "Channel 2"), ("3", "Channel 4"),
        (#""ch_9223372036854775807""#, "Channel ch_9223372036854775807"),
        (#""ch_99999999999999999999999""#, "Channel ch_99999999999999999999999"),
        (#""left""#, "Channel left"),
    ])
    func aChannelIsNamedWhateverItIsCalled(_ channel: String, _ speaker: String) throws {
        let line = Self.awsEvent(channel)
        #expect(try read(line, "aws.jsonl").utterances.map(\.speaker) == [speaker])
        var decoder = LineDecoder()
        let events = try decoder.decode(line)
        let speakers = events.compactMap { event in
            if case .utterance(let utterance) = event { utterance.speaker } else { nil }
        }
        #expect(speakers == [speaker])
    }

    @Test(arguments: ["9223372036854775807", "-1", "1e308", "0.5", #""9223372036854775807""#])
    func deepgramsChannelsStayInBounds(_ channel: String) throws {
        let line =
            #"{"type":"Results","channel_index":[\#(channel),2],"is_final":true,"speech_final":true,"start":1,"#
            + #""duration":1,"channel":{"alternatives":[{"transcript":"Good morning."}]}}"#
        #expect(try read(line, "deepgram.jsonl").utterances.map(\.speaker) == ["Channel 1"])
        let document =
            #"{"results":{"channels":[{},{}],"utterances":[{"channel":\#(channel),"transcript":"Yes."}]}}"#
        #expect(try read(document, "deepgram.json").utterances.map(\.speaker) == ["Channel 1"])
    }

    /// What programs write for a time that they do not know, and what no meeting lives to see.
    @Test(arguments: [
        "0001-01-01T00:00:00Z", "1899-12-31", "2200-01-01", "9999-12-31T23:59:59Z", "292277-01-01",
    ])
    func aMeetingStartsInOurTimes(_ started: String) throws {
        let line = #"{"started":"\#(started)","text":"Good morning."}"#
        #expect(throws: TranscriptError.self) { try read(line, "standup.jsonl") }
        #expect(throws: TranscriptError.self) { try SocketGreeting(parsing: #"{"started":"\#(started)"}"#) }
    }

    @Test func itStartsOnAnyOtherDay() throws {
        for started in ["1900-01-01", "1969-12-31T23:59:59Z", "2024-05-01T10:00:00.250Z", "2199-12-31"] {
            #expect(try SocketGreeting(parsing: #"{"started":"\#(started)"}"#).startedAt != nil)
        }
    }

    @Test(arguments: ["-1", "-0.5", "1e15", "1e308", "0.5", "9223372036854775807", #""3""#, "true"])
    func aSenderLeavesOutAWholeNumberOfLines(_ from: String) {
        #expect(throws: TranscriptError.self) {
            try SocketGreeting(parsing: #"{"meeting":"standup","sender":"desk","from":\#(from)}"#)
        }
    }

    // MARK: - All fields of all formats

    private static let examples: [(name: String, extremes: Extremes)] = {
        // Ignored: the fixtures' own tests complain of one that cannot be read.
        let fixtures = Fixture.all.compactMap { fixture in
            (try? fixture.bytes()).map { (fixture.file, Extremes($0)) }
        }
        return fixtures + Samples.all.map { ($0.name, Extremes(Array($0.text.utf8))) }
    }()

    /// The segmenter counts with the times too.
    private static func segment(_ utterances: [Utterance]) {
        var segmenter = Segmenter(policy: SegmentationPolicy(maximumTokens: 40, minimumTokens: 0))
        for utterance in utterances { _ = segmenter.add(ReadUtterance(utterance), tokenCount: 10) }
        _ = segmenter.close()
    }

    @Test func extremesInFilesNeverTrap() {
        let found = Fuzzing.run("extremes in transcript files", rounds: 3000) { mutator, seed in
            let example = Self.examples[Int(seed % UInt64(Self.examples.count))]
            let bytes = example.extremes.mutated(&mutator.generator)
            guard let file = try? TranscriptReader.read(bytes, name: example.name) else { return false }
            for utterance in file.utterances where !isSound(utterance) {
                Issue.record("\(utterance) of seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            }
            Self.segment(file.utterances)
            _ = file.utterances.map(JSONLinesWriter.line)
            return true
        }
        #expect(found.read > found.refused, "\(found): too few are read to test anything")
    }

    @Test func extremesInLinesNeverTrap() {
        let greeting = Extremes(
            Array(
                (#"{"meeting":"standup","ack":true,"format":"jsonl","started":"2024-05-01T10:00:00Z","#
                    + #""sender":"desk","from":3}"#).utf8))
        let streams = Self.examples.map { example in
            (name: example.name, extremes: example.extremes)
        }
        Fuzzing.run("extremes in lines of a connection", rounds: 1500) { mutator, seed in
            let stream = streams[Int(seed % UInt64(streams.count))]
            var decoder = LineDecoder(format: [nil, .text, .jsonLines][Int(seed % 3)])
            var events = (try? decoder.decode(greeting.mutated(&mutator.generator))) ?? []
            for line in stream.extremes.mutated(&mutator.generator).split(separator: UInt8(ascii: "\n")) {
                events += (try? decoder.decode(Array(line))) ?? []
            }
            events += decoder.finish()
            var said: [Utterance] = []
            for event in events {
                switch event {
                case .utterance(let utterance), .revision(let utterance), .repetition(let utterance):
                    if !isSound(utterance) { Issue.record("\(utterance) of seed \(seed)") }
                    said.append(utterance)
                default: break
                }
            }
            Self.segment(said)
            return !events.isEmpty
        }
    }
}
