/// Damages bytes as fuzzers do, repeatably: flips, numbers at which readers go wrong, cuts, copies, splices.
package struct Mutator {
    package var generator: SeededGenerator

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private static let numbers: [UInt64] = [
        0, 1, 2, 7, 8, 31, 32, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000,
        0xFFFF_FFFF, 0x1_0000_0000, .max >> 1, 1 << 63, .max - 7, .max,
    ]

    private mutating func below(_ limit: Int) -> Int {
        limit > 0 ? Int.random(in: 0..<limit, using: &generator) : 0
    }

    /// A few changes of `original`.
    ///
    /// - Parameters:
    ///   - others: what its end may be replaced with.
    ///   - pieces: what the reader looks for, to be put where it is not expected.
    package mutating func mutated(
        _ original: [UInt8], others: [[UInt8]] = [], pieces: [[UInt8]] = [], limit: Int = .max
    ) -> [UInt8] {
        var bytes = original
        // One change more often than several: what is damaged once gets further.
        for _ in 0...(below(2) == 0 ? 0 : below(6)) where !bytes.isEmpty {
            // Most of what is decided by stands at the beginning.
            let at = below(below(3) == 0 ? min(bytes.count, 512) : bytes.count)
            switch below(9) {
            case 0: bytes[at] ^= 1 << UInt8(below(8))
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 2:
                let number = Self.numbers[below(Self.numbers.count)]
                for index in 0..<[1, 2, 4, 8][below(4)] where at + index < bytes.count {
                    bytes[at + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
                }
            case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(64)))
            case 4:
                let copy = Array(bytes[at..<min(bytes.count, at + 1 + below(64))])
                bytes.insert(contentsOf: copy, at: below(bytes.count))
            case 5: bytes.removeLast(below(bytes.count))
            // A number without an end, or a length of nearly anything, where numbers have seven bits a byte.
            case 6: bytes.insert(contentsOf: repeatElement(0xFF, count: below(12) + 1), at: at)
            case 7 where !pieces.isEmpty: bytes.insert(contentsOf: pieces[below(pieces.count)], at: at)
            default:
                let other = others.isEmpty ? original : others[below(others.count)]
                bytes = Array(bytes[..<at] + other[below(other.count)...])
            }
        }
        return Array(bytes.prefix(max(limit, original.count)))
    }
}
