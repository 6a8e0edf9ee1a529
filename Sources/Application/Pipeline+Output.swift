import Ledger
import Logging
import Minutes
import Transcript

/// What others see of the work: minutes in the output folder, events for those who watch, log records.
extension Pipeline {
    /// Notes which meetings changed and wakes the work.
    func follow(_ hints: AsyncStream<MeetingID>, wake: AsyncStream<Void>.Continuation) async {
        var known: [MeetingID: Int] = [:]
        for await meeting in hints {
            dirty.insert(meeting)
            wake.yield()
            guard progress.isWatched, let count = try? ledger.meeting(meeting)?.utteranceCount else {
                continue
            }
            if known.updateValue(count, forKey: meeting) != count { report(.utterances, meeting) }
        }
    }

    /// Writes minutes that are missing or stale, then those of meetings that changed, at an interval.
    ///
    /// What cannot be written stays on the list and is tried again.
    func refreshOutputs() async {
        do {
            dirty.formUnion(try await writer.staleMeetings())
        } catch {
            logger.error("cannot tell which minutes are missing", error: error)
        }
        repeat {
            for meeting in dirty where !Task.isCancelled { await writeOutput(meeting) }
            // Cancellation is the way out of the sleep.
        } while (try? await Task.sleep(for: max(policy.refreshInterval, .milliseconds(20)))) != nil
    }

    /// Writes one meeting's minutes as they stand.
    func writeOutput(_ meeting: MeetingID) async {
        dirty.remove(meeting)
        do {
            try await writer.write(meeting)
            unwritable.remove(meeting)
        } catch {
            dirty.insert(meeting)
            // Said once, not at every try.
            guard unwritable.insert(meeting).inserted else { return }
            logger.error("minutes cannot be written", error: error, metadata: ["meeting": "\(meeting)"])
        }
    }

    /// Tells those who watch.
    func report(
        _ kind: ProgressEvent.Kind, _ meeting: MeetingID, window: Int? = nil, text: String? = nil,
        promptTokens: Int? = nil, reusedTokens: Int? = nil, generatedTokens: Int? = nil,
        seconds: Double? = nil
    ) {
        // An event without its counts is better than none.
        let record = progress.isWatched ? (try? ledger.meeting(meeting)) : nil
        progress.report(
            ProgressEvent(
                meeting: meeting, kind: kind, window: window, windowCount: record?.windowCount ?? 0,
                utteranceCount: record?.utteranceCount ?? 0, text: text, promptTokens: promptTokens,
                reusedTokens: reusedTokens, generatedTokens: generatedTokens, seconds: seconds))
    }

    /// Passes a summary's text on while it is written.
    func textReporter(_ meeting: MeetingID, window: Int?) -> @Sendable (String) -> Void {
        let record = try? ledger.meeting(meeting)
        let blank = ProgressEvent(
            meeting: meeting, kind: .text, window: window, windowCount: record?.windowCount ?? 0,
            utteranceCount: record?.utteranceCount ?? 0)
        return { [progress] piece in
            var event = blank
            event.text = piece
            progress.report(event)
        }
    }

    /// Tells that a window has its summary.
    func reportSummary(_ summary: WindowSummary, _ meeting: MeetingID) {
        report(
            .summarised, meeting, window: summary.window, text: summary.text,
            promptTokens: summary.promptTokens,
            reusedTokens: summary.reusedTokens, generatedTokens: summary.generatedTokens,
            seconds: summary.seconds)
        noteSpeed(of: summary)
        logger.info(
            "summarised a window",
            metadata: [
                "meeting": "\(meeting)", "window": "\(summary.window)",
                "promptTokens": "\(summary.promptTokens)",
                "reusedTokens": "\(summary.reusedTokens)", "generatedTokens": "\(summary.generatedTokens)",
                "milliseconds": "\(Int(summary.seconds * 1000))",
            ])
    }
}
