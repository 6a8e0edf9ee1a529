/// A 64-bit checksum that detects accidental damage: flipped bits, torn writes, blocks of another file.
///
/// It does not protect against somebody who can write the file, since they could change the model as well. Each step is
/// a bijection of the lane that it changes, so a change within one aligned word of 8 bytes is always detected; any
/// other change goes unnoticed with a probability of about 2^-64. With four independent lanes it is faster than memory.
struct PackedWeightsFileChecksum {
    private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
        0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89
    )
    private var byteCount: UInt64 = 0

    /// The checksum of `bytes` alone.
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var checksum = PackedWeightsFileChecksum()
        checksum.add(bytes)
        return checksum.value
    }

    /// Adds bytes; splitting them over two calls gives another checksum, unless the first call has a multiple of 32
    /// bytes.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var (a, b, c, d) = lanes
        var offset = 0
        while offset + 32 <= bytes.count {
            a = Self.step(a, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            b = Self.step(b, bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            c = Self.step(c, bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self))
            d = Self.step(d, bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self))
            offset += 32
        }
        while offset < bytes.count {
            a = Self.step(a, UInt64(bytes[offset]) | 1 << 63)
            offset += 1
        }
        lanes = (a, b, c, d)
        byteCount &+= UInt64(bytes.count)
    }

    /// Adds a text and its length.
    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
        add(UInt64(text.utf8.count))
    }

    /// Adds a number.
    mutating func add(_ number: UInt64) { lanes.0 = Self.step(lanes.0, number) }

    /// The checksum of everything that has been added.
    var value: UInt64 {
        var all = Self.step(byteCount, lanes.0)
        all = Self.step(all, lanes.1)
        all = Self.step(all, lanes.2)
        all = Self.step(all, lanes.3)
        return all ^ all >> 32
    }

    @inline(__always)
    private static func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        // The second multiplication spreads the bits that the first leaves in the highest places.
        let product = (lane ^ word.littleEndian) &* 0x9E37_79B9_7F4A_7C15
        return (product ^ product >> 32) &* 0xD6E8_FEB8_6659_FD93
    }
}
