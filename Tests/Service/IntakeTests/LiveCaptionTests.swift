import Foundation
import Ledger
import TestSupport
import Testing
import Transcript

@testable import Intake

@Suite("Live captions over the ingest socket")
struct LiveCaptionTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private static let greeting = #"{"meeting": "standup", "ack": true, "format": "jsonl"}"# + "\n"

    @Test func onlySettledResultsBecomeUtterances() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(Self.greeting)
            try await client.send(#"{"id": "1", "final": false, "text": "the server is done"}"# + "\n")
            try await client.send(#"{"id": "1", "final": true, "text": "The server is down."}"# + "\n")
            #expect(ack(try await client.line()) == 0)
            #expect(try home.texts("standup") == ["The server is down."])
        }
    }

    @Test func aCorrectionReplacesWhatNoWindowHas() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(Self.greeting)
            for (number, text) in ["the server is done", "since seven"].enumerated() {
                try await client.send("{\"id\": \(number), \"text\": \"\(text)\"}\n")
                #expect(ack(try await client.line()) == number)
            }
            try await client.send(#"{"id": 0, "text": "The server is down."}"# + "\n")
            #expect(ack(try await client.line()) == 0)
            #expect(try home.texts("standup") == ["The server is down.", "since seven"])
            #expect(try home.ledger.corrections(of: MeetingID("standup")).map(\.isApplied) == [true])
            // In a window it stays, and the correction is stated.
            try home.ledger.record(
                Window(index: 0, utterances: 0..<2, tokenCount: 9, closedBy: .size), of: MeetingID("standup"))
            try await client.send(#"{"id": 1, "text": "Since seven o'clock."}"# + "\n")
            #expect(ack(try await client.line()) == 1)
            #expect(try home.texts("standup")[1] == "since seven")
            #expect(try home.notes("standup").contains { $0.contains("after their part was closed: 1.") })
        }
    }

    /// Within one batch or across several, however the bytes are cut, the outcome is the same.
    @Test(arguments: [1, 7, 100_000])
    func howTheBytesComeMakesNoDifference(portion: Int) async throws {
        let lines = [
            #"{"id": "a", "text": "one"}"#, #"{"id": "b", "final": false, "text": "tw"}"#,
            #"{"id": "a", "text": "eins"}"#, #"{"id": "b", "text": "two"}"#, #"{"id": "b", "text": "zwei"}"#,
        ]
        try await home.withServer {
            let client = try Client(home.socketPath)
            let bytes = Array((Self.greeting + lines.joined(separator: "\n") + "\n").utf8)
            for start in stride(from: 0, to: bytes.count, by: portion) {
                try await client.send(Array(bytes[start..<min(bytes.count, start + portion)]))
            }
            client.finishSending()
            #expect(try await client.lines().compactMap(ack).sorted() == [0, 0, 1, 1])
            #expect(try home.texts("standup") == ["eins", "zwei"])
        }
    }

    @Test func messagesOfARecogniserAreTakenAsTheyAre() async throws {
        let folder = Repository.root.appending(path: "Tests/Meetings/TranscriptTests/Fixtures")
        for name in ["aws", "deepgram", "assemblyai", "livekit"] {
            let meeting = "live-\(name)"
            let text = try String(contentsOf: folder.appendingPathComponent(name + ".jsonl"), encoding: .utf8)
            try await home.withServer {
                let client = try Client(home.socketPath)
                try await client.send("{\"meeting\": \"\(meeting)\", \"ack\": true}\n" + text)
                client.finishSending()
                #expect(try await client.lines().compactMap(ack).count >= 2)
                #expect(try home.texts(meeting) == ["Good morning.", "The server is down."], "\(name)")
            }
        }
    }

    @Test func withoutAGreetingAMessageIsNone() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(
                #"{"type":"Turn","turn_order":0,"end_of_turn":true,"transcript":"Good morning.","words":[]}"#
                    + "\n")
            client.finishSending()
            #expect(try await client.lines().isEmpty)
            let meeting = try #require(try home.ledger.meetings().first)
            #expect(try home.texts(meeting.id.name) == ["Good morning."])
        }
    }

    @Test func whatIsNeverSettledIsSaidAllTheSame() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(Self.greeting)
            try await client.send(#"{"id": "1", "text": "we begin"}"# + "\n")
            try await client.send(#"{"id": "2", "final": false, "text": "and the"}"# + "\n")
            client.finishSending()
            #expect(try await client.lines().compactMap(ack) == [0, 1])
            #expect(try home.texts("standup") == ["we begin", "and the"])
            #expect(try home.notes("standup").contains { $0.contains("never settled") })
        }
    }

    @Test func theSameLineOverSilenceIsCounted() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(Self.greeting)
            for _ in 0..<10 {
                try await client.send(#"{"speaker": "Ada", "text": "Thank you for watching."}"# + "\n")
                #expect(ack(try await client.line()) != nil)
            }
            let spoken = try home.ledger.utterances(of: MeetingID("standup"), in: 0..<20)
            #expect(spoken.count == 3 && spoken.map(\.repeatCount) == [0, 0, 7])
            #expect(try home.notes("standup").contains { $0.contains("Left out 7 ×") })
        }
    }

    @Test func aFileOfTheSpoolStatesItsRepetitions() async throws {
        let lines = ["Ada: we begin"] + Array(repeating: "Ada: Thank you for watching.", count: 9)
        try home.drop("standup.txt", lines.joined(separator: "\n"))
        let intake = SpoolIntake(folder: home.spool, ledger: home.ledger, byteLimit: 10_000)
        let candidate = SpoolQueue.Candidate(
            name: "standup.txt", chunk: try ChunkName("standup.txt"), kind: .file)
        #expect(try intake.take(candidate) == .accepted(MeetingID("standup"), utteranceCount: 2))
        #expect(try home.notes("standup").contains { $0.contains("Left out 8 ×") })
    }

    @Test(arguments: [
        ("settings.yaml", "model:\n  path: /a\n"), ("settings", "model:\n  path: /a/b\n  threads: 4\n"),
        ("data.json", "{\"a\": 1}"), ("app.log", "2024-05-01 10:00:00 INFO a\n2024-05-01 10:00:01 INFO b\n"),
    ])
    func whatIsNoTranscriptGoesToFailed(name: String, text: String) throws {
        try home.drop(name, text)
        let intake = SpoolIntake(folder: home.spool, ledger: home.ledger, byteLimit: 10_000)
        let outcome = try intake.take(
            SpoolQueue.Candidate(name: name, chunk: try ChunkName(name), kind: .file))
        guard case .refused(let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains(name))
        #expect(try home.ledger.meetings().isEmpty)
    }
}
