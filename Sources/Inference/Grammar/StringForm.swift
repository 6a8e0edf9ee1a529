/// Strings of `minimum` to `maximum` characters (Unicode scalars) as JSON spells them: UTF-8 without control
/// characters, with any escapes, but surrogates only in pairs.
struct StringForm: Hashable {
    var minimum = 0
    var maximum: Int?

    /// How far the string has been spelled.
    enum Phase: Int32 {
        case start, content, escape
        /// Hexadecimal digits of `\u` still to come; after `\ud` the next digit tells whether a surrogate pair begins.
        case hex4, hex3, hex2, hex1, afterD
        /// The rest of a high surrogate, then the low surrogate that has to follow.
        case high2, high1, pairBackslash, pairU, pairD, pairSecond, low2, low1
        /// Continuation bytes still to come; after some lead bytes the first has a narrower range (Unicode 15,
        /// table 3-7).
        case one, two, three, afterE0, afterED, afterF0, afterF4
    }

    /// What a byte does to a string.
    enum Step {
        case goOn(Phase, used: Int)
        case end
    }

    /// Counting stops here, so that strings with the same possible continuations have equal states.
    private var countLimit: Int { maximum ?? minimum }

    func next(_ phase: Phase, used: Int, _ byte: UInt8) -> Step? {
        switch phase {
        case .start: byte == UInt8(ascii: "\"") ? .goOn(.content, used: 0) : nil
        case .content: content(used: used, byte)
        default: Self.inside(phase, byte).map { .goOn($0, used: used) }
        }
    }

    private func content(used: Int, _ byte: UInt8) -> Step? {
        if byte == UInt8(ascii: "\"") { return used >= minimum ? .end : nil }
        if let maximum, used >= maximum { return nil }
        return Self.begin(byte).map { .goOn($0, used: min(used + 1, countLimit)) }
    }

    /// The phase after the first byte of a character; nil if none begins with it.
    private static func begin(_ byte: UInt8) -> Phase? {
        switch byte {
        case UInt8(ascii: "\\"): .escape
        case 0x20...0x7f: .content
        case 0xc2...0xdf: .one
        case 0xe0: .afterE0
        case 0xed: .afterED
        case 0xe1...0xef: .two
        case 0xf0: .afterF0
        case 0xf1...0xf3: .three
        case 0xf4: .afterF4
        default: nil
        }
    }

    /// The phase after another byte of a character; nil if that byte cannot come here.
    private static func inside(_ phase: Phase, _ byte: UInt8) -> Phase? {
        func on(_ holds: Bool, _ next: Phase) -> Phase? { holds ? next : nil }
        let digit = hexDigit(byte)
        return switch phase {
        case .start, .content: nil
        case .escape:
            byte == UInt8(ascii: "u") ? .hex4 : on(simpleEscapes.contains(byte), .content)
        case .hex4: digit.map { $0 == 0xd ? .afterD : .hex3 }
        case .hex3: on(digit != nil, .hex2)
        case .hex2: on(digit != nil, .hex1)
        case .hex1: on(digit != nil, .content)
        case .afterD: digit.flatMap { $0 < 8 ? .hex2 : on($0 < 12, .high2) }
        case .high2: on(digit != nil, .high1)
        case .high1: on(digit != nil, .pairBackslash)
        case .pairBackslash: on(byte == UInt8(ascii: "\\"), .pairU)
        case .pairU: on(byte == UInt8(ascii: "u"), .pairD)
        case .pairD: on(digit == 0xd, .pairSecond)
        case .pairSecond: on((digit ?? 0) >= 12, .low2)
        case .low2: on(digit != nil, .low1)
        case .low1: on(digit != nil, .content)
        case .one: on((0x80...0xbf).contains(byte), .content)
        case .two: on((0x80...0xbf).contains(byte), .one)
        case .three: on((0x80...0xbf).contains(byte), .two)
        case .afterE0: on((0xa0...0xbf).contains(byte), .one)
        case .afterED: on((0x80...0x9f).contains(byte), .one)
        case .afterF0: on((0x90...0xbf).contains(byte), .two)
        case .afterF4: on((0x80...0x8f).contains(byte), .two)
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static let simpleEscapes: [UInt8] = Array("\"\\/bfnrt".utf8)
    /// More bytes than any unfinished character and the quotes can still need.
    static let longestRest = 16

    /// The first byte of the shortest completion of the string.
    func nearestByte(_ phase: Phase, used: Int) -> UInt8 {
        switch phase {
        case .start: UInt8(ascii: "\"")
        // Hyphens pad a string that would otherwise be too short.
        case .content: used >= minimum ? UInt8(ascii: "\"") : UInt8(ascii: "-")
        case .escape: UInt8(ascii: "n")
        case .pairBackslash: UInt8(ascii: "\\")
        case .pairU: UInt8(ascii: "u")
        case .pairD: UInt8(ascii: "d")
        case .pairSecond: UInt8(ascii: "c")
        case .hex4, .hex3, .hex2, .hex1, .afterD, .high2, .high1, .low2, .low1: UInt8(ascii: "0")
        case .one, .two, .three, .afterED, .afterF4: 0x80
        case .afterE0: 0xa0
        case .afterF0: 0x90
        }
    }
}
