import Foundation
import Testing
import Weights

/// Files that are written and read again have the same content.
@Suite struct WriterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func tensors() throws -> [TensorContent] {
        [
            try TensorContent(name: "a", shape: [2, 3], floats: [1, -2, 0.1, 65504, -0.0, 3e-8]),
            try TensorContent(name: "odd", shape: [3], floats: [1, -2, 0.1], type: .f16),
            try TensorContent(name: "b \"é\"", shape: [1, 5], floats: [0, 1, 2, 3, 4], type: .f16),
        ]
    }

    @Test func ggufIsReadAgain() throws {
        let path = folder.path + "/a.gguf"
        var writer = GGUFFileWriter(architecture: "gemma3")
        writer.set("x.text", .string("grüße"))
        writer.set("x.number", .uint32(7))
        writer.set("x.float", .float32(0.1))
        writer.set("x.truth", .bool(true))
        writer.set("x.number", .uint32(8))
        for tensor in try Self.tensors() { writer.add(tensor) }
        try writer.write(to: path)
        let file = try GGUFFile(path: path)
        #expect(try file.architecture == "gemma3" && file.string("x.text") == "grüße")
        #expect(try file.int("x.number") == 8 && file.float("x.float") == 0.1 && file.bool("x.truth"))
        #expect(file.tensorNames == ["a", "odd", "b \"é\""])
        try expectContent { try file.tensor(named: $0) }
    }

    @Test func safetensorsAreReadAgain() throws {
        let path = folder.path + "/a.safetensors"
        var writer = SafetensorsFileWriter(metadata: ["format": "pt", "x": "a \"é\""])
        for tensor in try Self.tensors() { writer.add(tensor) }
        try writer.write(to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == ["format": "pt", "x": "a \"é\""])
        #expect(file.tensorNames == ["a", "odd", "b \"é\""])
        try expectContent { try file.tensor(named: $0) }
        let begin = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8)
        #expect(begin[0] % 8 == 0)
    }

    private func expectContent(_ tensor: (String) throws -> Tensor) throws {
        let a = try tensor("a")
        #expect(a.shape == [2, 3] && a.type == .f32)
        #expect(
            a.floats().map(\.bitPattern) == [1, -2, 0.1, 65504, -0.0, 3e-8].map { Float($0).bitPattern })
        let odd = try tensor("odd")
        #expect(odd.shape == [3] && odd.type == .f16)
        #expect(odd.floats() == [1, -2, 0.099975586])
        #expect(try tensor("b \"é\"").floats() == [0, 1, 2, 3, 4])
    }

    @Test func whatIsTooLargeForHalvesIsRefused() throws {
        expectRefusal(.mismatch, "\"a\"", "number 1", "70000", "F32") {
            _ = try TensorContent(name: "a", shape: [2], floats: [1, 70000], type: .f16)
        }
    }

    @Test func aFileIsReplacedWholeOrNotAtAll() throws {
        let path = folder.path + "/a.gguf"
        var writer = GGUFFileWriter(architecture: "one")
        try writer.write(to: path)
        let old = try GGUFFile(path: path)
        writer.set("general.architecture", .string("other"))
        try writer.write(to: path)
        #expect(try GGUFFile(path: path).architecture == "other")
        // A reader that has mapped the old file keeps it.
        #expect(try old.architecture == "one")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.gguf"])
    }

    @Test func whatCannotBeWrittenLeavesNothing() throws {
        let writer = GGUFFileWriter(architecture: "one")
        let missing = folder.path + "/none/a.gguf"
        expectRefusal(.unwritable, missing, "No such file") { try writer.write(to: missing) }
        // A file cannot replace a folder.
        try FileManager.default.createDirectory(
            atPath: folder.path + "/taken/x", withIntermediateDirectories: true)
        expectRefusal(.unwritable, "taken") { try writer.write(to: folder.path + "/taken") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
    }
}
