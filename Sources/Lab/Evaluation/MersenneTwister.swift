/// The generator MT19937 (Matsumoto and Nishimura, 1998), which draws numbers as NumPy's `RandomState` does.
///
/// Resampling with it gives exactly the numbers that `rouge-score` gives after `numpy.random.seed`.
package struct MersenneTwister: RandomNumberGenerator, Sendable {
    private var state: [UInt32]
    private var index: Int

    private static let size = 624
    private static let shift = 397

    /// Starts in the state that `numpy.random.seed(seed)` sets.
    package init(seed: UInt32) {
        state = [seed]
        for number in 1..<UInt32(Self.size) {
            let last = state[state.count - 1]
            state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ number)
        }
        index = Self.size
    }

    /// The next 32 random bits.
    package mutating func next32() -> UInt32 {
        if index == Self.size { twist() }
        var bits = state[index]
        index += 1
        bits ^= bits >> 11
        bits ^= (bits << 7) & 0x9D2C_5680
        bits ^= (bits << 15) & 0xEFC6_0000
        return bits ^ (bits >> 18)
    }

    /// The next 64 random bits; the lower half is drawn first.
    package mutating func next() -> UInt64 {
        let low = UInt64(next32())
        return low | UInt64(next32()) << 32
    }

    /// A random number in `0..<bound`: bits are drawn and masked until the result is small enough.
    package mutating func next(below bound: Int) -> Int {
        precondition(bound > 0 && bound < Int(UInt32.max))
        let largest = UInt32(bound - 1)
        guard largest > 0 else { return 0 }
        let mask = UInt32.max >> UInt32(largest.leadingZeroBitCount)
        while true {
            let bits = next32() & mask
            if bits <= largest { return Int(bits) }
        }
    }

    private mutating func twist() {
        for place in 0..<Self.size {
            let bits = (state[place] & 0x8000_0000) | (state[(place + 1) % Self.size] & 0x7FFF_FFFF)
            let other = state[(place + Self.shift) % Self.size]
            state[place] = other ^ (bits >> 1) ^ (bits & 1 == 0 ? 0 : 0x9908_B0DF)
        }
        index = 0
    }
}
