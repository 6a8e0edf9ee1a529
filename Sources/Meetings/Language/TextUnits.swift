/// A text in UTF-16, as ICU wants it, with the way back to UTF-8.
struct TextUnits {
    private(set) var units: [UInt16] = []
    /// UTF-8 offset of each unit, and of the end.
    private(set) var offsets: [Int32] = []
    /// Whether there is a digit of any script.
    private(set) var hasDigits = false

    init(_ text: String) {
        let count = text.utf8.count
        units.reserveCapacity(count)
        offsets.reserveCapacity(count + 1)
        var offset: Int32 = 0
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if value < 0x80 {
                units.append(UInt16(value))
                offsets.append(offset)
                if value >= 0x30, value <= 0x39 { hasDigits = true }
                offset += 1
            } else if value < 0x10000 {
                units.append(UInt16(value))
                offsets.append(offset)
                if !hasDigits, Self.digit(UInt16(value)) != nil { hasDigits = true }
                offset += value < 0x800 ? 2 : 3
            } else {
                let rest = value - 0x10000
                units.append(UInt16(0xD800 + rest >> 10))
                units.append(UInt16(0xDC00 + rest & 0x3FF))
                offsets.append(offset)
                offsets.append(offset)
                offset += 4
            }
        }
        offsets.append(offset)
    }

    var count: Int { units.count }

    subscript(place: Int) -> UInt16? { units.indices.contains(place) ? units[place] : nil }

    /// UTF-8 offsets of a stretch of units.
    func bytes(_ range: Range<Int>) -> Range<Int> {
        Int(offsets[range.lowerBound])..<Int(offsets[range.upperBound])
    }

    /// The value of a decimal digit, of any script that people type.
    static func digit(_ unit: UInt16) -> Int? {
        for zero: UInt16 in [0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xFF10] where unit >= zero && unit <= zero + 9
        {
            return Int(unit - zero)
        }
        return nil
    }

    static func isBlank(_ unit: UInt16) -> Bool {
        unit == 0x20 || (unit >= 9 && unit <= 13) || unit == 0xA0 || unit == 0x202F || unit == 0x3000
            || unit == 0x2009
    }

    /// Whether words that have only this between them stand together.
    static func joins(_ unit: UInt16) -> Bool {
        isBlank(unit) || unit == 0x2D || unit == 0x2010 || unit == 0x2011
    }
}

extension String {
    /// The part at some UTF-8 offsets, which lie between scalars.
    func part(_ range: Range<Int>) -> String {
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        return String(self[start..<utf8.index(start, offsetBy: range.count)])
    }
}
