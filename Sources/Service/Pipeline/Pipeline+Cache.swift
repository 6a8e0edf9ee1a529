import Ledger
import Logging
import Summaries
import Transcript

/// What the model has read outlives the process, if the model can save it.
///
/// Only a convenience for the next start: what is not saved is read again, and a failure is one line in the log.
extension Pipeline {
    /// Saves what the model has read of an open window, now and then.
    func saveOpenWindow(of meeting: MeetingID) async {
        guard model.savesTimelines else { return }
        if let savedAt = savedAt[meeting], savedAt + policy.saveInterval > .now { return }
        await saveCache(of: meeting)
    }

    /// Lets the model read the summaries before window `index`, with which the next prompt begins, and saves that.
    ///
    /// So no committed window has a part in what is read again after a restart. Nothing is done behind a meeting's
    /// last window.
    func saveSummaries(of meeting: MeetingID, before index: Int) async {
        guard model.savesTimelines, !Task.isCancelled else { return }
        do {
            guard let record = try ledger.meeting(meeting),
                record.state == .open || index < record.windowCount
            else { return }
            let earlier = try ledger.windows(of: meeting, in: 0..<index).compactMap(\.summary)
            try await summarizer(for: meeting).prefillOpenWindow(
                index: index, utterances: [], earlier: earlier, timeline: meeting.name)
            await saveCache(of: meeting)
        } catch is CancellationError {
            return
        } catch {
            logger.warning("cannot prefill", error: error, metadata: ["meeting": "\(meeting)"])
        }
    }

    /// Lets go of what the model has read of a meeting that is finished, the saved part as well.
    func closeCache(of meeting: MeetingID) async {
        guard work[meeting] == nil else { return }
        savedAt[meeting] = nil
        _ = troubles.end(.cache, meeting)
        await model.close(timeline: meeting.name)
    }

    private func saveCache(of meeting: MeetingID) async {
        savedAt[meeting] = .now
        do {
            try await model.save(timeline: meeting.name)
            FaultPoint.cacheSaved.reach()
            itWorks(.cache, meeting)
        } catch {
            complain(.cache, "what the model has read cannot be saved", error, meeting, level: .warning)
        }
    }
}
