import Evaluation
import Testing
import TestSupport
import Tokenizer

@testable import Grammar

/// Masks over a vocabulary that is small enough to try every token.
@Suite struct DocumentWalkTests {
    private static let stop: TokenID = 1

    /// A vocabulary of control tokens, all single bytes, and pieces that span the beginning or end of a string.
    private static func vocabulary() throws -> TokenVocabulary {
        let bytes = (0...255).map { byte in
            let hex = String(byte, radix: 16, uppercase: true)
            return "<0x" + (hex.count == 1 ? "0" : "") + hex + ">"
        }
        let pieces = [
            "a", "ab", "abab", "\u{2581}", "\u{2581}the", "é", "日本", "\"", "\\", "{", "}", "[", "]", ",", ":",
            "-", "--",
            "----", "{\"", "\":", "\":\"", "\",\"", "\"}", "\"]", "\"]}", "\"},{\"", "[]", "],\"",
            "{\"decisions\":",
            "\\n", "n", "nab", "\\\"", "\":[", "null", "nul", "},", "\n", "\"\n", "true", "1", "12", "0",
            "text", "owner",
            "\":[]}", "\"owner\":\"",
        ]
        let tokens = ["<pad>", "<eos>", "<bos>", "<unk>"] + bytes + pieces
        let types: [Int32] =
            [3, 3, 3, 2] + [Int32](repeating: 6, count: 256) + [Int32](repeating: 1, count: pieces.count)
        let scores = tokens.indices.map { Float(-$0) }
        return try TokenVocabulary(
            SentencePieceTokenizer(
                vocabulary: GGUFVocabulary(
                    tokens: tokens, scores: scores, types: types, beginningOfSequence: 2, endOfSequence: 1,
                    unknown: 3)))
    }

    private static func schema(_ seed: UInt64) -> String {
        guard seed > 0 else { return Schemas.minutes }
        var random = RandomSchemas(random: SeededGenerator(seed: seed))
        return RandomSchemas.schema(random.shape())
    }

    /// The mask holds exactly the tokens that the grammar accepts and after which the budget still suffices; it is
    /// never empty.
    @Test(arguments: 0..<12) func masksAreWhatTryingGives(seed: UInt64) throws {
        let vocabulary = try Self.vocabulary()
        let schema = Self.schema(seed)
        let grammar = try JSONGrammar(schema: schema)
        let check = try SchemaCheck(schema: schema)
        let shortest = vocabulary.longestTokens(grammar.closing(from: grammar.start)).count
        var random = SeededGenerator(seed: seed)
        for slack in [0, 1, 3, 8, 40] {
            let budget = shortest + slack
            var walk = try DocumentWalk(
                grammar, vocabulary: vocabulary, stopTokens: [Self.stop], budget: budget)
            var (bytes, state): ([UInt8], GrammarState) = ([], grammar.start)
            for left in stride(from: budget, to: 0, by: -1) {
                let mask = walk.allowed(budget: left)
                let tried = Self.tried(state, vocabulary, grammar, budget: left)
                let allowed = (0..<TokenID(vocabulary.size)).filter(mask.contains)
                #expect(allowed == tried)
                for id in 0..<TokenID(vocabulary.size) {
                    let isAllowed = walk.allows(id, budget: left)
                    #expect(isAllowed == mask.contains(id))
                }
                let token = try #require(allowed.randomElement(using: &random))
                if token == Self.stop { break }
                walk.advance(token)
                vocabulary.spellings.withBytes(of: token) { bytes.append(contentsOf: $0) }
                state = try #require(Self.after(token, state, vocabulary, grammar))
                if walk.isFinished { break }
            }
            let document = try #require(String(validating: bytes, as: UTF8.self))
            #expect(walk.isComplete)
            #expect(check.complaint(about: document) == nil, "\(document)")
        }
    }

    private static func after(
        _ token: TokenID, _ state: GrammarState, _ vocabulary: TokenVocabulary, _ grammar: JSONGrammar
    ) -> GrammarState? {
        vocabulary.spellings.withBytes(of: token) { bytes -> GrammarState? in
            bytes.reduce(bytes.isEmpty ? nil : state) { state, byte in
                state.flatMap { grammar.next($0, byte) }
            }
        }
    }

    private static func tried(
        _ state: GrammarState, _ vocabulary: TokenVocabulary, _ grammar: JSONGrammar, budget: Int
    ) -> [TokenID] {
        (0..<TokenID(vocabulary.size)).filter { token in
            if token == stop { return grammar.isComplete(state) }
            guard let next = after(token, state, vocabulary, grammar) else { return false }
            return vocabulary.longestTokens(grammar.closing(from: next)).count <= budget - 1
        }
    }

    @Test func aBudgetThatIsTooSmallIsRefused() throws {
        let vocabulary = try Self.vocabulary()
        let grammar = try JSONGrammar(schema: Schemas.minutes)
        let shortest = vocabulary.longestTokens(Array(Schemas.emptyMinutes.utf8)).count
        #expect {
            try DocumentWalk(grammar, vocabulary: vocabulary, stopTokens: [1], budget: shortest - 1)
        } throws: {
            let error = $0 as? GrammarError
            return error?.code == .budgetTooSmall && error?.message.contains("\(shortest)") == true
        }
    }

    @Test func guessesAreCutWhereTheyLeaveTheGrammar() throws {
        let vocabulary = try Self.vocabulary()
        let walk = try DocumentWalk(
            JSONGrammar(schema: Schemas.minutes), vocabulary: vocabulary, stopTokens: [1], budget: 100)
        let tokens = vocabulary.longestTokens(Array(#"{"decisions":[1"#.utf8))
        #expect(walk.allowedPrefix(of: tokens) == tokens.count - 1)
        #expect(walk.allowedPrefix(of: [Self.stop] + tokens) == 0)
        #expect(walk.forcedText == #"{"decisions":["#)
    }
}
