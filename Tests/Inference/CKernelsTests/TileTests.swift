import CKernels
import Foundation
import Testing
import TestSupport

/// Integer products of tiles with quantised activations.
@Suite struct TileTests {
    private static let types = [CK_Q4_0, CK_Q5_0, CK_Q8_0, CK_Q4_K, CK_Q5_K, CK_Q6_K]

    /// All rows packed into tiles, one tile after the other.
    private func tiles(_ type: ck_type, _ rows: [UInt8], count: Int, columns: Int) -> [UInt8] {
        let tileBytes = ck_tile_bytes(ck_tile_format_of(type), columns)
        let rowBytes = ck_row_bytes(type, columns)
        let tileRows = Int(CK_TILE_ROWS)
        var tiles = [UInt8](repeating: 0xAA, count: (count + tileRows - 1) / tileRows * tileBytes)
        for first in stride(from: 0, to: count, by: tileRows) {
            rows.withUnsafeBytes { source in
                tiles.withUnsafeMutableBytes { target in
                    ck_tile_pack(
                        type, source.baseAddress! + first * rowBytes, min(tileRows, count - first), columns,
                        target.baseAddress! + first / tileRows * tileBytes)
                }
            }
        }
        return tiles
    }

    private func quantized(_ x: [Float], count: Int, columns: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0xAA, count: ck_quantized_bytes(columns, count)) + [0x5C]
        ck_quantize(x, count, columns, columns, &out)
        #expect(out.last == 0x5C)
        return out
    }

    private func product(
        _ type: ck_type, _ rows: [UInt8], rowCount: Int, columns: Int, x: [Float], count: Int
    ) -> [Float] {
        let tiles = tiles(type, rows, count: rowCount, columns: columns)
        var y = [Float](repeating: 7, count: count * rowCount) + [canary]
        ck_tile_multiply(
            ck_tile_format_of(type), tiles, rowCount, columns, quantized(x, count: count, columns: columns),
            count,
            &y, rowCount)
        #expect(y.last == canary)
        return y.dropLast()
    }

    /// The activations after rounding to 8 bits.
    private func rounded(_ x: [Float]) -> [Double] {
        stride(from: 0, to: x.count, by: 32).flatMap { start -> [Double] in
            let group = x[start..<(start + 32)]
            let largest = group.map { abs($0) }.max() ?? 0
            let inverse = 127 / largest
            return group.map {
                largest == 0 ? 0 : Double(($0 * inverse).rounded(.toNearestOrEven)) * Double(largest / 127)
            }
        }
    }

    @Test(arguments: types, kernelPaths) func productsAreThoseOfTheRoundedNumbers(type: ck_type, path: String)
    {
        var random = SeededGenerator(seed: 5)
        let unit = ck_block_elements(type)
        for (rowCount, blocks, count) in [
            (1, 1, 1), (16, 2, 2), (17, 3, 3), (40, 2, 5), (33, 1, 16), (16, 3, 37),
        ] {
            let columns = blocks * unit
            let rows = random.rows(type, count: rowCount, columns: columns)
            let x = random.floats(count * columns, -3...3)
            let y = onPath(path) {
                product(type, rows, rowCount: rowCount, columns: columns, x: x, count: count)
            }
            let exact = rounded(x)
            var weights = [Float](repeating: 0, count: columns)
            for r in 0..<rowCount {
                rows.withUnsafeBytes {
                    ck_dequantize(type, $0.baseAddress! + r * ck_row_bytes(type, columns), &weights, columns)
                }
                for j in 0..<count {
                    var sum = 0.0
                    var size = 0.0
                    for i in 0..<columns {
                        sum += Double(weights[i]) * exact[j * columns + i]
                        size += abs(Double(weights[i]) * exact[j * columns + i])
                    }
                    // Scales and minima are rounded to f16, which changes each group's sum by at most 2^-11 of it.
                    #expect(
                        abs(Double(y[j * rowCount + r]) - sum) <= 2e-3 * size + 1e-5, "row \(r), token \(j)")
                }
            }
        }
    }

    @Test(arguments: types) func everyPathGivesTheSameBits(type: ck_type) {
        var random = SeededGenerator(seed: 6)
        let columns = 2 * max(ck_block_elements(type), 96)
        let rows = random.rows(type, count: 20, columns: columns)
        for count in [1, 2, 3, 4, 7, 8, 9, 16, 21] {
            let x = random.floats(count * columns, -2...2)
            let all = kernelPaths.map { path in
                onPath(path) { product(type, rows, rowCount: 20, columns: columns, x: x, count: count) }
            }
            for other in all.dropFirst() { #expect(other == all[0]) }
        }
    }

    /// The products of a token are the same bits whatever else is in the batch.
    @Test(arguments: types) func aTokensProductDoesNotDependOnItsNeighbours(type: ck_type) {
        var random = SeededGenerator(seed: 8)
        let columns = max(ck_block_elements(type), 64)
        let rows = random.rows(type, count: 16, columns: columns)
        let x = random.floats(23 * columns)
        let together = product(type, rows, rowCount: 16, columns: columns, x: x, count: 23)
        for j in 0..<23 {
            let alone = product(
                type, rows, rowCount: 16, columns: columns, x: Array(x[(j * columns)..<((j + 1) * columns)]),
                count: 1)
            #expect(alone == Array(together[(j * 16)..<((j + 1) * 16)]))
        }
    }

    @Test(arguments: kernelPaths) func strangeActivationsStayVisible(path: String) {
        var random = SeededGenerator(seed: 7)
        let rows = random.rows(CK_Q8_0, count: 16, columns: 64)
        func first(_ x: [Float]) -> Float {
            onPath(path) { product(CK_Q8_0, rows, rowCount: 16, columns: 64, x: x, count: 1) }[0]
        }
        var x = [Float](repeating: 0, count: 64)
        #expect(first(x) == 0)
        x[40] = .nan
        #expect(first(x).isNaN)
        x[40] = .infinity
        #expect(first(x).isNaN)
        x[40] = .leastNonzeroMagnitude
        #expect(first(x) == 0)
    }

    @Test func formatsSayWhatTheyTake() {
        #expect(ck_tile_format_of(CK_F32) == CK_TILE_NONE && ck_tile_bytes(CK_TILE_NONE, 64) == 0)
        #expect(ck_tile_bytes(CK_TILE_8, 33) == 0)
        #expect(ck_tile_bytes(CK_TILE_8, 64) == 16 * ck_row_bytes(CK_Q8_0, 64))
        #expect(ck_tile_bytes(CK_TILE_4, 64) == 16 * ck_row_bytes(CK_Q4_0, 64))
    }
}
