import Foundation
import Glibc
import Ledger
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing
import TestSupport
import Transcript

@testable import Intake

/// Many, slow, silent and mad clients: what is good is taken, and memory stays within its limits.
@Suite("The ingest socket under pressure", .serialized)
struct PressureTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    @Test func aThousandConnectionsAtOnce() async throws {
        try raiseDescriptorLimit(to: 4096)
        try await home.withServer(.init(connectionLimitPerUser: 1000)) {
            let clients = try (0..<1000).map { _ in try Client(home.socketPath) }
            for (number, client) in clients.enumerated() {
                try await client.send("{\"meeting\": \"all\", \"ack\": true}\nAda: number \(number)\n")
            }
            for client in clients { #expect(ack(try await client.line()) != nil) }
            #expect(try Set(home.texts("all")).count == 1000)
            // All are still there, and each is heard.
            for client in clients.suffix(10) {
                try await client.send("Ada: again\n")
                #expect(ack(try await client.line()) != nil)
            }
        }
    }

    @Test func slowAndSilentOnesHoldNobodyUp() async throws {
        try await home.withServer {
            let half = try Client(home.socketPath)
            try await half.send("{\"meeting\": \"slow\", \"ack\": true}\nAda: half a sen")
            let silent = try Client(home.socketPath)
            let deaf = try Client(home.socketPath)
            // Never reads its answers, and says more than the kernel holds.
            let talk = Task { [deaf] in
                try await deaf.send("{\"meeting\": \"deaf\", \"ack\": true}\n")
                for number in 0..<200_000 where !Task.isCancelled { try await deaf.send("Ada: \(number)\n") }
            }
            for number in 0..<50 {
                let quick = try Client(home.socketPath)
                try await quick.send("{\"meeting\": \"quick\", \"ack\": true}\nAda: \(number)\n")
                #expect(ack(try await quick.line()) == number)
            }
            try await half.send("tence\n")
            #expect(ack(try await half.line()) == 0)
            #expect(try home.texts("slow") == ["half a sentence"])
            talk.cancel()
            withExtendedLifetime(silent) {}
            // Ignored: the server closes the connection of one that does not read.
            _ = try? await talk.value
        }
    }

    @Test func linesOfTenMegabytesAreRefusedInLittleMemory() async throws {
        try await home.withServer {
            let before = try residentMegabytes()
            for round in 0..<5 {
                let client = try Client(home.socketPath)
                try await client.send("{\"meeting\": \"m\", \"ack\": true}\n")
                let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
                for _ in 0..<10 { try await client.send(piece) }
                try await client.send("\nAda: after it\n")
                #expect(try await client.line()?.contains("has 10485760 bytes") == true)
                #expect(ack(try await client.line()) == round)
            }
            #expect(try residentMegabytes() - before < 40)
        }
    }

    /// Lines that say next to nothing take next to nothing, neither memory nor transactions.
    @Test(arguments: [
        #"{"end": true}"#, "", "no json", #"{"title": "Another title of the same meeting"}"#,
        #"{"id": "a", "final": false, "text": "we"}"#, #"{"id": "a", "final": true, "text": "we "}"#,
        ##"{"title": "T"}\##n{"end": true}"##, #"{"start": -1, "end": "x"}"#,
    ])
    func floodsOfEmptyLinesTakeNoMemory(line: String) async throws {
        let changes = Mutex(0)
        let listener = Task { [ledger = home.ledger] in
            for await _ in ledger.changes() { changes.withLock { $0 += 1 } }
        }
        defer { listener.cancel() }
        try await home.withServer {
            let client = try Client(home.socketPath)
            client.discardsAnswers = true
            try await client.send("{\"meeting\": \"m\", \"format\": \"jsonl\"}\n{\"text\": \"one\"}\n")
            let many = Array(String(repeating: line + "\n", count: 10_000).utf8)
            let before = try residentMegabytes()
            var most = before
            for _ in 0..<6 {
                try await client.send(many)
                most = max(most, try residentMegabytes())
            }
            client.finishSending()
            while try await client.line() != nil { most = max(most, try residentMegabytes()) }
            #expect(most - before < 24, "\(before) to \(most) MB")
            // What was never settled was said all the same.
            #expect(try #require(try home.meeting("m")).utteranceCount <= 2)
        }
        #expect(changes.withLock { $0 } < 5_000)
    }

    /// Connections of which nothing comes, or that are never told what meeting they are for.
    @Test func whoSaysNothingIsDisconnectedAndWhoIsMerelySilentIsNot() async throws {
        try await home.withServer(.init(silencePatience: .milliseconds(500))) {
            let named = try Client(home.socketPath)
            try await named.send("{\"meeting\": \"named\", \"ack\": true}\n")
            let feeding = try Client(home.socketPath)
            try await feeding.send("Ada: hello\n")
            for bytes in ["", "\n\n", "half a li", "{\"ack\": true}\n"] {
                let silent = try Client(home.socketPath)
                try await silent.send(bytes)
                let answers = try await silent.lines()
                #expect(answers.count == 1 && answers[0].contains("name the meeting in the first line"))
            }
            try await named.send("Ada: after a long pause\n")
            #expect(ack(try await named.line()) == 0)
            try await feeding.send("Ada: I am back\n")
            feeding.finishSending()
            #expect(try await feeding.lines().isEmpty)
            #expect(try home.ledger.meetings().map(\.utteranceCount).sorted() == [1, 2])
        }
    }

    @Test func noUserTakesAllConnections() async throws {
        try await home.withServer(.init(connectionLimit: 100, connectionLimitPerUser: 3)) {
            let own = try (0..<3).map { _ in try Client(home.socketPath) }
            for client in own {
                try await client.send("{\"meeting\": \"m\", \"ack\": true}\nAda: hello\n")
                #expect(ack(try await client.line()) != nil)
            }
            let answer = try await Client(home.socketPath).lines().first
            #expect(answer?.contains("has 3 connections") == true, "\(answer ?? "")")
            own[0].close()
            #expect(
                try await eventually {
                    let client = try Client(home.socketPath)
                    // Fails if the server has turned it away already.
                    try? await client.send("{\"meeting\": \"m\", \"ack\": true}\nAda: again\n")
                    return ack(try await client.line()) != nil
                })
        }
    }

    /// Each user is counted by itself: what one has does not keep another out.
    @Test func usersAreCountedApart() async throws {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(unixDomainSocketPath: home.socketPath).get()
        let table = ConnectionTable()
        func add(_ user: UInt32) -> Int? {
            let connection = ConnectionTable.Connection(
                channel: channel, finished: channel.eventLoop.makeSucceededVoidFuture(), user: user)
            guard case .added(let number) = table.add(connection, limit: 5, limitPerUser: 2) else {
                return nil
            }
            return number
        }
        #expect([0, 0, 0, 1000, 1000, 1000, 1001, 1002].map { add($0) } == [1, 2, nil, 3, 4, nil, 5, nil])
        table.remove(1)
        #expect([1000, 0].map { add($0) } == [nil, 6])
        try await channel.close()
    }

    @Test func binaryNoiseIsRefusedLineByLine() async throws {
        var random = SeededGenerator(seed: 1)
        try await home.withServer {
            for round in 0..<30 {
                let client = try Client(home.socketPath)
                try await client.send("{\"meeting\": \"m\(round)\", \"format\": \"jsonl\", \"ack\": true}\n")
                let noise = (0..<20_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                try await client.send(noise + Array("\n{\"text\": \"good\"}\n".utf8))
                client.finishSending()
                let answers = try await client.lines()
                #expect(answers.last.flatMap(ack) == 0)
                #expect(try home.texts("m\(round)") == ["good"])
            }
            // As plain text, noise that is by chance text is taken; nothing traps.
            let client = try Client(home.socketPath)
            try await client.send((0..<200_000).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            client.finishSending()
            _ = try await client.lines()
        }
    }

    @Test func allTogetherMayNotHoldMoreThanTheirLimit() async throws {
        try await home.withServer(.init(pendingBytesLimit: 1 << 20, allPendingBytesLimit: 1 << 18)) {
            let path = home.socketPath
            let acks = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let client = try Client(path)
                        try await client.send("{\"meeting\": \"m\(number)\", \"ack\": true}\n")
                        try await client.send((0..<1000).map { "Ada: sentence \($0)\n" }.joined())
                        client.finishSending()
                        return try await client.lines().compactMap(ack).count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(acks == 20_000)
        }
    }

    @Test func onlyThoseMayConnectWhoAreAllowed() async throws {
        let (user, group) = (getuid(), getgid())
        let allowed = [
            PeerRule(users: [user], groups: []), PeerRule(users: [], groups: [group]),
            try PeerRule(users: [String](), groups: ["\(group)"]),
        ]
        for rule in allowed {
            try await home.withServer(.init(peers: rule)) {
                let client = try Client(home.socketPath)
                try await client.send("{\"meeting\": \"m\", \"ack\": true}\nAda: hello\n")
                #expect(ack(try await client.line()) != nil)
            }
        }
        var excluding = PeerRule(users: [user], groups: [group])
        excluding.excluded = [user]
        for rule in [
            PeerRule(users: [user + 1], groups: []), PeerRule(users: [user + 1], groups: [group + 77]),
            excluding,
        ] {
            let log = LogCount()
            try await home.withServer(.init(peers: rule), log: log) {
                let client = try Client(home.socketPath)
                #expect(try await client.lines().first?.contains("is not allowed to connect") == true)
            }
            #expect(log.all(.warning).count == 1)
        }
        #expect(throws: IntakeError.self) { try PeerRule(users: ["no such user"], groups: [String]()) }
    }
}

/// Memory that this process has in use now.
func residentMegabytes() throws -> Int {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
    return (Int(pages) ?? 0) * Int(getpagesize()) >> 20
}

func raiseDescriptorLimit(to count: rlim_t) throws {
    var limit = rlimit()
    let which = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
    try #require(getrlimit(which, &limit) == 0)
    guard limit.rlim_cur < count else { return }
    limit.rlim_cur = min(count, limit.rlim_max)
    try #require(setrlimit(which, &limit) == 0)
}
