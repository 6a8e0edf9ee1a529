import Ledger
import Logging
import Summaries
import Transcript

/// What others see of the work: minutes in the output folder, events for those who watch, log records.
extension Pipeline {
    /// Notes which meetings changed and wakes the work.
    func follow(_ hints: AsyncStream<MeetingID>, wake: AsyncStream<Void>.Continuation) async {
        var known: [MeetingID: Int] = [:]
        for await meeting in hints {
            outputs.note([meeting])
            wake.yield()
            guard progress.isWatched else {
                known = [:]
                continue
            }
            guard let count = try? ledger.meeting(meeting)?.utteranceCount else { continue }
            if known.updateValue(count, forKey: meeting) != count { report(.utterances, meeting) }
        }
    }

    /// Writes the minutes of meetings that go on, then of those that changed.
    ///
    /// What cannot be written stays on the list and is tried again.
    func refreshOutputs() async {
        do {
            outputs.note(try ledger.unfinishedMeetings())
        } catch {
            complain(.reading, "the ledger cannot be read", error)
        }
        while !Task.isCancelled {
            for meeting in outputs.due(at: .now) where !Task.isCancelled { await writeOutput(meeting) }
            let next = ContinuousClock.now + max(policy.refreshInterval, .milliseconds(20))
            // Cancellation is the way out of the sleep.
            try? await Task.sleep(
                until: min(next, max(outputs.next ?? next, ContinuousClock.now + .milliseconds(20))))
        }
    }

    /// Looks for finished meetings whose minutes are missing or stale.
    ///
    /// There may be thousands of them: some at a time, so that who has work to do need not wait.
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

    /// Writes one meeting's minutes as they stand, unless they have to rest: then later.
    func refreshOutput(_ meeting: MeetingID) async {
        if outputs.isDue(meeting, at: .now) {
            await writeOutput(meeting)
        } else {
            outputs.note([meeting])
        }
    }

    /// Writes one meeting's minutes as they stand.
    func writeOutput(_ meeting: MeetingID) async {
        outputs.begin(meeting)
        // With the wait for other meetings' minutes: where there are many, each rests longer.
        let begin = ContinuousClock.now
        do {
            try await writer.write(meeting)
            let now = ContinuousClock.now
            outputs.finish(meeting, cost: now - begin, interval: policy.refreshInterval, at: now)
            itWorks(.minutes, meeting)
        } catch {
            outputs.fail(meeting, interval: max(policy.refreshInterval, .milliseconds(20)), at: .now)
            complain(.minutes, "minutes cannot be written", error, meeting)
        }
    }

    // MARK: - Troubles

    /// Says that something does not work, if that is new.
    func complain(
        _ kind: Troubles.Kind, _ what: String, _ error: any Error, _ meeting: MeetingID? = nil,
        level: Logger.Level = .error
    ) {
        guard troubles.add(kind, meeting) == 1 else { return }
        logger.log(
            level: level, "\(what), trying again", error: error,
            metadata: meeting.map { ["meeting": "\($0)"] })
    }

    /// Says that something works again, if it did not.
    func itWorks(_ kind: Troubles.Kind, _ meeting: MeetingID? = nil) {
        guard troubles.end(kind, meeting) else { return }
        logger.notice("\(kind.ending)", metadata: meeting.map { ["meeting": "\($0)"] })
    }

    /// Leaves a meeting alone whose next step cannot be recorded: for longer each time.
    ///
    /// Nothing is lost; the same is tried again.
    func hinder(_ meeting: MeetingID, _ what: String, _ error: any Error) {
        complain(.step, what, error, meeting)
        let count = troubles.count(.step, meeting)
        let delay = max(policy.retryDelay, Self.hindranceFirst) * (1 << min(count - 1, 16))
        postponed[meeting] = .now + min(delay, Self.hindranceLimit)
    }

    private static let (hindranceFirst, hindranceLimit) = (Duration.milliseconds(100), Duration.seconds(60))

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
