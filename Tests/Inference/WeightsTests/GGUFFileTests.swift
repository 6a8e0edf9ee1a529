import Foundation
import Testing
import Weights

@Suite struct GGUFFileTests {
    private static let everyType: [(String, GGUFWriter.Value)] = [
        ("general.architecture", .text("gemma3")), ("a.u8", .uint8(200)), ("a.i8", .int8(-3)),
        ("a.u16", .uint16(60_000)), ("a.i16", .int16(-300)), ("a.u32", .uint32(4_000_000_000)),
        ("a.i32", .int32(-70_000)), ("a.f32", .float32(1.5)), ("a.true", .bool(true)),
        ("a.false", .bool(false)),
        ("a.u64", .uint64(1 << 40)), ("a.i64", .int64(-1 << 40)), ("a.f64", .float64(0.25)),
        ("a.huge", .uint64(.max)), ("a.text", .text("h\u{e9}llo \u{1f600}")), ("a.empty", .text("")),
        ("a.ints", .array(5, [.int32(1), .int32(-2), .int32(3)])), ("a.bytes", .array(0, [.uint8(255)])),
        ("a.floats", .array(6, [.float32(0.5), .float32(-1)])),
        ("a.bools", .array(7, [.bool(true), .bool(false)])),
        ("a.words", .array(8, [.text("a"), .text(""), .text("\u{2581}b")])), ("a.none", .array(8, [])),
        ("a.broken", .array(8, [.string([0xff, 0xfe])])),
        ("a.nested", .array(9, [.array(4, [.uint32(1), .uint32(2)]), .array(4, [])])),
    ]

    private func open(_ writer: GGUFWriter) throws -> GGUFFile {
        try opening(writer.bytes, as: "a.gguf") { try GGUFFile(path: $0) }
    }

    @Test(arguments: [UInt32(2), 3]) func metadataOfEveryTypeIsRead(version: UInt32) throws {
        let file = try open(GGUFWriter(version: version, metadata: Self.everyType))
        #expect(file.version == Int(version))
        #expect(try file.architecture == "gemma3")
        let ints = [
            "a.u8": 200, "a.i8": -3, "a.u16": 60_000, "a.i16": -300, "a.u32": 4_000_000_000, "a.i32": -70_000,
            "a.u64": 1 << 40, "a.i64": -1 << 40,
        ]
        for (key, value) in ints {
            #expect(try file.int(key) == value)
            #expect(try file.float(key) == Float(value))
        }
        #expect(try file.float("a.f32") == 1.5)
        #expect(try file.float("a.f64") == 0.25)
        #expect(try file.bool("a.true"))
        #expect(try !file.bool("a.false"))
        #expect(try file.string("a.text") == "h\u{e9}llo \u{1f600}")
        #expect(try file.string("a.empty") == "")
        #expect(try file.ints("a.ints") == [1, -2, 3])
        #expect(try file.floats("a.ints") == [1, -2, 3])
        #expect(try file.ints("a.bytes") == [255])
        #expect(try file.floats("a.floats") == [0.5, -1])
        #expect(try file.bools("a.bools") == [true, false])
        #expect(try file.strings("a.words") == ["a", "", "\u{2581}b"])
        #expect(try file.byteStrings("a.words") == [[97], [], Array("\u{2581}b".utf8)])
        #expect(try file.strings("a.none") == [])
        #expect(try file.byteStrings("a.broken") == [[0xff, 0xfe]])
        #expect(file.metadataKeys == Self.everyType.map(\.0).sorted())
        for key in file.metadataKeys { #expect(try !file.describeMetadata(key).isEmpty) }
        #expect(try file.describeMetadata("a.words") == "[\"a\", \"\", \"\u{2581}b\"]")
    }

    @Test func wrongAndMissingMetadataNameTheirKey() throws {
        let file = try open(GGUFWriter(metadata: Self.everyType))
        #expect(!file.hasMetadata("b") && file.hasMetadata("a.u8"))
        expectRefusal(.missing, "\"b\"", "a.gguf") { _ = try file.int("b") }
        expectRefusal(.mismatch, "\"a.text\"", "integer", "string") { _ = try file.int("a.text") }
        expectRefusal(.mismatch, "\"a.ints\"", "array of 3 int32") { _ = try file.int("a.ints") }
        expectRefusal(.mismatch, "\"a.u8\"") { _ = try file.ints("a.u8") }
        expectRefusal(.mismatch, "\"a.huge\"", "18446744073709551615") { _ = try file.int("a.huge") }
        expectRefusal(.mismatch, "\"a.u8\"") { _ = try file.bool("a.u8") }
        expectRefusal(.mismatch, "\"a.u8\"") { _ = try file.string("a.u8") }
        expectRefusal(.mismatch, "\"a.f32\"") { _ = try file.int("a.f32") }
        expectRefusal(.mismatch, "\"a.nested\"") { _ = try file.ints("a.nested") }
        expectRefusal(.malformed, "\"a.broken\"", "UTF-8") { _ = try file.strings("a.broken") }
    }

    @Test(arguments: [8, 32, 4096]) func tensorsAreRowsOfColumns(alignment: Int) throws {
        var writer = GGUFWriter(alignment: alignment)
        writer.metadata = [("general.alignment", .uint32(UInt32(alignment)))]
        writer.addFloats("vector", [3], [1, 2, 3])
        writer.addFloats("matrix", [3, 2], [1, 2, 3, 4, 5, 6])
        writer.addFloats("cube", [1, 2, 3], [1, 2, 3, 4, 5, 6])
        let file = try open(writer)
        #expect(file.tensorNames == ["vector", "matrix", "cube"])
        let vector = try file.tensor(named: "vector"), matrix = try file.tensor(named: "matrix")
        #expect(vector.shape == [3] && vector.rows == 1 && vector.columns == 3)
        #expect(matrix.shape == [2, 3] && matrix.rows == 2 && matrix.columns == 3 && matrix.rowBytes == 12)
        #expect(matrix.type == .f32 && matrix.byteCount == 24 && matrix.elementCount == 6)
        #expect(matrix.offset % alignment == 0)
        #expect(try file.tensor(named: "cube").shape == [3, 2, 1])
        #expect(matrix.floats() == [1, 2, 3, 4, 5, 6])
        let second = withExtendedLifetime(matrix) {
            matrix.row(1).loadUnaligned(fromByteOffset: 8, as: Float.self)
        }
        #expect(second == 6)
        var row = [Float](repeating: 0, count: 3)
        row.withUnsafeMutableBufferPointer { matrix.dequantizeRow(1, into: $0) }
        #expect(row == [4, 5, 6])
        matrix.withUnsafeBytes { #expect($0.count == 24) }
        expectRefusal(.missing, "\"other\"") { _ = try file.tensor(named: "other") }
    }

    @Test func aTensorOutlivesTheFileValueItCameFrom() throws {
        var writer = GGUFWriter()
        writer.addFloats("a", [2], [7, 8])
        let tensor = try open(writer).tensor(named: "a")
        // The GGUFFile and its folder are gone, but the tensor keeps the mapping.
        #expect(tensor.floats() == [7, 8])
    }

    @Test func tensorsOfOtherTypesAreRefusedByNameWhenAskedFor() throws {
        var writer = GGUFWriter()
        writer.addFloats("good", [2], [7, 8])
        writer.tensors.append(
            .init(name: "bad", dimensions: [256], type: 11, data: [UInt8](repeating: 1, count: 110)))
        writer.tensors.append(.init(name: "new", dimensions: [256], type: 77, data: [1]))
        let file = try open(writer)
        #expect(file.hasTensor("bad"))
        #expect(try file.tensor(named: "good").floats() == [7, 8])
        expectRefusal(.unsupportedType, "\"bad\"", "Q3_K", "Q4_K") { _ = try file.tensor(named: "bad") }
        expectRefusal(.unsupportedType, "\"new\"", "type 77") { _ = try file.tensor(named: "new") }
    }

    @Test func aLargeVocabularyIsRead() throws {
        let words = (0..<20_000).map { GGUFWriter.Value.text("word \($0)") }
        let file = try open(GGUFWriter(metadata: [("tokens", .array(8, words))]))
        let read = try file.byteStrings("tokens")
        #expect(read.count == 20_000)
        #expect(read[19_999] == Array("word 19999".utf8))
    }

    @Test func theRepositorysModelIsRead() throws {
        let file = try GGUFFile(path: fixtures + "/dequantise.gguf")
        #expect(try file.architecture == "test")
        #expect(try file.strings("test.words") == ["a", "", "\u{2581}b"])
    }
}

/// The real default model, if it is installed.
@Suite struct RealModelTests {
    static let path =
        ProcessInfo.processInfo.environment["MINUTED_MODEL"]
        ?? NSHomeDirectory() + "/.cache/minuted/gemma-3-270m-q4_k_m.gguf"

    @Test(.enabled(if: FileManager.default.fileExists(atPath: path), "needs a model at MINUTED_MODEL"))
    func everyTensorOfTheModelHasFiniteRows() throws {
        let file = try GGUFFile(path: Self.path)
        #expect(try file.architecture.hasPrefix("gemma"))
        let tokens = try file.byteStrings("tokenizer.ggml.tokens")
        let embedding = try file.tensor(named: "token_embd.weight")
        #expect(embedding.rows == tokens.count)
        #expect(try embedding.columns == file.int("\(file.architecture).embedding_length"))
        for name in file.tensorNames {
            let tensor = try file.tensor(named: name)
            var row = [Float](repeating: .nan, count: tensor.columns)
            for index in Set([0, tensor.rows / 2, tensor.rows - 1]) {
                row.withUnsafeMutableBufferPointer { tensor.dequantizeRow(index, into: $0) }
                #expect(row.allSatisfy { $0.isFinite && abs($0) < 1e6 }, "\(name), row \(index)")
            }
        }
    }
}
