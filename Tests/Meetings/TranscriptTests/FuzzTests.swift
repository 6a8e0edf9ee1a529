import Testing
import TestSupport

@testable import Transcript

/// Whatever is delivered is read or refused, and what is read keeps an utterance's promises.
@Suite("Damaged input")
struct FuzzTests {
    private static func examples() throws -> [(name: String, bytes: [UInt8])] {
        try Fixture.all.map { ($0.file, try $0.bytes()) }
            + Samples.all.map { ($0.name, Array($0.text.utf8)) }
    }

    /// What readers look for.
    private static let pieces: [[UInt8]] =
        [
            "-->", "<v ", "\n\n", "00:00:", "&#", "{", "[", "}", "]", ": ", "\r", "(9999:99)",
            "99999999999999999999",
            "e\u{301}：", ">>", "\"", "\\u", "\\ud800", "null", "-1e999", ",", "\"text\":", "\"id\":",
            "\"final\":false",
            "[[[[[[[[", "{\"a\":", "\u{FEFF}", "\u{2028}", "- ", "~",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xFF, 0xFE]]

    @Test func damagedFilesNeverTrap() throws {
        let examples = try Self.examples()
        let others = examples.map(\.bytes)
        let found = Fuzzing.run("transcript files", rounds: 4000) { mutator, seed in
            let example = examples[Int(seed % UInt64(examples.count))]
            let bytes = mutator.mutated(example.bytes, others: others, pieces: Self.pieces, limit: 4000)
            let name = seed % 3 == 0 ? "meeting" : example.name
            guard let file = try? TranscriptReader.read(bytes, name: name) else { return false }
            for utterance in file.utterances where !isSound(utterance) {
                Issue.record("\(utterance) of seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            }
            _ = file.utterances.map(JSONLinesWriter.line)
            return true
        }
        #expect(found.read * 4 > found.refused, "\(found): too few are read to test anything")
    }

    /// The readers that go by the layout of a whole text, and by what parts of JSON are called.
    @Test func damagedFilesOfOtherProgramsNeverTrap() throws {
        let texts = VendorTextTests.timedLayouts + VendorTextTests.plainLayouts
        let formats: Set<TranscriptFormat> = [.scenarist, .wordTimes, .segmentTimes, .watson, .table, .chat]
        let examples =
            texts.map { ("meeting.txt", Array($0.utf8)) }
            + VendorFileTests.shapes.map { ("meeting.json", Array($0.utf8)) }
            + (try Fixture.all.filter { formats.contains($0.format) }.map { ($0.file, try $0.bytes()) })
        let others = examples.map(\.1)
        let marks = [
            " - ", "|", "「", "\u{3000}", "○", "#00:00:05-1#", "[Chat] ", " (chat): ", "٠٠:٠٥", "Q. ", "A. ",
            "ADA: ",
            "[0:05] ", "\"speakers\":{", "\"start_ms\":", "9420", "94ad", "942f", "<NA>",
            "\"timestamp\":[0,1]", "{\"a\":{\"b\":{\"c\":{\"d\":{\"text\":\"x\\ny\"}}}}}", "From A to B: ",
            "---\n", "   ",
        ].map { Array($0.utf8) }
        let found = Fuzzing.run("files of other programs", rounds: 3000) { mutator, seed in
            let example = examples[Int(seed % UInt64(examples.count))]
            let bytes = mutator.mutated(
                example.1, others: others, pieces: seed % 2 == 0 ? Self.pieces : marks, limit: 4000)
            guard let file = try? TranscriptReader.read(bytes, name: example.0) else { return false }
            for utterance in file.utterances where !isSound(utterance) {
                Issue.record("\(utterance) of seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            }
            return true
        }
        #expect(found.read * 4 > found.refused, "\(found): too few are read to test anything")
    }

    @Test func everyTruncationIsReadOrRefused() throws {
        for (name, bytes) in try Self.examples() {
            for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
                for utterance in (try? TranscriptReader.read(Array(bytes[..<length]), name: name))?.utterances
                    ?? []
                where !isSound(utterance) {
                    Issue.record("\(utterance) of \(name) cut at \(length)")
                }
            }
        }
    }

    @Test func damagedLinesNeverTrap() throws {
        let greetings = [
            #"{"meeting":"standup","ack":true,"format":"jsonl","started":"2024-05-01T10:00:00Z"}"#,
            #"{"meeting":"standup","format":"text"}"#, #"{"title":"x"}"#,
        ]
        let streams = try Self.examples().map { example in
            example.bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
        }
        let others = streams.flatMap { $0 }
        Fuzzing.run("lines of a connection", rounds: 1500) { mutator, seed in
            let stream = streams[Int(seed % UInt64(streams.count))]
            var decoder = LineDecoder(format: [nil, .text, .jsonLines][Int(seed % 3)])
            var lines = [Array(greetings[Int(seed / 3 % 3)].utf8)] + stream
            if seed % 2 == 0 { lines.removeFirst() }
            var events: [LineDecoder.Event] = []
            for (index, line) in lines.enumerated() {
                let isDamaged = (seed + UInt64(index)) % 3 == 0
                let bytes =
                    isDamaged
                    ? mutator.mutated(line, others: others, pieces: Self.pieces, limit: 4000) : line
                events += (try? decoder.decode(bytes)) ?? []
            }
            events += decoder.finish()
            for event in events {
                switch event {
                case .utterance(let utterance), .revision(let utterance), .repetition(let utterance):
                    if !isSound(utterance) { Issue.record("\(utterance) of seed \(seed)") }
                default: break
                }
            }
            return !events.isEmpty
        }
    }
}
