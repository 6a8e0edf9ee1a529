import Foundation
import Testing
import Tokenizer

@testable import Gemma

/// Reading a snapshot gives exactly what was written, or an error.
@Suite struct KVSnapshotFileTests {
    private let folder: SnapshotFolder

    init() throws { folder = try SnapshotFolder() }

    private var path: String { folder.path + "/a.kv" }

    /// Overwrites the file without truncating it first, since ext4 waits for the disk when a truncated file is closed.
    private func write(_ bytes: [UInt8]) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
        try #require(ftruncate(descriptor, off_t(bytes.count)) == 0)
    }

    /// Reads the file into a new cache; throws the error that reading throws.
    private func read(
        _ layout: KVSnapshotLayout, _ elementType: KVCache.ElementType = .f16, capacity: Int = 256
    ) throws -> (tokens: [TokenID], cache: KVCache) {
        let cache = try KVSnapshotFixtures.cache(elementType, capacity: capacity)
        guard let file = try KVSnapshotFile(existing: path, layout: layout) else {
            throw GemmaError(.file, "there is no file")
        }
        return (try file.read(into: cache).tokens, cache)
    }

    /// The bytes of the file after `timeline` was saved once.
    private func saved(_ timeline: RandomTimeline, _ layout: KVSnapshotLayout) -> [UInt8] {
        var disk = CrashDisk()
        let positions = KVSnapshotPositions(
            of: timeline.tokens, from: 0, cache: timeline.cache, layout: layout)
        for phase in KVSnapshotFile.phases(from: nil, to: positions, layout: layout) {
            for step in phase.steps { disk.apply(step) }
        }
        return disk.bytes
    }

    /// If power fails at any moment, with unsynced writes on the disk in part, completely or not at all, the file has
    /// the state before the change, the state after it, or the state in between: the prefix that both have in common.
    @Test(arguments: 0..<12) func everyMomentOfAChangeLeavesAValidFile(seed: Int) throws {
        let layout = try KVSnapshotFixtures.layout()
        let timeline = try RandomTimeline(seed: UInt64(seed))
        var random = TestRandom(seed: UInt64(seed) + 100)
        var disk = CrashDisk()
        var slot: KVSnapshotLayout.Slot?
        for round in 0..<6 {
            let before = timeline.tokens
            let bytesBefore = timeline.bytes(before.count)
            let common = Int.random(in: 0...before.count, using: &random)
            let first = Bool.random(using: &random) ? before.count : common
            timeline.rewind(to: first)
            timeline.grow(by: Int.random(in: 1...20, using: &random))
            let positions = KVSnapshotPositions(
                of: timeline.tokens, from: first, cache: timeline.cache, layout: layout)
            let phases = KVSnapshotFile.phases(from: slot, to: positions, layout: layout)
            #expect(phases.count == (slot != nil && first < before.count ? 2 : 1))
            let steps = phases.flatMap(\.steps)
            for state in Self.crashes(disk, steps, &random) {
                try write(state.bytes)
                guard let found = try? read(layout) else {
                    #expect(round == 0, "a valid file was lost")
                    continue
                }
                let count = found.tokens.count
                let bytes = RandomTimeline.bytes(of: found.cache, count)
                let isAfter = found.tokens == timeline.tokens && bytes == timeline.bytes(count)
                let isBefore =
                    round > 0 && found.tokens == Array(before.prefix(count))
                    && (count == before.count || count == first)
                    && bytes == Array(bytesBefore.prefix(count * layout.positionBytes))
                #expect(isAfter || isBefore)
            }
            for step in steps { disk.apply(step) }
            slot = phases.last?.slot
            try write(disk.bytes)
            #expect(try read(layout).tokens == timeline.tokens)
            #expect(
                disk.bytes.count == layout.end(of: timeline.tokens.count), "what is not needed is cut off")
        }
    }

    /// The states that the disk may have if power fails during `steps`.
    private static func crashes(
        _ disk: CrashDisk, _ steps: [KVSnapshotFile.Step], _ random: inout TestRandom
    ) -> [CrashDisk] {
        var durable = disk
        var states: [CrashDisk] = [disk]
        var pending: [KVSnapshotFile.Step] = []
        for step in steps {
            pending.append(step)
            // The process is killed: all steps so far were done, the last one perhaps in part.
            var killed = durable
            for done in pending { killed.apply(done) }
            states.append(killed)
            for _ in 0..<12 {
                // Power fails: any of the pending steps were done, in any order, each perhaps in part.
                var state = durable
                for lost in pending.shuffled(using: &random) where Bool.random(using: &random) {
                    state.apply(Self.part(of: lost, &random))
                }
                states.append(state)
            }
            if step == .sync {
                for done in pending { durable.apply(done) }
                pending = []
            }
        }
        return states
    }

    private static func part(
        of step: KVSnapshotFile.Step, _ random: inout TestRandom
    ) -> KVSnapshotFile.Step {
        guard case .write(let bytes, let offset) = step else { return step }
        let begin = Bool.random(using: &random) ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        let end =
            Bool.random(using: &random) ? bytes.count : Int.random(in: begin...bytes.count, using: &random)
        return .write(Array(bytes[begin..<end]), at: offset + begin)
    }

    /// Damage is detected, or it affects only bytes that do not count, so that the cache has the right bits.
    @Test(arguments: [KVCache.ElementType.f16, .f32]) func damageIsFoundOrHarmless(
        elementType: KVCache.ElementType
    ) throws {
        let layout = try KVSnapshotFixtures.layout(elementType)
        let timeline = try RandomTimeline(elementType, seed: 5)
        timeline.grow(by: 60)
        let intact = saved(timeline, layout)
        var random = TestRandom(seed: 6)
        var foundCount = 0
        for number in 0..<1000 {
            let damaged = Self.damaged(intact, kind: number % 7, layout, &random)
            try write(damaged)
            // Inspection without the model comes to the same result.
            let problem = KVSnapshotInspection.problem(in: path)
            guard let read = try? read(layout, elementType) else {
                #expect(problem != nil, "damage \(number)")
                foundCount += 1
                continue
            }
            #expect(problem == nil, "damage \(number)")
            let count = read.tokens.count
            #expect(read.tokens == Array(timeline.tokens[..<count]), "damage \(number)")
            #expect(RandomTimeline.bytes(of: read.cache, count) == timeline.bytes(count), "damage \(number)")
        }
        #expect(foundCount > 600, "most damage hits what counts")
        try write(intact)
        #expect(try read(layout, elementType).tokens == timeline.tokens)
    }

    private static func damaged(
        _ intact: [UInt8], kind: Int, _ layout: KVSnapshotLayout, _ random: inout TestRandom
    ) -> [UInt8] {
        var bytes = intact
        func offset(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
        func range() -> Range<Int> {
            let begin = offset(below: bytes.count)
            return begin..<min(bytes.count, begin + 1 + offset(below: 3000))
        }
        switch kind {
        case 0: bytes[offset(below: bytes.count)] ^= 1 << offset(below: 8)
        case 1:  // in the header, a slot or a record's header
            let begin = [0, 4096, 8192, layout.end(of: offset(below: 60))][offset(below: 4)]
            bytes[begin + offset(below: 32)] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeLast(1 + offset(below: bytes.count - 1))
        case 3: for index in range() { bytes[index] = 0 }
        case 4: for index in range() { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        case 5:  // two records change places
            let (a, b) = (layout.end(of: offset(below: 60)), layout.end(of: offset(below: 60)))
            for index in 0..<layout.recordBytes { bytes.swapAt(a + index, b + index) }
        default:  // a piece is missing, and the rest moves up
            bytes.removeSubrange(range())
        }
        return bytes
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let layout = try KVSnapshotFixtures.layout()
        let timeline = try RandomTimeline(seed: 1)
        timeline.grow(by: 20)
        let intact = saved(timeline, layout)
        func refusal(
            _ bytes: [UInt8], _ layout: KVSnapshotLayout, _ elementType: KVCache.ElementType = .f16,
            capacity: Int = 256
        ) throws -> String {
            try write(bytes)
            do {
                _ = try read(layout, elementType, capacity: capacity)
                return "it was read"
            } catch let error as GemmaError {
                #expect(error.code == .badSnapshot && error.message.contains(path))
                return error.message
            }
        }
        #expect(
            try refusal(intact, KVSnapshotFixtures.layout(fingerprint: "other")).contains("another model"))
        #expect(try refusal(intact, KVSnapshotFixtures.layout(.f32), .f32).contains("another model"))
        #expect(try refusal(intact, layout, capacity: 19).contains("more than the context of 19"))
        #expect(try refusal([], layout).contains("no snapshot"))
        #expect(try refusal(Array("hello".utf8), layout).contains("no snapshot"))
        #expect(try refusal(Array(intact.dropLast()), layout).contains("cut off"))
        for (version, age) in [(UInt8(1), "an older minuted"), (3, "a newer minuted")] {
            var other = intact
            other[8] = version
            #expect(try refusal(other, layout).contains("\(age) wrote it (version \(version)"))
            let inspected = try #require(KVSnapshotInspection.problem(in: path))
            #expect(inspected.contains("\(age) wrote it (version \(version)"))
        }
        var damaged = intact
        damaged[100] ^= 1
        #expect(try refusal(damaged, layout).contains("header is damaged"))
    }
}
