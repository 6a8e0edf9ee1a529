import Ledger
import Logging
import Metrics
import Summaries
import Transcript

/// The visible results of the work: minutes in the output folder, events for watchers, log records.
extension Pipeline {
    /// Notes which meetings have changed, and wakes the work loop.
    func follow(_ hints: AsyncStream<MeetingID>, wake: AsyncStream<Void>.Continuation) async {
        var known: [MeetingID: Int] = [:]
        for await meeting in hints {
            outputs.note([meeting])
            index.isChanged = true
            wake.yield()
            guard progress.isWatched else {
                known = [:]
                continue
            }
            guard let count = try? ledger.meeting(meeting)?.utteranceCount else { continue }
            if known.updateValue(count, forKey: meeting) != count { report(.utterances, meeting) }
        }
    }

    /// Writes the minutes of unfinished meetings, and from then on of those that change.
    ///
    /// Minutes that cannot be written are tried again later.
    func refreshOutputs() async {
        do {
            outputs.note(try ledger.unfinishedMeetings())
        } catch {
            complain(.reading, "the ledger cannot be read", error)
        }
        while !Task.isCancelled {
            for meeting in outputs.due(at: .now) where !Task.isCancelled && !hold.erased.contains(meeting) {
                await writeOutput(meeting)
            }
            if index.isDue(at: .now), !Task.isCancelled { await writeIndex() }
            let next = ContinuousClock.now + max(policy.refreshInterval, .milliseconds(20))
            // Cancellation is the way out of the sleep.
            try? await Task.sleep(
                until: min(next, max(outputs.next ?? next, ContinuousClock.now + .milliseconds(20))))
        }
    }

    /// Looks for finished meetings whose minutes are missing or stale.
    ///
    /// There may be thousands of them, so they are checked a few at a time and other work need not wait.
    nonisolated func findStaleOutputs() async {
        var place: Int64 = 0
        repeat {
            do {
                let some = try ledger.standings(after: place, limit: Self.standingsLimit)
                guard let last = some.last else { return }
                await noteChanged(some.filter(writer.isStale).map(\.id))
                place = last.place
            } catch {
                return await complain(.reading, "the ledger cannot be read", error)
            }
        } while (try? await Task.sleep(for: .milliseconds(100))) != nil
    }

    private static let standingsLimit = 100

    private func noteChanged(_ meetings: [MeetingID]) { outputs.note(meetings) }

    /// Writes the minutes of a meeting, or postpones that if they were written just before.
    func refreshOutput(_ meeting: MeetingID) async {
        if outputs.isDue(meeting, at: .now) {
            await writeOutput(meeting)
        } else {
            outputs.note([meeting])
        }
    }

    /// Writes the minutes of a meeting.
    func writeOutput(_ meeting: MeetingID) async {
        outputs.begin(meeting)
        // This includes waiting for the minutes of other meetings: the more meetings, the longer each rests.
        let begin = ContinuousClock.now
        do {
            try await Counters.process.timing("write_minutes") { try await writer.write(meeting) }
            let now = ContinuousClock.now
            outputs.finish(meeting, cost: now - begin, interval: policy.refreshInterval, at: now)
            itWorks(.minutes, meeting)
        } catch {
            outputs.fail(meeting, interval: max(policy.refreshInterval, .milliseconds(20)), at: .now)
            complain(.minutes, "minutes cannot be written", error, meeting)
        }
    }

    /// Writes the minutes of a meeting at once, since somebody has put them right; if that fails, it is tried again.
    ///
    /// While something of it is being erased, they are written at the end of that.
    package func writeEdited(_ meeting: MeetingID) async {
        if !hold.erased.contains(meeting) { await writeOutput(meeting) }
    }

    /// Writes the page of all meetings, which then rests nine times as long as that took.
    private func writeIndex() async {
        index.isChanged = false
        let begin = ContinuousClock.now
        do {
            try await writer.writeIndex()
            let cost = ContinuousClock.now - begin
            index.rest = .now + max(policy.refreshInterval, cost * OutputSchedule.restShare)
            itWorks(.minutes)
        } catch {
            index.isChanged = true
            index.rest = .now + OutputSchedule.retryLimit
            complain(.minutes, "minutes cannot be written", error)
        }
    }

    // MARK: - Troubles

    /// Logs a failure, unless it lasts already.
    func complain(
        _ kind: Troubles.Kind, _ what: String, _ error: any Error, _ meeting: MeetingID? = nil,
        level: Logger.Level = .error
    ) {
        guard troubles.add(kind, meeting) == 1 else { return }
        logger.log(
            level: level, "\(what), trying again", error: error,
            metadata: meeting.map { ["meeting": "\($0)"] })
    }

    /// Logs that something works again, if it had failed.
    func itWorks(_ kind: Troubles.Kind, _ meeting: MeetingID? = nil) {
        guard troubles.end(kind, meeting) else { return }
        logger.notice("\(kind.ending)", metadata: meeting.map { ["meeting": "\($0)"] })
    }

    /// Postpones a meeting whose next step cannot be recorded, longer each time.
    ///
    /// Nothing is lost: the same step is tried again.
    func hinder(_ meeting: MeetingID, _ what: String, _ error: any Error) {
        complain(.step, what, error, meeting)
        let count = troubles.count(.step, meeting)
        let delay = max(policy.retryDelay, Self.hindranceFirst) * (1 << min(count - 1, 16))
        postponed[meeting] = .now + min(delay, Self.hindranceLimit)
    }

    private static let (hindranceFirst, hindranceLimit) = (Duration.milliseconds(100), Duration.seconds(60))

    /// Reports an event to the watchers.
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

    /// Passes the text of a summary on to the watchers while it is written.
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

    /// Reports that a window has been summarised.
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
