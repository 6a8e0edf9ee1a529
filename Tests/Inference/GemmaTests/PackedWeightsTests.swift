import Foundation
import Testing
import TestSupport
import Tokenizer

@testable import Gemma

/// Whatever happens to the file of repacked weights, results stay the same.
@Suite struct PackedWeightsTests {
    /// Repacked weights together with their layout, so that tests can look at their bytes.
    private struct Packed {
        let weights: PackedWeights
        let layout: PackedWeightsFileLayout
        let pool = ThreadPool(threadCount: 2)

        init(_ model: GemmaModel, _ folders: [String]) throws {
            weights = try PackedWeights(model: model, pool: pool, folders: folders)
            layout = PackedWeightsFileLayout(weights: model.weights)
        }

        /// The bytes of all tiles, matrix by matrix.
        var tiles: [UInt8] {
            withExtendedLifetime(weights) {
                let matrices = [weights.head] + weights.layers.flatMap(\.matrices)
                let start = zip(matrices, layout.offsets).lazy.compactMap { matrix, offset in
                    offset.flatMap { offset in matrix.tiles.map { $0 - offset } }
                }.first!
                return layout.blocks.flatMap {
                    Array(UnsafeRawBufferPointer(start: start + $0.offset, count: $0.byteCount))
                }
            }
        }
    }

    private func logits(
        _ model: GemmaModel, _ ids: [TokenID], folders: [String]
    ) async throws -> (rows: [[UInt32]], storage: PackedWeightsStorage) {
        let engine = try InferenceEngine(
            model: model,
            options: InferenceEngine.Options(contextLength: 256, threads: 2, packedWeightsFolders: folders))
        return (try await Fixtures.logits(engine, ids).map { $0.map(\.bitPattern) }, engine.packedWeights)
    }

    @Test(arguments: ["gemma", "gemma3", "gemma4"]) func coldWarmAndMemoryGiveTheSameBits(name: String)
        async throws
    {
        let fixture = try PackedWeightsFixture(name)
        let ids = Array(try Fixtures.expected(name).ids.prefix(24))
        let memory = try await logits(fixture.model(), ids, folders: [])
        let cold = try await logits(fixture.model(), ids, folders: [fixture.folder])
        let warm = try await logits(fixture.model(), ids, folders: [fixture.folder])
        #expect(memory.storage == .memory(reason: nil))
        #expect(cold.storage == .written(path: fixture.cachePath))
        #expect(warm.storage == .mapped(path: fixture.cachePath))
        #expect(cold.rows == memory.rows)
        #expect(warm.rows == memory.rows)
        #expect(Set(memory.rows.joined()).count > 100)
        #expect(try fixture.files() == ["tiny.gguf.tiles"])
    }

    /// An engine checks its weights even if nobody asks it to.
    @Test func damageIsRepairedBeforeTheFirstToken() async throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        let ids = Array(try Fixtures.expected("gemma").ids.prefix(8))
        let good = try await logits(model, ids, folders: [fixture.folder])
        let layout = PackedWeightsFileLayout(weights: model.weights)
        var bytes = try fixture.read(fixture.cachePath)
        for block in layout.blocks {
            for offset in block.offset..<block.offset + block.byteCount { bytes[offset] ^= 0x5A }
        }
        try fixture.write(bytes, to: fixture.cachePath)
        let damaged = try await logits(model, ids, folders: [fixture.folder])
        #expect(damaged.storage == .mapped(path: fixture.cachePath))
        #expect(damaged.rows == good.rows)
        #expect(try fixture.files() == [])
    }

    @Test func flippedBitsAreFoundOrHarmless() throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        let expected = try Packed(model, [fixture.folder]).tiles
        let bytes = try fixture.read(fixture.cachePath)
        var random = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let (offset, bit) = (Int.random(in: bytes.indices, using: &random), Int.random(in: 0..<8))
            var damaged = bytes
            damaged[offset] ^= 1 << bit
            try fixture.write(damaged, to: fixture.cachePath)
            let packed = try Packed(model, [fixture.folder])
            let repaired = try packed.weights.verify(pool: packed.pool)
            #expect(packed.tiles == expected, "bit \(bit) of byte \(offset)")
            let isBegin = offset < packed.layout.head.count + 8 * (packed.layout.blocks.count + 1)
            let isBlock = packed.layout.blocks.contains {
                ($0.offset..<$0.offset + $0.byteCount).contains(offset)
            }
            #expect((packed.weights.storage == .written(path: fixture.cachePath)) == isBegin)
            #expect(repaired == (isBlock ? 1 : 0), "bit \(bit) of byte \(offset)")
            #expect(try fixture.files().isEmpty == isBlock)
            #expect(try packed.weights.verify(pool: packed.pool) == 0)
        }
    }

    @Test func shortenedAndLengthenedFilesAreNotOpened() throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        let expected = try Packed(model, [fixture.folder]).tiles
        let layout = PackedWeightsFileLayout(weights: model.weights)
        let bytes = try fixture.read(fixture.cachePath)
        #expect(PackedWeightsFile.open(fixture.cachePath, layout: layout) != nil)
        try fixture.write(bytes + [0], to: fixture.cachePath)
        #expect(PackedWeightsFile.open(fixture.cachePath, layout: layout) == nil)
        for count in Array(stride(from: bytes.count - 1, to: 8192, by: -97)) + Array((0...8192).reversed()) {
            guard truncate(fixture.cachePath, count) == 0 else { throw CocoaError(.fileWriteUnknown) }
            #expect(PackedWeightsFile.open(fixture.cachePath, layout: layout) == nil, "\(count) bytes")
        }
        let rebuilt = try Packed(model, [fixture.folder])
        #expect(rebuilt.weights.storage == .written(path: fixture.cachePath))
        #expect(rebuilt.tiles == expected)
        #expect(try fixture.read(fixture.cachePath) == bytes)
    }

    /// Another modification time makes the file stale, and so do other bytes with the old time.
    @Test(arguments: [true, false]) func aChangedModelIsRepackedAgain(keepsTime: Bool) throws {
        let fixture = try PackedWeightsFixture()
        _ = try Packed(fixture.model(), [fixture.folder])
        let time = try FileManager.default.attributesOfItem(atPath: fixture.modelPath)[.modificationDate]
        var bytes = try fixture.read(fixture.modelPath)
        if keepsTime { bytes[bytes.count - 40] ^= 1 }
        try fixture.write(bytes, to: fixture.modelPath)
        let date = keepsTime ? time! : Date(timeIntervalSince1970: 1_000_000_000)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: fixture.modelPath)
        let model = try fixture.model()
        let packed = try Packed(model, [fixture.folder])
        #expect(packed.weights.storage == .written(path: fixture.cachePath))
        #expect(try packed.tiles == Packed(model, []).tiles)
        #expect(try Packed(model, [fixture.folder]).weights.storage == .mapped(path: fixture.cachePath))
    }

    @Test func nothingIsWrittenForAModelThatIsBeingReplaced() throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        try fixture.write(try fixture.read(fixture.modelPath), to: fixture.modelPath)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: fixture.modelPath)
        let packed = try Packed(model, [fixture.folder])
        guard case .memory(let reason?) = packed.weights.storage else {
            Issue.record("\(packed.weights.storage)")
            return
        }
        #expect(reason.contains("has just changed"))
        #expect(try packed.tiles == Packed(model, []).tiles)
        #expect(try fixture.files() == [])
    }

    /// Folders that cannot be used are skipped: one whose parent is missing too, one that is a file, and one where
    /// nobody may write.
    @Test func unusableFoldersAreNoHindrance() throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        let unusable = [fixture.folder + "/a/b", fixture.modelPath, "/proc/self"]
        let packed = try Packed(model, unusable)
        guard case .memory(let reason?) = packed.weights.storage else {
            Issue.record("\(packed.weights.storage)")
            return
        }
        for folder in unusable { #expect(reason.contains(folder)) }
        #expect(try fixture.files() == [])

        let other = fixture.folder + "/cache"
        let elsewhere = try Packed(model, unusable + [other, fixture.folder])
        let path = PackedWeights.path(of: model, in: other)
        #expect(elsewhere.weights.storage == .written(path: path))
        #expect(elsewhere.tiles == packed.tiles)
        #expect(try Packed(model, unusable + [other]).weights.storage == .mapped(path: path))
    }

    @Test(.enabled(if: geteuid() != 0, "nothing is read-only to root"))
    func aReadOnlyFolderIsNoHindrance() throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        chmod(fixture.folder, 0o555)
        defer { chmod(fixture.folder, 0o755) }
        let packed = try Packed(model, [fixture.folder])
        #expect(try packed.tiles == Packed(model, []).tiles)
        #expect(packed.weights.storage != .written(path: fixture.cachePath))
    }

    @Test func whatACrashLeftBehindIsWrittenOver() throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        let expected = try Packed(model, [fixture.folder]).tiles
        let bytes = try fixture.read(fixture.cachePath)
        try FileManager.default.removeItem(atPath: fixture.cachePath)
        let garbage = [UInt8](repeating: 0xAB, count: bytes.count + 5000)
        try fixture.write(garbage, to: fixture.folder + "/.tiny.gguf.tiles.tmp")
        let packed = try Packed(model, [fixture.folder])
        #expect(packed.weights.storage == .written(path: fixture.cachePath))
        #expect(packed.tiles == expected)
        #expect(try fixture.read(fixture.cachePath) == bytes)
        #expect(try fixture.files() == ["tiny.gguf.tiles"])
    }

    @Test func oneOfManyAtOnceWritesAndTheOthersUseIt() async throws {
        let fixture = try PackedWeightsFixture()
        let model = try fixture.model()
        let expected = try Packed(model, []).tiles
        for _ in 0..<10 {
            try? FileManager.default.removeItem(atPath: fixture.cachePath)
            let storages = try await withThrowingTaskGroup(of: PackedWeightsStorage.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let packed = try Packed(model, [fixture.folder])
                        #expect(try packed.weights.verify(pool: packed.pool) == 0)
                        #expect(packed.tiles == expected)
                        return packed.weights.storage
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let written = storages.filter { $0 == .written(path: fixture.cachePath) }
            let mapped = storages.filter { $0 == .mapped(path: fixture.cachePath) }
            #expect(written.count == 1)
            #expect(mapped.count == 3)
            #expect(try fixture.files() == ["tiny.gguf.tiles"])
        }
    }

    @Test func weightsThatAreNotRepackedHaveNoFile() throws {
        let fixture = try PackedWeightsFixture()
        let model = try GemmaModel(path: Fixtures.path("gemma-f32.gguf"))
        let packed = try PackedWeights(
            model: model, pool: ThreadPool(threadCount: 2), folders: [fixture.folder])
        #expect(packed.storage == .none)
        #expect(!packed.usesTiles)
        #expect(try fixture.files() == [])
    }

    @Test func modelsOfTheSameNameDoNotShareAFile() throws {
        let (one, other) = (try PackedWeightsFixture(), try PackedWeightsFixture())
        let (a, b) = (try one.model(), try other.model())
        #expect(PackedWeights.path(of: a, in: one.folder) == one.cachePath)
        #expect(PackedWeights.path(of: a, in: one.folder + "/") == one.cachePath)
        #expect(PackedWeights.path(of: a, in: "/cache") != PackedWeights.path(of: b, in: "/cache"))
    }
}
