import Language
import Testing
import Transcript

@testable import Intake
@testable import Ledger

@Suite("Whose turn it is in the spool")
struct SpoolQueueTests {
    private let start = ContinuousClock.now
    private var queue = SpoolQueue(settle: .seconds(2), gapWait: .seconds(30))

    private func entry(_ name: String, bytes: Int = 1, modified: Int = 1) -> SpoolEntry {
        SpoolEntry(name: name, byteCount: bytes, modified: modified)
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func turn(_ name: String, at seconds: Double, highest: Int? = nil, open: Bool = true)
        -> SpoolQueue.Candidate?
    {
        queue.turn(of: name, now: at(seconds)) { name in
            highest.map { ChunkProgress(meeting: name, isOpen: open, highestNumber: $0) }
        }
    }

    @Test mutating func anEventMakesAFileCompleteAtOnce() {
        queue.note(.completed("a.vtt"))
        queue.update([entry("a.vtt"), entry("b.vtt")], now: start)
        #expect(queue.complete(now: start) == ["a.vtt"])
        #expect(queue.nextDeadline(now: start) == at(2))
    }

    @Test mutating func withoutAnEventAFileHasToStandStill() {
        queue.update([entry("a.vtt", bytes: 1)], now: start)
        queue.update([entry("a.vtt", bytes: 2)], now: at(1.5))
        #expect(queue.complete(now: at(3)).isEmpty)
        queue.update([entry("a.vtt", bytes: 2, modified: 9)], now: at(3))
        #expect(queue.complete(now: at(4.9)).isEmpty)
        #expect(queue.complete(now: at(5)) == ["a.vtt"])
    }

    @Test mutating func aReplacedFileStartsAnew() {
        queue.update([SpoolEntry(name: "a.vtt", byteCount: 1, inode: 1, modified: 1)], now: start)
        queue.update([SpoolEntry(name: "a.vtt", byteCount: 1, inode: 2, modified: 1)], now: at(2))
        #expect(queue.complete(now: at(3)).isEmpty)
    }

    @Test mutating func aFileThatIsBeingWrittenIsLeftAlone() {
        queue.note(.created("a.vtt"))
        queue.note(.opened("a.vtt"))
        queue.update([entry("a.vtt")], now: start)
        #expect(queue.complete(now: at(1000)).isEmpty)
        #expect(queue.nextDeadline(now: at(1000)) == nil)
        queue.note(.completed("a.vtt"))
        #expect(queue.complete(now: at(1000)) == ["a.vtt"])
    }

    @Test mutating func anEmptyFileMayStillBeFilled() {
        queue.note(.completed("a.vtt"))
        queue.note(.completed("a.end"))
        queue.update([entry("a.vtt", bytes: 0), entry("a.end", bytes: 0)], now: start)
        #expect(queue.complete(now: at(1)) == ["a.end"])
        queue.update([entry("a.vtt", bytes: 5)], now: at(1))
        #expect(queue.complete(now: at(1)) == ["a.vtt"])
    }

    @Test mutating func lostEventsMakeItStandStillInstead() {
        queue.note(.created("a.vtt"))
        queue.note(.opened("a.vtt"))
        queue.update([entry("a.vtt")], now: start)
        queue.note(.overflow)
        #expect(queue.complete(now: at(2)) == ["a.vtt"])
    }

    @Test mutating func aLinkedFileHasToStandStill() {
        queue.note(.created("a.vtt"))
        queue.update([entry("a.vtt")], now: start)
        #expect(queue.complete(now: at(1)).isEmpty)
        #expect(queue.complete(now: at(2)) == ["a.vtt"])
    }

    @Test mutating func hiddenTemporaryAndFoldersAreNotSeen() {
        let folder = SpoolEntry(name: "folder", kind: .folder, byteCount: 0, modified: 1)
        queue.update(
            [entry(".a.vtt"), entry("a.vtt.part"), entry("a.vtt~"), entry("a.tmp"), folder], now: start)
        #expect(queue.count == 0)
    }

    @Test mutating func chunksGoByNumberThenTheEnd() {
        let names = ["b.end", "b.10.vtt", "b.9.vtt", "b.0008.vtt", "a.vtt"]
        queue.update(names.map { entry($0) }, now: start)
        #expect(queue.complete(now: at(2)) == ["a.vtt", "b.0008.vtt", "b.9.vtt", "b.10.vtt", "b.end"])
    }

    @Test mutating func aChunkWaitsForTheOneBefore() throws {
        queue.note(.completed("m.3.vtt"))
        queue.update([entry("m.3.vtt")], now: start)
        #expect(turn("m.3.vtt", at: 1, highest: 2)?.gap == nil)
        #expect(turn("m.3.vtt", at: 1, highest: 2) != nil)
        #expect(turn("m.3.vtt", at: 29, highest: 1) == nil)
        #expect(queue.nextDeadline(now: at(29)) == at(30))
        #expect(
            turn("m.3.vtt", at: 30, highest: 1)?.gap?.description
                == "Not received before chunk 3 was taken: chunk 2.")
        #expect(
            turn("m.3.vtt", at: 30)?.gap?.description == "Not received before chunk 3 was taken: chunk 1–2.")
    }

    @Test mutating func countingBeginsAtZeroOrOne() throws {
        queue.update([entry("m.0.vtt"), entry("n.1.vtt")], now: start)
        #expect(turn("m.0.vtt", at: 2) != nil)
        #expect(turn("n.1.vtt", at: 2) != nil)
    }

    @Test mutating func aPredecessorThatIsBeingWrittenIsWaitedFor() throws {
        queue.note(.created("m.1.vtt"))
        queue.note(.opened("m.1.vtt"))
        queue.note(.completed("m.2.vtt"))
        queue.update([entry("m.1.vtt"), entry("m.2.vtt")], now: start)
        #expect(turn("m.2.vtt", at: 500) == nil)
        // One that cannot be read is as good as missing.
        let isFirst = queue.postpone("m.1.vtt", now: at(500))
        #expect(isFirst)
        #expect(turn("m.2.vtt", at: 500) != nil)
    }

    @Test mutating func aLateChunkIsTakenAndNoted() throws {
        queue.update([entry("m.2.vtt")], now: start)
        #expect(turn("m.2.vtt", at: 2, highest: 3)?.gap?.description.contains("late") == true)
    }

    @Test mutating func anOldNumberAfterTheEndBeginsTheNextMeeting() throws {
        queue.update([entry("m.1.vtt"), entry("m.2.vtt")], now: start)
        #expect(turn("m.1.vtt", at: 2, highest: 5, open: false) != nil)
        // Number 2 of the next meeting waits for its number 1.
        #expect(turn("m.2.vtt", at: 2, highest: 5, open: false) == nil)
    }

    @Test mutating func theEndWaitsForTheChunks() throws {
        queue.note(.completed("m.end"))
        queue.update([entry("m.end"), entry("m.2.vtt")], now: start)
        #expect(turn("m.end", at: 100, highest: 1) == nil)
        queue.remove("m.2.vtt")
        #expect(turn("m.end", at: 1, highest: 2) != nil)
        #expect(turn("m.end", at: 1) == nil)
        #expect(turn("m.end", at: 30) != nil)
    }

    @Test mutating func theEndMayNameTheLastChunk() throws {
        queue.note(.completed("m.4.end"))
        queue.update([entry("m.4.end")], now: start)
        #expect(turn("m.4.end", at: 1, highest: 4) != nil)
        #expect(turn("m.4.end", at: 1, highest: 2) == nil)
        #expect(
            turn("m.4.end", at: 30, highest: 2)?.gap?.description
                == "Not received before the meeting was ended: chunk 3–4.")
    }

    @Test mutating func whatFailsIsTriedLessAndLessOften() {
        queue.note(.completed("a.vtt"))
        queue.update([entry("a.vtt")], now: start)
        let isFirst = queue.postpone("a.vtt", now: start)
        #expect(isFirst)
        #expect(queue.complete(now: at(0.5)).isEmpty)
        #expect(queue.complete(now: at(1)) == ["a.vtt"])
        let isFirstAgain = queue.postpone("a.vtt", now: at(1))
        #expect(!isFirstAgain)
        #expect(queue.nextDeadline(now: at(1)) == at(3))
        let delays = (0..<40).map { SpoolQueue.delay(afterAttempts: $0) }
        #expect(delays == delays.sorted() && delays.last == .seconds(300))
    }
}
