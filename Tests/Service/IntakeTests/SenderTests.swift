import Foundation
import Glibc
import Ledger
import Testing
import Transcript

@testable import Intake

/// A sender with a name has each line taken once, however often it connects and whatever it sends again.
@Suite("Senders that give their name")
struct SenderTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private func greeting(from: Int? = nil, sender: String = "recorder") -> String {
        let start = from.map { ", \"from\": \($0)" } ?? ""
        return #"{"meeting": "m", "ack": true, "format": "jsonl", "sender": "\#(sender)"\#(start)}"# + "\n"
    }

    private func line(_ number: Int) -> String { "{\"text\": \"line \(number)\"}\n" }

    private func lines(_ range: Range<Int>) -> String { range.map(line).joined() }

    private func texts(_ range: Range<Int>) -> [String] { range.map { "line \($0)" } }

    @Test func itIsToldHowFarItHasCome() async throws {
        for _ in 0..<2 {
            try await home.withServer {
                let known = try home.meeting("m")?.utteranceCount ?? 0
                let client = try Client(home.socketPath)
                try await client.send(greeting())
                #expect(try await client.line() == "{\"received\":\(known)}")
                try await client.send(lines(known..<known + 5))
                for number in known..<known + 5 { #expect(ack(try await client.line()) == number) }
            }
        }
        #expect(try home.texts("m") == texts(0..<10))
    }

    @Test func whatItSendsAgainIsPassedOver() async throws {
        try await home.withServer {
            for (first, end) in [(0, 7), (0, 7), (3, 12), (12, 13)] {
                let client = try Client(home.socketPath)
                // Without waiting for an answer.
                try await client.send(greeting(from: first) + lines(first..<end))
                client.finishSending()
                _ = try await client.lines()
                #expect(try home.texts("m") == texts(0..<end))
            }
        }
        #expect(try home.texts("m") == texts(0..<13))
    }

    /// Cut off in a line: it counts as not sent, and nothing of it is taken.
    @Test func halfALineDoesNotCount() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting() + line(0) + #"{"text": "li"#)
            client.finishSending()
            _ = try await client.lines()
            let next = try Client(home.socketPath)
            try await next.send(greeting())
            #expect(try await next.line() == #"{"received":1}"#)
        }
        #expect(try home.texts("m") == ["line 0"])
    }

    /// A partial result says nothing yet, and yet need not come again if the connection breaks behind it.
    @Test func whatIsNotSettledCounts() async throws {
        let partial = #"{"id": "a", "final": false, "text": "we will"}"# + "\n"
        let final = #"{"id": "a", "final": true, "text": "we will go"}"# + "\n"
        try await home.withServer {
            for (known, lines) in [(0, line(0) + partial), (2, partial + final), (4, line(4))] {
                let client = try Client(home.socketPath)
                try await client.send(greeting())
                #expect(try await client.line() == "{\"received\":\(known)}")
                try await client.send(lines)
                client.finishSending()
                _ = try await client.lines()
            }
        }
        #expect(try home.texts("m") == ["line 0", "we will go", "line 4"])
    }

    /// Its new connection's decoder does not know the old one's results: the correction stood beside them.
    @Test func aCorrectionAfterABreakReplacesWhatItCorrects() async throws {
        func result(_ id: String, _ text: String) -> String {
            "{\"id\": \"\(id)\", \"start\": 3, \"end\": 5, \"text\": \"\(text)\"}\n"
        }
        try await home.withServer {
            for (lines, numbers) in [
                ([result("a", "we meet on Tuesday"), result("b", "all of us")], [0, 1]),
                ([result("a", "we meet on Thursday"), result("c", "and that is all")], [0, 2]),
                ([line(4), result("b", "all of us there")], [3, 1]),
            ] {
                let client = try Client(home.socketPath)
                try await client.send(greeting())
                _ = try await client.line()
                for (line, number) in zip(lines, numbers) {
                    try await client.send(line)
                    #expect(ack(try await client.line()) == number)
                }
                client.finishSending()
                _ = try await client.lines()
            }
        }
        #expect(
            try home.texts("m") == ["we meet on Thursday", "all of us there", "and that is all", "line 4"])
    }

    @Test func aGapIsRefused() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting(from: 4) + lines(4..<6))
            let answer = try await client.line()
            #expect(
                answer?.hasPrefix(#"{"error":"#) == true && answer?.contains("only 0 are recorded") == true)
            #expect(try await client.line() == nil)
        }
        #expect(try home.meeting("m") == nil)
    }

    @Test func blankAndRefusedLinesCount() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting() + line(0) + "\n" + "no json\n" + line(3))
            client.finishSending()
            #expect(try await client.lines().contains { $0.contains("error") })
            let next = try Client(home.socketPath)
            try await next.send(greeting())
            #expect(try await next.line() == #"{"received":4}"#)
        }
        #expect(try home.texts("m") == ["line 0", "line 3"])
    }

    @Test func eachSenderIsCountedByItself() async throws {
        try await home.withServer {
            for sender in ["one", "two"] {
                let client = try Client(home.socketPath)
                try await client.send(greeting(sender: sender))
                #expect(try await client.line() == #"{"received":0}"#)
                try await client.send(lines(0..<3))
                client.finishSending()
                _ = try await client.lines()
            }
        }
        #expect(try home.meeting("m")?.utteranceCount == 6)
    }

    /// The first connection is half-open: its peer is gone, or hangs, and has sent more than was read.
    @Test func aSecondConnectionTakesThePlaceOfTheFirst() async throws {
        try await home.withServer {
            for round in 0..<10 {
                let first = try Client(home.socketPath)
                let known = try home.meeting("m")?.utteranceCount ?? 0
                try await first.send(greeting(from: known) + lines(known..<known + 50))
                let second = try Client(home.socketPath)
                try await second.send(greeting())
                let answer = try #require(try await second.line())
                let count = try #require(Int(answer.dropFirst(12).dropLast()))
                #expect(count >= known && count <= known + 50, "round \(round)")
                try await second.send(lines(count..<known + 50))
                second.finishSending()
                _ = try await second.lines()
                #expect(try home.texts("m") == texts(0..<known + 50), "round \(round)")
                first.close()
            }
        }
    }

    @Test func theEndComesWithTheLastLine() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting() + line(0) + "{\"text\": \"line 1\", \"end\": true}\n")
            client.finishSending()
            #expect(try await client.lines().last == #"{"ended":"m"}"#)
            #expect(try home.meeting("m")?.state == .ended)
            #expect(try home.ledger.progress(ofSender: "recorder", meeting: MeetingID("m")).lineCount == 2)
        }
    }

    @Test(arguments: [
        #"{"sender": "nobody"}"#, #"{"meeting": "m", "sender": ""}"#,
        #"{"meeting": "m", "sender": "a", "from": -1}"#, #"{"meeting": "m", "sender": "a", "from": "b"}"#,
        #"{"meeting": "m", "sender": "a", "from": 1.5}"#,
    ])
    func aSenderHasANameAMeetingAndANumber(greeting: String) async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting + "\n")
            client.finishSending()
            #expect(try await client.lines().first?.hasPrefix(#"{"error":"#) == true)
        }
    }
}
