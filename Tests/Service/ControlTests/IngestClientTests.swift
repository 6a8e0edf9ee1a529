import Errors
import Foundation
import Intake
import Ledger
import Logging
import ServiceTestSupport
import TestSupport
import Testing
import Transcript

@testable import Control

/// Sending to the real ingest server over a real socket.
@Suite struct IngestClientTests {
    private let fixture: MeetingFixture
    private let path: String

    init() throws {
        fixture = try MeetingFixture()
        path = fixture.scratch.path + "/ingest.sock"
    }

    @Test func everythingSentIsReportedDurable() async throws {
        try await serving {
            let meeting = try MeetingID("standup")
            let report = try await IngestClient(socketPath: path).send(
                lines((0..<500).map { "Ada: sentence number \($0)" }), meeting: meeting, title: "Stand-up",
                format: nil, endsMeeting: true)
            #expect(report.durableCount == 500)
            #expect(report.ended == "standup")
            #expect(report.refusals.isEmpty)
            let record = try #require(try fixture.ledger.meeting(meeting))
            #expect((record.utteranceCount, record.state, record.title) == (500, .ended, "Stand-up"))
        }
    }

    @Test func utterancesKeepSpeakersAndTimes() async throws {
        let spoken = (0..<20).map { (number: Int) -> Utterance in
            let start = Double(number) * 1.5
            return Utterance(
                speaker: number % 3 == 0 ? nil : #"Ada "A." Löw"#, start: start,
                end: number % 2 == 0 ? start + 1 : nil, text: #"sentence {"\#(number)"} \ 1/2"#,
                source: SourcePosition(name: "a.vtt", line: number))
        }
        try await serving {
            let meeting = try MeetingID("m")
            let report = try await IngestClient(socketPath: path).send(
                lines(IngestClient.jsonLines(spoken)), meeting: meeting, format: .jsonLines,
                endsMeeting: false)
            #expect(report.durableCount == spoken.count)
            #expect(report.ended == nil)
            let found = try fixture.ledger.utterances(of: meeting, in: 0..<spoken.count)
            #expect(found.map(\.speaker) == spoken.map(\.speaker))
            #expect(found.map(\.text) == spoken.map(\.text))
            #expect(found.map(\.start) == spoken.map(\.start))
            #expect(found.map(\.end) == spoken.map(\.end))
            #expect(try fixture.ledger.meeting(meeting)?.state == .open)
        }
    }

    @Test func refusedLinesAreNamedAndTheRestIsRecorded() async throws {
        try await serving {
            let report = try await IngestClient(socketPath: path).send(
                lines([#"{"text":"one"}"#, #"{"text":"#, #"{"text":"two"}"#]), meeting: try MeetingID("m"),
                format: .jsonLines, endsMeeting: false)
            #expect(report.durableCount == 2)
            #expect(report.refusals.count == 1)
            // The greeting is line 1.
            #expect(report.refusals.first?.hasPrefix("line 3: ") == true, "\(report.refusals)")
        }
    }

    @Test func withoutDaemonTheSocketIsNamed() async throws {
        let error = await #expect(throws: ApplicationError.self) {
            try await IngestClient(socketPath: path).send(
                lines([]), meeting: nil, format: nil, endsMeeting: false)
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains(path) == true)
    }

    private func lines(_ texts: [String]) -> AsyncStream<String> {
        AsyncStream { continuation in
            for text in texts { continuation.yield(text) }
            continuation.finish()
        }
    }

    private func serving(_ body: () async throws -> Void) async throws {
        let server = IngestServer(
            listener: .path(path), ledger: fixture.ledger,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            await server.untilListening()
            try await body()
        }
    }
}
