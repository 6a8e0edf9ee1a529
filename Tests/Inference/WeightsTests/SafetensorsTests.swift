import Testing
import Weights

@Suite struct SafetensorsTests {
    private static let two =
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}}"#

    private func open(_ header: String, _ data: [UInt8]) throws -> SafetensorsFile {
        try opening(safetensors(header, data: data), as: "a.safetensors") { try SafetensorsFile(path: $0) }
    }

    private func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
        "{\"t\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
    }

    @Test func theReferencesFileEqualsItsGGUF() throws {
        let file = try SafetensorsFile(path: fixtures + "/dequantise.safetensors")
        let gguf = try GGUFFile(path: fixtures + "/dequantise.gguf")
        #expect(file.tensorNames == ["f32", "f16", "bf16", "ids"])
        #expect(file.metadata == ["format": "pt"])
        for name in ["f32", "f16", "bf16"] {
            let tensor = try file.tensor(named: name), other = try gguf.tensor(named: name)
            #expect(tensor.type == other.type && tensor.shape == other.shape)
            #expect(tensor.floats().map(\.bitPattern) == other.floats().map(\.bitPattern))
        }
        #expect(try file.integers(named: "ids") == [-2, -1, 0, 1, 2])
        expectRefusal(.unsupportedType, "\"ids\"", "I32", "BF16") { _ = try file.tensor(named: "ids") }
        expectRefusal(.mismatch, "\"f32\"", "F32") { _ = try file.integers(named: "f32") }
        expectRefusal(.missing, "\"other\"") { _ = try file.tensor(named: "other") }
    }

    @Test func dataNeedNotBeAligned() throws {
        // With a header of odd length, the floats are at odd addresses.
        for padding in 0..<4 {
            let header = Self.two + String(repeating: " ", count: padding)
            let floats = littleEndian(Float(1.5).bitPattern) + littleEndian(Float(-2).bitPattern)
            let data: [UInt8] = floats + [0x80, 0x3f, 0x00, 0xc0]
            let file = try open(header, data)
            #expect(try file.tensor(named: "a").floats() == [1.5, -2])
            #expect(try file.tensor(named: "b").floats() == [1, -2])
        }
    }

    @Test func aScalarIsAVectorOfOne() throws {
        let tensor = try open(entry("F32", "[]", "[0,4]"), littleEndian(Float(3).bitPattern)).tensor(
            named: "t")
        #expect(tensor.shape == [1])
        #expect(tensor.floats() == [3])
    }

    @Test func headersThatContradictTheFileAreRefused() throws {
        let eight = [UInt8](repeating: 0, count: 8)
        func expect(_ header: String, _ parts: String, _ data: [UInt8]) {
            expectRefusal(.malformed, "a.safetensors", parts) { _ = try open(header, data) }
        }
        expect("{x", "JSON", eight)
        expect("{}", "0 bytes", eight)
        expect(#"{"t":{}}"#, "JSON", eight)
        expect(entry("F32", "[2]", "[0,4]"), "\"t\"", eight)
        expect(entry("F32", "[1]", "[0,4]"), "4 bytes", eight)
        expect(entry("F32", "[2]", "[4,8]"), "data_offsets", eight)
        expect(entry("F32", "[3]", "[0,12]"), "data_offsets", eight)
        expect(entry("F32", "[2]", "[8,0]"), "data_offsets", eight)
        expect(entry("F32", "[2]", "[0,8,8]"), "data_offsets", eight)
        expect(entry("F32", "[2]", "[]"), "data_offsets", eight)
        expect(entry("F32", "[-2]", "[0,8]"), "\"t\"", eight)
        expect(entry("F32", "[4611686018427387904,4]", "[0,8]"), "\"t\"", eight)
        expect(entry("F32", "[2]", "[0,99999999999999999999]"), "JSON", eight)
        expect(
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "\"b\"", eight)
    }

    @Test func otherFilesAreNoSafetensors() throws {
        let folder = try TemporaryFolder()
        for bytes in [
            [1, 2, 3], GGUFWriter().bytes, littleEndian(UInt64.max),
            littleEndian(UInt64(100)) + Array("{}".utf8),
            littleEndian(UInt64(2)) + Array("[]".utf8),
        ] {
            let path = try folder.write(bytes, as: "a")
            #expect(throws: WeightsError.self) { _ = try SafetensorsFile(path: path) }
        }
    }

    @Test func aFolderOfShardsIsOneSetOfTensors() throws {
        let folder = try TemporaryFolder()
        let first = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        let second = #"{"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        try folder.write(safetensors(first, data: littleEndian(Float(1).bitPattern)), as: "1.safetensors")
        try folder.write(safetensors(second, data: littleEndian(Float(2).bitPattern)), as: "2.safetensors")
        let index = "/model.safetensors.index.json"
        try folder.write(
            Array(#"{"metadata":{},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#.utf8),
            as: String(index.dropFirst()))
        let weights = try SafetensorsDirectory(path: folder.path)
        #expect(weights.tensorNames == ["a", "b"])
        #expect(weights.files.count == 2)
        #expect(try weights.tensor(named: "a").floats() == [1])
        #expect(try weights.tensor(named: "b").floats() == [2])
        #expect(weights.hasTensor("a") && !weights.hasTensor("c"))
        expectRefusal(.missing, "\"c\"", folder.path) { _ = try weights.tensor(named: "c") }
    }

    @Test func aFolderWithOneFileNeedsNoIndex() throws {
        let folder = try TemporaryFolder()
        expectRefusal(.unreadable, "model.safetensors") { _ = try SafetensorsDirectory(path: folder.path) }
        try folder.write(
            safetensors(entry("F32", "[1]", "[0,4]"), data: littleEndian(Float(5).bitPattern)),
            as: "model.safetensors")
        let weights = try SafetensorsDirectory(path: folder.path)
        #expect(try weights.tensor(named: "t").floats() == [5])
    }

    @Test func anIndexThatLeadsElsewhereIsRefused() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            safetensors(entry("F32", "[1]", "[0,4]"), data: littleEndian(Float(5).bitPattern)),
            as: "1.safetensors")
        func expect(_ code: WeightsError.Code, _ index: String, _ part: String) throws {
            try folder.write(Array(index.utf8), as: "model.safetensors.index.json")
            expectRefusal(code, part) { _ = try SafetensorsDirectory(path: folder.path) }
        }
        try expect(.malformed, "{", "index")
        try expect(.malformed, #"{"weight_map":{}}"#, "empty")
        try expect(.malformed, #"{"weight_map":{"t":"../1.safetensors"}}"#, "same folder")
        try expect(.missing, #"{"weight_map":{"u":"1.safetensors"}}"#, "\"u\"")
        try expect(.unreadable, #"{"weight_map":{"t":"2.safetensors"}}"#, "2.safetensors")
    }
}
