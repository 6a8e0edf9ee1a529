import Foundation
import TestSupport
import Testing
import Tokenizer

/// Vocabularies with merges, as Gemma 4's have them, against Hugging Face's tokenizers (`Fixtures/merges.py`).
@Suite struct MergesTests {
    @Test func idsEqualTheReferenceWithATokenizerFile() throws {
        let path = Fixtures.folder.appending(path: "tiny/tokenizer.json").path
        try check(SentencePieceTokenizer(tokenizerFile: path), against: "tiny.merges.expected.txt")
    }

    @Test func idsEqualTheReferenceWithMergesInAFile() throws {
        let path = Repository.tinyModels.appending(path: "gemma-f32.gguf").path
        try check(
            SentencePieceTokenizer(vocabulary: Self.withMerges(EmbeddedVocabulary.read(path))),
            against: "tiny.merges.expected.txt")
    }

    @Test(
        .enabled(
            if: EmbeddedVocabulary.model != nil, "no 270M model: set MINUTED_MODEL or run `make demo` once"))
    func idsEqualTheReferenceWithThePublishedVocabulary() throws {
        let vocabulary = try Self.withMerges(EmbeddedVocabulary.read(#require(EmbeddedVocabulary.model)))
        // As many as the published files of Gemma 4 have.
        #expect(vocabulary.merged?.count == 514_906)
        try check(SentencePieceTokenizer(vocabulary: vocabulary), against: "gguf.merges.expected.txt")
    }

    private func check(_ tokenizer: SentencePieceTokenizer, against name: String) throws {
        let lines = try Fixtures.lines()
        let expected = try Fixtures.expectations(name)
        try #require(lines.count >= 2000 && expected.count == lines.count)
        for (line, expectation) in zip(lines, expected) {
            let ids = tokenizer.encode(line)
            #expect(Fixtures.Expectation(ids) == expectation, "\(line.debugDescription) gave \(ids)")
            #expect(Array(tokenizer.decode(ids).utf8) == Array(line.utf8))
            #expect(!ids.contains(where: tokenizer.isControl))
        }
    }

    /// The vocabulary with the merges that follow from it, in the order in which `transformers` makes them, with scores
    /// that say nothing and types as in Gemma 4: what is user-defined in Gemma 1 to 3 is normal.
    private static func withMerges(_ vocabulary: GGUFVocabulary) throws -> GGUFVocabulary {
        var vocabulary = vocabulary
        let tokenizer = try SentencePieceTokenizer(vocabulary: vocabulary)
        // By bytes: strings that differ only in how characters are composed are equal in Swift.
        var ids: [[UInt8]: Int] = [:]
        for id in vocabulary.tokens.indices where [1, 4].contains(vocabulary.types[id]) {
            if tokenizer.isControl(TokenID(id)) {
                vocabulary.types[id] = 3
                continue
            }
            vocabulary.types[id] = 1
            vocabulary.tokens[id] = vocabulary.tokens[id].replacing(" ", with: "\u{2581}")
            ids[Array(vocabulary.tokens[id].utf8)] = id
        }
        var merges: [[UInt8]] = []
        for id in vocabulary.tokens.indices where vocabulary.types[id] == 1 {
            let scalars = vocabulary.tokens[id].unicodeScalars
            var pairs: [(left: Int, right: Int)] = []
            for cut in scalars.indices.dropFirst() {
                guard let left = ids[Array(String(scalars[..<cut]).utf8)],
                    let right = ids[Array(String(scalars[cut...]).utf8)]
                else { continue }
                pairs.append((left, right))
            }
            for pair in pairs.sorted(by: <) {
                merges.append(
                    Array((vocabulary.tokens[pair.left] + " " + vocabulary.tokens[pair.right]).utf8))
            }
        }
        vocabulary.merged = try GGUFVocabulary.merged(merges)
        vocabulary.scores = vocabulary.scores.map { _ in -1000 }
        return vocabulary
    }

    @Test func impossibleMergesAreRefused() throws {
        let path = Repository.tinyModels.appending(path: "gemma-f32.gguf").path
        var vocabulary = try Self.withMerges(EmbeddedVocabulary.read(path))
        vocabulary.merged?[3] = Array("no token".utf8)
        #expect { try SentencePieceTokenizer(vocabulary: vocabulary) } throws: {
            "\($0)".contains("merge 3 yields \"no token\"")
        }
        #expect { try GGUFVocabulary.merged([Array("a b".utf8), Array("ab".utf8)]) } throws: {
            "\($0)".contains("merge 1 is \"ab\"")
        }
    }

    /// A list that is cut off, or thinned out, is refused, while a single merge may be missing.
    @Test func incompleteMergesAreRefused() throws {
        let path = Repository.tinyModels.appending(path: "gemma-f32.gguf").path
        let whole = try Self.withMerges(EmbeddedVocabulary.read(path))
        let merged = try #require(whole.merged)
        let thinned = merged.enumerated().filter { $0.offset % 3 != 0 }.map(\.element)
        for incomplete in [Array(merged.prefix(merged.count * 9 / 10)), thinned] {
            var vocabulary = whole
            vocabulary.merged = incomplete
            #expect { try SentencePieceTokenizer(vocabulary: vocabulary) } throws: {
                "\($0)".contains("the list of merges is not complete")
            }
        }
    }

    /// A tokenizer.json of another kind is refused with what is wrong with it.
    @Test(arguments: [
        ("\"type\":\"BPE\"", "\"type\":\"Unigram\"", "the model is Unigram"),
        ("\"byte_fallback\":true", "\"byte_fallback\":false", "without byte_fallback"),
        ("\"content\":\"▁\"", "\"content\":\"_\"", "the normalizer"),
        ("\"type\":\"Split\"", "\"type\":\"Metaspace\"", "the pre_tokenizer is Metaspace"),
        ("\"<pad>\":0", "\"<pad>\":7", "two tokens have the id 7"),
        ("\"<pad>\":0", "\"<pad>\":900", "no token with the id 512"),
        ("\"<pad>\":0", "\"<pad>\":-1", "line 1: a token's id"),
        ("\"merges\":", "\"other\":", "no merges"),
        ("\"vocab\":", "\"merges\":", "line 1: an array was expected"),
    ]) func otherTokenizerFilesAreRefused(old: String, new: String, message: String) throws {
        let text = try String(
            contentsOf: Fixtures.folder.appending(path: "tiny/tokenizer.json"), encoding: .utf8)
        #expect(text.contains(old))
        let path = FileManager.default.temporaryDirectory.path + "/tokenizer-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.replacing(old, with: new).utf8).write(to: URL(filePath: path))
        #expect { try SentencePieceTokenizer(tokenizerFile: path) } throws: {
            "\($0)".contains(path) && "\($0)".contains(message)
        }
    }
}
