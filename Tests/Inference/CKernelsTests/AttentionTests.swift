import CKernels
import Foundation
import Testing
import TestSupport

@Suite struct AttentionTests {
    private struct Case {
        var type: ck_type
        var group: Int
        var count: Int
        /// How many parts the positions are cut into; if there are few positions, some parts have none.
        var parts: Int
        var headDim: Int
        var stride: Int
        var cap: Float
    }

    @Test(arguments: kernelPaths) func attentionIsTheWeightedMeanOfTheValues(path: String) {
        var random = SeededGenerator(seed: 11)
        let dimensions = [1, 5, 8, 16, 20, 31, 64, 100, 256]
        for round in 0..<54 {
            let headDim = dimensions[round % dimensions.count]
            check(
                Case(
                    type: round % 2 == 0 ? CK_F32 : CK_F16, group: Int.random(in: 1...9, using: &random),
                    count: Int.random(in: 0...150, using: &random), parts: 1 + round % 4, headDim: headDim,
                    stride: headDim + Int.random(in: 0...9, using: &random), cap: round % 3 == 0 ? 2 : 0),
                path, &random)
        }
    }

    private func check(_ c: Case, _ path: String, _ random: inout SeededGenerator) {
        let queries = random.floats(c.group * c.headDim, -2...2)
        let cacheSize = c.count * c.stride
        let keys = random.floats(cacheSize), values = random.floats(cacheSize)
        var out = [Float](repeating: 7, count: c.group * c.headDim) + [canary]
        let partFloats = ck_attend_floats(c.group, c.headDim)
        var parts = [Float](repeating: .nan, count: c.parts * partFloats) + [canary]
        let scale = 1 / Float(c.headDim).squareRoot()
        let halfKeys = keys.map { Float16($0) }, halfValues = values.map { Float16($0) }
        onPath(path) {
            attend(c.type, keys, halfKeys, values, halfValues) { keys, values, elementBytes in
                for part in 0..<c.parts {
                    let first = c.count * part / c.parts, last = c.count * (part + 1) / c.parts
                    let offset = first * c.stride * elementBytes
                    parts.withUnsafeMutableBufferPointer {
                        ck_attend(
                            c.type, queries, c.group, keys + offset, values + offset, c.stride, last - first,
                            c.headDim, scale, c.cap, $0.baseAddress! + part * partFloats)
                    }
                }
                ck_attend_merge(parts, c.parts, c.group, c.headDim, &out)
            }
        }
        #expect(out.last == canary)
        #expect(parts.last == canary)
        func stored(_ x: Float) -> Double { c.type == CK_F16 ? Double(Float16(x)) : Double(x) }
        for g in 0..<c.group {
            let scores = (0..<c.count).map { p in
                let score = (0..<c.headDim).reduce(0.0) {
                    $0 + Double(queries[g * c.headDim + $1]) * stored(keys[p * c.stride + $1])
                }
                return c.cap > 0
                    ? Double(c.cap) * tanh(score * Double(scale) / Double(c.cap)) : score * Double(scale)
            }
            let powers = scores.map { exp($0 - (scores.max() ?? 0)) }
            let sum = powers.reduce(0, +)
            for i in 0..<c.headDim {
                let expected = (0..<c.count).reduce(0.0) {
                    $0 + powers[$1] / sum * stored(values[$1 * c.stride + i])
                }
                let found = Double(out[g * c.headDim + i])
                #expect(abs(found - expected) < 3e-6, "\(c), head \(g), element \(i)")
            }
        }
    }

    /// Attention of many tokens at once equals that of one token at a time, whatever the tiles and blocks.
    @Test(arguments: kernelPaths) func aBlockOfTokensIsAsItsTokens(path: String) {
        var random = SeededGenerator(seed: 12)
        let dimensions = [1, 5, 8, 16, 20, 31, 64, 100, 256]
        for round in 0..<54 {
            let type = round % 2 == 0 ? CK_F32 : CK_F16
            let headDim = dimensions[round % dimensions.count]
            let tokens = Int.random(in: 1...40, using: &random), group = Int.random(in: 1...9, using: &random)
            let position = Int.random(in: 0...150, using: &random)
            let window = round % 3 == 0 ? Int.random(in: 1...90, using: &random) : 0
            let stride = headDim + Int.random(in: 0...9, using: &random)
            let count = position + tokens
            let queries = random.floats(tokens * group * headDim, -2...2)
            let keys = random.floats(count * stride), values = random.floats(count * stride)
            let halfKeys = keys.map { Float16($0) }, halfValues = values.map { Float16($0) }
            var out = [Float](repeating: 7, count: tokens * group * headDim) + [canary]
            var expected = out
            var description = ""
            onPath(path) {
                attend(type, keys, halfKeys, values, halfValues) { keys, values, elementBytes in
                    queries.withUnsafeBufferPointer { queries in
                        var block = ck_attention(
                            kv_type: type, queries: queries.baseAddress, query_stride: group * headDim,
                            tokens: tokens, group: group, keys: keys, values: values, kv_stride: stride,
                            position: position, window: window, head_dim: headDim, scale: 0.3,
                            cap: round % 5 == 0 ? 2 : 0, out: nil, out_stride: group * headDim)
                        description = "\(block)"
                        let floats = ck_attend_block_floats(&block)
                        var scratch = [Float](repeating: .nan, count: floats) + [canary]
                        out.withUnsafeMutableBufferPointer {
                            block.out = $0.baseAddress
                            ck_attend_block(&block, &scratch)
                        }
                        #expect(scratch.last == canary)
                        for token in 0..<tokens {
                            let end = position + token + 1, first = window > 0 ? max(0, end - window) : 0
                            var part = [Float](repeating: 0, count: ck_attend_floats(group, headDim))
                            expected.withUnsafeMutableBufferPointer {
                                ck_attend(
                                    type, queries.baseAddress! + token * group * headDim, group,
                                    keys + first * stride * elementBytes,
                                    values + first * stride * elementBytes, stride, end - first, headDim, 0.3,
                                    block.cap, &part)
                                ck_attend_merge(
                                    part, 1, group, headDim, $0.baseAddress! + token * group * headDim)
                            }
                        }
                    }
                }
            }
            #expect(out.last == canary)
            let worst = zip(out, expected).map { abs($0 - $1) }.max() ?? 0
            #expect(worst < 4e-6, "\(description)")
        }
    }

    /// Calls `body` with keys and values of the given type, and the size of an element in bytes.
    private func attend(
        _ type: ck_type, _ keys: [Float], _ halfKeys: [Float16], _ values: [Float], _ halfValues: [Float16],
        _ body: (UnsafeRawPointer, UnsafeRawPointer, Int) -> Void
    ) {
        if type == CK_F32 {
            keys.withUnsafeBytes { k in
                values.withUnsafeBytes { body(k.baseAddress!, $0.baseAddress!, 4) }
            }
        } else {
            halfKeys.withUnsafeBytes { k in
                halfValues.withUnsafeBytes { body(k.baseAddress!, $0.baseAddress!, 2) }
            }
        }
    }
}
