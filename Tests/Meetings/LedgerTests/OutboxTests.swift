import Foundation
import GRDB
import TestSupport
import Testing
import Transcript

@testable import Ledger

/// What is to be handed on: recorded once, due until it is confirmed, and gone with its meeting.
@Suite final class OutboxTests {
    private let temporary: TemporaryLedger
    private var ledger: Ledger { temporary.ledger }
    private let mail = OutboxTarget(name: "mail", attempts: 3, retrySeconds: 10, timeoutSeconds: 5)

    init() throws { temporary = try TemporaryLedger() }

    private func at(_ seconds: Double) -> Date { epoch + seconds }

    /// A finished meeting; a second time, one that went on.
    @discardableResult private func finish(_ name: String, chunk: Int = 1, at time: Date = epoch) throws
        -> MeetingID
    {
        let meeting = try MeetingID(name)
        let before = try ledger.meeting(meeting)
        _ = try ledger.accept(file(name, chunk: chunk, utterances(2), ends: true))
        let first = before?.utteranceCount ?? 0
        try ledger.record(window(before?.windowCount ?? 0, first..<(first + 2)), of: meeting)
        try ledger.commit(summary(before?.windowCount ?? 0), of: meeting)
        try ledger.finish(meeting, overall: overall, at: time)
        return meeting
    }

    private func states(_ meeting: String) throws -> [String] {
        try ledger.outbox(of: MeetingID(meeting), latest: 100).map { "\($0.target) \($0.state.rawValue)" }
    }

    @Test func finishingRecordsWhatIsToBeHandedOnForEachEntryThatTakesTheMeeting() throws {
        try finish("before")
        try ledger.adopt([
            mail, OutboxTarget(name: "wiki", kinds: ["weekly", "board"]),
            OutboxTarget(name: "tickets", kinds: ["call"]),
        ])
        try finish("weekly-1")
        try finish("talk")
        #expect(try states("weekly-1") == ["mail waiting", "wiki waiting"])
        #expect(try states("talk") == ["mail waiting"])
        #expect(try states("before").isEmpty)
        let load = try ledger.outboxLoad()
        #expect(load == OutboxLoad(targets: 3, waiting: 3, failed: 0, waitingSince: epoch))
        try ledger.writeQuietly {
            try $0.execute(sql: "UPDATE outbox SET state = 'failed', settledAt = 1 WHERE target = 'wiki'")
        }
        #expect(
            try ledger.figures().deliveries == [
                .init(name: "mail", waiting: 2, failed: 0), .init(name: "tickets", waiting: 0, failed: 0),
                .init(name: "wiki", waiting: 0, failed: 1),
            ])
    }

    /// A crash before the commit leaves the meeting unfinished, so nothing is ever finished and not handed on.
    @Test func whatIsRefusedIsNotHandedOn() throws {
        try ledger.adopt([mail])
        let meeting = try MeetingID("weekly")
        _ = try ledger.accept(file("weekly", utterances(2)))
        #expect(refusal { try ledger.finish(meeting, overall: nil) } == .unfinished)
        #expect(try ledger.outbox(latest: 100).isEmpty)
    }

    @Test func itIsDueAgainWithLongerWaitsUntilItIsGivenUpAndKeepsItsIdentifier() throws {
        try ledger.adopt([mail])
        try finish("weekly")
        let first = try #require(try ledger.claim(for: "mail", at: at(1)))
        #expect(first.state == .running && first.attempts == 1 && first.reason == .finished)
        #expect(try ledger.claim(for: "mail", at: at(2)) == nil, "it is under way")
        func failed(_ attempt: Int, _ time: Double) throws -> OutboxRecord? {
            try ledger.settle(first.id, attempt: attempt, problem: "exit status 1", at: at(time), spread: 1)
        }
        let again = try #require(try failed(1, 2))
        #expect(again.state == .waiting && again.dueAt == at(12) && again.problem == "exit status 1")
        #expect(try ledger.claim(for: "mail", at: at(11.9)) == nil)
        let second = try #require(try ledger.claim(for: "mail", at: at(12)))
        #expect(second.id == first.id && second.attempts == 2)
        #expect(try failed(1, 13)?.state == .running, "a failure of an earlier attempt is none of this one's")
        #expect(try failed(2, 13)?.dueAt == at(33))
        _ = try ledger.claim(for: "mail", at: at(33))
        #expect(try failed(3, 34)?.state == .failed)
        #expect(try ledger.claim(for: "mail", at: at(99_999)) == nil)
        #expect(try ledger.outboxLoad().failed == 1)
        // By hand: as often again, by the same identifier.
        #expect(try ledger.resend(at: at(40)) == 1)
        let third = try #require(try ledger.claim(for: "mail", at: at(40)))
        #expect(third.id == first.id && third.attempts == 4)
        #expect(try failed(4, 41)?.dueAt == at(51))
        #expect(try ledger.resend([first.id], at: at(42)) == 1)
        let fourth = try #require(try ledger.claim(for: "mail", at: at(42)))
        let settled = try ledger.settle(first.id, attempt: fourth.attempts, problem: nil, at: at(43))
        #expect(settled?.state == .delivered)
        #expect(refusal { _ = try ledger.resend([first.id]) } == .unknownDelivery)
        #expect(refusal { _ = try ledger.resend(["nothing"]) } == .unknownDelivery)
        #expect(try ledger.resend() == 0)
    }

    @Test func waitsAreSpreadAndBounded() {
        let target = OutboxTarget(name: "x", retrySeconds: 30)
        #expect((1...4).map { target.wait(after: $0, spread: 1) } == [30, 60, 120, 240])
        #expect(target.wait(after: 29, spread: 1) == 3600 && target.wait(after: 10_000, spread: 1.25) == 4500)
    }

    /// Whoever hands on may be killed, and the daemon restarted.
    @Test func anAttemptOfWhichNothingIsHeardIsRepeated() throws {
        try ledger.adopt([mail])
        try finish("weekly")
        let first = try #require(try ledger.claim(for: "mail", at: at(0)))
        try temporary.reopen()
        #expect(try ledger.claim(for: "mail", at: at(64)) == nil)
        let second = try #require(try ledger.claim(for: "mail", at: at(65)))
        #expect(second.id == first.id && second.attempts == 2)
        try ledger.breakOff("mail", at: at(66))
        let third = try #require(try ledger.claim(for: "mail", at: at(66)))
        #expect(third.attempts == 3)
        for _ in 0..<2 { try ledger.breakOff("mail", at: at(67)) }
        #expect(try states("weekly") == ["mail waiting"])
        #expect(try ledger.findings() == [])
        // What was begun and is confirmed late is delivered all the same.
        #expect(try ledger.settle(first.id, attempt: 3, problem: nil, at: at(68))?.state == .delivered)
        #expect(try ledger.claim(for: "mail", at: at(99)) == nil)
    }

    /// The answer that gave it out was lost, so that no command ran.
    @Test func whatIsBrokenOffDoesNotUseUpTheOnlyAttempt() throws {
        try ledger.adopt([OutboxTarget(name: "mail", attempts: 1, retrySeconds: 10, timeoutSeconds: 5)])
        try finish("weekly")
        _ = try #require(try ledger.claim(for: "mail", at: at(0)))
        // Its time is over.
        let second = try #require(try ledger.claim(for: "mail", at: at(65)))
        #expect(second.attempts == 2 && second.attemptsOfRound == 1)
        // Whoever hands on begins anew.
        try ledger.breakOff("mail", at: at(66))
        let third = try #require(try ledger.claim(for: "mail", at: at(66)))
        #expect(third.id == second.id && third.attempts == 3 && third.attemptsOfRound == 1)
        let late = try ledger.settle(third.id, attempt: 2, problem: "exit status 1", at: at(67))
        #expect(late?.state == .running)
        // Only an attempt of which a failure is reported counts.
        let settled = try ledger.settle(third.id, attempt: 3, problem: "exit status 1", at: at(67))
        #expect(settled?.state == .failed)
        #expect(try ledger.claim(for: "mail", at: at(99_999)) == nil)
    }

    /// The clock was years ahead, and is set right.
    @Test func aWrongClockKeepsNothingBackForYears() throws {
        try ledger.adopt([mail])
        try finish("weekly", at: epoch + 400 * 86_400)
        let record = try #require(try ledger.claim(for: "mail", at: epoch + 400 * 86_400))
        _ = try ledger.settle(record.id, attempt: 1, problem: "no", at: epoch + 400 * 86_400)
        #expect(try ledger.claim(for: "mail", at: epoch)?.attempts == 2)
    }

    @Test func changedMinutesAreHandedOnAgain() throws {
        try ledger.adopt([mail])
        try finish("weekly")
        // Nobody has it yet, so that one will do.
        try finish("weekly", chunk: 2)
        #expect(try states("weekly") == ["mail waiting"])
        let first = try #require(try ledger.claim(for: "mail", at: at(0)))
        _ = try ledger.accept(file("weekly", chunk: 3, utterances(2)))
        #expect(try ledger.settle(first.id, attempt: 1, problem: "no", at: at(0))?.state == .waiting)
        #expect(try ledger.claim(for: "mail", at: at(60)) == nil, "the minutes are not finished now")
        _ = try ledger.accept(file("weekly", chunk: 4, utterances(2), ends: true))
        let meeting = try MeetingID("weekly")
        try ledger.record(window(2, 4..<8), of: meeting)
        try ledger.commit(summary(2), of: meeting)
        try ledger.finish(meeting, overall: overall, at: at(61))
        #expect(try states("weekly") == ["mail replaced", "mail waiting"])
        let second = try #require(try ledger.claim(for: "mail", at: at(62)))
        #expect(second.id != first.id && second.reason == .changed)
        // One that is under way while the minutes change, and fails.
        try finish("weekly", chunk: 5, at: at(63))
        #expect(
            try ledger.settle(second.id, attempt: 1, problem: "no", at: at(64))?.state == .replaced)
        let third = try #require(try ledger.claim(for: "mail", at: at(65)))
        #expect(try ledger.settle(third.id, attempt: 1, problem: nil)?.state == .delivered)
    }

    /// Corrections that follow each other go out together, and late ones do not put that off for ever.
    @Test func whatPeoplePutRightIsHandedOnOnceItRests() throws {
        try ledger.adopt([mail])
        let meeting = try finish("weekly")
        // Nobody has it yet: it waits for nobody.
        _ = try ledger.renameSpeakers("Ada", to: "Eve", in: meeting, at: at(1))
        let first = try #require(try ledger.claim(for: "mail", at: at(1)))
        // One that is under way may have the old name.
        _ = try ledger.renameSpeakers("Eve", to: "Ada Okafor", in: meeting, at: at(2))
        #expect(try ledger.settle(first.id, attempt: 1, problem: nil, at: at(3))?.state == .delivered)
        #expect(try ledger.claim(for: "mail", at: at(61)) == nil)
        try ledger.retitle(meeting, to: "The bridge", at: at(40))
        #expect(try states("weekly") == ["mail delivered", "mail waiting"])
        #expect(try ledger.claim(for: "mail", at: at(99)) == nil)
        let second = try #require(try ledger.claim(for: "mail", at: at(100)))
        #expect(second.id != first.id && second.reason == .changed)
        _ = try ledger.settle(second.id, attempt: 1, problem: nil, at: at(101))
        // What changes nothing is no correction.
        try ledger.retitle(meeting, to: "The bridge", at: at(102))
        _ = try ledger.renameSpeakers("Ada Okafor", to: "Ada Okafor", in: meeting, at: at(102))
        #expect(try states("weekly").count == 2)
        for second in stride(from: 200.0, to: 1200, by: 50) {
            try ledger.retitle(meeting, to: "\(second)", at: at(second))
        }
        #expect(try states("weekly") == ["mail delivered", "mail delivered", "mail waiting"])
        #expect(try ledger.claim(for: "mail", at: at(799)) == nil)
        #expect(try ledger.claim(for: "mail", at: at(800))?.reason == .changed)
    }

    @Test func whatIsNotFinishedIsNotHandedOnWhenItIsPutRight() throws {
        try ledger.adopt([mail])
        _ = try ledger.accept(file("weekly", utterances(2)))
        _ = try ledger.renameSpeakers("Ada", to: "Eve", in: MeetingID("weekly"))
        try ledger.retitle(MeetingID("weekly"), to: "The bridge")
        #expect(try ledger.outbox(latest: 100).isEmpty)
    }

    @Test func whatWaitsForAnEntryThatIsRemovedIsGivenUp() throws {
        try ledger.adopt([mail])
        try finish("weekly")
        try ledger.adopt([])
        let record = try #require(try ledger.outbox(latest: 0).first)
        #expect(record.state == .failed && record.problem?.contains("no entry") == true)
        #expect(refusal { _ = try ledger.resend([record.id]) } == .unknownDelivery)
        #expect(try ledger.resend() == 0)
        try ledger.adopt([mail])
        #expect(try ledger.resend() == 1)
        #expect(try ledger.claim(for: "mail")?.id == record.id)
    }

    /// Nothing of a meeting's words is left, and what has left the house is listed, also after a crash.
    @Test func whatWasHandedOnIsRememberedWhenItsMeetingIsForgotten() throws {
        try ledger.adopt([mail, OutboxTarget(name: "wiki")])
        let secret = "quitzdorf and zwickelgarn belong into the vault"
        for name in ["kept", "secret"] { try finish(name) }
        for _ in 0..<2 {
            let record = try #require(try ledger.claim(for: "mail", at: at(1)))
            _ = try ledger.settle(record.id, attempt: 1, problem: "refused: \(secret)", at: at(1))
        }
        let traces = Traces(of: [secret])
        #expect(!traces.found(below: temporary.folder.path).isEmpty)
        // In that which stays, too, once what was said in it is erased.
        let asked = [
            try ledger.askErasure(of: MeetingID("secret"), .meeting, by: "x", reason: "x"),
            try ledger.askErasure(of: MeetingID("kept"), .transcript, by: "x", reason: "x"),
        ]
        try ledger.eraseMeeting(asked[0], files: 0)
        try ledger.eraseTranscript(asked[1], files: 0)
        try temporary.reopen()
        try ledger.rewrite()
        try ledger.finishErasures(asked)
        #expect(traces.found(below: temporary.folder.path) == [])
        let left = try ledger.handedOn(of: asked[0])
        #expect(left.map(\.meeting) == ["secret"] && left.map(\.target) == ["mail"])
        #expect(left.first?.state == .waiting)
        #expect(try ledger.handedOn(of: asked[1]).map(\.meeting) == ["kept"])
        #expect(try ledger.outbox(latest: 100).allSatisfy { $0.meeting.name == "kept" })
        // Whoever has it under way hears that it is gone.
        #expect(try ledger.settle(left[0].id, attempt: 1, problem: nil) == nil)
        #expect(try ledger.findings() == [])
    }

    @Test func aPersonIsReplacedInWhatCommandsSay() throws {
        try ledger.adopt([mail])
        try finish("weekly")
        let record = try #require(try ledger.claim(for: "mail", at: at(1)))
        _ = try ledger.settle(record.id, attempt: 1, problem: "Marta Vogel is not known", at: at(1))
        let id = try ledger.askErasure(ofPerson: ["Marta Vogel"], by: "x", reason: "x")
        #expect(try ledger.meetingsNaming(["Marta Vogel"]).map(\.name) == ["weekly"])
        _ = try ledger.replacePerson(["Marta Vogel"], in: MeetingID("weekly"), of: id) { _, _ in "Person 1" }
        #expect(try ledger.outbox(latest: 0).first?.problem == "Person 1 is not known")
    }
}
