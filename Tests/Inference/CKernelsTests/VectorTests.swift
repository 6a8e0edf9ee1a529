import CKernels
import Foundation
import Testing
import TestSupport

/// Every vector function against its formula in double precision, for sizes that are no multiple of a vector, on
/// every path.
@Suite struct VectorTests {
    private static let sizes = Array(0...35) + [63, 64, 65, 100, 127, 255, 257, 1000]

    /// Runs `kernel` on a copy of `input` followed by a canary, and returns the result without the canary.
    private func run(
        _ path: String, _ input: [Float], _ kernel: (UnsafeMutablePointer<Float>, Int) -> Void
    ) -> [Float] {
        var buffer = input + [canary]
        onPath(path) { kernel(&buffer, input.count) }
        #expect(buffer.last == canary)
        return Array(buffer.dropLast())
    }

    private func expectClose(
        _ found: [Float], _ expected: [Double], relative: Double, absolute: Double = 1e-37, _ what: String
    ) {
        #expect(found.count == expected.count)
        for (i, (a, b)) in zip(found, expected).enumerated()
        where abs(Double(a) - b) > relative * abs(b) + absolute {
            Issue.record("\(what) of \(found.count) at \(i): \(b) expected, \(a) found")
            return
        }
    }

    @Test(arguments: kernelPaths) func sumsAndScalesAreElementwise(path: String) {
        var random = SeededGenerator(seed: 3)
        for n in Self.sizes {
            let a = random.floats(n), b = random.floats(n)
            #expect(run(path, a) { ck_add($0, b, $1) } == zip(a, b).map { $0 + $1 })
            #expect(run(path, a) { ck_scale($0, 0.3, $1) } == a.map { $0 * 0.3 })
            let products = zip(a, b).map { Double($0) * Double($1) }
            let size = products.reduce(0) { $0 + abs($1) }
            let found = onPath(path) { ck_dot(a, b, n) }
            #expect(abs(Double(found) - products.reduce(0, +)) <= 1e-6 * size)
        }
    }

    @Test(arguments: kernelPaths) func rmsnormDividesByTheRootOfTheMeanSquare(path: String) {
        var random = SeededGenerator(seed: 4)
        for n in Self.sizes where n > 0 {
            let x = random.floats(n, -3...3), weight = random.floats(n)
            let mean = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n)
            let factor = 1 / (mean + 1e-6).squareRoot()
            for offset in [Float(0), 1] {
                let expected = zip(x, weight).map { Double($0) * factor * Double(offset + $1) }
                let found = run(path, x) { ck_rmsnorm($0, x, weight, $1, 1e-6, offset) }
                expectClose(found, expected, relative: 2e-6, "rmsnorm")
                // The output may be the same memory as the input.
                expectClose(
                    run(path, x) { ck_rmsnorm($0, $0, weight, $1, 1e-6, offset) }, expected, relative: 2e-6,
                    "rmsnorm in place")
            }
            let plain = run(path, x) { ck_rmsnorm($0, x, nil, $1, 1e-6, 1) }
            expectClose(plain, x.map { Double($0) * factor }, relative: 2e-6, "rmsnorm without weight")
        }
    }

    @Test(arguments: kernelPaths) func ropeTurnsEachPair(path: String) {
        var random = SeededGenerator(seed: 5)
        for half in [1, 2, 7, 8, 9, 16, 17, 32, 48, 128] {
            let heads = Int.random(in: 0...3, using: &random)
            let angles = random.floats(half, -7...7)
            let cosines = angles.map { cos($0) }, sines = angles.map { sin($0) }
            let x = random.floats(heads * 2 * half)
            let found = run(path, x) { pointer, _ in ck_rope(pointer, heads, 2 * half, cosines, sines) }
            var expected = x.map { Double($0) }
            for h in 0..<heads {
                for i in 0..<half {
                    let first = h * 2 * half + i
                    let a = Double(x[first]), b = Double(x[first + half])
                    expected[first] = a * Double(cosines[i]) - b * Double(sines[i])
                    expected[first + half] = a * Double(sines[i]) + b * Double(cosines[i])
                }
            }
            expectClose(found, expected, relative: 0, absolute: 3e-7, "rope")
        }
    }

    @Test(arguments: kernelPaths) func gegluIsGeluOfTheGateTimesUp(path: String) {
        var random = SeededGenerator(seed: 6)
        for n in Self.sizes {
            let gate = random.floats(n, -12...12), ones = [Float](repeating: 1, count: n)
            let up = random.floats(n)
            let found = run(path, gate) { ck_geglu($0, ones, $1) }
            for (g, value) in zip(gate.map { Double($0) }, found) {
                let u = (2 / Double.pi).squareRoot() * (g + 0.044715 * g * g * g)
                let expected = g / (1 + exp(-2 * u))
                #expect(
                    abs(Double(value) - expected) <= 1e-6 * max(abs(expected), 1e-3 * abs(g)), "gelu(\(g))")
            }
            // With any other `up`, the same gelu is multiplied by it.
            #expect(run(path, gate) { ck_geglu($0, up, $1) } == zip(found, up).map { $0 * $1 })
        }
        let extremes = run(path, [0, -0.0, 1e-30, -100, 100, 1e4]) { ck_geglu($0, [1, 1, 1, 1, 1, 1], $1) }
        expectClose(extremes, [0, 0, 5e-31, 0, 100, 1e4], relative: 1e-6, absolute: 1e-35, "gelu")
    }

    @Test(arguments: kernelPaths) func softcapIsCapTimesTanh(path: String) {
        var random = SeededGenerator(seed: 7)
        for n in Self.sizes {
            for (range, cap) in [(Float(-200)...200, Float(50)), (-0.9...0.9, 1), (-1e-3...1e-3, 30)] {
                let x = random.floats(n, range)
                let expected = x.map { Double(cap) * tanh(Double($0) / Double(cap)) }
                expectClose(run(path, x) { ck_softcap($0, $1, cap) }, expected, relative: 1e-6, "softcap")
            }
        }
        let edges: [Float] = [.infinity, -.infinity, 3e38, -3e38, 0]
        #expect(run(path, edges) { ck_softcap($0, $1, 30) } == [30, -30, 30, -30, 0])
        #expect(
            run(path, [Float](repeating: .nan, count: 19)) { ck_softcap($0, $1, 30) }.allSatisfy { $0.isNaN })
    }

    @Test(arguments: kernelPaths) func softmaxIsStableAndSumsToOne(path: String) {
        var random = SeededGenerator(seed: 8)
        for n in Self.sizes where n > 0 {
            for shift in [Float(0), 1e4, -1e4] {
                let x = random.floats(n, -20...20).map { $0 + shift }
                let largest = Double(x.max() ?? 0)
                let powers = x.map { exp(Double($0) - largest) }
                let sum = powers.reduce(0, +)
                let found = run(path, x) { ck_softmax($0, $1) }
                expectClose(found, powers.map { $0 / sum }, relative: 3e-6, "softmax")
            }
            var masked = random.floats(n)
            masked[n / 2] = -.infinity
            if n > 1 { #expect(run(path, masked) { ck_softmax($0, $1) }[n / 2] == 0) }
            masked[n / 2] = .nan
            #expect(run(path, masked) { ck_softmax($0, $1) }.allSatisfy { $0.isNaN })
        }
    }

    @Test(arguments: kernelPaths) func argmaxIsTheFirstOfTheLargest(path: String) {
        var random = SeededGenerator(seed: 9)
        func argmax(_ x: [Float]) -> Int { onPath(path) { ck_argmax(x, x.count) } }
        for n in Self.sizes where n > 0 {
            let x = (0..<n).map { _ in Float(Int.random(in: -3...3, using: &random)) }
            #expect(argmax(x) == x.firstIndex(of: x.max() ?? 0))
            var holed = x
            holed[n / 3] = .nan
            let rest = holed.filter { !$0.isNaN }
            #expect(argmax(holed) == holed.firstIndex(of: rest.max() ?? 0) ?? 0)
            #expect(argmax([Float](repeating: -.infinity, count: n)) == 0)
            #expect(argmax([Float](repeating: .nan, count: n)) == 0)
        }
    }

    @Test(arguments: kernelPaths) func everyHalfWidensExactly(path: String) {
        let halves = (0...UInt16.max).map { $0 }
        var wide = [Float](repeating: 0, count: halves.count)
        onPath(path) { ck_dequantize(CK_F16, halves, &wide, halves.count) }
        var back = [UInt16](repeating: 0, count: halves.count)
        onPath(path) { ck_f32_to_f16(wide, &back, wide.count) }
        let wrong = halves.filter { half in
            let expected = Float(Float16(bitPattern: half)), found = wide[Int(half)]
            if expected.isNaN { return !found.isNaN || !Float16(bitPattern: back[Int(half)]).isNaN }
            return found.bitPattern != expected.bitPattern || back[Int(half)] != half
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: kernelPaths) func halvesAreRoundedToNearestEven(path: String) {
        var random = SeededGenerator(seed: 10)
        var x = (0..<20_000).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)) }
        x += random.floats(20_000, -2...2) + random.floats(20_000, -1e-4...1e-4)
        // Ties, and numbers next to infinity and to the limits of subnormals.
        x += [
            65504, 65519.996, 65520, -65520, 0x1p-14, 0x1.ffcp-15, 0x1p-24, 0x1p-25, 0x1.8p-25, 0x1.002p0,
            0x1.006p0,
        ]
        var halves = [UInt16](repeating: 0, count: x.count)
        onPath(path) { ck_f32_to_f16(x, &halves, x.count) }
        let wrong = zip(x, halves).filter { value, half in
            !value.isNaN && half != Float16(value).bitPattern
        }
        #expect(wrong.isEmpty)
        for n in 0...35 {
            var part = [UInt16](repeating: 0x1234, count: n + 1)
            onPath(path) { ck_f32_to_f16(x, &part, n) }
            #expect(part == Array(halves[..<n]) + [0x1234])
        }
    }
}
