import CKernels
import TestSupport

/// The CPU paths that can be tested here: "scalar" and those that this CPU supports.
let kernelPaths = ["scalar", "avx2", "avx512", "neon", "dotprod", "i8mm"].filter { name in
    defer { _ = ck_select(nil) }  // Ignored: returning to the default always succeeds.
    return ck_select(name) != nil
}

/// Runs `body` on one CPU path.
///
/// The choice holds for this thread, so `body` must not suspend.
func onPath<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result {
    precondition(ck_select(path) != nil, "no \(path) here")
    defer { _ = ck_select(nil) }  // Ignored: returning to the default always succeeds.
    return try body()
}

extension SeededGenerator {
    mutating func float(_ range: ClosedRange<Float> = -1...1) -> Float { .random(in: range, using: &self) }

    mutating func floats(_ count: Int, _ range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in float(range) }
    }

    /// Rows of random bytes, except that all their scales are finite.
    mutating func rows(_ type: ck_type, count: Int, columns: Int) -> [UInt8] {
        var bytes = (0..<count * ck_row_bytes(type, columns)).map { _ in
            UInt8.random(in: 0...255, using: &self)
        }
        let block = ck_row_bytes(type, ck_block_elements(type))
        for start in stride(from: 0, to: bytes.count, by: block) {
            switch type {
            case CK_F32: store(float().bitPattern, at: start, in: &bytes)
            case CK_BF16: store(UInt16(float().bitPattern >> 16), at: start, in: &bytes)
            case CK_Q6_K: store(Float16(float(-0.05...0.05)).bitPattern, at: start + 208, in: &bytes)
            default: store(Float16(float(-0.05...0.05)).bitPattern, at: start, in: &bytes)
            }
            if type == CK_Q4_K || type == CK_Q5_K {
                store(Float16(float(-0.05...0.05)).bitPattern, at: start + 2, in: &bytes)
            }
        }
        return bytes
    }

    private func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int, in bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
        }
    }
}

/// All element types that rows can have.
let rowTypes = [CK_F32, CK_F16, CK_BF16, CK_Q4_0, CK_Q5_0, CK_Q8_0, CK_Q4_K, CK_Q5_K, CK_Q6_K]

/// Written after the end of an output, to detect writes past it.
let canary: Float = -12345.5
