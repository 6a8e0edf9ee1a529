/// The whole numbers of a range, spelled without leading zeros, `-0` or exponents.
struct IntegerForm: Hashable {
    /// The largest magnitude that every JSON reader keeps exactly; it bounds the range where the schema does not.
    static let exactLimit = 9_007_199_254_740_991
    /// The largest bound for which the arithmetic here cannot overflow.
    static let limit = 100_000_000_000_000_000

    var minimum = -Self.exactLimit
    var maximum = Self.exactLimit

    /// How far the number has been spelled.
    enum Phase: Int32 {
        case start, minus, positive, negative
    }

    /// Whether the number may end here.
    func isWhole(_ phase: Phase, _ magnitude: Int) -> Bool {
        switch phase {
        case .start, .minus: false
        case .positive: (minimum...maximum).contains(magnitude)
        case .negative: (minimum...maximum).contains(-magnitude)
        }
    }

    /// The number with one more byte; nil if no number of the range continues with it.
    func next(_ phase: Phase, _ magnitude: Int, _ byte: UInt8) -> (phase: Phase, magnitude: Int)? {
        if phase == .start, byte == UInt8(ascii: "-") {
            return missingDigits(.minus, 0) == nil ? nil : (.minus, 0)
        }
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        let digit = Int(byte - UInt8(ascii: "0"))
        let next: (phase: Phase, magnitude: Int)
        switch phase {
        case .start: next = (.positive, digit)
        case .minus where digit > 0: next = (.negative, digit)
        case .positive where magnitude > 0: next = (.positive, magnitude * 10 + digit)
        case .negative: next = (.negative, magnitude * 10 + digit)
        default: return nil
        }
        return missingDigits(next.phase, next.magnitude) == nil ? nil : next
    }

    /// The fewest further bytes that bring the number into the range; nil if none do.
    func missingDigits(_ phase: Phase, _ magnitude: Int) -> Int? {
        switch phase {
        case .start:
            return [
                missingDigits(.minus, 0).map { $0 + 1 },
                (0...9).compactMap { missingDigits(.positive, $0) }.min().map { $0 + 1 },
            ].compactMap(\.self).min()
        case .minus:
            return (1...9).compactMap { missingDigits(.negative, $0) }.min().map { $0 + 1 }
        case .positive, .negative:
            if isWhole(phase, magnitude) { return 0 }
            guard magnitude > 0 else { return nil }
            let (low, high) = phase == .positive ? (minimum, maximum) : (-maximum, -minimum)
            // The numbers that begin with these digits and have `count` more.
            var (first, last, count) = (magnitude, magnitude, 0)
            while first <= high {
                if last >= low { return count }
                guard last < Self.limit else { return nil }
                (first, last, count) = (first * 10, last * 10 + 9, count + 1)
            }
            return nil
        }
    }

    /// The next byte on the shortest way into the range; nil if there is none.
    func nearestByte(_ phase: Phase, _ magnitude: Int) -> UInt8? {
        "0123456789-".utf8.compactMap { byte in
            next(phase, magnitude, byte).flatMap { missingDigits($0.phase, $0.magnitude) }.map { (byte, $0) }
        }.min { $0.1 < $1.1 }?.0
    }
}
