/// The type of a metadata value, with the numbers of the GGUF specification.
enum GGUFValueType: UInt32 {
    case uint8 = 0
    case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// How many bytes a value takes; nil for strings and arrays, whose size varies.
    var fixedSize: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The fewest bytes that a value can take.
    var leastSize: Int {
        // A string has at least its length, an array its element type and count.
        fixedSize ?? (self == .string ? 8 : 12)
    }

    var name: String { String(describing: self) }
}

/// Where a metadata value lies in its file.
///
/// Values are read only when they are asked for, since a vocabulary has several hundred thousand strings.
struct GGUFValue {
    /// The type of the value, or of an array's elements.
    var type: GGUFValueType
    /// The number of elements if it is an array; nil if it is a single value.
    var count: Int?
    /// Where the value or the array's first element begins in the file, in bytes.
    var offset: Int

    /// The type for messages, such as "array of 262144 string".
    var description: String {
        guard let count else { return type.name }
        return "array of \(count) \(type.name)"
    }
}

extension ByteReader {
    /// How deep arrays may be nested; no known writer nests them at all.
    private static let nestingLimit = 4

    /// Skips one value and returns where it lies.
    mutating func metadataValue(_ what: String) throws(WeightsError) -> GGUFValue {
        let type = try valueType(what)
        guard type == .array else {
            let value = GGUFValue(type: type, count: nil, offset: position)
            try pass(type, what, nesting: 0)
            return value
        }
        let element = try valueType(what)
        let count = try count(ofSize: element.leastSize, what)
        let value = GGUFValue(type: element, count: count, offset: position)
        try pass(element, count: count, what, nesting: 1)
        return value
    }

    private mutating func valueType(_ what: String) throws(WeightsError) -> GGUFValueType {
        let number = try integer(UInt32.self, what)
        guard let type = GGUFValueType(rawValue: number) else {
            throw WeightsError(
                .malformed,
                "\(path): \(what) at byte \(position - 4): value type 0...12 expected, \(number) found")
        }
        return type
    }

    private mutating func pass(_ type: GGUFValueType, _ what: String, nesting: Int) throws(WeightsError) {
        if let size = type.fixedSize {
            try skip(size, what)
        } else if type == .string {
            _ = try string(what)
        } else {
            guard nesting < Self.nestingLimit else {
                throw WeightsError(
                    .malformed, "\(path): \(what): arrays nested deeper than \(Self.nestingLimit)")
            }
            let element = try valueType(what)
            let count = try count(ofSize: element.leastSize, what)
            try pass(element, count: count, what, nesting: nesting + 1)
        }
    }

    /// Skips `count` elements; the caller has checked that enough bytes are left for so many.
    private mutating func pass(
        _ type: GGUFValueType, count: Int, _ what: String, nesting: Int
    ) throws(WeightsError) {
        if let size = type.fixedSize {
            try skip(count * size, what)
        } else {
            for _ in 0..<count { try pass(type, what, nesting: nesting) }
        }
    }
}
