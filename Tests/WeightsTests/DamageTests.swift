import Foundation
import Testing
import Weights

/// However a file is damaged, opening it and reading all of it throws or succeeds.
///
/// A trap would end the test run.
@Suite struct DamageTests {
    /// SplitMix64: the same damages on every run.
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    private static let damages = 5000

    /// Small files with something of everything.
    static var gguf: [UInt8] {
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

    static let safetensorsBytes = safetensors(
        #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#
            + #""b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]},"i":{"dtype":"I32","shape":[1],"#
            + #""data_offsets":[22,26]}}"#,
        data: (0..<26).map { UInt8($0 * 9) })

    private func damage(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var damaged = bytes
        if Int.random(in: 0..<3, using: &random) == 0 {
            damaged.removeLast(Int.random(in: 1..<bytes.count, using: &random))
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let at = Int.random(in: 0..<damaged.count, using: &random)
            damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        return damaged
    }

    static func read(_ tensor: Tensor) {
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

    private func damageAll(_ bytes: [UInt8], seed: UInt64, _ read: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try read(folder.write(bytes, as: "whole"))
        var random = SeededGenerator(state: seed)
        var refused = 0
        for round in 0..<Self.damages {
            let path = try folder.write(damage(bytes, &random), as: "damaged")
            do {
                try read(path)
            } catch let error as WeightsError {
                refused += 1
                #expect(error.message.contains(path), "round \(round): \(error)")
            }
        }
        // Some damages only change a value; most are noticed.
        #expect(refused > Self.damages / 3 && refused < Self.damages)
    }

    @Test func aDamagedGGUFFileIsRefusedOrRead() throws {
        try damageAll(Self.gguf, seed: 1, Self.readGGUF)
    }

    @Test func aDamagedSafetensorsFileIsRefusedOrRead() throws {
        try damageAll(Self.safetensorsBytes, seed: 2, Self.readSafetensors)
    }

    @Test func everyTruncationIsRefused() throws {
        let folder = try TemporaryFolder()
        for bytes in [Self.gguf, Self.safetensorsBytes] {
            for count in 1..<bytes.count {
                let path = try folder.write(Array(bytes[..<count]), as: "short")
                #expect(throws: WeightsError.self, "\(count) bytes") {
                    if bytes.count == Self.gguf.count {
                        try Self.readGGUF(path)
                    } else {
                        try Self.readSafetensors(path)
                    }
                }
            }
        }
    }
}
