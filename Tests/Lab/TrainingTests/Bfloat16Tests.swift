import CGradients
import Gemma
import Testing

@testable import Training

/// Packed products against sums of the rounded numbers in double precision.
@Suite(.enabled(if: cg_bf16_is_available(), "this CPU has no bfloat16"))
struct Bfloat16Tests {
    /// The nearest bfloat16, ties to even.
    private func rounded(_ value: Float) -> Double {
        let bits = value.bitPattern
        return Double(Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000))
    }

    private func random(_ count: Int, _ generator: inout SplitMix64) -> [Float] {
        (0..<count).map { _ in generator.nextUnit() * 2 - 1 }
    }

    private func close(_ found: Float, _ wanted: Double, terms: Int) -> Bool {
        abs(Double(found) - wanted) < 1e-6 * Double(terms) + 1e-5
    }

    @Test(arguments: [
        (1, 1, 1), (1, 33, 2), (5, 17, 3), (12, 32, 64), (13, 40, 1026), (25, 64, 1030), (241, 31, 7),
        (500, 3, 5),
    ])
    func productsEqualSumsOfRoundedNumbers(count: Int, rows: Int, columns: Int) {
        var generator = SplitMix64(state: UInt64(count * rows + columns))
        let weights = random(rows * columns, &generator)
        let x = random(count * columns, &generator)
        var packed = [UInt16](repeating: 0, count: cg_bf16_packed_bytes(rows, columns) / 2)
        var transposed = packed
        // Two calls, since the trainer packs panel by panel.
        let half = rows / 2
        cg_bf16_pack(&packed, weights, 0, half, columns)
        cg_bf16_pack(&packed, Array(weights[(half * columns)...]), half, rows - half, columns)
        let flipped = (0..<columns).flatMap { column in (0..<rows).map { weights[$0 * columns + column] } }
        cg_bf16_pack_transposed(&transposed, flipped, 0, columns, rows, columns)
        #expect(packed == transposed)

        var scratch = [UInt8](repeating: 0, count: cg_bf16_scratch_bytes())
        // The output has an additional column, which must not be changed.
        var y = [Float](repeating: 7, count: count * (rows + 1))
        cg_bf16_multiply(&y, rows + 1, x, columns, count, packed, rows, columns, columns, &scratch)
        for token in 0..<count {
            for row in 0..<rows {
                let wanted = (0..<columns).reduce(0.0) {
                    $0 + rounded(x[token * columns + $1]) * rounded(weights[row * columns + $1])
                }
                #expect(close(y[token * (rows + 1) + row], wanted, terms: columns))
            }
            #expect(y[token * (rows + 1) + rows] == 7)
        }
    }

    @Test func partsOfAMatrix() {
        let (rows, columns, count) = (96, 40, 4)
        var generator = SplitMix64(state: 5)
        let weights = random(rows * columns, &generator)
        let x = random(count * 10, &generator)
        var packed = [UInt16](repeating: 0, count: cg_bf16_packed_bytes(rows, columns) / 2)
        cg_bf16_pack(&packed, weights, 0, rows, columns)
        var scratch = [UInt8](repeating: 0, count: cg_bf16_scratch_bytes())
        var y = [Float](repeating: 0, count: count * 20)
        packed.withUnsafeBufferPointer { packed in
            guard let start = packed.baseAddress else { return }
            cg_bf16_multiply(
                &y, 20, x, 10, count, start + cg_bf16_offset(64, 6, columns), 20, 10, columns, &scratch)
        }
        for token in 0..<count {
            for row in 0..<20 {
                let wanted = (0..<10).reduce(0.0) {
                    $0 + rounded(x[token * 10 + $1]) * rounded(weights[(64 + row) * columns + 6 + $1])
                }
                #expect(close(y[token * 20 + row], wanted, terms: 10))
            }
        }
    }
}
