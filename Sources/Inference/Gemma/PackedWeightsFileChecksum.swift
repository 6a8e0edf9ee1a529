/// A 64-bit checksum against accidents: flipped bits, torn writes, blocks of another file.
///
/// It is no defence against somebody who can write the file: they could write the model as well. Each step is a
/// bijection of the lane it touches, so that a change within any one aligned word of 8 bytes is always seen; any
/// other change passes with a chance of about 1 in 2^64. Four independent lanes keep it faster than memory.
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

    /// Takes bytes in; two calls give another value than one with the same bytes, unless the first had a multiple of 32.
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

    /// Takes a text in, with its length.
    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
        add(UInt64(text.utf8.count))
    }

    /// Takes a number in.
    mutating func add(_ number: UInt64) { lanes.0 = Self.step(lanes.0, number) }

    /// The checksum of all that was added.
    var value: UInt64 {
        var all = Self.step(byteCount, lanes.0)
        all = Self.step(all, lanes.1)
        all = Self.step(all, lanes.2)
        all = Self.step(all, lanes.3)
        return all ^ all >> 32
    }

    @inline(__always)
    private static func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        // The second product spreads what the first leaves in the highest bits.
        let product = (lane ^ word.littleEndian) &* 0x9E37_79B9_7F4A_7C15
        return (product ^ product >> 32) &* 0xD6E8_FEB8_6659_FD93
    }
}
