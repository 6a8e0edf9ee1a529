/// The 64-bit hash of Fowler, Noll and Vo (FNV-1a): the same in every process, for fingerprints; it does not protect
/// against deliberate collisions.
package struct FNV1a: Sendable {
    /// The hash so far.
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of nothing.
    package init() {}

    /// The hash in hex, without leading zeros.
    package var hex: String { String(value, radix: 16) }

    /// Adds a byte, or a whole word in one step.
    package mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01B3 }

    /// Adds bytes, one by one.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(UInt64(byte)) }
    }
}

extension Sequence<UInt8> {
    /// The ``FNV1a`` hash of the bytes.
    package var fnv1a: UInt64 {
        var hash = FNV1a()
        hash.add(self)
        return hash.value
    }
}
