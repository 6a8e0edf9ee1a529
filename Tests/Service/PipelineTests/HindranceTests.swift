import Foundation
import GRDB
import Ledger
import Logging
import Minutes
import ServiceTestSupport
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// The ledger cannot be written for a while, as on a full disk.
@Suite struct HindranceTests {
    private let fixture: MeetingFixture
    private let messages = Messages()

    init() throws {
        fixture = try MeetingFixture()
    }

    /// Whatever step cannot be recorded, it is tried again ever less often, and said when it begins and when it is over.
    @Test(arguments: ["window", "summary", "failure", "overall"])
    func aStepThatCannotBeRecordedIsPostponed(table: String) async throws {
        var policy = MeetingFixture.policy
        // The first failure is the last.
        policy.attempts = 1
        let isFailing = table == "failure"
        let model = ScriptedModel { call in
            if isFailing, call.prompt.contains("good end with matter m7 ") { throw ScriptedModel.Failure() }
        }
        let pipeline = Pipeline(
            ledger: fixture.ledger, model: model,
            writer: MinutesWriter(ledger: fixture.ledger, folder: fixture.folder), policy: policy,
            logger: messages.logger)
        let meeting = try fixture.deliver(12, to: "m", endsMeeting: true)
        try change("CREATE TRIGGER full BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'no room'); END")
        try await running(pipeline) {
            #expect(await eventually { await pipeline.troubles.count(.step, meeting) > 0 })
            try await Task.sleep(for: .seconds(2))
            // After 0.1, 0.3, 0.7 and 1.5 seconds; a machine that is busy makes fewer of them.
            #expect(await pipeline.troubles.count(.step, meeting) <= 6)
            #expect(model.completions.count <= 3 + 6, "\(model.completions.count) answers were asked for")
            #expect(messages.count(of: "trying again") == 1, "\(messages.all)")
            try change("DROP TRIGGER full")
            #expect(await eventually { (try? fixture.document(meeting).state) == .finished })
            #expect(await eventually { messages.count(of: "a meeting goes on again") == 1 })
        }
        #expect(try fixture.document(meeting).coverage.summarisedUtterances == (isFailing ? 7 : 12))
        #expect(messages.count(of: "trying again") == 1, "\(messages.all)")
        #expect(await pipeline.troubles.count(.step, meeting) == 0)
    }

    @Test func minutesThatCannotBeWrittenAreTriedEverLessOften() async throws {
        let meeting = try MeetingID("m")
        let obstacle = fixture.folder.path + "/m"
        try Data().write(to: URL(filePath: obstacle))
        _ = try fixture.deliver(10, to: "m", endsMeeting: true)
        let pipeline = Pipeline(
            ledger: fixture.ledger, model: ScriptedModel(),
            writer: MinutesWriter(ledger: fixture.ledger, folder: fixture.folder),
            policy: MeetingFixture.policy, logger: messages.logger)
        try await running(pipeline) {
            #expect(await eventually { (try? fixture.ledger.meeting(meeting)?.state) == .finished })
            try await Task.sleep(for: .seconds(1))
            // After 0.02, 0.06, 0.14, 0.3, 0.62 s, and those of the three steps; every 0.02 s would be fifty.
            #expect(await pipeline.troubles.count(.minutes, meeting) < 20)
            #expect(messages.count(of: "minutes cannot be written") == 1)
            try FileManager.default.removeItem(atPath: obstacle)
            #expect(await eventually { (try? fixture.document(meeting).state) == .finished })
            #expect(await eventually { messages.count(of: "minutes can be written again") == 1 })
        }
    }

    /// Changes the file behind the ledger's back.
    private func change(_ sql: String) throws {
        try DatabaseQueue(path: fixture.scratch.path + "/ledger.sqlite").write { try $0.execute(sql: sql) }
    }
}

/// What was logged.
private final class Messages: Sendable {
    // Guards: what was logged so far.
    private let state = Mutex<[String]>([])

    var all: [String] { state.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(messages: self) } }

    func count(of text: String) -> Int { all.count { $0.contains(text) } }

    private struct Handler: LogHandler {
        let messages: Messages
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { messages.state.withLock { $0.append("\(event.message)") } }
    }
}
