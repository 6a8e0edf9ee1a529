import Testing
import Weights

/// Every fault that a GGUF file can have is refused with a message that names it.
@Suite struct GGUFRefusalTests {
    private func expect(
        _ code: WeightsError.Code, _ parts: String..., bytes: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        do {
            _ = try opening(bytes, as: "broken.gguf") { try GGUFFile(path: $0) }
            Issue.record("a refusal expected", sourceLocation: sourceLocation)
        } catch let error as WeightsError {
            #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
            for part in parts + ["broken.gguf"] {
                #expect(error.message.contains(part), "\(error)", sourceLocation: sourceLocation)
            }
        }
    }

    private func writer(_ metadata: (String, GGUFWriter.Value)...) -> GGUFWriter {
        GGUFWriter(metadata: metadata)
    }

    @Test func otherFilesAreNoGGUF() throws {
        try expect(.unknownFormat, "GGUF", bytes: Array("PK\u{3}\u{4} something else".utf8))
        try expect(.unknownFormat, "GGUF", bytes: [1])
        try expect(.unknownFormat, "version", "1", bytes: GGUFWriter(version: 1).bytes)
        try expect(.unknownFormat, "version", "4", bytes: GGUFWriter(version: 4).bytes)
        try expect(.unknownFormat, "big-endian", bytes: GGUFWriter(version: UInt32(3).byteSwapped).bytes)
    }

    @Test func countsThatCannotBeAreRefused() throws {
        let start = Array("GGUF".utf8) + littleEndian(UInt32(3))
        let most = littleEndian(UInt64.max), none = littleEndian(UInt64(0)), one = littleEndian(UInt64(1))
        try expect(.malformed, "18446744073709551615", bytes: start + most + none)
        try expect(.malformed, "18446744073709551615", bytes: start + none + most)
        try expect(.malformed, "key", "damaged", bytes: start + none + one + most)
        let key = one + Array("k".utf8)
        try expect(.malformed, "\"k\"", "99", bytes: start + none + one + key + littleEndian(UInt32(99)))
        // A string and arrays that claim more content than the file has.
        try expect(.malformed, "\"k\"", bytes: start + none + one + key + littleEndian(UInt32(8)) + most)
        for type in [UInt32(0), 8, 9, 12] {
            let array = littleEndian(UInt32(9)) + littleEndian(type) + most
            try expect(.malformed, "\"k\"", bytes: start + none + one + key + array)
        }
    }

    @Test func metadataMustBeSound() throws {
        try expect(.malformed, "twice", "\"a\"", bytes: writer(("a", .bool(true)), ("a", .bool(true))).bytes)
        try expect(.malformed, "key", bytes: writer(("", .bool(true))).bytes)
        var nested = GGUFWriter.Value.array(0, [])
        for _ in 0..<9 { nested = .array(9, [nested]) }
        try expect(.malformed, "nested", bytes: writer(("a", nested)).bytes)
        for alignment in [
            GGUFWriter.Value.uint32(0), .uint32(24), .uint32(1 << 30), .text("32"), .uint64(32),
        ] {
            try expect(.malformed, "general.alignment", bytes: writer(("general.alignment", alignment)).bytes)
        }
    }

    @Test func tensorsMustLieInTheFile() throws {
        func tensor(
            _ dimensions: [UInt64], type: UInt32 = 0, bytes: Int = 8, offset: UInt64? = nil,
            name: String = "t"
        ) -> [UInt8] {
            var writer = GGUFWriter()
            writer.tensors = [
                .init(
                    name: name, dimensions: dimensions, type: type, data: [UInt8](repeating: 0, count: bytes),
                    offset: offset)
            ]
            return writer.bytes
        }
        try expect(.malformed, "\"t\"", "12 bytes", bytes: tensor([3]))
        try expect(.malformed, "\"t\"", "dimensions", bytes: tensor([]))
        try expect(.malformed, "\"t\"", "dimensions", bytes: tensor([1, 1, 1, 1, 1]))
        try expect(.malformed, "\"t\"", "extent of 0", bytes: tensor([2, 0]))
        try expect(.malformed, "\"t\"", "too many", bytes: tensor([1 << 40, 1 << 40]))
        try expect(.malformed, "\"t\"", bytes: tensor([1 << 62]))
        try expect(.malformed, "\"t\"", "extent", bytes: tensor([.max]))
        try expect(.malformed, "\"t\"", "Q8_0 blocks of 32", bytes: tensor([33], type: 8, bytes: 68))
        try expect(.malformed, "\"t\"", "divisible by 32", bytes: tensor([2], offset: 8))
        try expect(.malformed, "\"t\"", bytes: tensor([2], offset: 1 << 62))
        try expect(.malformed, "\"t\"", bytes: tensor([2], offset: .max))
        try expect(.malformed, "name", bytes: tensor([2], name: ""))
    }

    @Test func tensorsMustNotShareNamesOrBytes() throws {
        var writer = GGUFWriter()
        writer.addFloats("a", [2], [1, 2])
        writer.addFloats("a", [2], [1, 2])
        try expect(.malformed, "same name", bytes: writer.bytes)
        writer.tensors[1].name = "b"
        writer.tensors[1].offset = 0
        try expect(.malformed, "\"a\"", "\"b\"", "overlap", bytes: writer.bytes)
    }
}
