import Tokenizer

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
        do throws(JSONReader.Failure) {
            var reader = JSONReader(Array(text.utf8))
            self = try Self.value(&reader)
            try reader.end()
        } catch {
            throw GrammarError(
                .malformed, "the schema is not valid JSON: line \(error.line): \(error.what)")
        }
    }

    private static func value(_ reader: inout JSONReader) throws(JSONReader.Failure) -> OrderedJSON {
        switch try reader.kind() {
        case .null:
            try reader.null()
            return .null
        case .boolean: return .boolean(try reader.boolean())
        case .number: return .number(try reader.number())
        case .string: return .string(String(decoding: try reader.string(), as: UTF8.self))
        case .array:
            var elements: [OrderedJSON] = []
            try reader.array { (reader) throws(JSONReader.Failure) in elements.append(try value(&reader)) }
            return .array(elements)
        case .object:
            var members: [Member] = []
            try reader.object { (reader, bytes) throws(JSONReader.Failure) in
                let name = String(decoding: bytes, as: UTF8.self)
                guard !members.contains(where: { $0.name == name }) else {
                    throw reader.failure("'\(name)' is there twice")
                }
                members.append(Member(name: name, value: try value(&reader)))
            }
            return .object(members)
        }
    }
}
