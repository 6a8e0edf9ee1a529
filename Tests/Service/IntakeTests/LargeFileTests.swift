import Foundation
import Ledger
import Synchronization
import Testing
import Transcript

@testable import Intake

/// Files that take seconds: nobody else is kept waiting for so long.
@Suite struct LargeFileTests {
    private static let count = 60_000
    private static let text = (0..<count).map { "Ada: we take number \($0)\n" }.joined()

    @Test func whoeverAsksIsAnsweredWhileOneIsTaken() async throws {
        let home = try TemporaryHome()
        #expect(Self.text.utf8.count > SpoolIntake.largeBytes)
        let watcher = SpoolWatcher(folder: home.spool, ledger: home.ledger, logger: quiet)
        try await withService(watcher) {
            await watcher.respond()
            try home.drop("large.txt", Self.text)
            var (answers, slowest) = (0, Duration.zero)
            while !home.names(in: home.spool.done).contains("large.txt") {
                let began = ContinuousClock.now
                await watcher.respond()
                // Others write between its parts.
                let live = Utterance(text: "line", source: SourcePosition(name: "socket:1", line: 1))
                _ = try home.ledger.accept(
                    Delivery(
                        meeting: try MeetingID("live"), name: "socket:1", kind: .socket, byteCount: 4,
                        format: "text", receivedAt: .now, utterances: [live], endsMeeting: false))
                slowest = max(slowest, .now - began)
                answers += 1
                try #require(home.names(in: home.spool.failed).isEmpty)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(slowest < .seconds(15), "\(slowest), of \(answers) answers")
            #expect(answers > 1, "it was taken too fast to show anything")
        }
        #expect(try home.meeting("large")?.utteranceCount == Self.count)
    }

    /// Told to stop in the midst of it, it goes on where it was at the next start.
    @Test func anEndInTheMidstOfItIsMadeUpFor() async throws {
        let home = try TemporaryHome()
        let parts = Mutex(0)
        let breaking = SpoolIntake(
            folder: home.spool, ledger: home.ledger, byteLimit: 64 << 20,
            betweenParts: {
                let count = parts.withLock { parts in
                    parts += 1
                    return parts
                }
                if count == 3 { throw CancellationError() }
            })
        try home.drop("large.txt", Self.text)
        let candidate = SpoolQueue.Candidate(
            name: "large.txt", chunk: try ChunkName("large.txt"), kind: .file)
        #expect(throws: SpoolIntake.Hindrance.self) { try breaking.take(candidate) }
        let first = try #require(try home.meeting("large")).utteranceCount
        #expect(first > 0 && first < Self.count && home.names(in: home.spool.incoming) == ["large.txt"])
        let intake = SpoolIntake(folder: home.spool, ledger: home.ledger, byteLimit: 64 << 20)
        let taken = try intake.take(candidate)
        #expect(taken == .accepted(try MeetingID("large"), utteranceCount: Self.count))
        #expect(try home.texts("large") == (0..<Self.count).map { "we take number \($0)" })
    }
}
