import Foundation
import Testing
import Weights

/// Files that are damaged in every way a mutator can think of are refused or read; a trap ends the run.
///
/// `make soak` sets `MINUTED_FUZZ_SECONDS`. The file at hand stays in the folder that is printed first.
@Suite(.serialized, .enabled(if: Fuzzing.seconds != nil, "set MINUTED_FUZZ_SECONDS, or run make soak"))
struct FuzzTests {
    @Test func ggufFiles() throws {
        try Fuzzing.run(
            "gguf", seeds: [DamageTests.gguf, try Fuzzing.fixture("gemma-f32.gguf", limit: 60_000)]
        ) {
            try DamageTests.readGGUF($0)
        }
    }

    @Test func safetensorsFiles() throws {
        let shard = try Fuzzing.fixture("gemma/model-00002-of-00002.safetensors", limit: 60_000)
        try Fuzzing.run("safetensors", seeds: [DamageTests.safetensorsBytes, shard]) {
            try DamageTests.readSafetensors($0)
        }
    }
}

/// A mutator with a seed: the same run again with `MINUTED_SOAK_SEED`.
enum Fuzzing {
    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }

    static let seconds = number("MINUTED_FUZZ_SECONDS")

    /// Beginning of a file of the forward pass's tests.
    static func fixture(_ name: String, limit: Int) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "GemmaTests/Fixtures/" + name))
        return [UInt8](data.prefix(limit))
    }

    /// Writes mutants of `seeds` and reads them, as long as is asked for; prints how many.
    static func run(_ target: String, seeds: [[UInt8]], _ read: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        print("fuzzing \(target) in \(folder.path)")
        var mutator = Mutator(seed: UInt64(number("MINUTED_SOAK_SEED") ?? 1))
        // Mutants that are still read: their own mutants reach further.
        var corpus = seeds
        let end = ContinuousClock.now + .seconds(seconds ?? 0)
        var (executions, refused) = (0, 0)
        while ContinuousClock.now < end {
            let mutant = mutator.mutant(of: corpus)
            let path = try folder.write(mutant, as: "mutant")
            do {
                try read(path)
                if corpus.count < 500 { corpus.append(mutant) }
            } catch is WeightsError {
                refused += 1
            }
            executions += 1
        }
        print("fuzz executions, \(target): \(executions), refused \(refused), crashes 0")
        #expect(executions > 0 && refused > 0)
    }
}

/// Changes bytes as fuzzers do.
struct Mutator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    private mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(next() % UInt64(limit)) : 0 }

    /// Numbers at which readers go wrong.
    private static let numbers: [UInt64] = [
        0, 1, 2, 7, 8, 31, 32, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000,
        0xFFFF_FFFF, 0x1_0000_0000, .max >> 1, 1 << 63, .max - 7, .max,
    ]

    /// A few changes of one of `corpus`.
    mutating func mutant(of corpus: [[UInt8]]) -> [UInt8] {
        var bytes = corpus[below(corpus.count)]
        for _ in 0...below(6) where !bytes.isEmpty {
            // Most of what is decided by stands at the beginning.
            let at = below(below(2) == 0 ? min(bytes.count, 512) : bytes.count)
            switch below(8) {
            case 0: bytes[at] ^= 1 << UInt8(below(8))
            case 1: bytes[at] = UInt8(truncatingIfNeeded: next())
            case 2, 3:
                let number = Self.numbers[below(Self.numbers.count)]
                for index in 0..<[1, 2, 4, 8][below(4)] where at + index < bytes.count {
                    bytes[at + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
                }
            case 4: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(64)))
            case 5:
                let piece = bytes[at..<min(bytes.count, at + 1 + below(64))]
                bytes.insert(contentsOf: piece, at: below(bytes.count))
            case 6: bytes.removeLast(below(bytes.count))
            default:
                let other = corpus[below(corpus.count)]
                bytes = Array(bytes[..<at] + other[below(other.count)...])
            }
        }
        return bytes
    }
}
