import Evaluation
import Foundation
import Grammar
import Testing
import Tokenizer

@testable import Gemma

/// Tests that need a real, quantised model: integer arithmetic and documents over a full vocabulary.
@Suite(.enabled(if: RealModel.path != nil, RealModel.absence)) struct RealModelTests {
    private static let text = """
        Marta: The refund bug is a race, so nobody saw it in testing.
        Jonas: I can have a fix by Thursday, but then the map view slips a week.
        Marta: Fine. Celeste, please tell the customers by the end of the day.
        """

    private func engine(sliceTokens: Int = 512, isExact: Bool = false) throws -> InferenceEngine {
        try InferenceEngine(
            model: GemmaModel(path: #require(RealModel.path)),
            options: InferenceEngine.Options(
                contextLength: 1024, threads: 2, fullPrecisionCache: true, isExact: isExact,
                sliceTokens: sliceTokens))
    }

    private func ids(_ engine: InferenceEngine) -> [TokenID] {
        [2] + engine.model.tokenizer.encode(Self.text)
    }

    @Test func integerArithmeticStaysCloseToF32() async throws {
        let integer = try engine()
        let ids = ids(integer)
        let found = try await Fixtures.logits(integer, ids)
        let exact = try await Fixtures.logits(engine(isExact: true), ids)
        var divergence = 0.0
        var agreeing = 0
        for (a, b) in zip(found, exact) {
            divergence += Self.divergence(of: a, from: b)
            if a.firstIndex(of: a.max() ?? 0) == b.firstIndex(of: b.max() ?? 0) { agreeing += 1 }
        }
        #expect(divergence / Double(ids.count) < 0.01)
        #expect(Double(agreeing) >= 0.9 * Double(ids.count))
        #expect(found != exact, "the two ways are not the same, or nothing is compared")
    }

    /// Decoding token by token agrees with prefilling at once, except for the order of attention's sums.
    @Test func decodingOneByOneEqualsPrefill() async throws {
        let whole = try engine()
        let ids = ids(whole)
        let atOnce = try await Fixtures.logits(whole, ids)
        for sliceTokens in [1, 3, 17] {
            let sliced = try await Fixtures.logits(engine(sliceTokens: sliceTokens), ids)
            #expect(Fixtures.difference(sliced, atOnce) < 0.02, "slices of \(sliceTokens)")
        }
    }

    @Test func itContinuesTextSensibly() async throws {
        let engine = try engine()
        let prompt = [2] + engine.model.tokenizer.encode("Monday, Tuesday, Wednesday, Thursday,")
        let generation = try await engine.generate(
            prompt, timeline: "a", options: GenerationOptions(maximumTokens: 4))
        #expect(generation.text.hasPrefix(" Friday"))
    }

    /// With the whole vocabulary, documents are valid and complete whatever is drawn, with and without guesses.
    @Test func documentsKeepToTheSchema() async throws {
        let schema = """
            {"type": "object", "properties": {
              "actions": {"type": "array", "maxItems": 3, "items": {
                "type": "object", "properties": {
                  "owner": {"type": "string", "maxLength": 20}, "task": {"type": "string", "maxLength": 60},
                  "due": {"type": ["string", "null"], "maxLength": 20}},
                "required": ["owner", "task", "due"], "additionalProperties": false}},
              "questions": {"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 60}}},
             "required": ["actions", "questions"], "additionalProperties": false}
            """
        let engine = try engine()
        let check = try SchemaCheck(schema: schema)
        let prompt = ids(engine) + engine.model.tokenizer.encode("\n\nActions and open questions as JSON:\n")
        for (seed, temperature) in [(0, 0), (1, 0.8), (2, 20)] as [(UInt64, Float)] {
            var options = GenerationOptions(
                maximumTokens: seed == 2 ? 40 : 80,
                sampling: SamplingOptions(temperature: temperature, seed: seed),
                grammar: try JSONGrammar(schema: schema))
            let guessed = try await engine.generate(prompt, timeline: "a", options: options)
            #expect(check.complaint(about: guessed.text) == nil, "\(guessed.text)")
            options.usesLookup = false
            let plain = try await engine.generate(prompt, timeline: "b", options: options)
            #expect(check.complaint(about: plain.text) == nil, "\(plain.text)")
        }
    }

    /// The Kullback-Leibler divergence of one position's probabilities, in nats.
    private static func divergence(of logits: [Float], from reference: [Float]) -> Double {
        func logProbabilities(_ logits: [Float]) -> [Double] {
            let highest = Double(logits.max() ?? 0)
            let sum = logits.reduce(0.0) { $0 + exp(Double($1) - highest) }
            return logits.map { Double($0) - highest - log(sum) }
        }
        return zip(logProbabilities(reference), logProbabilities(logits)).reduce(0) {
            $0 + exp($1.0) * ($1.0 - $1.1)
        }
    }
}

/// The default model's file, if it is installed.
enum RealModel {
    static let absence: Comment = "there is no model: `make model` fetches it, or set MINUTED_MODEL"

    static var path: String? {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let path = environment["MINUTED_MODEL"] ?? cache + "/minuted/gemma-3-270m-q4_k_m.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
