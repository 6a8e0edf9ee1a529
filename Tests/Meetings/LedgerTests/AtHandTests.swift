import Foundation
import Glibc
import TestSupport
import Testing
import Transcript

@testable import Ledger

@Suite("What is at hand when a process dies")
struct AtHandTests {
    private let home: TemporaryLedger
    private var path: String { home.folder.appendingPathComponent("at-hand").path }
    private let works: [AtHand.Work]

    init() throws {
        home = try TemporaryLedger()
        let standup = try MeetingID("standup")
        works = [
            .file(name: " a b.1.txt", byteCount: 5, modified: .min), .line(.max), .input(standup),
            .window(standup, 3), .whole(standup),
        ]
    }

    @Test func worksAreKnownByTheirKeys() {
        #expect(works.map { AtHand.Work(key: $0.key) } == works)
        #expect(Set(works.map(\.key)).count == works.count)
        for key in [
            "", "file", "file 1 2", "window -1 standup", "window 1 a/b", "line g", "whole", "input a b",
        ] {
            #expect(AtHand.Work(key: key) == nil, "\(key)")
        }
    }

    @Test func anOrderlyEndLeavesNothing() throws {
        var atHand: AtHand? = try AtHand(path: path)
        for work in works { #expect(atHand.begin(work) != nil) }
        atHand = nil
        #expect(try AtHand(path: path).lastDeath == nil)
    }

    @Test func moreThanCanBeNotedIsDoneAllTheSame() throws {
        let atHand = try AtHand(path: path)
        let slots = (0..<1000).map { _ in atHand.begin(works[0]) }
        #expect(slots.contains(nil) && slots[0] != nil)
        #expect(atHand.doing(works[1]) { 7 } == 7)
        for slot in slots { atHand.end(slot) }
        #expect(atHand.begin(works[0]) != nil)
        let long = AtHand.Work.file(name: String(repeating: "a", count: 600), byteCount: 1, modified: 1)
        #expect(atHand.begin(long) == nil)
    }

    /// Whatever is in the file, however the process died: it is a death with works that are known, or none.
    @Test func aDamagedFileIsRead() throws {
        _ = try AtHand(path: path)
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        var magic = [UInt8](repeating: 0, count: size)
        for (place, byte) in withUnsafeBytes(of: AtHand.magic, Array.init).enumerated() {
            magic[place] = byte
        }
        for (place, byte) in "window 9223372036854775807 standup".utf8.enumerated() {
            magic[512 + 16 + place] = byte
        }
        (magic[8], magic[512]) = (11, 34)
        try Data(magic).write(to: URL(fileURLWithPath: path))
        let death = try #require(try AtHand(path: path).lastDeath)
        #expect(death.signal == 11 && death.works == [.window(try MeetingID("standup"), .max)])
        Fuzzing.run("what was at hand", rounds: 300) { mutator, _ in
            let bytes = mutator.mutated(magic)
            try? Data(bytes).write(to: URL(fileURLWithPath: path))
            return (try? AtHand(path: path).lastDeath) != nil
        }
    }

    @Test func deathsAreCountedUntilTheyAreForgotten() throws {
        let ledger = home.ledger
        try ledger.countDeath(of: works)
        try ledger.countDeath(of: [works[1]])
        #expect(try works.map { try ledger.deathCount(of: $0) } == [1, 2, 1, 1, 1])
        #expect(try ledger.deadlyLines() == [.max])
        try ledger.forgetDeaths(of: works)
        #expect(try works.map { try ledger.deathCount(of: $0) } == [0, 0, 0, 0, 0])
    }
}
