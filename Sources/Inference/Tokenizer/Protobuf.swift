// The part of the protocol buffer wire format that a SentencePiece model needs
// (https://protobuf.dev/programming-guides/encoding). All numbers are little-endian.

/// Serializes the fields of one message.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64, field: Int) {
        tag(field, wire: 0)
        append(varint: value)
    }

    mutating func float(_ value: Float, field: Int) {
        tag(field, wire: 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func message(_ content: some Collection<UInt8>, field: Int) {
        tag(field, wire: 2)
        append(varint: UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    private mutating func tag(_ field: Int, wire: UInt64) {
        append(varint: UInt64(field) << 3 | wire)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads the fields of one message in order.
///
/// Every length is checked against the bytes that are left.
struct ProtobufReader {
    enum Value {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    private let name: String

    /// - Parameter name: what errors call the message.
    init(_ bytes: ArraySlice<UInt8>, name: String) {
        rest = bytes
        self.name = name
    }

    /// The next field, or nil at the end.
    mutating func next() throws(TokenizerError) -> (field: Int, value: Value)? {
        if rest.isEmpty { return nil }
        let tag = try varint()
        guard let field = Int(exactly: tag >> 3), field > 0 else { throw damage("has a field numbered 0") }
        switch tag & 7 {
        case 0: return (field, .varint(try varint()))
        case 1:
            _ = try take(8)
            return (field, .fixed64)
        case 2: return (field, .bytes(try take(try varint())))
        case 5:
            let value = try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
            return (field, .fixed32(value))
        default: throw damage("has a field of an unknown kind")
        }
    }

    private mutating func varint() throws(TokenizerError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw damage("stops inside a number") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw damage("has a number of more than 64 bits")
    }

    private mutating func take(_ count: UInt64) throws(TokenizerError) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw damage("stops inside a field of \(count) bytes") }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    private func damage(_ what: String) -> TokenizerError {
        TokenizerError(.malformed, "\(name) \(what): this is not a SentencePiece model, or it is damaged")
    }
}
