import Foundation
import Testing
import Tokenizer

/// Damaged models are refused with a reason.
@Suite struct RefusalTests {
    @Test func missingFileFolderAndHugeFileAreUnreadable() throws {
        for path in ["/nowhere/tokenizer.model", Fixtures.folder.path, "/dev/zero"] {
            let error = try #require(throws: TokenizerError.self) {
                try SentencePieceTokenizer(modelFile: path)
            }
            #expect(error.code == .unreadable)
            #expect(error.message.contains(path))
        }
    }

    @Test func impossibleVocabulariesAreRefused() throws {
        let bytes = (0..<256).map {
            "<0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) + ">"
        }
        let good = GGUFVocabulary(
            tokens: ["<unk>", "<bos>"] + bytes + ["a"], scores: Array(repeating: 0, count: 259),
            types: [2, 3] + Array(repeating: 6, count: 256) + [1], beginningOfSequence: 1)
        #expect(try SentencePieceTokenizer(vocabulary: good).encode("ab").count == 2)

        func refused(_ fragment: String, _ change: (inout GGUFVocabulary) -> Void) throws {
            var bad = good
            change(&bad)
            let error = try #require(throws: TokenizerError.self) {
                try SentencePieceTokenizer(vocabulary: bad)
            }
            #expect(error.code == .badVocabulary)
            #expect(error.message.contains(fragment), "\(error.message)")
        }
        try refused("258 scores") { $0.scores.removeLast() }
        try refused("eos_token_id is 259") { $0.endOfSequence = 259 }
        try refused("bos_token_id is -1") { $0.beginningOfSequence = -1 }
        try refused("token 258 is 9") { $0.types[258] = 9 }
        try refused("token 258 is -1") { $0.types[258] = -1 }
        try refused("unknown token") {
            $0.tokens[0] = "?"
            $0.types[0] = 1
        }
        try refused("libsentencepiece") { $0.tokens[258] = "<bos>" }  // twice
        try refused("libsentencepiece") { $0.tokens[258] = "" }
        try refused("libsentencepiece") { $0.tokens[5] = "x" }  // a byte is missing
        try refused("unknown token") {
            $0.tokens = []
            $0.scores = []
            $0.types = []
            $0.beginningOfSequence = nil
        }
    }

    @Test func spacePrefixIsPutAndTakenOff() throws {
        let bytes = (0..<256).map {
            "<0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) + ">"
        }
        let vocabulary = GGUFVocabulary(
            tokens: ["<unk>"] + bytes + ["▁", "a", "▁a"], scores: Array(repeating: 0, count: 260),
            types: [2] + Array(repeating: 6, count: 256) + [1, 1, 1], addsSpacePrefix: true)
        let tokenizer = try SentencePieceTokenizer(vocabulary: vocabulary)
        #expect(tokenizer.encode("a") == [259])
        #expect(tokenizer.decode([259]) == "a")
        #expect(tokenizer.decode(tokenizer.encode(" a")) == " a")
    }

    @Test func severalThreadsMayEncodeAtOnce() async throws {
        let tokenizer = try SentencePieceTokenizer(modelFile: Fixtures.tinyModel)
        let lines = try Array(Fixtures.lines().prefix(400))
        let expected = lines.map(tokenizer.encode)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { lines.map(tokenizer.encode) == expected } }
            for await same in group { #expect(same) }
        }
    }
}
