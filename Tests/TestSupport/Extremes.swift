/// Puts numbers and times at which arithmetic goes wrong into the fields of a text, which stays of its form.
package struct Extremes {
    private static let values = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
        "9007199254740992", "9007199254740993", "4294967296", "2147483648", "-2147483649", "999999",
        "1000000",
        "1e308", "-1e308", "1e309", "1e999", "1e18", "1e15", "999999999999999", "1e10", "9999999999.999",
        "1e8",
        "-0", "-0.0", "0", "-1", "0.5", "5e-324", "1e-320", "123456789012345678901234567890", "NaN",
        "Infinity",
        "-Infinity", "0x7fffffffffffffff", "99:99:99", "99:99:99.999", "9999:59:59", "999:59:59.999999",
        "59:59",
        "24:00:00", "00:00:00.00000000000000001", "00:00:00,999", "-1:00", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "2286-11-20T17:46:40Z", "9999-12-31T23:59:59Z",
        "292277-01-01T00:00:00Z", "2024-13-45T25:61:61+99:99", "", "true", "null", "[]", "{}", "\"\"",
    ]

    /// Numbers for fields that have to be whole.
    package static let integers: [UInt64] = [
        0, 1, 2, 3, 127, 128, 255, 256, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32,
        1 << 53,
        1 << 62, .max >> 1, 1 << 63, .max - 1, .max,
    ]

    private let bytes: [UInt8]
    /// Where the fields stand.
    private let fields: [Range<Int>]

    /// Finds the fields of `bytes`: numbers and times wherever they stand, and whatever follows a colon in JSON.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var fields: [Range<Int>] = []
        var index = 0
        while index < bytes.count {
            let end = Self.field(bytes, at: index)
            if end > index { fields.append(index..<end) }
            index = max(end, index + 1)
        }
        self.fields = fields
    }

    /// The same text with extremes in one field, or in several.
    package func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        guard !fields.isEmpty else { return bytes }
        let count = [1, 1, 2, 5, fields.count].randomElement(using: &generator) ?? 1
        let chosen = Set((0..<count).compactMap { _ in fields.indices.randomElement(using: &generator) })
        var result: [UInt8] = []
        var start = 0
        for place in chosen.sorted() {
            let field = fields[place]
            result += bytes[start..<field.lowerBound]
            let value = Self.values.randomElement(using: &generator) ?? ""
            // A text stays one more often than not: some write numbers so.
            let isText = bytes[field.lowerBound] == UInt8(ascii: "\"")
            let quotes = isText && Int.random(in: 0..<4, using: &generator) > 0
            result += Array((quotes ? "\"\(value.replacing("\"", with: ""))\"" : value).utf8)
            start = field.upperBound
        }
        return result + bytes[start...]
    }

    /// Where the field that begins at `start` ends; `start` if none does.
    private static func field(_ bytes: [UInt8], at start: Int) -> Int {
        let before = bytes[..<start].last { !" \t".utf8.contains($0) }
        if before == UInt8(ascii: ":") {
            if bytes[start] == UInt8(ascii: "\"") {
                return (bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? start - 1) + 1
            }
            for word in ["true", "false", "null"] where bytes[start...].starts(with: word.utf8) {
                return start + word.utf8.count
            }
        }
        guard isDigit(bytes[start]), start == 0 || !isDigit(bytes[start - 1]) else { return start }
        var end = start
        while end < bytes.count, isDigit(bytes[end]) || goesOn(bytes, at: end) { end += 1 }
        return end
    }

    /// Whether what parts the digits of a number or of a time stands here, with a digit behind it.
    private static func goesOn(_ bytes: [UInt8], at index: Int) -> Bool {
        ".:,-T".utf8.contains(bytes[index]) && index + 1 < bytes.count && isDigit(bytes[index + 1])
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
