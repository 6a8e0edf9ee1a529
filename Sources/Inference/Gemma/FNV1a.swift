/// The 64-bit hash of Fowler, Noll and Vo (FNV-1a), for telling things apart that nobody makes alike on purpose.
package struct FNV1a: Sendable {
    /// The hash so far.
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// In hex, without leading zeros.
    package var hex: String { String(value, radix: 16) }

    /// Takes in a byte, or a word as a whole.
    package mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01B3 }

    /// Takes in bytes, one by one.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(UInt64(byte)) }
    }
}
