import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// Attention over caches of random numbers against its formula in double precision.
@Suite struct AttentionTests {
    private let headDim = 8
    private let headCount = 4
    private let kvHeadCount = 2
    private let capacity = 6000

    /// A model with three layers: one without a window, one with a small window, and one with a large window.
    private func configuration() -> GemmaConfiguration {
        GemmaConfiguration(
            architecture: .gemma3, name: "", vocabularySize: 8, hiddenSize: 32, headCount: headCount,
            kvHeadCount: kvHeadCount, contextLength: capacity,
            rmsNormEpsilon: 1e-6, attentionScale: 0.5, attentionSoftCap: nil, logitSoftCap: nil,
            layers: [nil, 20, 700].map {
                .init(
                    headDim: headDim, intermediateSize: 32, slidingWindow: $0, ropeTheta: 10000, ropeScale: 1)
            })
    }

    private struct Sequence {
        let cache: KVCache
        let position: Int
        let tokenCount: Int
    }

    private func sequence(tokenCount: Int, at position: Int, seed: inout Seed) throws -> Sequence {
        let configuration = configuration()
        let cache = try KVCache(configuration: configuration, capacity: capacity, elementType: .f16)
        for layer in configuration.layers.indices {
            for position in 0..<(position + tokenCount) {
                cache.store(
                    layer: layer, position: position, keys: seed.floats(configuration.kvSize(layer)),
                    values: seed.floats(configuration.kvSize(layer)))
            }
        }
        return Sequence(cache: cache, position: position, tokenCount: tokenCount)
    }

    /// The attention of a layer, `[rows][headCount * headDim]`, with all sequences in one pass.
    private func attend(
        _ sequences: [Sequence], wanted: [WantedToken]? = nil, queries: [Float], layer: Int, threads: Int
    ) -> [Float] {
        let scratch = ScratchMemory()
        let attention = Attention(
            configuration: configuration(), capacity: capacity, pool: ThreadPool(threadCount: threads),
            scratch: scratch)
        let segments = sequences.map {
            BatchSegment(
                tokens: Array(repeating: TokenID(1), count: $0.tokenCount)[...], cache: $0.cache,
                position: $0.position, logits: .none)
        }
        attention.plan(segments)
        if let wanted { attention.plan(segments, wanted: wanted) }
        var output = [Float](repeating: .nan, count: queries.count)
        output.withUnsafeMutableBufferPointer {
            attention.attend(layer: layer, queries: queries, output: $0.baseAddress!)
        }
        return output
    }

    private func expected(_ sequence: Sequence, queries: ArraySlice<Float>, layer: Int) -> [Double] {
        var result: [Double] = []
        for token in 0..<sequence.tokenCount {
            let end = sequence.position + token + 1
            let first = max(0, end - (configuration().layers[layer].slidingWindow ?? .max))
            for head in 0..<headCount {
                let kvHead = head / (headCount / kvHeadCount)
                let at = queries.startIndex + (token * headCount + head) * headDim
                let query = queries[at..<(at + headDim)].map(Double.init)
                func row(_ rows: UnsafeMutableRawPointer, _ position: Int) -> [Double] {
                    let row = rows.assumingMemoryBound(to: Float16.self) + position * headDim
                    return (0..<headDim).map { Double(row[$0]) }
                }
                let keys = sequence.cache.keys(layer: layer, head: kvHead)
                let values = sequence.cache.values(layer: layer, head: kvHead)
                let scores = (first..<end).map { position in
                    0.5 * zip(query, row(keys, position)).reduce(0) { $0 + $1.0 * $1.1 }
                }
                let largest = scores.max()!
                let powers = scores.map { exp($0 - largest) }
                let sum = powers.reduce(0, +)
                var mixed = [Double](repeating: 0, count: headDim)
                for (position, power) in zip(first..<end, powers) {
                    for (i, value) in row(values, position).enumerated() { mixed[i] += power / sum * value }
                }
                result += mixed
            }
        }
        return result
    }

    /// Sequences with short and long caches, with single tokens, drafts and prompts share passes, whose parts fill more
    /// than one round.
    @Test func everyTokenSeesItsOwnPositions() throws {
        var seed = Seed()
        let shapes = [(16, 5000), (1, 0), (16, 4090), (1, 511), (1, 512), (40, 100), (3, 1023), (16, 1700)]
        let sequences = try shapes.map { try sequence(tokenCount: $0.0, at: $0.1, seed: &seed) }
        let queries = seed.floats(sequences.reduce(0) { $0 + $1.tokenCount } * headCount * headDim)
        for layer in configuration().layers.indices {
            let together = attend(sequences, queries: queries, layer: layer, threads: 2)
            for threads in [1, 3] {
                #expect(attend(sequences, queries: queries, layer: layer, threads: threads) == together)
            }
            var start = 0
            for (sequence, shape) in zip(sequences, shapes) {
                let slice = queries[start..<(start + sequence.tokenCount * headCount * headDim)]
                let found = together[start..<slice.endIndex]
                start = slice.endIndex
                let alone = attend([sequence], queries: Array(slice), layer: layer, threads: 2)
                #expect(alone == Array(found), "\(shape) in layer \(layer)")
                let worst = zip(found, expected(sequence, queries: slice, layer: layer)).map {
                    abs(Double($0) - $1)
                }.max()!
                #expect(worst < 2e-6, "\(shape) in layer \(layer)")
            }
        }
    }

    /// Attention for only some of a pass's tokens is what it is among the others.
    @Test(arguments: [1, 2, 3]) func wantedTokensAreAsAmongTheOthers(threads: Int) throws {
        var seed = Seed()
        let sequences = try [(40, 100), (1, 512), (16, 1700), (100, 4000)].map {
            try sequence(tokenCount: $0.0, at: $0.1, seed: &seed)
        }
        let width = headCount * headDim
        let queries = seed.floats(157 * width)
        // Rows of the whole pass: of the first sequence 39, of the second 40, none of the third, of the fourth some.
        let wanted = [(0, 39, 39), (1, 0, 40), (3, 50, 107), (3, 51, 108), (3, 99, 156)].map {
            WantedToken(segment: $0.0, token: $0.1, row: $0.2)
        }
        let rows = wanted.map { $0.row * width..<($0.row + 1) * width }
        for layer in configuration().layers.indices {
            let all = attend(sequences, queries: queries, layer: layer, threads: threads)
            let some = attend(
                sequences, wanted: wanted, queries: rows.flatMap { queries[$0] }, layer: layer,
                threads: threads)
            let worst = zip(some, rows.flatMap { all[$0] }).map { abs($0 - $1) }.max()!
            #expect(worst < 2e-6, "layer \(layer)")
        }
    }

    /// A draft's tokens are computed as if each had come alone; otherwise guesses would change answers.
    @Test func aDraftIsAsItsTokens() throws {
        var seed = Seed()
        let sequence = try sequence(tokenCount: 9, at: 4092, seed: &seed)
        let width = headCount * headDim
        let queries = seed.floats(9 * width)
        for layer in configuration().layers.indices {
            let draft = attend([sequence], queries: queries, layer: layer, threads: 2)
            for token in 0..<9 {
                let single = Sequence(cache: sequence.cache, position: 4092 + token, tokenCount: 1)
                let row = (token * width)..<((token + 1) * width)
                #expect(
                    attend([single], queries: Array(queries[row]), layer: layer, threads: 2)
                        == Array(draft[row]))
            }
        }
    }

    /// Pseudo-random numbers that are the same on every machine.
    private struct Seed {
        private var random = SplitMix64(state: 5)

        mutating func floats(_ count: Int) -> [Float] {
            (0..<count).map { _ in 2 * random.nextUnit() - 1 }
        }
    }
}
