import Foundation
import TestSupport
import Testing
import Weights

/// Opening and reading a damaged file either throws or succeeds; it never traps.
///
/// A trap would end the test run; in a soak the file that caused it is left in the folder that is printed first.
@Suite struct FuzzTests {
    /// A small file that has a value of each kind.
    private static var gguf: [UInt8] {
        var writer = GGUFWriter()
        writer.metadata = [
            ("general.architecture", .text("gemma3")), ("general.alignment", .uint32(32)),
            ("a.i", .int64(-4)),
            ("a.words", .array(8, [.text("a"), .text("b\u{e9}")])), ("a.floats", .array(6, [.float32(0.5)])),
            ("a.bool", .bool(true)), ("a.nested", .array(9, [.array(0, [.uint8(1)])])),
        ]
        writer.addFloats("f32", [3, 2], [1, 2, 3, 4, 5, 6])
        for (name, type, elements, bytes) in [
            ("q8", 8, 64, 68), ("q4k", 12, 256, 144), ("q6k", 14, 256, 210),
        ] {
            writer.tensors.append(
                .init(
                    name: name, dimensions: [UInt64(elements)], type: UInt32(type),
                    data: (0..<bytes).map { UInt8(truncatingIfNeeded: $0 * 37) }))
        }
        return writer.bytes
    }

    private static let safetensorsBytes = safetensors(
        #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#
            + #""b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]},"i":{"dtype":"I32","shape":[1],"#
            + #""data_offsets":[22,26]}}"#,
        data: (0..<26).map { UInt8($0 * 9) })

    /// The first bytes of one of the tiny models that the tests share.
    private static func fixture(_ name: String, limit: Int) throws -> [UInt8] {
        let data = try Data(contentsOf: Repository.tinyModels.appending(path: name))
        return [UInt8](data.prefix(limit))
    }

    private static func read(_ tensor: Tensor) {
        let sum = tensor.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } }
        #expect(sum >= 0)
        #expect(tensor.floats().count == tensor.elementCount)
    }

    static func readGGUF(_ path: String) throws {
        let file = try GGUFFile(path: path)
        for key in file.metadataKeys {
            _ = try file.describeMetadata(key)
            _ = try? file.int(key)
            _ = try? file.float(key)
            _ = try? file.string(key)
            _ = try? file.ints(key)
            _ = try? file.floats(key)
            _ = try? file.strings(key)
            _ = try? file.byteStrings(key)
        }
        for name in file.tensorNames { read(try file.tensor(named: name)) }
    }

    static func readSafetensors(_ path: String) throws {
        let file = try SafetensorsFile(path: path)
        for name in file.tensorNames where (try? file.integers(named: name)) == nil {
            read(try file.tensor(named: name))
        }
    }

    private func fuzz(_ target: String, _ whole: [[UInt8]], _ read: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        print("fuzzing \(target) in \(folder.path)")
        // Mutants that can still be read join the corpus: their own mutants get deeper into the code.
        var corpus = whole
        let found = try Fuzzing.run(target, rounds: 5000) { mutator, seed in
            let original = corpus[Int.random(in: 0..<corpus.count, using: &mutator.generator)]
            let mutant = mutator.mutated(original, others: corpus)
            let path = try folder.write(mutant, as: "mutant")
            do {
                try read(path)
                if corpus.count < 500 { corpus.append(mutant) }
                return true
            } catch let error as WeightsError {
                #expect(error.message.contains(path), "seed \(seed): \(error)")
                return false
            }
        }
        // Some damage only changes a value, but most is detected.
        #expect(found.read > 0 && found.refused * 2 > found.read, "\(found)")
    }

    @Test func damagedGGUFFilesAreRefusedOrRead() throws {
        let whole = [Self.gguf, try Self.fixture("gemma-f32.gguf", limit: 60_000)]
        #expect(throws: Never.self) { try opening(whole[0], as: "whole", Self.readGGUF) }
        try fuzz("GGUF", whole, Self.readGGUF)
    }

    @Test func damagedSafetensorsFilesAreRefusedOrRead() throws {
        let shard = try Self.fixture("gemma/model-00002-of-00002.safetensors", limit: 60_000)
        #expect(throws: Never.self) { try opening(Self.safetensorsBytes, as: "whole", Self.readSafetensors) }
        try fuzz("safetensors", [Self.safetensorsBytes, shard], Self.readSafetensors)
    }

    @Test func everyTruncationIsRefused() throws {
        let folder = try TemporaryFolder()
        for (bytes, read) in [(Self.gguf, Self.readGGUF), (Self.safetensorsBytes, Self.readSafetensors)] {
            for count in 1..<bytes.count {
                let path = try folder.write(Array(bytes[..<count]), as: "short")
                #expect(throws: WeightsError.self, "\(count) bytes") { try read(path) }
            }
        }
    }
}
