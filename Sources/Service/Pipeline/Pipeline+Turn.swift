import Errors
import Foundation
import Language
import Ledger
import Logging
import Metrics
import Summaries
import Transcript

/// The turn of a meeting.
extension Pipeline {
    /// Does the next piece of work of `meeting`; false if there is nothing to do for now.
    func turn(of meeting: MeetingID) async -> Bool {
        if let until = postponed[meeting] {
            guard until <= .now else { return false }
            postponed[meeting] = nil
        }
        let hindrances = troubles.count(.step, meeting)
        let worked = await work(at: meeting)
        if troubles.count(.step, meeting) == hindrances, !Task.isCancelled { itWorks(.step, meeting) }
        return worked
    }

    private func work(at meeting: MeetingID) async -> Bool {
        do {
            guard let record = try ledger.meeting(meeting) else { return false }
            if try isDeadly(record) {
                await writeOutput(meeting)
                return false
            }
            if record.state == .finished { return await makeAgain(record) }
            let closed = try atHand.doing(.input(meeting)) { try takeIn(record) }
            if hold.abandoned.contains(meeting), record.state == .ended {
                try abandonRest(of: meeting)
                await writeOutput(meeting)
                await closeCache(of: meeting)
                return true
            }
            if let window = try waitingWindow(of: meeting) {
                await summarize(window, of: meeting)
                return true
            }
            if record.state == .ended {
                await finish(meeting)
                return true
            }
            return try await prefill(meeting) || !closed.isEmpty
        } catch {
            // The ledger or the tokenizer.
            work[meeting] = nil
            hinder(meeting, "a meeting cannot go on for now", error)
            return false
        }
    }

    private func takeIn(_ record: MeetingRecord) throws -> [Window] {
        let known = self.work[record.id]
        // After a correction of captions, the model reads on from where they differ.
        let isCurrent = known?.correctionCount == record.correctionCount
        var work =
            try (isCurrent ? known : nil)
            ?? MeetingWork(meeting: record, policy: policy.segmentation, reader: reader)
        // If the following fails, the next turn starts from the ledger instead of an inconsistent state.
        self.work[record.id] = nil
        let closed = try work.takeIn(
            record, reader: reader, tokenCount: try summarizer(for: record.id).tokenCount(of:))
        self.work[record.id] = work
        for window in closed { report(.windowClosed, record.id, window: window.index) }
        return closed
    }

    /// The first window that has neither a summary nor been given up.
    private func waitingWindow(of meeting: MeetingID) throws -> WindowRecord? {
        try ledger.firstWaitingWindow(of: meeting)
    }

    /// Lets the model read what the open window has so far; true if there was something new.
    ///
    /// This only saves time later: if it fails, the model reads everything when it writes the summary.
    private func prefill(_ meeting: MeetingID) async throws -> Bool {
        guard let work = work[meeting] else { return false }
        let utterances = work.readableUtterances
        guard work.prefilledCount < utterances.count else { return false }
        let earlier = try ledger.windows(of: meeting).compactMap(\.summary)
        self.work[meeting]?.prefilledCount = utterances.count
        let slot = atHand.begin(.input(meeting))
        defer { atHand.end(slot) }
        do {
            try await Counters.process.timing("read_ahead") {
                try await summarizer(for: meeting).prefillOpenWindow(
                    index: work.segmenter.windowIndex, utterances: Array(utterances), earlier: earlier,
                    timeline: meeting.name)
            }
            await saveOpenWindow(of: meeting)
        } catch is CancellationError {
            return false
        } catch {
            logger.warning("cannot prefill", error: error, metadata: ["meeting": "\(meeting)"])
        }
        return true
    }

    // MARK: - One window

    private func summarize(_ record: WindowRecord, of meeting: MeetingID) async {
        let window = record.window
        begin(meeting, window: window.index)
        let slot = atHand.begin(.window(meeting, window.index))
        defer {
            endActivity(meeting)
            atHand.end(slot)
        }
        report(.started, meeting, window: window.index)
        do {
            let earlier = try ledger.windows(of: meeting, in: 0..<window.index).compactMap(\.summary)
            let answer = try await Counters.process.timing("summarise") {
                try await summarizer(for: meeting).summarize(
                    window: window, utterances: try reader.utterances(of: meeting, in: window.utterances),
                    earlier: earlier, timeline: meeting.name,
                    onText: textReporter(meeting, window: window.index))
            }
            FaultPoint.summaryWritten.reach()
            let begin = ContinuousClock.now
            let findings = try judging.findings(in: window, of: meeting, answer: answer)
            Counters.process.add(
                (ContinuousClock.now - begin) / .seconds(1), to: .seconds, ["phase": "judge"])
            try ledger.commit(answer.summary, findings: findings, of: meeting)
            Self.count(answer.summary, findings)
            reportSummary(answer.summary, meeting)
            await refreshOutput(meeting)
            return await saveSummaries(of: meeting, before: window.index + 1)
        } catch is CancellationError {
            return
        } catch let error as LedgerError {
            // The window is not at fault: the same step is tried again when the ledger can be written.
            return hinder(meeting, "a summary cannot be recorded", error)
        } catch {
            if Task.isCancelled { return }
            fail(record, of: meeting, error: error)
        }
        await refreshOutput(meeting)
    }

    private func fail(_ record: WindowRecord, of meeting: MeetingID, error: any Error) {
        let attempts = record.attempts + 1
        // A refusal would only be repeated.
        let isLast = attempts >= policy.attempts || error is MinutesError
        do {
            try ledger.recordFailure(
                window: record.window.index, of: meeting, reason: Note(error), givingUp: isLast,
                findings: isLast ? judging.findings(in: record.window, of: meeting, answer: nil) : nil)
        } catch {
            return hinder(meeting, "a failure cannot be recorded", error)
        }
        let metadata: Logger.Metadata = [
            "meeting": "\(meeting)", "window": "\(record.window.index)", "attempt": "\(attempts)",
        ]
        if isLast {
            logger.error("a window could not be summarised", error: error, metadata: metadata)
        } else {
            logger.warning("a window is tried again", error: error, metadata: metadata)
        }
        Counters.process.add(to: .windows, ["result": isLast ? "failed" : "retried"])
        report(isLast ? .failed : .retrying, meeting, window: record.window.index, text: ErrorText.of(error))
        if !isLast { postpone(meeting, attempts: attempts) }
    }

    // MARK: - The whole

    private func finish(_ meeting: MeetingID) async {
        begin(meeting, window: nil)
        let slot = atHand.begin(.whole(meeting))
        defer {
            endActivity(meeting)
            atHand.end(slot)
        }
        do {
            let windows = try ledger.windows(of: meeting)
            let summaries = windows.compactMap(\.summary)
            var overall: MeetingSummary?
            var statements: [Statement]?
            if summaries.isEmpty {
                try ledger.note(Note(.nothingToSummarise), of: meeting)
            } else if let reason = try reasonToGiveUp(.whole(meeting)) {
                try ledger.note(Note(.wholeFailed, .note(reason)), of: meeting)
            } else if try summarizer(for: meeting).style.picks, let model = summaries.pickingModel {
                statements = InShort.statements(of: windows.compactMap { $0.findings?.statements })
                overall = InShort.summary(of: statements ?? [], model: model)
            } else {
                overall = try await summarizeWhole(meeting, summaries)
            }
            try complete(meeting, overall: overall, statements: statements)
        } catch is CancellationError {
            return
        } catch let error as LedgerError where error.code == .unfinished {
            // Input came in the meantime: the meeting goes on.
            return
        } catch let error as LedgerError {
            return hinder(meeting, "a meeting cannot be finished", error)
        } catch {
            if Task.isCancelled { return }
            failWhole(meeting, error: error)
        }
        guard work[meeting] == nil else { return await refreshOutput(meeting) }
        await writeOutput(meeting)
        await closeCache(of: meeting)
    }

    private func summarizeWhole(
        _ meeting: MeetingID, _ summaries: [WindowSummary]
    ) async throws -> MeetingSummary {
        report(.started, meeting)
        return try await Counters.process.timing("whole") {
            try await summarizer(for: meeting).overall(
                summaries: summaries, timeline: meeting.name, onText: textReporter(meeting, window: nil))
        }
    }

    /// Records the end of a meeting; `statements` are the sentences of `overall`, if they were found before.
    func complete(_ meeting: MeetingID, overall: MeetingSummary?, statements known: [Statement]? = nil) throws
    {
        let statements =
            try known ?? ledger.meeting(meeting).flatMap { try judging.statements(of: overall, $0) }
        let revision = try ledger.finish(meeting, overall: overall, statements: statements)
        judging.forget(meeting)
        try forgetDeaths(of: meeting)
        work[meeting] = nil
        lastTurn[meeting] = nil
        report(
            .finished, meeting, text: overall?.text, generatedTokens: overall?.tokens,
            seconds: overall?.seconds)
        logger.info("finished a meeting", metadata: ["meeting": "\(meeting)", "revision": "\(revision)"])
    }

    private func failWhole(_ meeting: MeetingID, error: any Error) {
        let attempts = (work[meeting]?.overallAttempts ?? 0) + 1
        work[meeting]?.overallAttempts = attempts
        let isLast = attempts >= policy.attempts || error is MinutesError
        do {
            try ledger.recordFailure(window: nil, of: meeting, reason: Note(error))
            logger.warning(
                "the summary of the whole did not come about", error: error,
                metadata: ["meeting": "\(meeting)", "attempt": "\(attempts)"])
            report(isLast ? .failed : .retrying, meeting, text: ErrorText.of(error))
            guard isLast else { return postpone(meeting, attempts: attempts) }
            try ledger.note(Note(.wholeFailed, .note(Note(error))), of: meeting)
            try complete(meeting, overall: nil)
        } catch {
            hinder(meeting, "a meeting cannot be finished", error)
        }
    }

    /// Postpones the meeting, twice as long after each attempt.
    func postpone(_ meeting: MeetingID, attempts: Int) {
        postponed[meeting] = .now + min(policy.retryDelay * (1 << min(attempts - 1, 16)), .seconds(300))
    }
}

extension Note {
    /// Why an attempt failed.
    init(_ error: any Error) {
        if let refusal = error as? MinutesError, refusal.code == .contextTooShort {
            self.init(.contextTooShort)
        } else {
            self.init(.programError, .text(ErrorText.of(error)))
        }
    }
}
