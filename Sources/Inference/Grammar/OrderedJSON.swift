/// A JSON value that keeps the order of an object's members, which other parsers lose.
enum OrderedJSON: Hashable {
    struct Member: Hashable {
        var name: String
        var value: OrderedJSON
    }

    case null
    case boolean(Bool)
    /// A number as it is spelled in the document, so that no digit is lost.
    case number(String)
    case string(String)
    case array([OrderedJSON])
    case object([Member])

    /// The value as compact JSON, which escapes in strings only what JSON requires.
    var spelling: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.spelling(of: text)
        case .array(let values): "[" + values.map(\.spelling).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.spelling(of: $0.name) + ":" + $0.value.spelling }.joined(separator: ",")
                + "}"
        }
    }

    static func spelling(of text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{8}": out += "\\b"
            case "\u{c}": out += "\\f"
            case "\0"..<" ":
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// The value's type, as a schema names it.
    var typeName: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The value if it is a whole number that fits an Int, else nil.
    var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    /// Parses a document; throws `malformed` with the number of the line where it fails.
    init(_ text: String) throws(GrammarError) {
        var reader = OrderedJSONReader(text)
        self = try reader.document()
    }
}

/// Reads JSON (RFC 8259) from the beginning to the end.
private struct OrderedJSONReader {
    private let bytes: [UInt8]
    private var index = 0
    private static let depthLimit = 64

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func document() throws(GrammarError) -> OrderedJSON {
        let value = try value(depth: 0)
        skipBlanks()
        guard index == bytes.count else { throw refusal("something follows the value") }
        return value
    }

    private func refusal(_ what: String) -> GrammarError {
        let line = bytes.prefix(index).count { $0 == UInt8(ascii: "\n") } + 1
        return GrammarError(.malformed, "the schema is not valid JSON: line \(line): \(what)")
    }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x0a, 0x0d, 0x09].contains(byte) { index += 1 }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = text.withUTF8Buffer { Array($0) }
        guard bytes[index...].starts(with: wanted) else { return false }
        index += wanted.count
        return true
    }

    private mutating func value(depth: Int) throws(GrammarError) -> OrderedJSON {
        guard depth < Self.depthLimit else {
            throw refusal("nested more than \(Self.depthLimit) levels deep")
        }
        skipBlanks()
        // At the end of the text this is 0, which no value begins with.
        switch peek ?? 0 {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default:
            if take("true") { return .boolean(true) }
            if take("false") { return .boolean(false) }
            if take("null") { return .null }
            throw refusal("a value was expected")
        }
    }

    private mutating func members(depth: Int) throws(GrammarError) -> [OrderedJSON.Member] {
        var found: [OrderedJSON.Member] = []
        index += 1
        skipBlanks()
        if take("}") { return found }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw refusal("a member's name was expected") }
            let name = try string()
            guard !found.contains(where: { $0.name == name }) else {
                throw refusal("'\(name)' is there twice")
            }
            skipBlanks()
            guard take(":") else { throw refusal("':' was expected") }
            found.append(OrderedJSON.Member(name: name, value: try value(depth: depth)))
            skipBlanks()
        } while take(",")
        guard take("}") else { throw refusal("',' or '}' was expected") }
        return found
    }

    private mutating func elements(depth: Int) throws(GrammarError) -> [OrderedJSON] {
        var found: [OrderedJSON] = []
        index += 1
        skipBlanks()
        if take("]") { return found }
        repeat {
            found.append(try value(depth: depth))
            skipBlanks()
        } while take(",")
        guard take("]") else { throw refusal("',' or ']' was expected") }
        return found
    }

    private mutating func number() throws(GrammarError) -> OrderedJSON {
        let start = index
        while let byte = peek, Self.numberBytes.contains(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else {
            throw refusal("'\(text)' is not a number")
        }
        return .number(text)
    }

    private static let numberBytes = Set("+-.0123456789eE".utf8)

    private mutating func string() throws(GrammarError) -> String {
        var text: [UInt8] = []
        index += 1
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw refusal("a control character in a string")
            default: text.append(byte)
            }
        }
        throw refusal("a string does not end")
    }

    private mutating func escape() throws(GrammarError) -> Unicode.Scalar {
        guard let byte = peek else { throw refusal("a string does not end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"): return try escapedScalar()
        default: throw refusal("JSON does not define this escape")
        }
    }

    private mutating func escapedScalar() throws(GrammarError) -> Unicode.Scalar {
        let first = try hex()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, take("\\u") else { throw refusal("half a surrogate pair") }
        let second = try hex()
        guard (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw refusal("half a surrogate pair") }
        return scalar
    }

    private mutating func hex() throws(GrammarError) -> UInt32 {
        let digits = bytes[index...].prefix(4)
        guard digits.count == 4, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw refusal("four hexadecimal digits were expected")
        }
        index += 4
        return value
    }
}
