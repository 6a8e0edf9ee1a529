import CKernels
import Testing
import TestSupport

/// Weighted sums of a few rows, as adapters use them.
@Suite struct CombinationTests {
    private static let widths = [0, 1, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 200, 640]

    @Test(arguments: kernelPaths) func sumsAreThoseOfTheUnpackedRows(path: String) {
        var random = SeededGenerator(seed: 11)
        for type in [CK_F32, CK_F16] {
            for columns in Self.widths {
                check(type, columns, rows: .random(in: 0...9, using: &random), path, &random)
            }
        }
    }

    private func check(
        _ type: ck_type, _ columns: Int, rows: Int, _ path: String, _ random: inout SeededGenerator
    ) {
        // Rows are wider than the columns that are read, as when several threads each take some of the columns.
        let rowStride = columns + 5
        let weights = random.rows(type, count: rows, columns: rowStride)
        let count = Int.random(in: 1...9, using: &random)
        let (factorStride, yStride) = (rows + 2, columns + 3)
        let factors = random.floats(count * factorStride)
        let start = random.floats(count * yStride) + [canary]
        func result(_ y: inout [Float], _ range: Range<Int>) {
            y.withUnsafeMutableBufferPointer { y in
                ck_add_combination(
                    type, weights, rowStride, rows, columns,
                    Array(factors[(range.lowerBound * factorStride)...]),
                    factorStride, y.baseAddress! + range.lowerBound * yStride, range.count, yStride)
            }
        }
        var found = start
        onPath(path) { result(&found, 0..<count) }
        for j in 0..<count {
            for i in 0..<yStride {
                var sum = Double(start[j * yStride + i])
                if i < columns {
                    for k in 0..<rows {
                        var row = [Float](repeating: 0, count: rowStride)
                        ck_dequantize(
                            type, Array(weights[(k * ck_row_bytes(type, rowStride))...]), &row, rowStride)
                        sum += Double(factors[j * factorStride + k]) * Double(row[i])
                    }
                }
                #expect(abs(Double(found[j * yStride + i]) - sum) < 1e-5, "\(type) \(columns) \(j) \(i)")
            }
        }
        #expect(found.last == canary)
        // Computing them one by one gives the same bits.
        var single = start
        onPath(path) { for j in 0..<count { result(&single, j..<(j + 1)) } }
        #expect(single.map(\.bitPattern) == found.map(\.bitPattern), "\(type) \(columns)")
    }

    /// The first product of an adapter, made of rows in halves, gives what the same rows in floats give.
    @Test(arguments: kernelPaths) func rowsOfHalvesGiveTheProductsOfFloats(path: String) {
        var random = SeededGenerator(seed: 12)
        let columns = 96
        let halves = random.rows(CK_F16, count: 6, columns: columns)
        var floats = [Float](repeating: 0, count: 6 * columns)
        for row in 0..<6 {
            floats.withUnsafeMutableBufferPointer {
                ck_dequantize(
                    CK_F16, Array(halves[(row * columns * 2)...]), $0.baseAddress! + row * columns, columns)
            }
        }
        let x = random.floats(columns)
        var one = [Float](repeating: 0, count: 6)
        var other = one
        onPath(path) {
            ck_gemv(CK_F16, halves, 6, columns, x, 1, columns, &one, 6)
            ck_gemv(CK_F32, floats, 6, columns, x, 1, columns, &other, 6)
        }
        #expect(one.map(\.bitPattern) == other.map(\.bitPattern))
    }
}
