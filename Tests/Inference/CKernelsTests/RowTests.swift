import CKernels
import Testing
import TestSupport

@Suite struct RowTests {
    @Test func thePortablePathIsAlwaysThere() {
        #expect(kernelPaths.contains("scalar"))
        #expect(ck_select("no such path") == nil)
    }

    @Test func rowBytesAreWholeBlocksOrNothing() {
        let expected: [(ck_type, Int, Int)] = [
            (CK_F32, 1, 4), (CK_F16, 1, 2), (CK_BF16, 1, 2), (CK_Q4_0, 32, 18), (CK_Q5_0, 32, 22),
            (CK_Q8_0, 32, 34), (CK_Q4_K, 256, 144), (CK_Q5_K, 256, 176), (CK_Q6_K, 256, 210),
        ]
        for (type, elements, bytes) in expected {
            #expect(ck_block_elements(type) == elements)
            #expect(ck_row_bytes(type, 3 * elements) == 3 * bytes)
            #expect(elements == 1 || ck_row_bytes(type, 3 * elements + 1) == 0)
        }
        #expect(ck_row_bytes(ck_type(rawValue: 3), 32) == 0)
        #expect(ck_row_bytes(CK_F32, Int.max) == 0)
    }

    @Test(arguments: kernelPaths) func dequantisationIsBitForBitThatOfThePortablePath(path: String) {
        var random = SeededGenerator(seed: 1)
        for type in rowTypes {
            for blocks in [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33] {
                let columns = blocks * ck_block_elements(type)
                let row = random.rows(type, count: 1, columns: columns)
                func unpacked(_ path: String) -> [Float] {
                    var out = [Float](repeating: canary, count: columns + 1)
                    onPath(path) { ck_dequantize(type, row, &out, columns) }
                    return out
                }
                let found = unpacked(path)
                #expect(found.map(\.bitPattern) == unpacked("scalar").map(\.bitPattern), "\(type) \(columns)")
                #expect(found.last == canary)
            }
        }
    }

    @Test(arguments: kernelPaths) func productsAreThoseOfTheUnpackedRows(path: String) {
        var random = SeededGenerator(seed: 2)
        for type in rowTypes {
            for xCount in 1...9 {
                let blocks = Int.random(in: 1...4, using: &random)
                let ragged = type == CK_F32 || type == CK_F16 || type == CK_BF16
                let columns =
                    ragged ? Int.random(in: 1...150, using: &random) : blocks * ck_block_elements(type)
                checkProducts(
                    type, rows: Int.random(in: 0...5, using: &random), columns, xCount, path, &random)
            }
        }
    }

    private func checkProducts(
        _ type: ck_type, rows: Int, _ columns: Int, _ xCount: Int, _ path: String,
        _ random: inout SeededGenerator
    ) {
        let weights = random.rows(type, count: rows, columns: columns)
        let xStride = columns + 3, yStride = rows + 2
        let x = random.floats(xCount * xStride)
        var y = [Float](repeating: canary, count: xCount * yStride)
        onPath(path) { ck_gemv(type, weights, rows, columns, x, xCount, xStride, &y, yStride) }
        let rowBytes = ck_row_bytes(type, columns)
        for r in 0..<rows {
            var row = [Float](repeating: 0, count: columns)
            ck_dequantize(type, Array(weights[r * rowBytes..<(r + 1) * rowBytes]), &row, columns)
            for j in 0..<xCount {
                let terms = (0..<columns).map { Double(row[$0]) * Double(x[j * xStride + $0]) }
                let expected = terms.reduce(0, +)
                let size = terms.reduce(0) { $0 + abs($1) }
                let found = Double(y[j * yStride + r])
                #expect(
                    expected.isNaN ? found.isNaN : abs(found - expected) <= 2e-6 * size + 1e-30,
                    "\(type) row \(r) of \(rows), column \(j) of \(xCount), \(columns) elements")
            }
        }
        for j in 0..<xCount {
            #expect(y[(j * yStride + rows)..<(j + 1) * yStride].allSatisfy { $0 == canary })
        }
    }
}
