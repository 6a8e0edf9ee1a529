import Foundation
import TestSupport
import Testing
import Tokenizer

/// Text never becomes a control token; callers have to ask for one by name.
@Suite struct InertTextTests {
    static let spelled = [
        "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>", "<unused0>",
        "<unused3>",
        "[multimodal]", "<start_of_image>", "<end_of_image>",
    ]

    @Test(arguments: spelled)
    func spelledControlTokenIsOrdinaryText(_ token: String) throws {
        for tokenizer in try [
            Self.fromModelFile(), Self.fromGGUF(types: Self.types), Self.fromGGUF(types: Self.normalTypes),
        ] {
            let id = try #require(
                (0..<TokenID(tokenizer.vocabularySize)).first { tokenizer.piece(of: $0) == token })
            for text in [token, "a\(token)b", " \(token) ", "\n\(token)\n", token + token, "<\(token)>"] {
                let ids = tokenizer.encode(text)
                #expect(!ids.contains(id), "\(text.debugDescription) gave \(token)")
                #expect(ids.count > 1)
                #expect(tokenizer.decode(ids) == text)
            }
            #expect(tokenizer.isControl(id) || token == "<unk>")
            #expect(tokenizer.decode([id]) == (token == "<unk>" ? "\u{fffd}" : ""))
        }
    }

    /// Gemma 4's, whichever of the three types a converter gives them.
    @Test(
        arguments: [
            "<|turn>", "<turn|>", "<|channel>", "<channel|>", "<|think|>", "<|tool_call>", "<tool_response|>",
            "<|\"|>",
        ], [Int32(1), 3, 4]) func spelledControlTokenOfGemma4IsOrdinaryText(token: String, type: Int32) throws
    {
        var vocabulary = try Self.vocabulary()
        let id = try #require(vocabulary.tokens.firstIndex(of: "<unused0>"))
        (vocabulary.tokens[id], vocabulary.types[id]) = (token, type)
        let tokenizer = try SentencePieceTokenizer(vocabulary: vocabulary)
        for text in [token, "a\(token)b", " \(token) ", token + token, "<\(token)>"] {
            let ids = tokenizer.encode(text)
            #expect(!ids.contains(TokenID(id)), "\(text) gave \(token)")
            #expect(tokenizer.decode(ids) == text)
        }
        #expect(tokenizer.controlToken(spelled: token) == TokenID(id))
        if token == "<|turn>" {
            vocabulary.tokens[Int(try #require(tokenizer.controlToken(.startOfTurn)))] = "<unused0>"
            #expect(
                try SentencePieceTokenizer(vocabulary: vocabulary).controlToken(.startOfTurn) == TokenID(id))
        }
    }

    /// libsentencepiece refuses text whose merges end in a control piece, which a damaged or hostile vocabulary can make
    /// of any word.
    @Test func wordsThatAreControlPiecesAreOrdinaryText() throws {
        let whole = try Self.vocabulary()
        let text = "Ana ships it now, and now Ben."
        let ids = try SentencePieceTokenizer(vocabulary: whole).encode(text)
        var tried = 0
        for id in Set(ids) where whole.types[Int(id)] == 1 {
            var vocabulary = whole
            vocabulary.types[Int(id)] = 3
            let tokenizer = try SentencePieceTokenizer(vocabulary: vocabulary)
            let found = tokenizer.encode(text)
            #expect(!found.contains(id))
            #expect(!found.contains(where: tokenizer.isControl))
            let isCharacter = whole.tokens[Int(id)].unicodeScalars.count == 1
            if !isCharacter { #expect(tokenizer.decode(found) == text, "without \(whole.tokens[Int(id)])") }
            tried += 1
        }
        #expect(tried > 5)
    }

    @Test func runsOfSpaceAndTagsKeepTheirTokens() throws {
        for tokenizer in try [Self.fromModelFile(), Self.fromGGUF(types: Self.types)] {
            for text in ["\n", "\n\n\n\n", "  ", "       ", "\t\t\t", "<table>", "</tr>", "<b>", "</code>"] {
                let ids = tokenizer.encode(text)
                #expect(ids.count == 1, "\(text.debugDescription) gave \(ids)")
                #expect(!tokenizer.isControl(ids[0]))
            }
            #expect(tokenizer.encode("          ").count == 2)  // ten spaces: a run of seven, a run of three
        }
    }

    @Test func controlTokensComeByRequest() throws {
        for tokenizer in try [Self.fromModelFile(), Self.fromGGUF(types: Self.types)] {
            #expect(tokenizer.controlToken(.beginningOfSequence) == 2)
            #expect(tokenizer.controlToken(.endOfSequence) == 1)
            #expect(tokenizer.controlToken(.startOfTurn) == 10)
            #expect(tokenizer.controlToken(.endOfTurn) == 11)
            #expect(ControlToken.allCases.compactMap(tokenizer.controlToken).allSatisfy(tokenizer.isControl))
        }
    }

    @Test func endOfTurnOfTheFileGoesBeforeTheSpelledOne() throws {
        var vocabulary = try Self.vocabulary()
        vocabulary.endOfTurn = 6
        let tokenizer = try SentencePieceTokenizer(vocabulary: vocabulary)
        #expect(tokenizer.controlToken(.endOfTurn) == 6)
        #expect(tokenizer.isControl(6))
    }

    @Test func bothSourcesOfAVocabularyGiveTheSameIDs() throws {
        let (file, embedded) = try (Self.fromModelFile(), Self.fromGGUF(types: Self.types))
        #expect(file.vocabularySize == embedded.vocabularySize)
        for line in try Fixtures.lines() {
            #expect(file.encode(line) == embedded.encode(line))
        }
    }

    private static func fromModelFile() throws -> SentencePieceTokenizer {
        try SentencePieceTokenizer(modelFile: Fixtures.tinyModel)
    }

    private static func fromGGUF(types: (GGUFVocabulary) -> [Int32]) throws -> SentencePieceTokenizer {
        var vocabulary = try vocabulary()
        vocabulary.types = types(vocabulary)
        return try SentencePieceTokenizer(vocabulary: vocabulary)
    }

    private static func types(_ vocabulary: GGUFVocabulary) -> [Int32] { vocabulary.types }

    /// The token types as old converters wrote them: control tokens are declared as normal.
    private static func normalTypes(_ vocabulary: GGUFVocabulary) -> [Int32] {
        zip(vocabulary.types, vocabulary.tokens).map { spelled.contains($1) ? 1 : $0 }
    }

    private static func vocabulary() throws -> GGUFVocabulary {
        try EmbeddedVocabulary.read(
            Repository.tinyModels.appending(path: "gemma-f32.gguf").path)
    }
}
