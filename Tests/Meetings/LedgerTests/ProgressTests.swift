import Foundation
import Language
import Ledger
import Summaries
import Testing
import Transcript

@Suite("What was decided and written")
struct ProgressTests {
    let home: TemporaryLedger
    var ledger: Ledger { home.ledger }
    let meeting: MeetingID

    init() throws {
        home = try TemporaryLedger()
        meeting = try MeetingID("board")
        _ = try home.ledger.accept(connection("board", utterances(10)))
    }

    @Test func windowsAreContiguous() throws {
        #expect(refusal { try ledger.record(window(1, 0..<4), of: meeting) } == .notContiguous)
        #expect(refusal { try ledger.record(window(0, 1..<4), of: meeting) } == .notContiguous)
        #expect(refusal { try ledger.record(window(0, 0..<11), of: meeting) } == .notContiguous)
        #expect(refusal { try ledger.record(window(0, 0..<0), of: meeting) } == .notContiguous)
        try ledger.record(window(0, 0..<4), of: meeting)
        #expect(refusal { try ledger.record(window(0, 0..<4), of: meeting) } == .notContiguous)
        #expect(refusal { try ledger.record(window(1, 5..<9), of: meeting) } == .notContiguous)
        try ledger.record(window(1, 4..<10), of: meeting)
        try home.reopen()
        #expect(try ledger.windows(of: meeting).map(\.window) == [window(0, 0..<4), window(1, 4..<10)])
        #expect(try ledger.windows(of: meeting, in: 1..<2).map(\.wordCount) == [18])
        #expect(try ledger.meeting(meeting)?.windowedUtteranceCount == 10)
    }

    @Test func aSummaryIsCommittedOnce() throws {
        #expect(refusal { try ledger.commit(summary(0), of: meeting) } == .unknownWindow)
        try ledger.record(window(0, 0..<4), of: meeting)
        try ledger.commit(summary(0), of: meeting)
        #expect(refusal { try ledger.commit(summary(0), of: meeting) } == .alreadySummarised)
        try home.reopen()
        #expect(refusal { try ledger.commit(summary(0), of: meeting) } == .alreadySummarised)
        #expect(try ledger.windows(of: meeting).map(\.summary) == [summary(0)])
        #expect(try ledger.windows(of: meeting).map(\.state) == [.summarised])
    }

    @Test func failuresAreCountedAndAWindowCanBeGivenUp() throws {
        try ledger.record(window(0, 0..<4), of: meeting)
        try ledger.recordFailure(window: 0, of: meeting, reason: written("first"))
        var record = try #require(try ledger.windows(of: meeting).first)
        #expect(record.state == .closed)
        #expect(record.attempts == 1)
        try ledger.recordFailure(window: 0, of: meeting, reason: written("second"), givingUp: true)
        try ledger.recordFailure(window: nil, of: meeting, reason: written("whole"))
        record = try #require(try ledger.windows(of: meeting).first)
        #expect(record.state == .failed(reason: written("second")))
        #expect(record.attempts == 2)
        #expect(try ledger.meeting(meeting)?.failedWindowCount == 1)
        #expect(try ledger.failures(of: meeting).map(\.window) == [0, 0, nil])
        // Somebody tries again later, and it works.
        try ledger.commit(summary(0), of: meeting)
        #expect(try ledger.windows(of: meeting).map(\.state) == [.summarised])
        #expect(try ledger.meeting(meeting)?.failedWindowCount == 0)
    }

    @Test func finishingNeedsEverythingDone() throws {
        #expect(refusal { try ledger.finish(meeting, overall: overall) } == .unfinished)
        #expect(try ledger.end(meeting))
        #expect(refusal { try ledger.finish(meeting, overall: overall) } == .unfinished)
        try ledger.record(window(0, 0..<10), of: meeting)
        #expect(refusal { try ledger.finish(meeting, overall: overall) } == .unfinished)
        #expect(try ledger.pendingMeetings() == [meeting])
        try ledger.commit(summary(0), of: meeting)
        #expect(try ledger.pendingMeetings() == [meeting])
        #expect(try ledger.finish(meeting, overall: overall) == 1)
        #expect(try ledger.pendingMeetings().isEmpty)
        #expect(refusal { try ledger.finish(meeting, overall: overall) } == .unfinished)
        #expect(try ledger.meeting(meeting)?.state == .finished)
    }

    @Test func laterInputOpensAFinishedMeetingAgain() throws {
        try ledger.record(window(0, 0..<10), of: meeting)
        try ledger.commit(summary(0), of: meeting)
        #expect(try ledger.pendingMeetings().isEmpty)
        #expect(try ledger.end(meeting))
        #expect(try ledger.finish(meeting, overall: nil) == 1)
        _ = try ledger.accept(connection("board", utterances(2)))
        #expect(try ledger.meeting(meeting)?.state == .open)
        #expect(try ledger.meeting(meeting)?.endedAt == nil)
        #expect(try ledger.pendingMeetings() == [meeting])
        #expect(try ledger.end(meeting))
        try ledger.record(window(1, 10..<12), of: meeting)
        try ledger.recordFailure(window: 1, of: meeting, reason: written("no"), givingUp: true)
        #expect(try ledger.finish(meeting, overall: overall) == 2)
        #expect(try ledger.overalls(of: meeting).map(\.summary) == [nil, overall])
        #expect(try ledger.overalls(of: meeting).map(\.utteranceCount) == [10, 12])
        #expect(try ledger.meeting(meeting)?.revision == 2)
    }

    @Test func aMeetingWithoutUtterancesCanBeFinished() throws {
        let empty = try MeetingID("empty")
        _ = try ledger.accept(file("empty", [], ends: true))
        #expect(try ledger.finish(empty, overall: nil) == 1)
    }

    @Test func thoseWhoSpeakAreCounted() throws {
        _ = try ledger.accept(
            connection("board", utterances(5, speaker: nil) + utterances(3, speaker: "Grace")))
        let speakers = try ledger.speakers(of: meeting)
        #expect(speakers.map(\.name) == ["Ada", "Grace"])
        #expect(speakers.map(\.utterances) == [10, 3] && speakers.map(\.words) == [30, 9])
    }

    /// What was found comes and goes with the summary, in one transaction.
    @Test func findingsAreKeptWithTheirWindow() throws {
        var found = WindowFindings.nothing
        found.topicWords = ["charging station"]
        try ledger.record(window(0, 0..<4), of: meeting)
        #expect(try ledger.windows(of: meeting).map(\.findings) == [nil])
        #expect(refusal { try ledger.commit(summary(1), findings: found, of: meeting) } == .unknownWindow)
        try ledger.commit(summary(0), findings: found, of: meeting)
        #expect(try ledger.windows(of: meeting).map(\.findings) == [found])
        try ledger.record(window(1, 4..<6), of: meeting)
        try ledger.recordFailure(
            window: 1, of: meeting, reason: written("no"), givingUp: true, findings: .nothing)
        #expect(try ledger.windows(of: meeting).map(\.findings) == [found, .nothing])
    }

    @Test func everyChangeIsHinted() async throws {
        var hints = ledger.changes().makeAsyncIterator()
        try ledger.record(window(0, 0..<4), of: meeting)
        #expect(await hints.next() == meeting)
        try ledger.commit(summary(0), of: meeting)
        #expect(await hints.next() == meeting)
        _ = try ledger.accept(file("other", utterances(1)))
        #expect(await hints.next()?.name == "other")
    }
}
