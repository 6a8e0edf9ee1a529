// Access to metadata by key. A missing key throws `missing` and a value of another type throws `mismatch`, both with
// the key in the message. Integers and floats of any width are accepted if the value fits. For optional values, ask
// `hasMetadata(_:)` first.

extension GGUFFile {
    /// The string that is stored under `key`.
    package func string(_ key: String) throws(WeightsError) -> String {
        let value = try value(key, wanted: "string") { $0.type == .string && $0.count == nil }
        return try reading(from: value.offset) { (reader) throws(WeightsError) in
            try reader.text(reader.string(key), "metadata \(key.quotedForMessage)")
        }
    }

    /// The integer that is stored under `key`.
    package func int(_ key: String) throws(WeightsError) -> Int {
        let value = try value(key, wanted: "integer") { $0.type.isInteger && $0.count == nil }
        return try elements(of: value, key, count: 1) { (reader) throws(WeightsError) in
            try reader.metadataInteger(value.type, key)
        }[0]
    }

    /// The number that is stored under `key`, whether as a float or as an integer.
    package func float(_ key: String) throws(WeightsError) -> Float {
        let value = try value(key, wanted: "number") {
            ($0.type.isFloat || $0.type.isInteger) && $0.count == nil
        }
        return try elements(of: value, key, count: 1) { (reader) throws(WeightsError) in
            try reader.metadataFloat(value.type, key)
        }[0]
    }

    /// The truth value that is stored under `key`.
    package func bool(_ key: String) throws(WeightsError) -> Bool {
        let value = try value(key, wanted: "bool") { $0.type == .bool && $0.count == nil }
        return try elements(of: value, key, count: 1) { (reader) throws(WeightsError) in
            try reader.integer(UInt8.self, key) != 0
        }[0]
    }

    /// The array of integers that is stored under `key`.
    package func ints(_ key: String) throws(WeightsError) -> [Int] {
        let value = try value(key, wanted: "array of integers") { $0.type.isInteger && $0.count != nil }
        return try elements(of: value, key, count: value.count ?? 0) { (reader) throws(WeightsError) in
            try reader.metadataInteger(value.type, key)
        }
    }

    /// The array of floats or integers that is stored under `key`.
    package func floats(_ key: String) throws(WeightsError) -> [Float] {
        let value = try value(key, wanted: "array of numbers") {
            ($0.type.isFloat || $0.type.isInteger) && $0.count != nil
        }
        return try elements(of: value, key, count: value.count ?? 0) { (reader) throws(WeightsError) in
            try reader.metadataFloat(value.type, key)
        }
    }

    /// The array of truth values that is stored under `key`.
    package func bools(_ key: String) throws(WeightsError) -> [Bool] {
        let value = try value(key, wanted: "array of bools") { $0.type == .bool && $0.count != nil }
        return try elements(of: value, key, count: value.count ?? 0) { (reader) throws(WeightsError) in
            try reader.integer(UInt8.self, key) != 0
        }
    }

    /// The array of strings that is stored under `key`; throws `malformed` if one is not valid UTF-8.
    ///
    /// For strings that need not be UTF-8, use ``byteStrings(_:)``.
    package func strings(_ key: String) throws(WeightsError) -> [String] {
        let value = try value(key, wanted: "array of strings") { $0.type == .string && $0.count != nil }
        return try elements(of: value, key, count: value.count ?? 0) { (reader) throws(WeightsError) in
            try reader.text(reader.string(key), "metadata \(key.quotedForMessage)")
        }
    }

    /// The array of strings that is stored under `key`, as raw bytes.
    package func byteStrings(_ key: String) throws(WeightsError) -> [[UInt8]] {
        let value = try value(key, wanted: "array of strings") { $0.type == .string && $0.count != nil }
        return try elements(of: value, key, count: value.count ?? 0) { (reader) throws(WeightsError) in
            [UInt8](reader.bytes[try reader.string(key)])
        }
    }

    /// The value under `key` as text for people; of an array, the first eight elements and the count.
    package func describeMetadata(_ key: String) throws(WeightsError) -> String {
        let value = try value(key, wanted: "value") { _ in true }
        guard let count = value.count else { return try describe(value, key) }
        guard value.type != .array else { return value.description }
        var shown: [String] = []
        try reading(from: value.offset) { (reader) throws(WeightsError) in
            for _ in 0..<min(count, 8) { shown.append(try reader.describe(value.type, key)) }
        }
        return "[" + shown.joined(separator: ", ") + (count > 8 ? ", ... \(count) in all]" : "]")
    }

    private func describe(_ value: GGUFValue, _ key: String) throws(WeightsError) -> String {
        try reading(from: value.offset) { (reader) throws(WeightsError) in
            try reader.describe(value.type, key)
        }
    }

    private func value(
        _ key: String, wanted: String, where fits: (GGUFValue) -> Bool
    ) throws(WeightsError) -> GGUFValue {
        guard let value = metadata[key] else {
            throw WeightsError(
                .missing, "\(file.path): metadata \(key.quotedForMessage) expected, but it is missing")
        }
        guard fits(value) else {
            throw WeightsError(
                .mismatch,
                "\(file.path): metadata \(key.quotedForMessage): \(wanted) expected, \(value.description) found"
            )
        }
        return value
    }

    private func elements<Element>(
        of value: GGUFValue, _ key: String, count: Int,
        _ read: (inout ByteReader) throws(WeightsError) -> Element
    ) throws(WeightsError) -> [Element] {
        try reading(from: value.offset) { (reader) throws(WeightsError) in
            var elements: [Element] = []
            // The count was checked against the size of the file.
            elements.reserveCapacity(count)
            for _ in 0..<count { elements.append(try read(&reader)) }
            return elements
        }
    }

    private func reading<Result>(
        from offset: Int, _ body: (inout ByteReader) throws(WeightsError) -> Result
    ) throws(WeightsError) -> Result {
        try file.withUnsafeBytes { (bytes) throws(WeightsError) in
            var reader = ByteReader(bytes, path: file.path)
            try reader.skip(offset, "metadata")
            return try body(&reader)
        }
    }
}

extension GGUFValueType {
    fileprivate var isInteger: Bool {
        switch self {
        case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: true
        case .float32, .bool, .string, .array, .float64: false
        }
    }

    fileprivate var isFloat: Bool { self == .float32 || self == .float64 }
}

extension ByteReader {
    fileprivate mutating func metadataInteger(
        _ type: GGUFValueType, _ key: String
    ) throws(WeightsError) -> Int {
        switch type {
        case .uint8: return Int(try integer(UInt8.self, key))
        case .int8: return Int(try integer(Int8.self, key))
        case .uint16: return Int(try integer(UInt16.self, key))
        case .int16: return Int(try integer(Int16.self, key))
        case .uint32: return Int(try integer(UInt32.self, key))
        case .int32: return Int(try integer(Int32.self, key))
        case .int64: return Int(try integer(Int64.self, key))
        case .uint64:
            let value = try integer(UInt64.self, key)
            guard let value = Int(exactly: value) else {
                throw WeightsError(
                    .mismatch, "\(path): metadata \(key.quotedForMessage): \(value) is too large to be used")
            }
            return value
        case .float32, .bool, .string, .array, .float64: preconditionFailure("not an integer")
        }
    }

    fileprivate mutating func metadataFloat(
        _ type: GGUFValueType, _ key: String
    ) throws(WeightsError) -> Float {
        switch type {
        case .float32: Float(bitPattern: try integer(UInt32.self, key))
        case .float64: Float(Double(bitPattern: try integer(UInt64.self, key)))
        default: Float(try metadataInteger(type, key))
        }
    }

    fileprivate mutating func describe(_ type: GGUFValueType, _ key: String) throws(WeightsError) -> String {
        switch type {
        case .string: String(decoding: bytes[try string(key)].prefix(200), as: UTF8.self).quotedForMessage
        case .bool: String(try integer(UInt8.self, key) != 0)
        case .float32: String(Float(bitPattern: try integer(UInt32.self, key)))
        case .float64: String(Double(bitPattern: try integer(UInt64.self, key)))
        case .uint64: String(try integer(UInt64.self, key))
        case .array: "array"
        default: String(try metadataInteger(type, key))
        }
    }
}
