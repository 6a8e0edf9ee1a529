import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// The folder of snapshots: saving, eviction, names and refusals.
@Suite struct KVSnapshotStoreTests {
    private let folder: SnapshotFolder

    init() throws { folder = try SnapshotFolder() }

    private var path: String { folder.path + "/kv" }

    private func store(bytesLimit: Int = 1 << 30) throws -> KVSnapshotStore {
        KVSnapshotStore(folder: path, bytesLimit: bytesLimit, layout: try KVSnapshotFixtures.layout())
    }

    /// Saves the part of a timeline that is not saved yet; returns whether that was possible.
    private func trySave(
        _ timeline: RandomTimeline, _ name: String, in store: KVSnapshotStore
    ) async throws -> Bool {
        let first = store.savedCount(of: timeline.tokens, name: name, layout: store.layout)
        return try await store.write(
            KVSnapshotPositions(
                of: timeline.tokens, from: first, cache: timeline.cache, layout: store.layout),
            name: name)
    }

    private func save(_ timeline: RandomTimeline, _ name: String, in store: KVSnapshotStore) async throws {
        let isSaved = try await trySave(timeline, name, in: store)
        #expect(isSaved)
    }

    @inline(never)
    private func timeline(_ count: Int, seed: UInt64) throws -> RandomTimeline {
        let timeline = try RandomTimeline(seed: seed)
        timeline.grow(by: count)
        return timeline
    }

    /// The timeline grows and is rewound between saves; after each, another process can restore it.
    @Test(arguments: 0..<4) func anotherProcessFindsWhatTheLastOneSaved(seed: Int) async throws {
        let timeline = try RandomTimeline(seed: UInt64(seed))
        var random = TestRandom(seed: UInt64(seed) + 7)
        var store = try store()
        for round in 0..<12 {
            timeline.rewind(to: Int.random(in: 0...timeline.tokens.count, using: &random))
            timeline.grow(by: Int.random(in: 1...20, using: &random))
            // After some saves the process is killed, and the next one continues with the file.
            if round >= 6 { store = try successor() }
            try await save(timeline, "m", in: store)
            #expect(
                store.savedCount(of: timeline.tokens, name: "m", layout: store.layout)
                    == timeline.tokens.count)
            try expectSaved(timeline, "m")
        }
    }

    private func successor() throws -> KVSnapshotStore {
        let store = try store()
        _ = try restored("m", from: store)
        return store
    }

    private func restored(_ name: String, from store: KVSnapshotStore) throws -> [TokenID] {
        try store.restore(name, into: KVSnapshotFixtures.cache(), layout: store.layout)
    }

    private func expectSaved(_ timeline: RandomTimeline, _ name: String) throws {
        let cache = try KVSnapshotFixtures.cache()
        let store = try store()
        #expect(try store.restore(name, into: cache, layout: store.layout) == timeline.tokens)
        let count = timeline.tokens.count
        #expect(RandomTimeline.bytes(of: cache, count) == timeline.bytes(count))
    }

    @Test func aGrowingTimelineWritesItsNewPositionsOnly() async throws {
        let store = try store()
        let timeline = try timeline(50, seed: 1)
        try await save(timeline, "m", in: store)
        // Positions that are saved already are not written again, so damage to them stays.
        let file = path + "/m.kv"
        let before = try Data(contentsOf: URL(filePath: file))
        timeline.grow(by: 3)
        #expect(store.savedCount(of: timeline.tokens, name: "m", layout: store.layout) == 50)
        try await save(timeline, "m", in: store)
        let after = try Data(contentsOf: URL(filePath: file))
        #expect(after.count - before.count == 3 * store.layout.recordBytes)
        let differing = zip(before, after).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        #expect(differing.allSatisfy { (4096..<(4096 + 32)).contains($0) }, "one slot changes")
    }

    @Test func theLongestUnusedIsLetGoFirst() async throws {
        let layout = try KVSnapshotFixtures.layout()
        let store = try store(bytesLimit: 3 * layout.end(of: 30))
        for name in ["a", "b", "c"] { try await save(timeline(30, seed: 1), name, in: store) }
        #expect(store.usage.fileCount == 3 && store.usage.bytes == 3 * layout.end(of: 30))
        #expect(try restored("a", from: store).count == 30)
        try await save(timeline(30, seed: 2), "d", in: store)
        #expect(Set(store.entries().map(\.fileName)) == ["a.kv", "c.kv", "d.kv"])
        #expect(store.savedCount(of: try timeline(30, seed: 1).tokens, name: "b", layout: store.layout) == 0)
        // A growing snapshot also evicts others, but never itself.
        try await save(timeline(150, seed: 1), "a", in: store)
        #expect(store.usage.bytes <= store.usage.bytesLimit)
        #expect(store.entries().map(\.fileName) == ["a.kv"])
    }

    @Test func whatIsLargerThanTheLimitIsNotWritten() async throws {
        let store = try store(bytesLimit: 20_000)
        try await save(timeline(5, seed: 1), "a", in: store)
        let large = try timeline(100, seed: 1)
        await #expect(throws: GemmaError.self) { try await save(large, "b", in: store) }
        #expect(store.entries().map(\.fileName) == ["a.kv"], "and nothing is let go for it")
    }

    @Test func aFileThatIsGoneIsWrittenAnew() async throws {
        let store = try store()
        let timeline = try timeline(10, seed: 1)
        try await save(timeline, "m", in: store)
        try FileManager.default.removeItem(atPath: path + "/m.kv")
        timeline.grow(by: 1)
        let isSaved = try await trySave(timeline, "m", in: store)
        #expect(!isSaved)
        try await save(timeline, "m", in: store)
        #expect(try restored("m", from: self.store()) == timeline.tokens)
    }

    @Test func aRefusedFileIsRemoved() async throws {
        let store = try store()
        let timeline = try timeline(10, seed: 1)
        try await save(timeline, "m", in: store)
        let other = KVSnapshotStore(
            folder: path, bytesLimit: 1 << 30, layout: try KVSnapshotFixtures.layout(fingerprint: "other"))
        #expect(throws: GemmaError.self) { try restored("m", from: other) }
        #expect(store.entries().isEmpty)
        #expect(try restored("m", from: other).isEmpty)
    }

    @Test func onlyItsOwnFilesAreTouched() async throws {
        let store = try store(bytesLimit: 40_000)
        try FileManager.default.createDirectory(atPath: path + "/d.kv", withIntermediateDirectories: true)
        let outside = folder.path + "/outside.kv"
        try Data("outside".utf8).write(to: URL(filePath: outside))
        try FileManager.default.createSymbolicLink(atPath: path + "/l.kv", withDestinationPath: outside)
        try Data(repeating: 1, count: 50_000).write(to: URL(filePath: path + "/notes.txt"))
        #expect(throws: GemmaError.self) { try restored("l", from: store) }
        try await save(timeline(10, seed: 1), "l", in: store)
        try await save(timeline(10, seed: 1), "m", in: store)
        #expect(try String(contentsOfFile: outside, encoding: .utf8) == "outside")
        #expect(FileManager.default.fileExists(atPath: path + "/notes.txt"))
        #expect(FileManager.default.fileExists(atPath: path + "/d.kv"))
        await store.remove("m")
        #expect(store.entries().map(\.fileName) == ["l.kv"])
    }

    @Test func othersCannotRead() async throws {
        try await save(timeline(3, seed: 1), "m", in: store())
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(path) == 0o700 && mode(path + "/m.kv") == 0o600)
    }

    @Test func aFolderThatCannotBeMadeIsAnError() async throws {
        try Data().write(to: URL(filePath: path))
        let timeline = try timeline(3, seed: 1)
        await #expect {
            try await save(timeline, "m", in: store())
        } throws: {
            ($0 as? GemmaError)?.code == .file && "\($0)".contains(path)
        }
    }

    @Test func everyTimelineHasAFileOfItsOwn() {
        let long = String(repeating: "é", count: 300)
        let names = [
            "a", "A", "a.kv", ".a", "..", "", "a/b", "a%2fb", "a\0b", "ä", long, long + "x", "x" + long, "-",
            "_",
        ]
        let files = names.map(KVSnapshotStore.fileName)
        #expect(Set(files).count == names.count)
        for file in files {
            #expect(file.utf8.count <= 255 && !file.hasPrefix("."), "\(file)")
            #expect(!file.contains("/") && !file.contains("\0"), "\(file)")
        }
        #expect(KVSnapshotStore.fileName(of: "stand-up_2.b") == "stand-up_2.b.kv")
    }
}
