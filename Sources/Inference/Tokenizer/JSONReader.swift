/// Reads JSON (RFC 8259) from the beginning to the end, value by value.
///
/// Unlike other parsers it keeps the order of an object's members, the spelling of numbers, and names apart that differ
/// only in how their characters are composed, as tokens do.
package struct JSONReader {
    /// Where and why a document is not valid.
    package struct Failure: Error {
        /// The number of the line, from 1.
        package let line: Int
        /// What is wrong there.
        package let what: String
    }

    /// The kinds of value.
    package enum Kind {
        case null, boolean, number, string, array, object
    }

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0
    private static let depthLimit = 64

    /// Begins at the first byte of a document.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A failure at the current place, for what the caller finds wrong.
    package func failure(_ what: String) -> Failure {
        Failure(line: bytes.prefix(index).count { $0 == UInt8(ascii: "\n") } + 1, what: what)
    }

    /// Checks that nothing follows the document's value.
    package mutating func end() throws(Failure) {
        skipBlanks()
        guard index == bytes.count else { throw failure("something follows the value") }
    }

    /// The kind of the next value.
    package mutating func kind() throws(Failure) -> Kind {
        skipBlanks()
        // At the end of the text this is 0, which no value begins with.
        switch peek ?? 0 {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        default: throw failure("a value was expected")
        }
    }

    /// Reads an object; `member` is called with each name and has to read the value.
    package mutating func object(
        _ member: (inout JSONReader, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        try open("{", "an object")
        if !take("}") {
            repeat {
                skipBlanks()
                guard peek == UInt8(ascii: "\"") else { throw failure("a member's name was expected") }
                let name = try string()
                skipBlanks()
                guard take(":") else { throw failure("':' was expected") }
                try member(&self, name)
                skipBlanks()
            } while take(",")
            guard take("}") else { throw failure("',' or '}' was expected") }
        }
        depth -= 1
    }

    /// Reads an array; `element` has to read each value.
    package mutating func array(_ element: (inout JSONReader) throws(Failure) -> Void) throws(Failure) {
        try open("[", "an array")
        if !take("]") {
            repeat {
                try element(&self)
                skipBlanks()
            } while take(",")
            guard take("]") else { throw failure("',' or ']' was expected") }
        }
        depth -= 1
    }

    /// Reads a string, in UTF-8.
    package mutating func string() throws(Failure) -> [UInt8] {
        guard try kind() == .string else { throw failure("a string was expected") }
        var text: [UInt8] = []
        index += 1
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw failure("a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    /// Reads a number, as it is spelled.
    package mutating func number() throws(Failure) -> String {
        guard try kind() == .number else { throw failure("a number was expected") }
        let start = index
        while let byte = peek, Self.isOfNumber(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        // Most are plain whole numbers, which need no closer look.
        let isPlain =
            bytes[start] != UInt8(ascii: "0") && bytes[start..<index].allSatisfy { 0x30...0x39 ~= $0 }
        guard isPlain || text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else {
            throw failure("'\(text)' is not a number")
        }
        return text
    }

    /// Reads `true` or `false`.
    package mutating func boolean() throws(Failure) -> Bool {
        skipBlanks()
        if take("true") { return true }
        if take("false") { return false }
        throw failure("a value was expected")
    }

    /// Reads `null`.
    package mutating func null() throws(Failure) {
        skipBlanks()
        guard take("null") else { throw failure("a value was expected") }
    }

    /// Reads a value of any kind, which does not matter.
    package mutating func skip() throws(Failure) {
        switch try kind() {
        case .null: try null()
        case .boolean: _ = try boolean()
        case .number: _ = try number()
        case .string: _ = try string()
        case .array: try array { (reader) throws(Failure) in try reader.skip() }
        case .object: try object { (reader, _) throws(Failure) in try reader.skip() }
        }
    }

    private mutating func open(_ bracket: StaticString, _ what: String) throws(Failure) {
        skipBlanks()
        guard take(bracket) else { throw failure("\(what) was expected") }
        depth += 1
        guard depth <= Self.depthLimit else {
            throw failure("nested more than \(Self.depthLimit) levels deep")
        }
        skipBlanks()
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        guard bytes.count - index >= text.utf8CodeUnitCount else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[index + offset] != text.utf8Start[offset] {
            return false
        }
        index += text.utf8CodeUnitCount
        return true
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func escape() throws(Failure) -> Unicode.Scalar {
        guard let byte = peek else { throw failure("a string does not end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"): return try escapedScalar()
        default: throw failure("JSON does not define this escape")
        }
    }

    private mutating func escapedScalar() throws(Failure) -> Unicode.Scalar {
        let first = try hex()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, take("\\u") else { throw failure("half a surrogate pair") }
        let second = try hex()
        guard (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw failure("half a surrogate pair") }
        return scalar
    }

    private mutating func hex() throws(Failure) -> UInt32 {
        let digits = bytes[index...].prefix(4)
        guard digits.count == 4, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw failure("four hexadecimal digits were expected")
        }
        index += 4
        return value
    }
}
