import CKernels
import Foundation
import Testing

@Suite struct AttentionTests {
    private struct Case {
        var type: ck_type
        var group: Int
        var count: Int
        var headDim: Int
        var stride: Int
        var cap: Float
    }

    @Test(arguments: kernelPaths) func attentionIsTheWeightedMeanOfTheValues(path: String) {
        var random = SeededGenerator(state: 11)
        let dimensions = [1, 5, 8, 16, 20, 31, 64, 100, 256]
        for round in 0..<54 {
            let headDim = dimensions[round % dimensions.count]
            check(
                Case(
                    type: round % 2 == 0 ? CK_F32 : CK_F16, group: Int.random(in: 1...9, using: &random),
                    count: Int.random(in: 0...80, using: &random), headDim: headDim,
                    stride: headDim + Int.random(in: 0...9, using: &random), cap: round % 3 == 0 ? 2 : 0),
                path, &random)
        }
    }

    private func check(_ c: Case, _ path: String, _ random: inout SeededGenerator) {
        let queries = random.floats(c.group * c.headDim, -2...2)
        let cacheSize = c.count * c.stride
        let keys = random.floats(cacheSize), values = random.floats(cacheSize)
        var out = [Float](repeating: 7, count: c.group * c.headDim) + [canary]
        var scratch = [Float](repeating: 0, count: c.group * c.count) + [canary]
        let scale = 1 / Float(c.headDim).squareRoot()
        onPath(path) {
            if c.type == CK_F32 {
                ck_attend(
                    c.type, queries, c.group, keys, values, c.stride, c.count, c.headDim, scale, c.cap, &out,
                    &scratch)
            } else {
                ck_attend(
                    c.type, queries, c.group, keys.map { Float16($0) }, values.map { Float16($0) }, c.stride,
                    c.count, c.headDim, scale, c.cap, &out, &scratch)
            }
        }
        #expect(out.last == canary)
        #expect(scratch.last == canary)
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
}
