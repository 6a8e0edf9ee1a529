import Files
import Testing

@Suite struct HashTests {
    /// The expected values are those of the reference implementation.
    @Test(
        arguments: [
            ("", 0, 0xEF46_DB37_51D8_E999), ("a", 0, 0xD24E_C4F1_A98C_6E5B),
            ("abc", 0, 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0, 0xFBCE_A83C_8A37_8BF1),
            ("xxhash", 20_141_025, 0xB559_B98D_844E_0635),
        ] as [(String, UInt64, UInt64)])
    func xxHash64IsThatOfTheReference(text: String, seed: UInt64, expected: UInt64) {
        #expect(XXHash64.hash(Array(text.utf8)[...], seed: seed) == expected)
    }

    @Test func xxHash64SeesEveryBitAndTheLength() {
        let bytes = (0..<77).map { UInt8(($0 + 1) * 7 & 0xFF) }
        func checksum(_ bytes: [UInt8]) -> UInt64 {
            bytes.withUnsafeBytes { XXHash64.hash($0) }
        }
        var seen: Set = [checksum(bytes)]
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                seen.insert(checksum(changed))
            }
        }
        for count in 0..<77 {
            seen.insert(checksum(Array(bytes.prefix(count))))
            seen.insert(checksum([UInt8](repeating: 0, count: count + 1)))
        }
        #expect(seen.count == 1 + 77 * 8 + 2 * 77)
    }

    /// The values are those of the authors' page, http://www.isthe.com/chongo/tech/comp/fnv/.
    @Test(
        arguments: [
            ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
        ]
            as [(String, UInt64)])
    func fnv1aIsThatOfItsAuthors(text: String, expected: UInt64) {
        #expect(text.utf8.fnv1a == expected)
        var hash = FNV1a()
        for byte in text.utf8 { hash.add([byte]) }
        #expect(hash.value == expected)
    }
}
