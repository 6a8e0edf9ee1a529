import Language
import Ledger
import Logging
import Summaries
import Transcript

/// What operators can do with the pipeline while it works.
extension Pipeline {
    /// Meetings that are held, and meetings to be finished early.
    struct Hold: Sendable {
        /// Whether all meetings are held.
        var isAll = false
        /// Meetings that are held by name.
        var meetings: Set<MeetingID> = []
        /// Those that are to be finished without the summaries that they lack.
        var abandoned: Set<MeetingID> = []
        /// Those of which something is being erased.
        var erased: Set<MeetingID> = []

        func holds(_ meeting: MeetingID) -> Bool {
            isAll || meetings.contains(meeting) || erased.contains(meeting)
        }
    }

    /// Adopts another policy: at once for failures, silence and output; for windows, in meetings that begin later.
    package func adopt(_ policy: Policy) {
        self.policy = policy
        wakeUp()
    }

    /// Starts no more work for `meeting`, or for any meeting if it is nil; work in progress is finished.
    ///
    /// Lasts until ``resume(_:)`` or the end of the process.
    package func pause(_ meeting: MeetingID?) {
        if let meeting { hold.meetings.insert(meeting) } else { hold.isAll = true }
    }

    /// Resumes work for `meeting`, or for all meetings if it is nil.
    package func resume(_ meeting: MeetingID?) {
        if let meeting {
            hold.meetings.remove(meeting)
            // Ignored: the meeting is then held again, with a message that says why.
            try? forgetDeaths(of: meeting)
        } else {
            hold.isAll = false
            hold.meetings = []
        }
        wakeUp()
    }

    /// Whether all meetings are held.
    package var isPaused: Bool { hold.isAll }

    /// Meetings that are held, by name.
    package var heldMeetings: [MeetingID] { hold.meetings.sorted { $0.name < $1.name } }

    /// Tries again what was given up; returns how many windows that is, nil if nothing was.
    ///
    /// Throws `LedgerError` if there is no such meeting.
    package func retry(_ meeting: MeetingID) throws -> Int? {
        hold.abandoned.remove(meeting)
        postponed[meeting] = nil
        try forgetDeaths(of: meeting)
        let windows = try ledger.retry(meeting)
        // This also forgets failed attempts at the summary of the whole.
        if !inTurn.contains(meeting) { work[meeting] = nil }
        wakeUp()
        return windows
    }

    /// Ends a meeting and finishes its minutes without the missing summaries; false if it was finished already.
    ///
    /// A summary that is being written is still used. Throws `LedgerError` if there is no such meeting.
    package func endNow(_ meeting: MeetingID) throws -> Bool {
        guard let record = try ledger.meeting(meeting), record.state != .finished else { return false }
        _ = try end(meeting)
        hold.abandoned.insert(meeting)
        hold.meetings.remove(meeting)
        postponed[meeting] = nil
        logger.notice("a meeting was ended without its last summaries", metadata: ["meeting": "\(meeting)"])
        wakeUp()
        return true
    }

    /// Gives up every window without a summary and finishes the meeting.
    func abandonRest(of meeting: MeetingID) throws {
        let reason = Note(.endedNow)
        for window in try ledger.windows(of: meeting) where window.state == .closed {
            try ledger.recordFailure(window: window.window.index, of: meeting, reason: reason, givingUp: true)
        }
        try ledger.note(Note(.wholeFailed, .note(reason)), of: meeting)
        try complete(meeting, overall: nil)
        hold.abandoned.remove(meeting)
    }

    /// Updates the mean speed, in which the latest summaries count most.
    func noteSpeed(of summary: WindowSummary) {
        guard summary.seconds > 0, summary.generatedTokens > 0 else { return }
        let tokens = summary.promptTokens - summary.reusedTokens + summary.generatedTokens
        let speed = Double(tokens) / summary.seconds
        tokensPerSecond = tokensPerSecond.map { $0 + (speed - $0) / 4 } ?? speed
    }
}
