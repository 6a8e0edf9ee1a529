import CKernels

/// How the elements of a tensor are stored; the raw values are ggml's type ids.
package enum ElementType: UInt32, Sendable, Hashable, CaseIterable {
    /// 32-bit floats.
    case f32 = 0
    /// 16-bit floats, IEEE 754 half precision.
    case f16 = 1
    /// Blocks of 32 elements: 4 bits each, and one scale.
    case q4_0 = 2
    /// Blocks of 32 elements: 5 bits each, and one scale.
    case q5_0 = 6
    /// Blocks of 32 elements: 8 bits each, and one scale.
    case q8_0 = 8
    /// Blocks of 256 elements: 4 bits each, and a scale and a minimum for every 32.
    case q4K = 12
    /// Blocks of 256 elements: 5 bits each, and a scale and a minimum for every 32.
    case q5K = 13
    /// Blocks of 256 elements: 6 bits each, and a scale for every 16.
    case q6K = 14
    /// The upper 16 bits of a 32-bit float (bfloat16).
    case bf16 = 30

    /// The same type as a constant of the C kernels.
    package var kernelType: ck_type { ck_type(rawValue: rawValue) }

    /// The name as ggml spells it, for example "Q4_K".
    package var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .q4_0: "Q4_0"
        case .q5_0: "Q5_0"
        case .q8_0: "Q8_0"
        case .q4K: "Q4_K"
        case .q5K: "Q5_K"
        case .q6K: "Q6_K"
        case .bf16: "BF16"
        }
    }

    /// The number of elements in a block: 1, 32 or 256; a row is a whole number of blocks.
    package var blockElements: Int { ck_block_elements(kernelType) }

    /// The number of bytes in a block.
    package var blockBytes: Int { ck_row_bytes(kernelType, blockElements) }

    /// The number of bytes in a row of `columns` elements; nil if the row is not a whole number of blocks, or too long.
    package func rowBytes(columns: Int) -> Int? {
        guard columns > 0, columns % blockElements == 0 else { return nil }
        let (bytes, overflow) = (columns / blockElements).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// The names of all types that are read here, for messages.
    static var supportedNames: String { allCases.map(\.name).joined(separator: ", ") }

    /// ggml's name for a type id, for messages about types that are not read here.
    static func ggmlName(_ id: UInt32) -> String {
        if let type = ElementType(rawValue: id) { return type.name }
        let others: [UInt32: String] = [
            3: "Q4_1", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
            18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8",
            25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
        ]
        return others[id] ?? "type \(id)"
    }
}
