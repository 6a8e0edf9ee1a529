import Files
import Tokenizer

/// The format of a snapshot, which is a file with the keys and values of a timeline's first positions.
///
/// All numbers are little-endian; checksums are those of `XXHash64`.
///
///     header, written once
///         0     8  "minutkv\n"
///         8     4  version of this format: 2
///        12     4  bytes of one position's keys and values (P)
///        16     4  vocabulary size
///        20     4  length of the fingerprint (F)
///        24     F  fingerprint: UTF-8, zeroes up to 4088
///      4088     8  checksum of 0..<4088
///     two slots, at 4096 and 8192, on pages of their own
///         0     8  generation: the higher one counts; the other describes the previous state
///         8     8  number of positions (N)
///        16     8  chain value of the last position
///        24     8  checksum of 0..<24, seeded with the header's
///     N records of 16 + P bytes, from 12288 on
///         0     4  the position, from 0
///         4     4  token id
///         8     8  checksum of the keys and values, seeded with the position's chain value
///        16     P  [layer with its own][key|value][kvHead][headDim]
///
/// A position's chain value is the checksum of its number and token, seeded with the chain value of the position before
/// it, or with the header's checksum for the first. So a record is valid only after the same tokens that its keys and
/// values were computed after, and a slot describes exactly one sequence of tokens.
///
/// A record that a valid slot counts is never overwritten: before records are replaced, a slot that counts fewer is
/// made durable. So at any moment, even after a crash, the newest valid slot describes complete records; before the
/// first write has finished, there is no valid slot.
struct KVSnapshotLayout: Sendable, Hashable {
    static let magic = Array("minutkv\n".utf8)
    static let version: UInt32 = 2
    static let headerBytes = 4096
    static let slotBytes = 32
    static let recordsOffset = 3 * 4096
    static let recordHeaderBytes = 16
    static let fingerprintLimit = headerBytes - 24 - 8

    /// Everything that the keys and values depend on besides the tokens.
    let fingerprint: String
    let vocabularySize: Int
    /// The number of bytes in one position's keys and values.
    let positionBytes: Int
    /// The header that a file of this layout must have.
    let header: [UInt8]
    let headerChecksum: UInt64

    /// - Parameter fingerprint: at most ``fingerprintLimit`` bytes.
    init(fingerprint: String, vocabularySize: Int, positionBytes: Int) {
        let name = Array(fingerprint.utf8)
        precondition(name.count <= Self.fingerprintLimit)
        self.fingerprint = fingerprint
        self.vocabularySize = vocabularySize
        self.positionBytes = positionBytes
        var bytes = Self.magic
        for number in [Self.version, UInt32(positionBytes), UInt32(vocabularySize), UInt32(name.count)] {
            bytes.append(littleEndian: number)
        }
        bytes += name
        bytes += repeatElement(0, count: Self.headerBytes - 8 - bytes.count)
        headerChecksum = XXHash64.hash(bytes[...])
        bytes.append(littleEndian: headerChecksum)
        header = bytes
    }

    /// The layout for a model's caches with this element type.
    ///
    /// - Parameter arithmetic: names the arithmetic that the keys and values are computed with.
    init(model: GemmaModel, elementType: KVCache.ElementType, arithmetic: String) {
        let configuration = model.configuration
        let widths = Set(configuration.layers.map(\.headDim)).sorted().map(String.init)
        self.init(
            fingerprint:
                "model \(model.fingerprint), \(elementType.rawValue), \(configuration.layers.count) layers, "
                + "\(configuration.kvHeadCount) heads of \(widths.joined(separator: " and ")), \(arithmetic)",
            vocabularySize: configuration.vocabularySize,
            positionBytes: KVCache.bytesPerToken(of: configuration, elementType: elementType))
    }

    /// The layout for the same model with an adapter, whose fingerprint becomes part of the layout's.
    func with(adapter: String) -> KVSnapshotLayout {
        KVSnapshotLayout(
            fingerprint: fingerprint + ", adapter \(adapter)", vocabularySize: vocabularySize,
            positionBytes: positionBytes)
    }

    /// What is wrong with a file of this version; nil if it can be read.
    static func problem(ofVersion version: UInt32) -> String? {
        guard version != Self.version else { return nil }
        let age = version < Self.version ? "an older" : "a newer"
        return "\(age) minuted wrote it (version \(version) of the format, this one reads \(Self.version)); "
            + "what it held is computed again"
    }

    var recordBytes: Int { Self.recordHeaderBytes + positionBytes }

    /// The offset in the file at which the records of `count` positions end.
    func end(of count: Int) -> Int { Self.recordsOffset + count * recordBytes }

    /// The chain value of the last of `tokens`; the header's checksum if there are none.
    func chain(of tokens: some Sequence<TokenID>) -> UInt64 {
        var chain = headerChecksum
        for (position, token) in tokens.enumerated() { chain = link(chain, position: position, token: token) }
        return chain
    }

    func link(_ chain: UInt64, position: Int, token: TokenID) -> UInt64 {
        let pair = UInt64(UInt32(truncatingIfNeeded: position)) | UInt64(UInt32(bitPattern: token)) << 32
        return withUnsafeBytes(of: pair.littleEndian) { XXHash64.hash($0, seed: chain) }
    }

    /// One of the two slots, which say how many positions the file holds.
    struct Slot: Sendable, Hashable {
        var generation: UInt64
        var count: Int
        var chain: UInt64

        /// Where the slot is in the file: generations alternate between the two places.
        var offset: Int { 4096 * (1 + Int(generation % 2)) }
    }

    func bytes(of slot: Slot) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [slot.generation, UInt64(slot.count), slot.chain] { bytes.append(littleEndian: number) }
        bytes.append(littleEndian: XXHash64.hash(bytes[...], seed: headerChecksum))
        return bytes
    }

    /// Parses the slot that was read from `offset`; nil if it is not valid there.
    func slot(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Slot? {
        guard bytes.count >= Self.slotBytes,
            bytes.number(at: 24, UInt64.self)
                == XXHash64.hash(
                    UnsafeRawBufferPointer(rebasing: bytes[..<24]), seed: headerChecksum),
            let count = Int(exactly: bytes.number(at: 8, UInt64.self))
        else { return nil }
        let slot = Slot(
            generation: bytes.number(at: 0, UInt64.self), count: count,
            chain: bytes.number(at: 16, UInt64.self))
        return slot.offset == offset ? slot : nil
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian number at `offset`, all bytes of which must be inside the buffer.
    func number<Number: FixedWidthInteger>(at offset: Int, _ type: Number.Type) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Stores a number in little-endian order at `offset`.
    func store(_ number: some FixedWidthInteger, littleEndianAt offset: Int) {
        storeBytes(of: number.littleEndian, toByteOffset: offset, as: type(of: number))
    }
}
