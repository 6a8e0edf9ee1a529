import Foundation
import Glibc
import Ledger
import TestSupport
import Testing
import Transcript

@testable import Intake

@Suite("The ingest socket, with real connections")
struct IngestServerTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    @Test func plainLinesMakeAMeeting() async throws {
        let log = LogCount()
        try await home.withServer(log: log) {
            let client = try Client(home.socketPath)
            try await client.send("Ada: good morning\r\n\nGrace: hello")
            client.finishSending()
            #expect(try await client.lines().isEmpty)
            let meeting = try #require(try home.ledger.meetings().first)
            #expect(meeting.id.name.hasPrefix("socket-2") && meeting.id.name.hasSuffix("-1"))
            #expect(meeting.state == .ended)
            #expect(try home.texts(meeting.id.name) == ["good morning", "hello"])
        }
        #expect(!log.text.contains("morning") && !log.text.contains("Ada"))
    }

    @Test func whatIsAcknowledgedIsDurable() async throws {
        try await home.withServer {
            let reader = try Ledger(path: home.path + "/ledger.sqlite", access: .readOnly)
            let client = try Client(home.socketPath)
            try await client.send(#"{"meeting": "standup", "ack": true, "title": "Weekly"}"# + "\n")
            for number in 0..<20 {
                try await client.send("Ada: sentence \(number)\n")
                #expect(ack(try await client.line()) == number)
                #expect(try reader.meeting(MeetingID("standup"))?.utteranceCount == number + 1)
            }
            try await client.send(#"{"end": true}"# + "\n")
            #expect(try await client.line() == #"{"ended":"standup"}"#)
            #expect(try home.meeting("standup")?.state == .ended)
            #expect(try home.meeting("standup")?.title == "Weekly")
        }
    }

    @Test func aNamedMeetingOutlivesTheConnection() async throws {
        try await home.withServer {
            for _ in 0..<2 {
                let client = try Client(home.socketPath)
                try await client.send(#"{"meeting": "standup", "format": "jsonl"}"# + "\n")
                try await client.send(#"{"speaker": "Ada", "text": "hello", "start": 1.5}"# + "\n")
                client.finishSending()
                #expect(try await client.lines().isEmpty)
            }
            #expect(try home.meeting("standup")?.state == .open)
            #expect(try home.texts("standup") == ["hello", "hello"])
            let deliveries = try home.ledger.deliveries(of: MeetingID("standup"))
            #expect(deliveries.map(\.state) == [.closed, .closed])
        }
    }

    @Test func aBadLineIsRefusedAndTheNextOneTaken() async throws {
        try await home.withServer(.init(lineBytesLimit: 100)) {
            let client = try Client(home.socketPath)
            try await client.send(#"{"meeting": "standup", "ack": true, "format": "jsonl"}"# + "\n")
            let bad: [[UInt8]] = [
                Array(#"{"text": "\#(String(repeating: "long ", count: 100))"}"#.utf8),
                Array(#"{"text": ""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8),
                Array("no json at all".utf8),
            ]
            for (index, bytes) in bad.enumerated() {
                try await client.send(bytes + [UInt8(ascii: "\n")])
                let answer = try #require(try await client.line())
                #expect(answer.hasPrefix(#"{"error":"#), "\(answer)")
                #expect(answer.hasSuffix("\"line\":\(2 * index + 2)}"), "\(answer)")
                try await client.send("{\"text\": \"good \(index)\"}\n")
                #expect(ack(try await client.line()) == index)
            }
            #expect(try home.texts("standup") == ["good 0", "good 1", "good 2"])
            let lines = try home.ledger.utterances(of: MeetingID("standup"), in: 0..<3).map(\.source.line)
            #expect(lines == [3, 5, 7])
        }
    }

    /// In local time, two meetings an hour apart had the same name when the clock was put back.
    @Test func namesDoNotRepeatWhenTheClockIsPutBack() {
        // Half past two in the night of 27 October 2024 in Berlin, twice.
        let times = [1_729_989_000, 1_729_992_600].map(Date.init(timeIntervalSince1970:))
        #expect(
            times.map { IngestSource.generatedName(7, at: $0).name } == [
                "socket-20241027-003000-7", "socket-20241027-013000-7",
            ])
    }

    @Test func endingNothingIsAnError() async throws {
        try await home.withServer {
            for greeting in ["", #"{"meeting": "nobody"}"# + "\n"] {
                let client = try Client(home.socketPath)
                try await client.send(greeting + #"{"end": true}"# + "\n")
                let answer = try await client.line()
                #expect(answer?.hasPrefix(#"{"error":"#) == true)
            }
            #expect(try home.ledger.meetings().isEmpty)
        }
    }

    @Test func fiftyConnectionsAtOnce() async throws {
        let (clientCount, lineCount) = (50, 40)
        try await home.withServer {
            let path = home.socketPath
            let acks = try await withThrowingTaskGroup(of: [Int].self) { group in
                for number in 0..<clientCount {
                    group.addTask {
                        let client = try Client(path)
                        try await client.send(#"{"meeting": "all", "ack": true}"# + "\n")
                        for line in 0..<lineCount { try await client.send("Ada: \(number) says \(line)\n") }
                        client.finishSending()
                        return try await client.lines().compactMap(ack)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(acks.allSatisfy { $0.count == lineCount && $0 == $0.sorted() })
            #expect(acks.flatMap { $0 }.sorted() == Array(0..<clientCount * lineCount))
            let texts = try home.texts("all")
            #expect(texts.count == clientCount * lineCount)
            for number in 0..<clientCount {
                let own = texts.filter { $0.hasPrefix("\(number) says ") }
                #expect(own == (0..<lineCount).map { "\(number) says \($0)" })
            }
        }
    }

    @Test func aClientThatIsKilledLosesNothingThatItSent() async throws {
        try await home.withServer {
            for number in 0..<10 {
                let client = try Client(home.socketPath)
                try await client.send(
                    "{\"meeting\": \"m\(number)\", \"ack\": true}\nAda: one\nAda: half a sen")
                client.close()
                #expect(try await eventually { try home.texts("m\(number)") == ["one", "half a sen"] })
            }
        }
    }

    @Test func moreThanMayWaitGoesThrough() async throws {
        try await home.withServer(.init(pendingBytesLimit: 1000)) {
            let client = try Client(home.socketPath)
            let count = 5000
            try await client.send(#"{"meeting": "busy", "ack": true}"# + "\n")
            // Answers are read only afterwards; blank lines count for nothing.
            try await client.send((0..<count).map { "Ada: sentence \($0)\n\n" }.joined())
            client.finishSending()
            #expect(try await client.lines().compactMap(ack) == Array(0..<count))
            #expect(try home.meeting("busy")?.utteranceCount == count)
        }
    }

    @Test func stoppingRecordsWhatCameWhole() async throws {
        let client: Client
        let silent: Client
        do {
            var clients: [Client] = []
            try await home.withServer {
                clients = [try Client(home.socketPath), try Client(home.socketPath)]
                try await clients[0].send("Ada: one\nAda: two\nAda: thr")
                #expect(try await eventually { try home.ledger.meetings().first?.utteranceCount == 2 })
            }
            (client, silent) = (clients[0], clients[1])
        }
        #expect(try await client.lines().isEmpty)
        #expect(try await silent.lines().isEmpty)
        let meeting = try #require(try home.ledger.meetings().first)
        #expect(try home.texts(meeting.id.name) == ["one", "two"])
        #expect(meeting.state == .ended)
        #expect(!FileManager.default.fileExists(atPath: home.socketPath))
    }

    @Test func connectionsBeyondTheLimitAreTurnedAway() async throws {
        try await home.withServer(.init(connectionLimit: 2)) {
            let first = try (0..<2).map { _ in try Client(home.socketPath) }
            for client in first {
                try await client.send(#"{"meeting": "m", "ack": true}"# + "\nAda: hello\n")
                #expect(ack(try await client.line()) != nil)
            }
            #expect(try await Client(home.socketPath).lines().first?.hasPrefix(#"{"error":"#) == true)
            first[0].close()
            #expect(
                try await eventually {
                    let client = try Client(home.socketPath)
                    // Fails if the server has turned it away already.
                    try? await client.send(#"{"meeting": "m", "ack": true}"# + "\nAda: again\n")
                    return ack(try await client.line()) != nil
                })
        }
    }

    @Test func aMeetingCutOffByACrashEndsAtTheNextStart() async throws {
        let delivery = Delivery(
            meeting: try MeetingID("socket-x"), name: "socket:1", kind: .socket, byteCount: 1, format: "text",
            receivedAt: Date(), utterances: [], endsMeeting: true)
        _ = try home.ledger.accept(delivery)
        try await home.withServer {
            let meeting = try home.meeting("socket-x")
            #expect(meeting?.state == .ended)
        }
    }

    // MARK: - The socket itself

    @Test func aLeftoverIsReplacedAndAnythingElseIsNot() async throws {
        // A socket that nobody listens on any more.
        let leftover = try ListeningSocket(path: home.socketPath)
        close(leftover.descriptor)
        try await home.withServer {
            var status = stat()
            #expect(stat(home.socketPath, &status) == 0 && status.st_mode & 0o777 == 0o660)
            #expect(refusal { try ListeningSocket(path: home.socketPath) } == .socketInUse)
            let client = try Client(home.socketPath)
            try await client.send(#"{"meeting": "m", "ack": true}"# + "\nAda: hello\n")
            #expect(ack(try await client.line()) == 0)
        }
        let file = home.path + "/file"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: file))
        #expect(refusal { try ListeningSocket(path: file) } == .socketUnusable)
        #expect(home.text(of: file) == "precious")
        let long = home.path + "/" + String(repeating: "x", count: 108)
        #expect(refusal { try ListeningSocket(path: long) } == .socketUnusable)
        #expect(refusal { try ListeningSocket(adopting: 0) } == .socketUnusable)
    }

    @Test func aSocketThatWasHandedOverIsUsedAndKept() async throws {
        let handed = try ListeningSocket(path: home.socketPath)
        try await home.withServer(listener: .descriptor(handed.descriptor)) {
            let client = try Client(home.socketPath)
            try await client.send(#"{"meeting": "m", "ack": true}"# + "\nAda: hello\n")
            #expect(ack(try await client.line()) == 0)
        }
        #expect(FileManager.default.fileExists(atPath: home.socketPath))
    }

    private func refusal(_ body: () throws -> ListeningSocket) -> IntakeError.Code? {
        do {
            close(try body().descriptor)
            return nil
        } catch {
            return (error as? IntakeError)?.code
        }
    }
}
