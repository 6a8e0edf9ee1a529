import Errors
import Ledger
import Minutes
import Summaries
import Transcript

/// Answering questions about meetings, also while they run.
///
/// A question is the least urgent work. One at a time is worked on, in the order in which they came. Before each call of
/// the model it waits while any window or whole meeting is being summarised, but never longer than ``Asking/patience`` since
/// it was asked: from then on its calls, each as long as the reading of one passage, share the model with the summaries. No
/// more than ``Asking/limit`` questions wait. Nothing of a question or its answer is logged or kept.
extension Pipeline {
    /// The questions that are being answered.
    struct Asking {
        /// So many questions may be waiting or worked on.
        static let limit = 8
        /// How long a question waits for summaries, from when it was asked on.
        static let patience = Duration.seconds(10)
        /// How often a question that waits looks whether it is its turn.
        static let interval = Duration.milliseconds(20)

        /// Between two windows so much time may pass.
        static let lull = Duration.milliseconds(50)

        /// The patience in force.
        var patience = Asking.patience
        /// Whether the daemon stops.
        var isEnded = false
        /// Questions by number, in the order in which they came.
        var questions: [(number: Int, meeting: MeetingID, task: Task<MeetingAnswer, any Error>)] = []
        var count = 0
        /// Those that ended since something of their meeting is being erased.
        var broken: Set<Int> = []
    }

    /// Answers a question about a meeting from what was said in it so far.
    ///
    /// Throws ``ApplicationError`` if the question cannot be asked, too many wait, the daemon stops, or the meeting is being
    /// forgotten; `LedgerError` if there is no such meeting; `CancellationError` when the task is cancelled, which ends the
    /// work on it.
    package func ask(_ question: String, about meeting: MeetingID) async throws -> MeetingAnswer {
        do {
            _ = try AskedQuestion.checked(question)
        } catch {
            throw ApplicationError(.badRequest, "\(error)")
        }
        guard !asking.isEnded else { throw Self.stopping }
        guard !hold.erased.contains(meeting) else { throw Self.forgetting(meeting) }
        guard asking.questions.count < Asking.limit else {
            throw ApplicationError(
                .busy, "\(Asking.limit) questions wait for an answer already: ask again in a minute")
        }
        asking.count += 1
        let number = asking.count
        let until = ContinuousClock.now + asking.patience
        // Of its own, so that it can be ended from elsewhere.
        let task = Task(priority: .utility) {
            try await self.answer(question, about: meeting, number: number, until: until)
        }
        asking.questions.append((number, meeting, task))
        defer {
            asking.questions.removeAll { $0.number == number }
            asking.broken.remove(number)
        }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch is CancellationError {
            if asking.broken.contains(number) { throw Self.forgetting(meeting) }
            if asking.isEnded { throw Self.stopping }
            throw CancellationError()
        }
    }

    /// Ends all questions, each with an error that says why, and takes no more.
    package func endQuestions() {
        asking.isEnded = true
        for question in asking.questions { question.task.cancel() }
    }

    /// Ends the questions about a meeting of which something is being erased; returns when none of them has anything of it
    /// any more.
    func breakOffQuestions(about meeting: MeetingID) async {
        for question in asking.questions where question.meeting == meeting {
            asking.broken.insert(question.number)
            question.task.cancel()
            // Ignored: whoever asked is told.
            _ = await question.task.result
        }
    }

    private static var stopping: ApplicationError {
        ApplicationError(
            .busy, "minuted is stopping, and the question was not answered: ask again when it runs")
    }

    private static func forgetting(_ meeting: MeetingID) -> ApplicationError {
        ApplicationError(
            .busy, "something of '\(meeting)' is being erased: ask again in a moment, if it is still there")
    }

    /// Waits until a question may have the model.
    private func untilClear(_ number: Int, _ until: ContinuousClock.Instant) async throws {
        try await untilFirst(number)
        while isBusy, .now < until { try await Task.sleep(for: Asking.interval) }
    }

    /// Whether something is being summarised, or was until just now: the next window follows at once.
    private var isBusy: Bool {
        activity != nil || idleSince.map { ContinuousClock.now - $0 < Asking.lull } ?? false
    }

    private nonisolated func answer(
        _ question: String, about meeting: MeetingID, number: Int, until: ContinuousClock.Instant
    ) async throws -> MeetingAnswer {
        try await untilFirst(number)
        let (utterances, items) = try await read(meeting)
        let spoken = utterances.mainLanguage
        let asked: AskedQuestion
        do {
            asked = try AskedQuestion(question, spoken: spoken)
        } catch {
            throw ApplicationError(.badRequest, "\(error)")
        }
        // A name that no meeting has, but of the same kind.
        let timeline = meeting.name + "/question"
        let answerer = Answerer(
            model: model, timeline: timeline, style: writer.styles.style(ofMeeting: meeting.name).summaries)
        let result: Result<MeetingAnswer, any Error>
        do {
            result = .success(
                try await answerer.answer(asked, in: utterances, items: items) {
                    try await self.untilClear(number, until)
                })
        } catch {
            result = .failure(error)
        }
        // What the model has read of the meeting, and the question.
        await model.close(timeline: timeline)
        return try result.get()
    }

    private func untilFirst(_ number: Int) async throws {
        while asking.questions.first?.number != number { try await Task.sleep(for: Asking.interval) }
    }

    /// All that was said in a meeting, as people are shown it, and what was found to have come of it.
    private nonisolated func read(_ meeting: MeetingID) async throws -> ([ReadUtterance], [MinutesItem]) {
        guard let record = try ledger.meeting(meeting) else {
            throw LedgerError(.unknownMeeting, "there is no meeting '\(meeting)': see minutectl list")
        }
        if let reason = try await reasonToGiveUp(.input(meeting)) {
            throw ApplicationError(
                .busy,
                "work on '\(meeting)' was stopped (\(reason)): minutectl resume \(meeting) has it go on")
        }
        let names = try ledger.shownNames(of: meeting)
        var utterances: [ReadUtterance] = []
        for first in stride(from: 0, to: record.utteranceCount, by: Self.readAtOnce) {
            try Task.checkCancellation()
            let range = first..<min(first + Self.readAtOnce, record.utteranceCount)
            let read = try atHand.doing(.input(meeting)) { try reader.utterances(of: meeting, in: range) }
            utterances += read.enumerated().map { names.shown($1, turn: first + $0) }
            await Task.yield()
        }
        guard utterances.count == record.utteranceCount else {
            throw ApplicationError(
                .badRequest,
                "what was said in '\(meeting)' was erased, and its minutes kept: minutectl show \(meeting)")
        }
        return (utterances, try ledger.items(of: meeting))
    }

    private static let readAtOnce = 256
}
