/// The random number generator of Steele, Lea and Flood (2014): small, and the same on every machine for a given seed.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.finished(state)
    }

    /// A uniform number in 0..<1 with 24 random bits.
    package mutating func nextUnit() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Puts `items` into a random order that depends only on the generator's state.
    package mutating func shuffle<Item>(_ items: inout [Item]) {
        // The standard library's shuffle is not used, since how it uses the generator may change.
        for last in stride(from: items.count - 1, to: 0, by: -1) {
            items.swapAt(last, Int(next() % UInt64(last + 1)))
        }
    }

    /// A number that depends on all bits of both numbers.
    package static func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
        finished(a ^ finished(b &+ 0x9E37_79B9_7F4A_7C15))
    }

    private static func finished(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
