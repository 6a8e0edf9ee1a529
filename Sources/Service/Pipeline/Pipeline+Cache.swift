import Ledger
import Logging
import Summaries
import Transcript

/// Saves the model's caches of meetings, if the model can do that.
///
/// This only saves time at the next start: without a saved cache the model reads the prompt again, and a failure is just
/// logged.
extension Pipeline {
    /// Saves the cache of an open window if enough time has passed since the last time.
    func saveOpenWindow(of meeting: MeetingID) async {
        guard model.savesTimelines else { return }
        if let savedAt = savedAt[meeting], savedAt + policy.saveInterval > .now { return }
        await saveCache(of: meeting)
    }

    /// Lets the model read the summaries before window `index`, with which the next prompt begins, and saves that.
    ///
    /// So a restart never has to read a committed window again. Does nothing after the last window of a meeting.
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

    /// Discards the model's cache of a meeting that is finished, in memory and on disk.
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
