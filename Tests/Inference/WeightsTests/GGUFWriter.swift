/// Writes small GGUF files for tests, byte by byte, so that any field can also be given a wrong value.
struct GGUFWriter {
    /// Metadata values of all types that the format has.
    indirect enum Value {
        case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32)
        case float32(Float), bool(Bool), string([UInt8]), uint64(UInt64), int64(Int64), float64(Double)
        /// An array whose elements are of the type with this number.
        case array(UInt32, [Value])

        static func text(_ text: String) -> Value { .string(Array(text.utf8)) }

        var typeNumber: UInt32 {
            switch self {
            case .uint8: 0
            case .int8: 1
            case .uint16: 2
            case .int16: 3
            case .uint32: 4
            case .int32: 5
            case .float32: 6
            case .bool: 7
            case .string: 8
            case .array: 9
            case .uint64: 10
            case .int64: 11
            case .float64: 12
            }
        }
    }

    struct TensorEntry {
        var name: String
        /// The extents in the file's order: the fastest-moving first.
        var dimensions: [UInt64]
        var type: UInt32
        var data: [UInt8]
        /// The offset to write, if it is not to be the true one.
        var offset: UInt64?
    }

    var version: UInt32 = 3
    var alignment = 32
    var metadata: [(String, Value)] = []
    var tensors: [TensorEntry] = []

    /// Adds a tensor of floats.
    mutating func addFloats(_ name: String, _ dimensions: [UInt64], _ values: [Float]) {
        let data = values.flatMap { littleEndian($0.bitPattern) }
        tensors.append(TensorEntry(name: name, dimensions: dimensions, type: 0, data: data))
    }

    /// The bytes of the whole file.
    var bytes: [UInt8] {
        var out = Array("GGUF".utf8) + littleEndian(version)
        out += littleEndian(UInt64(tensors.count)) + littleEndian(UInt64(metadata.count))
        for (key, value) in metadata {
            out += string(Array(key.utf8)) + littleEndian(value.typeNumber) + encoded(value)
        }
        var data: [UInt8] = []
        for tensor in tensors {
            data += [UInt8](repeating: 0, count: (alignment - data.count % alignment) % alignment)
            out += string(Array(tensor.name.utf8)) + littleEndian(UInt32(tensor.dimensions.count))
            for extent in tensor.dimensions { out += littleEndian(extent) }
            out += littleEndian(tensor.type) + littleEndian(tensor.offset ?? UInt64(data.count))
            data += tensor.data
        }
        out += [UInt8](repeating: 0, count: (alignment - out.count % alignment) % alignment)
        return out + data
    }

    private func encoded(_ value: Value) -> [UInt8] {
        switch value {
        case .uint8(let value): littleEndian(value)
        case .int8(let value): littleEndian(value)
        case .uint16(let value): littleEndian(value)
        case .int16(let value): littleEndian(value)
        case .uint32(let value): littleEndian(value)
        case .int32(let value): littleEndian(value)
        case .float32(let value): littleEndian(value.bitPattern)
        case .bool(let value): [value ? 1 : 0]
        case .string(let value): string(value)
        case .uint64(let value): littleEndian(value)
        case .int64(let value): littleEndian(value)
        case .float64(let value): littleEndian(value.bitPattern)
        case .array(let type, let values):
            littleEndian(type) + littleEndian(UInt64(values.count)) + values.flatMap { encoded($0) }
        }
    }

    private func string(_ bytes: [UInt8]) -> [UInt8] { littleEndian(UInt64(bytes.count)) + bytes }
}

/// The bytes of a number, the least significant first.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
