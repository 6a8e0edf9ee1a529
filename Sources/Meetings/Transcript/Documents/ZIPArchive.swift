import CZlib

/// The members of a ZIP archive in memory, as far as word processors need it: stored or deflated, not encrypted.
struct ZIPArchive {
    /// What is wrong with an archive.
    struct Fault: Error {
        var message: String
    }

    private let bytes: [UInt8]
    private var members: [String: (offset: Int, compressed: Int, size: Int, method: Int)] = [:]

    /// A document of words is never larger; what claims to be is a bomb.
    static let sizeLimit = 64 << 20
    private static let memberLimit = 10_000

    /// Reads the directory at the archive's end (APPNOTE 4.3.12 and 4.3.16).
    init(_ bytes: [UInt8]) throws(Fault) {
        self.bytes = bytes
        guard let end = Self.directoryEnd(bytes) else {
            throw Fault(message: "its directory is missing: it may be cut off")
        }
        let count = number(end + 10, 2)
        var place = number(end + 16, 4)
        guard count <= Self.memberLimit else { throw Fault(message: "it has too many members") }
        for _ in 0..<count {
            guard place + 46 <= bytes.count, number(place, 4) == 0x0201_4B50 else {
                throw Fault(message: "its directory is damaged")
            }
            let (nameLength, rest) = (number(place + 28, 2), number(place + 30, 2) + number(place + 32, 2))
            guard place + 46 + nameLength + rest <= bytes.count else {
                throw Fault(message: "its directory is damaged")
            }
            let name = String(decoding: bytes[(place + 46)..<(place + 46 + nameLength)], as: UTF8.self)
            let isEncrypted = number(place + 8, 2) & 1 == 1
            members[name] = (
                number(place + 42, 4), number(place + 20, 4), number(place + 24, 4),
                isEncrypted ? -1 : number(place + 10, 2)
            )
            place += 46 + nameLength + rest
        }
    }

    /// Whether there is a member of this name.
    func contains(_ name: String) -> Bool { members[name] != nil }

    /// A member's content; at most ``sizeLimit`` bytes.
    func content(of name: String) throws(Fault) -> [UInt8] {
        guard let member = members[name] else { throw Fault(message: "it has no \(name)") }
        guard member.size <= Self.sizeLimit else {
            throw Fault(message: "its \(name) is larger than \(Self.sizeLimit >> 20) MB")
        }
        // The local header has a name and an extra field of its own.
        guard member.offset + 30 <= bytes.count, number(member.offset, 4) == 0x0403_4B50 else {
            throw Fault(message: "it is damaged")
        }
        let start = member.offset + 30 + number(member.offset + 26, 2) + number(member.offset + 28, 2)
        guard start <= bytes.count, member.compressed <= bytes.count - start else {
            throw Fault(message: "it is cut off")
        }
        let packed = bytes[start..<(start + member.compressed)]
        switch member.method {
        case 0: return Array(packed)
        case 8: return try Self.inflated(packed, size: member.size)
        default: throw Fault(message: "it is encrypted, or packed in a way that is not known")
        }
    }

    /// Inflates as many bytes as the directory promises; more is a fault.
    private static func inflated(_ packed: ArraySlice<UInt8>, size: Int) throws(Fault) -> [UInt8] {
        var input = Array(packed)
        var output = [UInt8](repeating: 0, count: size + 1)
        var stream = z_stream()
        // Negative: without a header.
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else {
            throw Fault(message: "there is no memory to unpack it")
        }
        defer { inflateEnd(&stream) }
        let (status, count) = input.withUnsafeMutableBufferPointer { from in
            output.withUnsafeMutableBufferPointer { to in
                stream.next_in = from.baseAddress
                stream.avail_in = UInt32(from.count)
                stream.next_out = to.baseAddress
                stream.avail_out = UInt32(to.count)
                let status = inflate(&stream, Z_FINISH)
                return (status, to.count - Int(stream.avail_out))
            }
        }
        guard status == Z_STREAM_END, count == size else { throw Fault(message: "its content is damaged") }
        return Array(output.prefix(count))
    }

    /// Where the directory's end record begins: it is followed by a comment of at most 64 KB.
    private static func directoryEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 22 else { return nil }
        return (max(0, bytes.count - 65_557)...(bytes.count - 22)).reversed().first { place in
            bytes[place] == 0x50 && bytes[place + 1] == 0x4B && bytes[place + 2] == 5 && bytes[place + 3] == 6
        }
    }

    /// A little-endian number.
    private func number(_ place: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
}
