import Foundation
import Glibc
import Ledger
import Testing
import Transcript

@testable import Intake

/// A sender breaks off while results of its recogniser are held back: what it is told to be recorded is all that it need
/// not send again.
@Suite("Held results of senders that break off")
struct HeldResultTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private func greeting(_ meeting: String, from: Int? = nil) -> String {
        let start = from.map { ", \"from\": \($0)" } ?? ""
        return #"{"meeting": "\#(meeting)", "ack": true, "sender": "recorder"\#(start)}"# + "\n"
    }

    private static let lines = [
        #"{"id": "a", "final": false, "text": "we will"}"#, #"{"id": "b", "text": "first of all"}"#,
        #"{"text": "in between"}"#, #"{"id": "c", "final": false, "text": "and the"}"#,
        #"{"id": "b", "text": "First of all."}"#, #"{"id": "a", "final": true, "text": "We will go."}"#,
        #"{"id": "c", "text": "And the rest."}"#, #"{"id": "c", "text": "And the rest of it."}"#,
        #"{"text": "good bye"}"#,
    ].map { $0 + "\n" }
    private static let texts = [
        "First of all.", "in between", "We will go.", "And the rest of it.", "good bye",
    ]
    /// Lines that are answered by an acknowledgement.
    private static let acknowledged = [1, 2, 4, 5, 6, 7, 8]

    /// Broken off behind each line, and sent again from where the daemon says, or from before that.
    @Test(arguments: [0, 2, 9])
    func eachIsThereOnceWhereverItBreaksOff(overlap: Int) async throws {
        try await home.withServer {
            for cut in 1...Self.lines.count {
                let meeting = "m\(cut)"
                let first = try Client(home.socketPath)
                try await first.send(greeting(meeting) + Self.lines[..<cut].joined())
                #expect(try await first.line() == #"{"received":0}"#)
                let acknowledged = Self.acknowledged.filter { $0 < cut }
                for _ in acknowledged { #expect(ack(try await first.line()) != nil) }
                first.close()
                let asking = try Client(home.socketPath)
                try await asking.send(greeting(meeting))
                let answer = try #require(try await asking.line())
                let count = try #require(Int(answer.dropFirst(12).dropLast()))
                // The last may not have been read when it was asked; a result that came alone makes no meeting.
                #expect(count <= cut && count > acknowledged.last ?? -1, "cut \(cut): \(answer)")
                asking.close()
                let next = try Client(home.socketPath)
                let from = max(0, count - overlap)
                try await next.send(greeting(meeting, from: from) + Self.lines[from...].joined())
                next.finishSending()
                _ = try await next.lines()
                #expect(try home.texts(meeting) == Self.texts, "cut \(cut)")
            }
        }
    }

    /// Its sender never comes back; somebody else ends the meeting.
    @Test func whatIsHeldIsSaidWhenTheMeetingEnds() async throws {
        let meeting = try MeetingID("m")
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting("m") + Self.lines[..<2].joined())
            _ = try await client.line()
            #expect(ack(try await client.line()) == 0)
            // As long as it is there, it may settle it itself.
            _ = try home.ledger.end(meeting)
            #expect(try home.texts("m") == ["first of all"])
            client.finishSending()
            _ = try await client.lines()
            #expect(try home.texts("m") == ["first of all", "we will"])
            #expect(try home.meeting("m")?.state == .ended)
            // It comes back after all: then it is a correction.
            let next = try Client(home.socketPath)
            try await next.send(greeting("m"))
            #expect(try await next.line() == #"{"received":2}"#)
            try await next.send(#"{"id": "a", "final": true, "text": "We will go."}"# + "\n")
            #expect(ack(try await next.line()) == 1)
            #expect(try home.texts("m") == ["first of all", "We will go."])
        }
    }

    /// The daemon was killed, and the sender with it.
    @Test func whatIsHeldOutlivesTheDaemon() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting("m") + Self.lines[..<2].joined())
            _ = try await client.line()
            #expect(ack(try await client.line()) == 0)
            // Its row stays growing, as a kill leaves it.
            let killed = try Ledger(path: home.path + "/ledger.sqlite")
            _ = try killed.closeInterruptedConnections()
            _ = try killed.end(MeetingID("m"))
            #expect(try home.texts("m") == ["first of all", "we will"])
        }
    }

    /// The same line over silence is counted, though the connection changes.
    @Test func repetitionsAreCountedOverConnections() async throws {
        let line = #"{"speaker": "Ada", "text": "Thank you for watching."}"# + "\n"
        try await home.withServer {
            for _ in 0..<5 {
                let client = try Client(home.socketPath)
                try await client.send(greeting("m"))
                _ = try await client.line()
                try await client.send(line + line)
                client.finishSending()
                #expect(try await client.lines().compactMap(ack).count == 2)
            }
        }
        let spoken = try home.ledger.utterances(of: MeetingID("m"), in: 0..<20)
        #expect(spoken.map(\.repeatCount) == [0, 0, 7])
    }
}
