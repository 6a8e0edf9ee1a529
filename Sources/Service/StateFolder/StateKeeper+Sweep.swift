import Files
import Foundation
import Intake
import Ledger
import Pipeline
import Settings
import Transcript

/// Something that a sweep removes, or keeps though it is old.
package struct SweepItem: Sendable, Hashable, Codable {
    /// What happens to it.
    package enum Action: String, Sendable, Codable {
        /// A meeting is forgotten, with everything.
        case meeting
        /// What was said in a meeting is erased; its minutes stay.
        case transcript
        /// A received file is removed.
        case received
        /// A saved cache is removed.
        case cache
        /// A file that was refused is removed, with its reason.
        case refused
        /// A damaged ledger that was set aside is removed.
        case damagedLedger
        /// A meeting that does not go on is finished as it is.
        case finish
        /// Nothing, for a reason that the rules do not foresee.
        case kept
    }

    /// What happens to it.
    package let action: Action
    /// The meeting, or the path of the file.
    package let subject: String
    /// Why, with the rule and the age.
    package let reason: String
}

/// What a sweep has done, or would do.
package struct SweepReport: Sendable, Hashable, Codable {
    /// Whether nothing was done.
    package let isDryRun: Bool
    /// What is affected: meetings first, then files.
    package var items: [SweepItem]
    /// See ``StateKeeper/Outcome/left``.
    package var left: [String] = []
    /// See ``StateKeeper/Outcome/trouble``; or why something could not be removed.
    package var trouble: String?
    /// Why nothing was done, and what to do, if the clock may be wrong.
    package var refusal: String?

    /// How many things went, or would go.
    package var count: Int { items.count { $0.action != .kept } }
}

/// Removing what is older than the rules allow.
extension StateKeeper {
    /// Removes what is due at `now`; with `isDry` only says what it is.
    ///
    /// A meeting that is not finished is never forgotten, unless the daemon died of it so often that it cannot be
    /// finished, and neither is one that goes on while the sweep lasts. One that nobody asked for (`isAutomatic`) is
    /// refused if it would remove something and much time has passed since the last: the clock may be wrong, and then
    /// everything would be too old. Throws what keeps everything from being removed; what can be removed all the same
    /// is.
    package func sweep(
        isDry: Bool = false, isAutomatic: Bool = false, by user: String, at now: Date = .now
    ) async throws -> SweepReport {
        try await exclusively {
            let plan = try SweepPlan(self, now)
            let isHarmless = plan.items.allSatisfy { $0.action == .kept }
            if isAutomatic, !isHarmless, let refusal = try refusal(at: now) {
                return SweepReport(isDryRun: isDry, items: [], refusal: refusal)
            }
            var report = SweepReport(isDryRun: isDry, items: plan.items)
            if isDry { return report }
            try ledger.noteSweep(at: now)
            var asked: [(id: Int64, item: SweepItem)] = []
            for item in plan.items {
                do {
                    switch item.action {
                    case .meeting, .transcript:
                        let id = try plan.judged[item.subject].flatMap { meeting in
                            try ledger.askErasure(
                                byRule: item.action == .meeting ? .meeting : .transcript, of: meeting,
                                by: user,
                                reason: item.reason)
                        }
                        if let id { asked.append((id, item)) } else { report.items.removeAll { $0 == item } }
                    default: try await carryOut(item)
                    }
                } catch {
                    report.trouble = report.trouble ?? "\(error)"
                }
            }
            // Erasures that an earlier sweep could not complete are completed as well.
            let ids = asked.map(\.id)
            let pending = try ledger.erasures(pending: true).map(\.id).filter { !ids.contains($0) }
            if !(pending + ids).isEmpty {
                let outcome = try await carryOut(pending + ids)
                report.left = outcome.left
                report.trouble = report.trouble ?? outcome.trouble
                let recorded = Set(outcome.erasures.map(\.id))
                // What went on in between stays.
                for (id, item) in asked where !recorded.contains(id) { report.items.removeAll { $0 == item } }
            }
            return report
        }
    }

    /// For how many days no sweep may have been, so that one is done without being asked for.
    private static let longestPause = 90

    private func refusal(at now: Date) throws -> String? {
        guard let last = try ledger.lastSweep(),
            now.timeIntervalSince(last) > Double(Self.longestPause) * 86_400
        else { return nil }
        return "by the clock it is \(now.ISO8601Format()), and the last sweep, or the last change of a "
            + "meeting, was on \(last.ISO8601Format()), more than \(Self.longestPause) days ago; if the clock is "
            + "right, see minutectl sweep --dry-run and run minutectl sweep once"
    }

    private func carryOut(_ item: SweepItem) async throws {
        let (folder, name) = Folder.split(item.subject)
        switch item.action {
        case .received, .refused:
            let spool = spool
            try await gated {
                _ = try spool.erase(name, in: folder)  // Ignored: gone is as good.
            }
        case .cache:
            let meetings = try ledger.unfinishedMeetings()
            let meeting = caches.all(meetings: meetings.map(\.name)).first { $0.file == name }?.meeting
            if let meeting { await pipeline?.discardCache(of: try MeetingID(meeting)) }
            try caches.remove(file: name)
        case .damagedLedger:
            for suffix in ["-wal", "-shm", ""] where unlink(item.subject + suffix) != 0 && errno != ENOENT {
                throw FileError(item.subject + suffix, "removed")
            }
            try Folder.synchronize(folder)
        case .finish:
            // Ignored: finished before is as good.
            _ = try await pipeline?.endNow(try MeetingID(item.subject))
        // Meetings are erased together.
        case .meeting, .transcript, .kept: break
        }
    }
}

/// What a sweep finds due.
private struct SweepPlan {
    private(set) var items: [SweepItem] = []
    /// The meetings as they were when they were judged, by name.
    private(set) var judged: [String: MeetingRecord] = [:]
    private let rules: Settings.Retention
    private let now: Date
    /// Meetings that go as a whole, or lose what was said, and their files with it.
    private var gone: Set<MeetingID> = []
    /// Meetings whose minutes wait to be handed on.
    private var waiting: Set<MeetingID> = []

    /// Finds out what is due at `now`.
    init(_ keeper: isolated StateKeeper, _ now: Date) throws {
        self.now = now
        rules = keeper.retention
        waiting = Set(
            try keeper.ledger.outbox(latest: 0).filter { $0.settledAt == nil }.map(\.meeting))
        for meeting in try keeper.ledger.meetings() {
            judged[meeting.id.name] = meeting
            try judge(meeting, keeper)
        }
        let received = try keeper.ledger.receivedFiles()
        judgeReceived(received, keeper.spool)
        judgeRefused(keeper.spool, modified: keeper.modified)
        let unfinished = try keeper.ledger.unfinishedMeetings().map(\.name)
        for cache in keeper.caches.all(meetings: unfinished) {
            guard let days = Settings.Retention.days(rules.caches, ofMeeting: cache.meeting ?? ""),
                let age = age(cache.usedAt, over: days)
            else { continue }
            add(
                .cache, "\(keeper.caches.folder)/\(cache.file)",
                "not used for \(age) days; retention.caches is \(days)")
        }
        guard let days = Settings.Retention.days(rules.failed, ofMeeting: "") else { return }
        for aside in keeper.setAside() where !aside.path.hasSuffix("-wal") && !aside.path.hasSuffix("-shm") {
            guard let age = age(aside.at, over: days) else { continue }
            add(.damagedLedger, aside.path, "set aside, \(age) days old; retention.failed is \(days)")
        }
    }

    private mutating func add(_ action: SweepItem.Action, _ subject: String, _ reason: String) {
        items.append(SweepItem(action: action, subject: subject, reason: reason))
    }

    /// The age in whole days, if it is more than `days`.
    private func age(_ time: Date, over days: Int) -> Int? {
        let seconds = now.timeIntervalSince(time)
        return seconds > Double(days) * 86_400 ? Int(seconds / 86_400) : nil
    }

    // MARK: - Meetings

    private mutating func judge(_ meeting: MeetingRecord, _ keeper: isolated StateKeeper) throws {
        let name = meeting.id.name
        let minutes = Settings.Retention.days(rules.minutes, ofMeeting: name)
        let transcripts = Settings.Retention.days(rules.transcripts, ofMeeting: name)
        let isDeadly = try keeper.ledger.deathCount(of: .input(meeting.id)) >= keeper.attempts
        guard meeting.state == .finished || isDeadly else {
            let days = [minutes, transcripts].compactMap(\.self).min()
            return judgeUnfinished(meeting, days, canFinish: keeper.pipeline != nil)
        }
        let time = meeting.endedAt ?? meeting.changedAt
        guard meeting.failedWindowCount > 0 || isDeadly else {
            return judgeFinished(meeting, time, minutes, transcripts)
        }
        let what = isDeadly ? "the daemon died of it" : "\(meeting.failedWindowCount) parts failed"
        let own = Settings.Retention.days(rules.failed, ofMeeting: name)
        if let own {
            guard let age = age(time, over: own) else {
                return keep(meeting, time, minutes, what, "failed", own)
            }
            add(.meeting, name, "\(what), ended \(age) days ago; retention.failed is \(own)")
            gone.insert(meeting.id)
        } else if let minutes {
            guard let age = age(time, over: 2 * minutes) else {
                return keep(meeting, time, minutes, what, "minutes, twice over", 2 * minutes)
            }
            add(
                .meeting, name,
                "\(what), ended \(age) days ago; twice retention.minutes, which is \(minutes), since retention.failed is "
                    + "none")
            gone.insert(meeting.id)
        }
    }

    /// States that a failed meeting is kept longer than it would be if it had not failed.
    private mutating func keep(
        _ meeting: MeetingRecord, _ time: Date, _ minutes: Int?, _ what: String, _ rule: String, _ days: Int
    ) {
        guard let minutes, let age = age(time, over: minutes) else { return }
        add(
            .kept, meeting.id.name,
            "\(what), ended \(age) days ago: it may be tried again (minutectl retry meeting) until it is \(days) days old, "
                + "by retention.\(rule)")
    }

    private mutating func judgeFinished(
        _ meeting: MeetingRecord, _ time: Date, _ minutes: Int?, _ transcripts: Int?
    ) {
        if let minutes, let age = age(time, over: minutes) {
            let loss = waiting.contains(meeting.id) ? "; not handed on yet, and is not any more" : ""
            add(.meeting, meeting.id.name, "ended \(age) days ago; retention.minutes is \(minutes)\(loss)")
            gone.insert(meeting.id)
        } else if let transcripts, meeting.transcriptErasedAt == nil, meeting.utteranceCount > 0,
            let age = age(time, over: transcripts)
        {
            add(
                .transcript, meeting.id.name, "ended \(age) days ago; retention.transcripts is \(transcripts)"
            )
            gone.insert(meeting.id)
        }
    }

    private mutating func judgeUnfinished(_ meeting: MeetingRecord, _ days: Int?, canFinish: Bool) {
        guard let days, let age = age(meeting.changedAt, over: days) else { return }
        add(
            canFinish ? .finish : .kept, meeting.id.name,
            "not finished, and unchanged for \(age) days; finished ones of its kind are kept \(days)"
                + (canFinish ? "" : "; the daemon finishes it when it runs"))
    }

    // MARK: - Files

    private mutating func judgeReceived(_ received: [Ledger.ReceivedFileRecord], _ spool: SpoolFolder) {
        guard rules.received != .none else { return }
        let known = Dictionary(grouping: received) { "\($0.file.byteCount) \($0.file.name)" }
        for (name, size, time) in spool.doneFiles() {
            let record = known["\(size) \(SpoolFolder.original(of: name))"]?.last
            if let record, !record.isFinished || gone.contains(record.meeting) { continue }
            // One that came again under another name is known by that name alone.
            let kind = record?.meeting.name ?? SpoolFolder.original(of: name)
            guard let days = Settings.Retention.days(rules.received, ofMeeting: kind),
                let age = age(record?.receivedAt ?? time, over: days)
            else { continue }
            add(.received, "\(spool.done)/\(name)", "received \(age) days ago; retention.received is \(days)")
        }
    }

    private mutating func judgeRefused(_ spool: SpoolFolder, modified: (String) -> Date?) {
        for name in spool.failedNames() {
            let path = "\(spool.failed)/\(name)"
            // The reason was written when the file was refused.
            guard let days = Settings.Retention.days(rules.failed, ofMeeting: name),
                let time = modified(spool.reasonPath(of: name)) ?? modified(path),
                let age = age(time, over: days)
            else { continue }
            add(.refused, path, "refused \(age) days ago; retention.failed is \(days)")
        }
    }
}
