import Foundation
import Language
import GRDB
import Summaries
import Testing
import Transcript

@testable import Ledger

/// What is asked again and again while the daemon runs.
@Suite("What is to be done")
struct WorkTests {
    let home: TemporaryLedger
    var ledger: Ledger { home.ledger }

    init() throws {
        home = try TemporaryLedger()
        for name in ["done", "other"] {
            _ = try ledger.accept(file(name, utterances(4), ends: true))
            try ledger.record(window(0, 0..<4), of: MeetingID(name))
            try ledger.commit(summary(0), of: MeetingID(name))
            try ledger.finish(MeetingID(name), overall: overall)
        }
        _ = try ledger.accept(file("ended", utterances(9), ends: true))
        _ = try ledger.accept(file("open", utterances(9)))
        for name in ["ended", "open"] {
            for index in 0..<3 {
                try ledger.record(window(index, index * 3..<index * 3 + 3), of: MeetingID(name))
            }
        }
        let open = try MeetingID("open")
        try ledger.commit(summary(0), of: open)
        try ledger.recordFailure(window: 1, of: open, reason: written("no answer"), givingUp: true)
    }

    @Test func onlyWhatIsNotFinishedIsCounted() throws {
        #expect(try ledger.load() == LedgerLoad(openMeetings: 1, endedMeetings: 1, waitingWindows: 4))
        #expect(try ledger.meetingCount() == 4)
        #expect(try ledger.unfinishedMeetings().map(\.name) == ["ended", "open"])
        #expect(try ledger.firstWaitingWindow(of: MeetingID("ended"))?.window.index == 0)
        let waiting = try ledger.firstWaitingWindow(of: MeetingID("open"))
        #expect(waiting?.window.index == 2)
        #expect(try waiting == ledger.windows(of: MeetingID("open")).last)
        #expect(try ledger.firstWaitingWindow(of: MeetingID("done")) == nil)
    }

    @Test func idleMeetingsAreOpenOnes() throws {
        #expect(try ledger.openMeetings(unchangedSince: .distantFuture).map(\.name) == ["open"])
        #expect(try ledger.openMeetings(unchangedSince: epoch).isEmpty)
    }

    @Test func standingsComeInPortions() throws {
        let all = try ledger.standings()
        #expect(all.map(\.id.name) == ["done", "other", "ended", "open"])
        #expect(all.map(\.state) == [.finished, .finished, .ended, .open])
        #expect(all.map(\.changedAt) == (try ledger.meetings().map(\.changedAt)))
        #expect(try ledger.standings(after: all[0].place, limit: 2) == Array(all[1...2]))
        #expect(try ledger.standings(after: all[3].place, limit: 2).isEmpty)
    }

    @Test func ofFinishedMeetingsTheLatestAreListed() throws {
        #expect(try ledger.meetings().map(\.id.name) == ["done", "other", "ended", "open"])
        #expect(try ledger.meetings(latest: 1).map(\.id.name) == ["other", "ended", "open"])
        #expect(try ledger.meetings(latest: 0).map(\.id.name) == ["ended", "open"])
        // In pages they are the same.
        for size in 1...5 {
            var pages: [MeetingRecord] = []
            while case let page = try ledger.meetings(after: pages.last?.id, limit: size), !page.isEmpty {
                #expect(page.count <= size)
                pages += page
            }
            #expect(try pages == ledger.meetings())
        }
    }

    /// Of all windows only those that were given up are looked at.
    @Test func incompleteMeetingsAreFoundByAnIndex() throws {
        let plan = try ledger.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + WorkQueries.incompleteMeetingCount)
                .map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("INDEX windowGivenUp") }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN meeting") || $0.hasPrefix("SCAN summary") }, "\(plan)")
    }

    /// However many meetings are finished, SQLite looks at none of them.
    @Test(arguments: [
        WorkQueries.pendingMeetings, WorkQueries.unfinishedMeetings, WorkQueries.idleMeetings,
        WorkQueries.states, WorkQueries.waitingWindowCount, WorkQueries.waitingWindow,
        Ledger.meetingQuery + " WHERE meeting.name = ?",
    ])
    func finishedMeetingsAreNotLookedAt(query: String) throws {
        let plan = try ledger.read { db in
            // The placeholders are nothing here.
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + query.replacing("?", with: "'x'"))
                .map { $0["detail"] as String }
        }
        #expect(!plan.isEmpty)
        // Minutes that are made again are few, and so is what is put in order.
        for step in plan
        where step.hasPrefix("SCAN") && step != "SCAN redo" && !step.hasPrefix("SCAN (subquery") {
            #expect(step.hasPrefix("SCAN meeting USING") && step.hasSuffix("INDEX meetingAtWork"), "\(plan)")
        }
    }
}
