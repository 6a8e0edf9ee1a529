import Evaluation
import Grammar
import Testing
import Tokenizer

@testable import Gemma

/// Answers with a grammar follow it even if the model has learned nothing about it.
@Suite struct DocumentTests {
    private static let schema = """
        {
          "type": "object",
          "properties": {
            "decisions": {
              "type": "array", "maxItems": 3,
              "items": {
                "type": "object", "properties": {"text": {"type": "string", "maxLength": 30}},
                "required": ["text"], "additionalProperties": false
              }
            },
            "due": {"type": ["string", "null"], "maxLength": 10},
            "count": {"type": "integer", "minimum": -5, "maximum": 120}
          },
          "required": ["decisions", "due", "count"], "additionalProperties": false
        }
        """
    /// More tokens than a tiny model's tokenizer needs for the shortest document.
    private static let budget = 100

    private func prompt(_ name: String) throws -> [TokenID] {
        Array(try Fixtures.expected(name).ids.prefix(20))
    }

    private func options(
        seed: UInt64, temperature: Float = 3, budget: Int = Self.budget, usesLookup: Bool = true
    ) throws -> GenerationOptions {
        GenerationOptions(
            maximumTokens: budget, sampling: SamplingOptions(temperature: temperature, seed: seed),
            grammar: try JSONGrammar(schema: Self.schema), usesLookup: usesLookup)
    }

    /// The smallest token budget that the engine accepts.
    private func tightestBudget(_ engine: InferenceEngine, _ prompt: [TokenID]) async throws -> Int {
        for budget in 1...Self.budget {
            do {
                _ = try await engine.generate(
                    prompt, timeline: "tight", options: options(seed: 0, budget: budget))
                return budget
            } catch let error as GrammarError {
                #expect(error.code == .budgetTooSmall)
            }
        }
        return Self.budget
    }

    @Test(arguments: ReferenceTests.names) func everySeedGivesADocumentInTime(name: String) async throws {
        let engine = try Fixtures.engine(name)
        let prompt = try prompt(name)
        let check = try SchemaCheck(schema: Self.schema)
        let tightest = try await tightestBudget(engine, prompt)
        #expect(tightest > 10)
        var texts: Set<String> = []
        for seed in UInt64(0)..<200 {
            // Half of the answers have hardly more tokens than the shortest document needs.
            let budget = seed % 2 == 0 ? Self.budget : tightest + Int(seed / 2 % 12)
            let options = try options(seed: seed, temperature: seed % 4 < 2 ? 3 : 50, budget: budget)
            let answer = try await engine.generate(prompt, timeline: "a", options: options)
            #expect(answer.tokens.count <= budget)
            #expect(answer.end == .stopToken)
            #expect(check.complaint(about: answer.text) == nil, "seed \(seed): \(answer.text)")
            texts.insert(answer.text)
        }
        #expect(texts.count > 100)
    }

    @Test(arguments: ReferenceTests.names) func guessesChangeNothing(name: String) async throws {
        let prompt = try prompt(name)
        for seed in UInt64(0)..<6 {
            let temperature: Float = seed == 0 ? 0 : 1
            let guessed = try await Fixtures.engine(name).generate(
                prompt, timeline: "a", options: options(seed: seed, temperature: temperature))
            let plain = try await Fixtures.engine(name).generate(
                prompt, timeline: "a",
                options: options(seed: seed, temperature: temperature, usesLookup: false))
            #expect(guessed.tokens == plain.tokens)
        }
    }

    @Test func documentsShareBatchesWithTexts() async throws {
        let prompt = try prompt("gemma3")
        let engine = try Fixtures.engine("gemma3")
        let free = GenerationOptions(maximumTokens: 40, stopTexts: ["\u{0}"], ignoresStopTokens: true)
        async let text = engine.generate(prompt, timeline: "text", options: free)
        async let one = engine.generate(prompt, timeline: "1", options: options(seed: 1))
        async let two = engine.generate(prompt, timeline: "2", options: options(seed: 2))
        let alone = try Fixtures.engine("gemma3")
        #expect(try await text.tokens == alone.generate(prompt, timeline: "a", options: free).tokens)
        #expect(
            try await one.tokens == alone.generate(prompt, timeline: "a", options: options(seed: 1)).tokens)
        #expect(
            try await two.tokens == alone.generate(prompt, timeline: "a", options: options(seed: 2)).tokens)
    }

    /// A stop text does not cut a document, and penalties do not affect what it has to repeat.
    @Test func otherOptionsDoNotBreakADocument() async throws {
        let engine = try Fixtures.engine("gemma2")
        let prompt = try prompt("gemma2")
        let check = try SchemaCheck(schema: Self.schema)
        for seed in UInt64(0)..<20 {
            var options = try options(seed: seed)
            options.stopTexts = ["\"", "{", "}"]
            options.ignoresStopTokens = seed % 2 == 0
            options.sampling.repetitionPenalty = 5
            options.sampling.noRepeatNgram = 2
            options.sampling.topK = 3
            let answer = try await engine.generate(prompt, timeline: "a", options: options)
            #expect(check.complaint(about: answer.text) == nil, "\(answer.text)")
        }
    }

    /// If the model would write a valid document anyway, the grammar does not change it.
    @Test func whatIsAllowedAnywayIsLeftAlone() throws {
        let tokenizer = try SentencePieceTokenizer(modelFile: Fixtures.path("gemma3") + "/tokenizer.model")
        let text = #"{"decisions":[{"text":"to go on"},{"text":"é"}],"due":null,"count":12}"#
        let grammar = try JSONGrammar(schema: Self.schema)
        let document = try DocumentWalk(
            grammar, vocabulary: TokenVocabulary(tokenizer), stopTokens: [1], budget: 200)
        var builder = AnswerBuilder(
            options: GenerationOptions(maximumTokens: 200, grammar: grammar), tokenizer: tokenizer,
            stopTokens: [1], document: document)
        var end: Generation.End?
        for wanted in tokenizer.encode(text) {
            #expect(end == nil)
            var logits = (0..<tokenizer.vocabularySize).map { Float($0 % 7) }
            logits[Int(wanted)] = 10
            let choice = logits.withUnsafeMutableBufferPointer { builder.choose(from: $0) }
            #expect(choice == wanted)
            end = builder.accept(choice) { _ in }
        }
        #expect(end == .stopToken)
        #expect(builder.text == text)
    }
}
