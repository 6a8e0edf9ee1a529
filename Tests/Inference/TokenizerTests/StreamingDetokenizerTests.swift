import Testing
import TestSupport

@testable import Tokenizer

/// Text detokenized piece by piece equals text detokenized at once, and no piece ends inside a character.
@Suite struct StreamingDetokenizerTests {
    @Test func piecesOfTextAreWholeCharacters() throws {
        let tokenizer = try SentencePieceTokenizer(modelFile: Fixtures.tinyModel)
        for line in try Fixtures.lines() {
            var detokenizer = StreamingDetokenizer(tokenizer)
            var text = ""
            for id in tokenizer.encode(line) {
                text += detokenizer.append(id)
                #expect(
                    line.utf8.starts(with: text.utf8), "\(text.debugDescription) is no beginning of the line")
            }
            #expect(text.utf8.elementsEqual(line.utf8))
            #expect(detokenizer.flush().isEmpty)
        }
    }

    @Test func anyBytesInAnyPartsAreRepairedAsAtOnce() throws {
        let tokenizer = try SentencePieceTokenizer(modelFile: Fixtures.tinyModel)
        let byteZero = try #require(tokenizer.encode("\0").first)
        var generator = SeededGenerator(seed: 11)
        // Bytes at the edges of UTF-8's ranges, where replacing invalid bytes is most likely to go wrong.
        let edges: [UInt8] = [
            0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4,
            0xf5, 0xff,
        ]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 1...7, using: &generator)).map { _ in
                edges.randomElement(using: &generator) ?? 0
            }
            let ids = bytes.map { byteZero + TokenID($0) }
            #expect(
                tokenizer.decode(ids).utf8.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8),
                "\(bytes)")
        }
    }

    @Test func unfinishedCharacterWaitsAndIsReplacedAtTheEnd() throws {
        let tokenizer = try SentencePieceTokenizer(modelFile: Fixtures.tinyModel)
        let bytes = tokenizer.encode("🫠")
        try #require(bytes.count == 4)
        var detokenizer = StreamingDetokenizer(tokenizer)
        #expect(bytes.dropLast().map { detokenizer.append($0) } == ["", "", ""])
        let endOfSequence = try #require(tokenizer.controlToken(.endOfSequence))
        #expect(detokenizer.append(endOfSequence) == "")
        var finished = detokenizer
        #expect(finished.append(bytes[3]) == "🫠")
        #expect(detokenizer.flush() == "\u{fffd}")
        #expect(detokenizer.flush() == "")
    }
}
