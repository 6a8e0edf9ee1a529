import Foundation
import Testing
import Tokenizer

/// Ids against those of the sentencepiece Python package (and, through Fixtures/make.py, of llama.cpp) for lines of
/// talk, code, markup, many scripts, emoji, long runs of spaces, and control tokens spelled in text.
@Suite struct ReferenceTests {
    @Test func idsEqualTheReferenceWithAModelFile() throws {
        try check(SentencePieceTokenizer(modelFile: Fixtures.tinyModel), against: "tiny.expected.txt")
    }

    @Test(
        .enabled(
            if: EmbeddedVocabulary.model != nil, "no 270M model: set MINUTED_MODEL or run `make demo` once"))
    func idsEqualTheReferenceWithAGGUFVocabulary() throws {
        let vocabulary = try EmbeddedVocabulary.read(#require(EmbeddedVocabulary.model))
        try check(SentencePieceTokenizer(vocabulary: vocabulary), against: "gguf.expected.txt")
    }

    private func check(_ tokenizer: SentencePieceTokenizer, against name: String) throws {
        let lines = try Fixtures.lines()
        let expected = try Fixtures.expectations(name)
        try #require(lines.count >= 2000)
        try #require(expected.count == lines.count)
        for (line, expectation) in zip(lines, expected) {
            let ids = tokenizer.encode(line)
            #expect(Fixtures.Expectation(ids) == expectation, "\(line.debugDescription) gave \(ids)")
            let decoded = tokenizer.decode(ids)
            #expect(Array(decoded.utf8) == Array(line.utf8), "\(line.debugDescription) came back otherwise")
            #expect(
                !ids.contains(where: tokenizer.isControl), "\(line.debugDescription) gave a control token")
        }
    }
}
