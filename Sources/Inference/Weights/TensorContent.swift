import CKernels

/// A tensor to be written to a file, with its elements already encoded.
package struct TensorContent: Sendable {
    /// The name that the tensor gets in the file.
    package let name: String
    /// The extents, the slowest-moving first.
    package let shape: [Int]
    /// How the elements are stored: ``ElementType/f32`` or ``ElementType/f16``.
    package let type: ElementType
    let bytes: [UInt8]

    /// Encodes floats as a tensor.
    ///
    /// - Parameters:
    ///   - shape: at least one extent; the product of all must be the count of `floats`.
    ///   - type: `f32`, or `f16`, to which the numbers are then rounded. Passing any other is a programming error.
    /// - Throws: a ``WeightsError`` with the code `mismatch` if a finite number is too large for `f16`.
    package init(name: String, shape: [Int], floats: [Float], type: ElementType = .f32) throws(WeightsError) {
        precondition(!shape.isEmpty && shape.allSatisfy { $0 > 0 } && shape.reduce(1, *) == floats.count)
        precondition(type == .f32 || type == .f16, "\(type.name) is not written")
        self.name = name
        self.shape = shape
        self.type = type
        if type == .f32 {
            bytes = floats.withUnsafeBytes { Array($0) }
            return
        }
        let halves = [UInt16](unsafeUninitializedCapacity: floats.count) { buffer, count in
            ck_f32_to_f16(floats, buffer.baseAddress, floats.count)
            count = floats.count
        }
        for (index, half) in halves.enumerated() where half & 0x7FFF == 0x7C00 && floats[index].isFinite {
            throw WeightsError(
                .mismatch,
                "tensor \(name.quotedForMessage): number \(index) is \(floats[index]), which is too large for "
                    + "F16: write it in F32")
        }
        bytes = halves.withUnsafeBytes { Array($0) }
    }
}
