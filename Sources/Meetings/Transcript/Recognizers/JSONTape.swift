/// An index of a JSON text (RFC 8259), made in one pass: the positions of its values.
///
/// The values themselves stay in the text's bytes until they are needed, so the index takes eight bytes a value: a
/// recogniser's document has a dozen values for each word.
final class JSONTape: Sendable {
    /// A value, or a name in an object, which is followed by its value.
    struct Entry {
        /// Its first byte.
        var start: UInt32
        /// The number of the entry that follows it and everything inside it.
        var next: UInt32
    }

    let bytes: ArraySlice<UInt8>
    /// In the order of the text; the first is the text's value.
    let entries: [Entry]

    /// The deepest nesting that is accepted; recognisers use about ten levels.
    private static let depthLimit = 512

    /// Where a text is not JSON, as an index into its bytes.
    struct Fault: Error {
        var index: Int
    }

    /// Indexes UTF-8 that is one value; `isLenient` takes Python's `NaN` and `Infinity` for null.
    init(_ bytes: ArraySlice<UInt8>, isLenient: Bool = false) throws(Fault) {
        var reader = Reader(bytes, isLenient: isLenient)
        try reader.read()
        reader.skipBlanks()
        guard reader.index == bytes.endIndex else { throw reader.fault }
        self.bytes = bytes
        entries = reader.entries
    }

    /// Indexes the value at the beginning of UTF-8, and takes it off.
    init(first bytes: inout ArraySlice<UInt8>) throws(Fault) {
        var reader = Reader(bytes, isLenient: true)
        try reader.read(reserves: false)
        self.bytes = bytes
        entries = reader.entries
        reader.skipBlanks()
        bytes = bytes[reader.index...]
    }

    private struct Reader {
        let bytes: ArraySlice<UInt8>
        private let isLenient: Bool
        var entries: [Entry] = []
        /// The entry numbers of the arrays and objects that are open.
        private var open: [Int] = []
        private(set) var index: Int

        init(_ bytes: ArraySlice<UInt8>, isLenient: Bool) {
            self.bytes = bytes
            self.isLenient = isLenient
            index = bytes.startIndex
        }

        /// An upper bound, since strings contain such bytes too; an array that grows would need the memory twice.
        private var largestCount: Int {
            1 + bytes.count { $0 == .comma || $0 == .colon || $0 == .bracket || $0 == .brace }
        }

        var fault: Fault { Fault(index: index) }
        private var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

        /// Reads one value; `reserves` memory for all that follows if nothing else does.
        mutating func read(reserves: Bool = true) throws(Fault) {
            guard bytes.endIndex < UInt32.max else { throw fault }
            if reserves { entries.reserveCapacity(largestCount) }
            skipBlanks()
            try value()
            while let container = open.last {
                try goOn(in: container)
            }
        }

        /// Reads what follows the opening of a container or a value in it: the end of the container, or the next value.
        private mutating func goOn(in container: Int) throws(Fault) {
            let isObject = bytes[Int(entries[container].start)] == .brace
            let isFirst = entries.count == container + 1
            skipBlanks()
            if peek == (isObject ? .closingBrace : .closingBracket) {
                index += 1
                entries[container].next = UInt32(entries.count)
                open.removeLast()
                return
            }
            if !isFirst {
                guard peek == .comma else { throw fault }
                index += 1
                skipBlanks()
            }
            if isObject {
                guard peek == .quote else { throw fault }
                entries.append(Entry(start: UInt32(index), next: UInt32(entries.count + 1)))
                try string()
                skipBlanks()
                guard peek == .colon else { throw fault }
                index += 1
                skipBlanks()
            }
            try value()
        }

        private mutating func value() throws(Fault) {
            guard let first = peek else { throw fault }
            let start = UInt32(index)
            switch first {
            case .brace, .bracket:
                guard open.count < JSONTape.depthLimit else { throw fault }
                open.append(entries.count)
                index += 1
            case .quote: try string()
            case UInt8(ascii: "t"): try word("true")
            case UInt8(ascii: "f"): try word("false")
            case UInt8(ascii: "n"): try word("null")
            case UInt8(ascii: "N") where isLenient && !open.isEmpty: try word("NaN")
            case UInt8(ascii: "I") where isLenient && !open.isEmpty: try word("Infinity")
            case UInt8(ascii: "-")
            where isLenient && !open.isEmpty && bytes[index...].starts(with: "-I".utf8):
                try word("-Infinity")
            default: try number()
            }
            entries.append(Entry(start: start, next: UInt32(entries.count + 1)))
        }

        mutating func skipBlanks() {
            while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
        }

        private mutating func word(_ word: StaticString) throws(Fault) {
            let isThere = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
            guard isThere else { throw fault }
            index += word.utf8CodeUnitCount
        }

        private mutating func string() throws(Fault) {
            index += 1
            while let byte = peek {
                index += 1
                switch byte {
                case .quote: return
                case .backslash: try escape()
                case 0..<0x20: throw Fault(index: index - 1)
                default: break
                }
            }
            throw fault
        }

        private mutating func escape() throws(Fault) {
            guard let byte = peek else { throw fault }
            index += 1
            if byte == UInt8(ascii: "u") {
                guard bytes[index...].prefix(4).count(where: \.isHexDigit) == 4 else { throw fault }
                index += 4
            } else if !"\"\\/bfnrt".utf8.contains(byte) {
                throw fault
            }
        }

        private mutating func number() throws(Fault) {
            if peek == UInt8(ascii: "-") { index += 1 }
            if peek == UInt8(ascii: "0") { index += 1 } else { try digits() }
            if peek == UInt8(ascii: ".") {
                index += 1
                try digits()
            }
            if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
                index += 1
                if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
                try digits()
            }
        }

        private mutating func digits() throws(Fault) {
            guard let first = peek, first.isDigit else { throw fault }
            while let byte = peek, byte.isDigit { index += 1 }
        }
    }

    // MARK: - Values

    /// The type of a value.
    enum Kind {
        case object, array, string, number, bool, null
    }

    func kind(_ number: Int) -> Kind {
        switch bytes[Int(entries[number].start)] {
        case .brace: .object
        case .bracket: .array
        case .quote: .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "I"): .null
        default: .number
        }
    }

    /// The values in an array.
    func elements(of array: Int) -> [Int] {
        var found: [Int] = []
        var number = array + 1
        while number < entries[array].next {
            found.append(number)
            number = Int(entries[number].next)
        }
        return found
    }

    /// The first value in an array.
    func firstElement(of array: Int) -> Int? { array + 1 < entries[array].next ? array + 1 : nil }

    /// The names in an object.
    func names(of object: Int) -> [String] { nameEntries(of: object).map(string) }

    /// The values in an object.
    func values(of object: Int) -> [Int] { nameEntries(of: object).map { $0 + 1 } }

    /// The entries of an object's names; the value of each is the next entry.
    private func nameEntries(of object: Int) -> [Int] {
        var found: [Int] = []
        var number = object + 1
        while number < entries[object].next {
            found.append(number)
            number = Int(entries[number + 1].next)
        }
        return found
    }

    /// The value of a name in an object; the last one if the name is repeated.
    func member(_ name: String, of object: Int) -> Int? {
        var found: Int?
        var number = object + 1
        while number < entries[object].next {
            if isString(number, name) { found = number + 1 }
            number = Int(entries[number + 1].next)
        }
        return found
    }

    func bool(_ number: Int) -> Bool { bytes[Int(entries[number].start)] == UInt8(ascii: "t") }

    /// The nearest number; infinite if the value is too large.
    func double(_ number: Int) -> Double {
        let start = Int(entries[number].start)
        let digits = bytes[start...].prefix { $0.isDigit || "+-.eE".utf8.contains($0) }
        return Double(String(decoding: digits, as: UTF8.self)) ?? .infinity
    }

    /// A string without its escapes; half a surrogate pair becomes a replacement character.
    func string(_ number: Int) -> String {
        let start = Int(entries[number].start) + 1
        var end = start
        while bytes[end] != .quote, bytes[end] != .backslash { end += 1 }
        if bytes[end] == .quote { return String(decoding: bytes[start..<end], as: UTF8.self) }
        var text: [UInt8] = []
        var units: [UInt16] = []
        var index = start
        func flush() {
            guard !units.isEmpty else { return }
            text += Array(String(decoding: units, as: UTF16.self).utf8)
            units = []
        }
        while bytes[index] != .quote {
            guard bytes[index] == .backslash else {
                flush()
                text.append(bytes[index])
                index += 1
                continue
            }
            let escaped = bytes[index + 1]
            if escaped == UInt8(ascii: "u") {
                let digits = String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self)
                units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
                index += 6
            } else {
                flush()
                text.append(Self.escapes[escaped] ?? escaped)
                index += 2
            }
        }
        flush()
        return String(decoding: text, as: UTF8.self)
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: "t"): 0x09,
    ]

    private func isString(_ number: Int, _ text: String) -> Bool {
        var index = Int(entries[number].start) + 1
        for byte in text.utf8 {
            guard bytes[index] == byte else { return bytes[index] == .backslash && string(number) == text }
            index += 1
        }
        return bytes[index] == .quote
    }
}

extension UInt8 {
    fileprivate static let brace = UInt8(ascii: "{")
    fileprivate static let closingBrace = UInt8(ascii: "}")
    fileprivate static let bracket = UInt8(ascii: "[")
    fileprivate static let closingBracket = UInt8(ascii: "]")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let backslash = UInt8(ascii: "\\")
    fileprivate static let comma = UInt8(ascii: ",")
    fileprivate static let colon = UInt8(ascii: ":")

    fileprivate var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    fileprivate var isHexDigit: Bool { isDigit || (0x41...0x46).contains(self & 0xDF) }
}
