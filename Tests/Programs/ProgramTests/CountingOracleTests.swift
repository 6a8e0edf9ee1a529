import Foundation
import Glibc
import Ledger
import Testing
import TestSupport

/// The daemon is killed again and again, beside every step that makes something durable and at random times: at the end
/// each utterance is there once, in order, in the ledger and in the minutes.
///
/// `make soak` sets `MINUTED_SOAK_KILLS` and `MINUTED_SOAK_SEED`; `make test` kills once at each point.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence))
struct CountingOracleTests {
    private static let files = NumberedMeeting(name: "files", count: 500, words: "")
    private static let live = NumberedMeeting(name: "live", count: 500, words: "we take number ")

    private static let kills = Soak.number("MINUTED_SOAK_KILLS") ?? points.count
    /// Nothing is erased here.
    private static let points = FaultPoint.allCases.filter { !FaultPoint.ofErasure.contains($0) }
    private static let seed = UInt64(Soak.number("MINUTED_SOAK_SEED") ?? 1)
    private static let killsPerPass = 50

    @Test func everyUtteranceIsThereOnceHoweverOftenItIsKilled() async throws {
        var tried: [String: Int] = [:]
        var damages = 0
        var total = Account()
        for pass in 0..<(Self.kills + Self.killsPerPass - 1) / Self.killsPerPass {
            let count = min(Self.killsPerPass, Self.kills - pass * Self.killsPerPass)
            let account = try await Self.pass(pass, kills: count, tried: &tried, damages: &damages)
            #expect(account.isClean, "pass \(pass), seed \(Self.seed): \(account)")
            total = total + account
        }
        let points = tried.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        print(
            """
            kills: \(tried.values.reduce(0, +)) (\(points.joined(separator: ", "))); caches and minutes damaged between \
            them: \(damages)
            \(total)
            """)
    }

    private static func pass(
        _ pass: Int, kills: Int, tried: inout [String: Int], damages: inout Int
    ) async throws -> Account {
        var random = SeededGenerator(seed: seed &* 1000 &+ UInt64(pass))
        let rig = try CrashRig(seed: random.next())
        let sender = NumberedSender(
            live, socketPath: rig.ingestSocket, manner: pass.isMultiple(of: 2) ? .named : .namedOverlapping,
            sendsCaptions: true)
        let points = Self.points.shuffled(using: &random)
        for kill in 0..<kills {
            // Each life gets its part, so that there is work at every kill. A third come at random times, in soak.
            let allowance = files.count * (kill + 1) / (kills + 1) / CrashRig.chunkSize * CrashRig.chunkSize
            let isTimed = Self.kills > points.count && kill % 3 == 2
            let point = points[kill % points.count].rawValue
            let time = Int.random(in: 1...(Self.kills > points.count ? 3 : 2), using: &random)
            let limit = isTimed ? Int.random(in: 0...900, using: &random) : 5000
            if try await rig.start(isTimed ? [:] : [FaultPoint.variable: "\(point):\(time)"]) {
                try rig.spool(files, upTo: allowance, ends: false)
                let sending = Thread.detached { sender.send(upTo: allowance, ends: false) }
                let byPoint = try await rig.untilDead(within: .milliseconds(limit))
                tried[byPoint && !isTimed ? point : "at a random time", default: 0] += 1
                _ = await sending.value
            } else {
                tried[point, default: 0] += 1
            }
            if try rig.damageSomething() { damages += 1 }
        }
        try #require(await rig.start())
        try rig.spool(files, upTo: files.count, ends: true)
        let sending = Thread.detached { sender.send(upTo: live.count, ends: true) }
        try await rig.untilFinished([files, live])
        #expect(await sending.value)
        #expect(sender.brokenPromises == 0, "what was acknowledged was not there")
        #expect(try await rig.stop(SIGTERM) == 0, "\(rig.log)")
        #expect(rig.names(in: "spool/incoming").isEmpty)
        #expect(rig.names(in: "spool/failed").isEmpty)
        let chunks = Set(rig.names(in: "spool/done").map { $0.split(separator: ".txt")[0] })
        #expect(chunks.count == files.count / CrashRig.chunkSize + 1)
        return try rig.account(of: [files, live])
    }

    // MARK: - Senders that break off

    private static let breakKills = Soak.number("MINUTED_SOAK_BREAKS") ?? 6
    /// While the daemon lives once; with the 300 kills of `make soak` more than 20,000.
    private static let breaksPerLife = 120

    /// A sender that does not wait for answers breaks off at every byte of what it sends, and sends again what it does
    /// not know to be recorded, to a daemon that is killed as well.
    ///
    /// In half of its lives the daemon sleeps before it writes an answer, so that the sender is gone by then and has left
    /// lines that were not read.
    @Test func everyLineIsThereOnceWhereverItsSenderBreaksOff() async throws {
        let points: [FaultPoint] = [
            .ingestReceived, .ledgerBegin, .ledgerBeforeCommit, .ledgerCommitted, .ingestRecorded,
            .ingestAcknowledged,
        ]
        var total = Account()
        var (kills, breaks, breaksInLines, brokenPromises) = (0, 0, 0, 0)
        for pass in 0..<(Self.breakKills + Self.killsPerPass - 1) / Self.killsPerPass {
            var random = SeededGenerator(seed: Self.seed &* 7000 &+ UInt64(pass))
            let rig = try CrashRig(seed: random.next())
            let meeting = NumberedMeeting(name: "broken", count: 2_000, words: "we take number ")
            let sender = NumberedSender(
                meeting, socketPath: rig.ingestSocket, manner: .namedOverlapping, sendsCaptions: true)
            let count = min(Self.killsPerPass, Self.breakKills - pass * Self.killsPerPass)
            for kill in 0..<count {
                let point = points[kill % points.count].rawValue
                let time = Int.random(in: 20...120, using: &random)
                let isTimed = kill % 3 == 2
                let seed = random.next()
                let allowance = meeting.count * (kill + 1) / (count + 1)
                var variables = isTimed ? [:] : [FaultPoint.variable: "\(point):\(time)"]
                if kill % 2 == 0 {
                    variables[FaultPoint.slowVariable] = "\(FaultPoint.ingestAnswering.rawValue):2"
                }
                try #require(await rig.start(variables))
                let sending = Thread.detached {
                    var random = SeededGenerator(seed: seed)
                    for number in 0..<Self.breaksPerLife
                    where !sender.breakOff(upTo: allowance, isLong: number % 2 == 0, random: &random) {
                        break
                    }
                }
                if isTimed {
                    _ = try await rig.untilDead(
                        within: .milliseconds(Int.random(in: 0...1500, using: &random)))
                    _ = await sending.value
                } else {
                    _ = await sending.value
                    _ = try await rig.untilDead(within: .milliseconds(100))
                }
                kills += 1
            }
            try #require(await rig.start())
            let sending = Thread.detached { sender.send(upTo: meeting.count, ends: true) }
            #expect(await sending.value)
            #expect(try await rig.stop(SIGTERM) == 0, "\(rig.log)")
            let account = try Account.ofLedger(rig.ledger, meeting, sentAs: sender.lines)
            #expect(account.isClean, "pass \(pass), seed \(Self.seed): \(account)")
            #expect(sender.brokenPromises == 0, "what was acknowledged was not there")
            total = total + account
            breaks += sender.breaks
            breaksInLines += sender.breaksInLines
            brokenPromises += sender.brokenPromises
        }
        #expect(breaks > Self.breakKills * 20)
        print(
            """
            kills: \(kills), and senders that break off: \(breaks) connections, \(breaksInLines) of them cut in a line
            \(total), broken promises \(brokenPromises)
            """)
    }

    // MARK: - Negative controls

    /// A client that does not wait for acknowledgements loses what was on its way: the oracle sees it.
    @Test func aForgetfulClientIsFoundOut() async throws {
        let account = try await Self.control(.forgetful, killAt: .ingestReceived)
        #expect(account.lost > 0 && account.duplicated == 0, "\(account)")
    }

    /// A client without a name that sends again what was not acknowledged has it twice: the oracle sees it.
    @Test func aClientWithoutANameIsFoundOut() async throws {
        let account = try await Self.control(.insistent, killAt: .ingestRecorded)
        #expect(account.duplicated > 0 && account.lost == 0, "\(account)")
    }

    /// The same kills do not harm one with a name.
    @Test(arguments: [FaultPoint.ingestReceived, .ingestRecorded, .ingestAcknowledged])
    func aClientWithANameIsNot(killAt point: FaultPoint) async throws {
        #expect(try await Self.control(.named, killAt: point).isClean)
    }

    private static func control(_ manner: NumberedSender.Manner, killAt point: FaultPoint) async throws
        -> Account
    {
        let meeting = NumberedMeeting(name: "live", count: 40, words: "")
        let rig = try CrashRig(seed: 1)
        let sender = NumberedSender(meeting, socketPath: rig.ingestSocket, manner: manner)
        try #require(await rig.start([FaultPoint.variable: "\(point.rawValue):1"]))
        // In the middle of it, it happens.
        let sending = Thread.detached { sender.send(upTo: 20, ends: false) }
        #expect(try await rig.untilDead(within: .seconds(20)), "\(point) was not reached")
        _ = await sending.value
        try #require(await rig.start())
        let rest = Thread.detached { sender.send(upTo: meeting.count, ends: true) }
        try await rig.untilFinished([meeting])
        #expect(await rest.value)
        _ = try await rig.stop(SIGKILL)
        return try Account.ofLedger(rig.ledger, meeting)
    }

    @Test func theOracleCounts() {
        #expect(Account(Array(0..<5), of: 5).isClean)
        #expect(Account([0, 1, 3, 4], of: 5).lost == 1)
        #expect(Account([0, 1, 2, 2, 3, 4, 0], of: 5).duplicated == 2)
        let swapped = Account([0, 2, 1, 3, 4], of: 5)
        #expect(swapped.disordered == 1 && swapped.lost == 0 && swapped.duplicated == 0)
    }
}

extension Thread {
    /// Runs what blocks on a thread of its own.
    static func detached<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Task<Value, Never> {
        Task {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: body()) }
            }
        }
    }
}
