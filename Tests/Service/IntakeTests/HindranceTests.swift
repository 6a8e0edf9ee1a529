import Foundation
import GRDB
import Logging
import TestSupport
import Testing
import Transcript

@testable import Intake
@testable import Ledger

/// The disk is full for a while: nothing is lost, nothing is refused, and it goes on by itself.
@Suite("When the ledger cannot be written")
struct HindranceTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    /// Makes SQLite believe that the disk is full at the ledger's present size, or has room again.
    private func setFull(_ isFull: Bool) throws {
        try home.ledger.writeQuietly { db in
            try db.execute(sql: "PRAGMA max_page_count = \(isFull ? 1 : 1_000_000)")
        }
    }

    private let large = (0..<5000).map { "Ada: sentence \($0)\n" }.joined()

    @Test func filesWaitInTheSpool() async throws {
        let log = LogCount()
        let watcher = SpoolWatcher(
            folder: home.spool, ledger: home.ledger, settings: .init(settle: .zero), logger: log.logger)
        try setFull(true)
        for number in 0..<3 { try home.drop("m\(number).txt", large + "Ada: in file \(number)") }
        try await withService(watcher) {
            #expect(await eventually { log.all(.error).count == 1 })
            #expect(home.names(in: home.spool.incoming).count == 3)
            try setFull(false)
            #expect(await eventually { home.names(in: home.spool.done).count == 3 })
        }
        #expect(log.all(.error).count == 1)
        #expect(home.names(in: home.spool.failed).isEmpty)
        #expect(try home.ledger.meetings().map(\.utteranceCount) == [5001, 5001, 5001])
    }

    @Test func linesWaitInTheSocket() async throws {
        let log = LogCount()
        let server = IngestServer(listener: .path(home.socketPath), ledger: home.ledger, logger: log.logger)
        try setFull(true)
        try await withService(server) {
            await server.untilListening()
            let client = try Client(home.socketPath)
            try await client.send(#"{"meeting": "m", "ack": true}"# + "\n" + large)
            client.finishSending()
            #expect(await eventually { log.all(.error).count == 1 })
            try setFull(false)
            #expect(try await client.lines().compactMap(ack) == Array(0..<5000))
        }
        #expect(log.all(.error).count == 1)
    }

    @Test func stoppingDoesNotWaitForTheDisk() async throws {
        let server = IngestServer(listener: .path(home.socketPath), ledger: home.ledger, logger: quiet)
        try setFull(true)
        var answers: [String] = []
        var client: Client?
        try await withService(server) {
            await server.untilListening()
            client = try Client(home.socketPath)
            try await client?.send(#"{"meeting": "m", "ack": true}"# + "\n" + large)
        }
        answers = try await client?.lines() ?? []
        // What was not recorded is not acknowledged, and the sender is told.
        let recorded = try home.meeting("m")?.utteranceCount ?? 0
        #expect(answers.compactMap(ack).count == recorded)
        #expect(recorded < 5000)
    }
}
