import Foundation
import Glibc
import TestSupport
import Testing
import Weights

/// Numbers that no file can mean, in every field that holds one, and times that files can be given.
@Suite struct ExtremeNumberTests {
    /// What `touch` gives without complaint: nanoseconds from 1970 to then are no 64-bit number.
    @Test(arguments: [9_300_000_000, 9_223_372_037, -9_300_000_000, 1 << 33])
    func aFileOfAnyTimeIsMapped(seconds: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1, 2, 3], as: "a")
        let times = [timespec(tv_sec: seconds, tv_nsec: 5), timespec(tv_sec: seconds, tv_nsec: 5)]
        try #require(utimensat(AT_FDCWD, path, times, 0) == 0)
        let file = try MappedFile(path: path)
        #expect(file.isUnchanged())
        try #require(utimensat(AT_FDCWD, path, nil, 0) == 0)
        #expect(!file.isUnchanged())
    }

    /// Whatever stands in the fields, the file is opened or refused.
    private static func open(_ read: () throws -> Void) rethrows -> Bool {
        do {
            try read()
            return true
        } catch is WeightsError {
            return false
        }
    }

    @Test func extremesInGGUFNeverTrap() throws {
        let folder = try TemporaryFolder()
        try Fuzzing.run("extremes in GGUF", rounds: 1500) { mutator, _ in
            func number() -> UInt64 { Extremes.integers.randomElement(using: &mutator.generator) ?? 0 }
            var writer = GGUFWriter()
            writer.metadata = [
                ("general.architecture", .text("gemma3")), ("a.i", .int64(Int64(bitPattern: number()))),
                ("a.u", .uint64(number())), ("a.d", .float64(Double(bitPattern: number()))),
                ("a.list", .array(11, [.int64(Int64(bitPattern: number()))])),
            ]
            if Bool.random(using: &mutator.generator) {
                writer.metadata.append(("general.alignment", .uint32(UInt32(truncatingIfNeeded: number()))))
            }
            for place in 0..<3 {
                let dimensions = (0..<Int.random(in: 1...4, using: &mutator.generator)).map { _ in
                    Bool.random(using: &mutator.generator) ? number() : 1
                }
                writer.tensors.append(
                    .init(
                        name: "t\(place)", dimensions: dimensions,
                        type: [0, 1, 8, 12, 30].randomElement(using: &mutator.generator) ?? 0,
                        data: [UInt8](repeating: 1, count: 64),
                        offset: Bool.random(using: &mutator.generator) ? number() : nil))
            }
            let path = try folder.write(writer.bytes, as: "extreme")
            return try Self.open { try FuzzTests.readGGUF(path) }
        }
    }

    @Test func extremesInSafetensorsNeverTrap() throws {
        let folder = try TemporaryFolder()
        let header = Extremes(
            Array(
                (#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#
                    + #""b":{"dtype":"I32","shape":[1],"data_offsets":[16,20]}}"#).utf8))
        try Fuzzing.run("extremes in safetensors", rounds: 1500) { mutator, _ in
            let text = String(decoding: header.mutated(&mutator.generator), as: UTF8.self)
            let bytes = safetensors(text, data: (0..<20).map { UInt8($0) })
            let path = try folder.write(bytes, as: "extreme")
            return try Self.open { try FuzzTests.readSafetensors(path) }
        }
    }
}
