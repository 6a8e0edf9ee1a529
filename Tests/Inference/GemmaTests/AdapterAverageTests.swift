import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// Averaging adapters gives the mean of what they add, and refuses adapters that do not belong together.
@Suite struct AdapterAverageTests {
    private func adapter(_ name: String = "gemma3") throws -> LoRAAdapter {
        try LoRAAdapter(path: Fixtures.path("adapters/\(name)"))
    }

    /// A copy with other numbers, and with another rank or alpha if given.
    private func variant(
        of adapter: LoRAAdapter, name: String = "variant", rank: Int? = nil, alpha: Float? = nil,
        change: (inout [LoRAAdapter.Site: LoRAAdapter.Pair]) -> Void = { _ in }
    ) throws -> LoRAAdapter {
        let rank = rank ?? adapter.rank
        var pairs = adapter.pairs.mapValues { pair in
            LoRAAdapter.Pair(
                inputSize: pair.inputSize, outputSize: pair.outputSize,
                a: (0..<rank * pair.inputSize).map { 0.1 * sin(Float($0 + rank)) },
                b: (0..<rank * pair.outputSize).map { 0.1 * cos(Float(3 * $0 + rank)) })
        }
        change(&pairs)
        return try LoRAAdapter(
            name: name, baseModel: adapter.baseModel, architecture: adapter.architecture, rank: rank,
            alpha: alpha ?? adapter.alpha, promptTemplate: adapter.promptTemplate, pairs: pairs)
    }

    /// The matrix that an adapter adds to one of the model's, `[outputSize, inputSize]`.
    private func delta(_ adapter: LoRAAdapter, _ site: LoRAAdapter.Site) throws -> [Float] {
        let pair = try #require(adapter.pairs[site])
        var sums = [Float](repeating: 0, count: pair.outputSize * pair.inputSize)
        for row in 0..<pair.outputSize {
            for k in 0..<adapter.rank {
                let factor = adapter.scale * pair.b[row * adapter.rank + k]
                for column in 0..<pair.inputSize {
                    sums[row * pair.inputSize + column] += factor * pair.a[k * pair.inputSize + column]
                }
            }
        }
        return sums
    }

    @Test func whatIsAddedIsTheMeanOfWhatEachAdds() throws {
        let first = try adapter()
        // Adapters as training produces them, and adapters that each have another rank and scale.
        let reversed = try variant(of: first) { pairs in
            pairs = pairs.mapValues {
                .init(inputSize: $0.inputSize, outputSize: $0.outputSize, a: $0.a.reversed(), b: $0.b)
            }
        }
        let alike = try [first, variant(of: first), reversed]
        let unlike = try [
            first, variant(of: first, rank: 3, alpha: 12), variant(of: first, rank: 1, alpha: 0.7),
        ]
        for adapters in [alike, unlike] {
            let average = try LoRAAdapter.average(of: adapters, name: "soup")
            #expect(average.name == "soup" && average.baseModel == first.baseModel)
            #expect(average.rank == adapters.reduce(0) { $0 + $1.rank })
            for site in first.sites {
                let deltas = try adapters.map { try delta($0, site) }
                let found = try delta(average, site)
                let largest = deltas.joined().reduce(0) { max($0, abs($1)) }
                #expect(largest > 0)
                for (index, number) in found.enumerated() {
                    let mean = deltas.reduce(0) { $0 + $1[index] } / Float(deltas.count)
                    #expect(abs(number - mean) <= 1e-5 * largest, "\(site)")
                }
            }
        }
        // If all scales are the same, nothing is rounded.
        let average = try LoRAAdapter.average(of: alike, name: "soup")
        let site = try #require(first.sites.first)
        #expect(average.pairs[site]?.a == alike.flatMap { $0.pairs[site]?.a ?? [] })
        #expect(average.alpha == first.alpha)
    }

    /// The average of an adapter with itself generates the same answer as the adapter.
    @Test func theAverageOfTheSameWritesTheSame() async throws {
        let adapter = try adapter()
        let engine = try InferenceEngine(
            model: GemmaModel(path: Fixtures.path("gemma3")),
            options: InferenceEngine.Options(
                contextLength: 256, threads: 2, fullPrecisionCache: true, isExact: true))
        try await engine.load(adapter, as: "one")
        try await engine.load(LoRAAdapter.average(of: [adapter, adapter], name: "two"), as: "two")
        let ids = try Fixtures.expected("gemma3").ids
        let options = GenerationOptions(maximumTokens: 24)
        let one = try await engine.generate(ids, timeline: "1", adapter: "one", options: options)
        let two = try await engine.generate(ids, timeline: "2", adapter: "two", options: options)
        let none = try await engine.generate(ids, timeline: "3", options: options)
        #expect(two.tokens == one.tokens)
        #expect(none.tokens != one.tokens, "else nothing would be seen")
    }

    private func expectRefusal(
        _ part: String, _ adapters: [LoRAAdapter], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(sourceLocation: sourceLocation) {
            try LoRAAdapter.average(of: adapters, name: "soup")
        } throws: {
            ($0 as? GemmaError)?.code == .badAdapter && "\($0)".contains(part)
        }
    }

    @Test func whatDoesNotBelongTogetherIsRefused() throws {
        let first = try adapter()
        let site = try #require(first.sites.last)
        try expectRefusal("gemma3 and gemma2", [first, adapter("gemma2")])
        let fewer = try variant(of: first) { $0[site] = nil }
        expectRefusal("only \(first.name) adapts \(site)", [first, fewer])
        expectRefusal("only \(first.name) adapts \(site)", [fewer, first])
        let wider = try variant(of: first) { pairs in
            let pair = pairs[site]!
            pairs[site] = .init(
                inputSize: pair.inputSize + 1, outputSize: pair.outputSize,
                a: Array(repeating: 0, count: first.rank * (pair.inputSize + 1)), b: pair.b)
        }
        expectRefusal("different models", [first, wider])
        var asked = try variant(of: first)
        asked.promptTemplate = "tuned"
        expectRefusal("'tuned'", [first, asked])
        var renamed = try variant(of: first)
        renamed.baseModel = "another"
        expectRefusal("trained on \(first.baseModel) and another", [first, renamed])
        // Not comparing names is allowed, since both have been checked against one model.
        #expect(
            try LoRAAdapter.average(of: [first, renamed], name: "soup", requiresSameBaseName: false).baseModel
                == first.baseModel)
        expectRefusal("come to 260", try Array(repeating: variant(of: first, rank: 52), count: 5))
    }
}
