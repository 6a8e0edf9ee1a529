import Ledger
import Summaries
import Transcript

/// Letting go of meetings, so that nothing of them is written again after it was erased.
extension Pipeline {
    /// A turn that can be broken off without the others.
    func interruptibleTurn(of meeting: MeetingID) async -> Bool {
        guard !hold.erased.contains(meeting) else { return false }
        let task = Task { await turn(of: meeting) }
        turns[meeting] = task
        defer { turns[meeting] = nil }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Breaks off the work on a meeting, forgets all that is in memory of it, and discards the model's cache, in memory and
    /// on disk; until ``endErasure(of:)`` nothing is begun for it.
    package func beginErasure(of meeting: MeetingID) async {
        hold.erased.insert(meeting)
        await breakOffQuestions(about: meeting)
        turns[meeting]?.cancel()
        // Ignored: whether it did anything.
        _ = await turns[meeting]?.value
        work[meeting] = nil
        savedAt[meeting] = nil
        postponed[meeting] = nil
        lastTurn[meeting] = nil
        judging.forget(meeting)
        redoJudging.forget(meeting)
        await model.close(timeline: meeting.name)
    }

    /// Writes the minutes of a meeting as the ledger has it now, also while something of it is being erased.
    package func writeOutputNow(of meeting: MeetingID) async throws {
        _ = try await writer.write(meeting)  // Ignored: whether anything was different.
    }

    /// Discards the model's cache of a meeting, in memory and on disk; what it has read is read again when it is needed.
    package func discardCache(of meeting: MeetingID) async {
        savedAt[meeting] = nil
        work[meeting]?.prefilledCount = 0
        await model.close(timeline: meeting.name)
    }

    /// Removes the minutes of a meeting, or, if the ledger still has it, writes them anew from what is left; the pages
    /// of all meetings are left to ``eraseIndex()``.
    package func eraseOutput(of meeting: MeetingID) async throws {
        outputs.forget(meeting)
        if try ledger.meeting(meeting) == nil { forgetState(of: meeting) }
        try await writer.erase(meeting, keepsIndex: true)
    }

    /// Writes the pages of all meetings without what was erased.
    package func eraseIndex() async throws { try await writer.eraseIndex() }

    /// Goes on with a meeting of this name, if there is one.
    package func endErasure(of meeting: MeetingID) {
        hold.erased.remove(meeting)
        outputs.note([meeting])
        wakeUp()
    }

    private func forgetState(of meeting: MeetingID) {
        hold.meetings.remove(meeting)
        hold.abandoned.remove(meeting)
        suspects.remove(meeting)
        for kind in [Troubles.Kind.step, .minutes, .cache] { _ = troubles.end(kind, meeting) }
    }
}
