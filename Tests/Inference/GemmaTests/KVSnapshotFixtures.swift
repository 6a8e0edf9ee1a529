import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// Layouts for tests with caches of random numbers.
enum KVSnapshotFixtures {
    static let vocabularySize = 512

    /// The configuration of a tiny model.
    static func configuration() throws -> GemmaConfiguration { try read.get() }

    private static let read = Result { try GemmaModel(path: Fixtures.path("gemma3")).configuration }

    static func layout(
        _ elementType: KVCache.ElementType = .f16, fingerprint: String = "test"
    ) throws -> KVSnapshotLayout {
        KVSnapshotLayout(
            fingerprint: fingerprint, vocabularySize: vocabularySize,
            positionBytes: KVCache.bytesPerToken(of: try configuration(), elementType: elementType))
    }

    static func cache(_ elementType: KVCache.ElementType = .f16, capacity: Int = 256) throws -> KVCache {
        try KVCache(configuration: try configuration(), capacity: capacity, elementType: elementType)
    }
}

/// A timeline whose keys and values are random but depend on all tokens before, as real ones do.
final class RandomTimeline {
    let cache: KVCache
    private(set) var tokens: [TokenID] = []
    private var random: TestRandom

    init(_ elementType: KVCache.ElementType = .f16, seed: UInt64) throws {
        cache = try KVSnapshotFixtures.cache(elementType)
        random = TestRandom(seed: seed)
    }

    // When this is inlined into an asynchronous function, the optimiser of Swift 6.3 crashes.
    @inline(never)
    func grow(by count: Int) {
        for _ in 0..<count {
            var bytes = (0..<cache.positionBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
            cache.fill(position: tokens.count, from: &bytes)
            tokens.append(TokenID.random(in: 0..<512, using: &random))
        }
    }

    func rewind(to count: Int) { tokens.removeLast(tokens.count - count) }

    /// The bytes of the first `count` positions.
    func bytes(_ count: Int) -> [UInt8] { Self.bytes(of: cache, count) }

    static func bytes(of cache: KVCache, _ count: Int) -> [UInt8] {
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: cache.positionBytes)
        for position in 0..<count {
            cache.copy(position: position, to: &bytes)
            all += bytes
        }
        return all
    }
}

/// The generator SplitMix64, which gives the same numbers in every run.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A temporary folder that is removed when the value is released.
final class SnapshotFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/snapshots-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // Ignored: a folder that is left over is among the temporary files, which the system cleans up.
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A simulated file on a disk, for testing what a power failure leaves of it.
struct CrashDisk {
    var bytes: [UInt8] = []

    mutating func apply(_ step: KVSnapshotFile.Step) {
        switch step {
        case .sync: break
        case .truncate(let size): resize(to: size)
        case .write(let content, let offset):
            resize(to: max(bytes.count, offset + content.count))
            bytes.replaceSubrange(offset..<(offset + content.count), with: content)
        }
    }

    private mutating func resize(to size: Int) {
        if size < bytes.count {
            bytes.removeLast(bytes.count - size)
        } else {
            bytes += repeatElement(0, count: size - bytes.count)
        }
    }
}
