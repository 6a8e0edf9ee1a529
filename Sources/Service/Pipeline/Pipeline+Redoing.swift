import Errors
import Foundation
import Language
import Ledger
import Logging
import Metrics
import Minutes
import Summaries
import Transcript

/// How somebody wants the minutes of a finished meeting made once more.
package struct RedoRequest: Sendable, Hashable, Codable {
    /// The language, by a name or code; nil to leave it as it is.
    package var language: String?
    /// The layout of `minutes.md`; nil to leave it as it is.
    package var template: StoredTemplate?
    /// Whether whoever asks has a model of their own, and sends what it makes (``RedoPart``).
    package var isElsewhere: Bool?
    /// Whether what is being made is to be given up, and nothing else.
    package var cancels: Bool?
    /// Which one is to be given up (``RedoRecord/asked``); nil for any.
    package var asked: Double?

    /// Made again as they are, by default.
    package init() {}
}

/// What came of such a request.
package enum RedoOutcome: String, Sendable, Hashable, Codable {
    /// The new minutes are written: no model had to work.
    case written
    /// The new minutes are being made; until they are whole, the others are shown.
    case begun
    /// What was being made is given up.
    case cancelled
    /// Nothing was being made.
    case nothing
}

/// What another process has made of minutes that are made again, those that were `asked` for then
/// (``RedoRecord/asked``).
package enum RedoPart: Sendable, Hashable, Codable {
    /// The next window.
    case window(RedoWindow, asked: Double)
    /// The whole, the last part; and whether the model was told the language.
    case whole(MeetingSummary?, statements: [Statement]?, isTold: Bool, asked: Double)

    fileprivate var asked: Double {
        switch self {
        case .window(_, let asked), .whole(_, _, _, let asked): asked
        }
    }
}

/// Making the minutes of finished meetings once more.
extension Pipeline {
    private var maker: MinutesMaker { MinutesMaker(ledger: ledger, reader: reader, model: model) }

    /// Has the minutes of `meeting` made again, with this process's model where one has to work.
    ///
    /// Another layout alone needs none, nor does another language where the model cannot be told one: then headings and the
    /// like are in it. Throws ``ApplicationError`` if the request does not fit the meeting.
    package func redo(_ meeting: MeetingID, _ request: RedoRequest) async throws -> RedoOutcome {
        do {
            if request.cancels == true {
                guard try ledger.cancelRedo(of: meeting, asked: request.asked) else { return .nothing }
                // Work at it may be under way; what comes of that is not recorded.
                redoJudging.forget(meeting)
                return .cancelled
            }
            let template = try request.template.map { try checked($0, meeting) }
            var own = OwnStyle(template: request.template)
            own.language = try request.language.map { try language($0, meeting, request) }
            let isElsewhere = request.isElsewhere == true
            let isTheSame = request.language == nil && request.template == nil
            let isAsked =
                try template.map { $0.asks != (try reader.style(of: meeting)).template.asks } ?? false
            if isElsewhere || isTheSame || maker.canBeTold(meeting) && (own.language != nil || isAsked) {
                try ledger.askRedo(of: meeting, style: own, isElsewhere: isElsewhere)
                logger.info("minutes are made again", metadata: ["meeting": "\(meeting)"])
                wakeUp()
                return .begun
            }
            let before = try ledger.ownStyle(of: meeting)
            if own.language == nil || own.language == before.language,
                own.template == nil || own.template == before.template
            {
                throw ApplicationError(.badRequest, "the minutes of '\(meeting)' are written so already")
            }
            guard
                try await replace(
                    meeting, { try ledger.relay(meeting, style: own, earlier: $0, changed: $1) })
            else {
                throw ApplicationError(
                    .badRequest, "the minutes of '\(meeting)' are changing at the moment: try again")
            }
            return .written
        } catch let error as LedgerError where error.code == .badEdit {
            throw ApplicationError(.badRequest, error.message)
        }
    }

    /// Takes what another process has made of the minutes of `meeting`.
    ///
    /// Throws ``ApplicationError`` if nobody else is to make them, and `LedgerError`.
    package func take(_ part: RedoPart, of meeting: MeetingID) async throws {
        guard let redo = try ledger.redo(of: meeting), redo.isElsewhere, redo.asked == part.asked else {
            throw ApplicationError(
                .badRequest, "the minutes of '\(meeting)' are not being made again elsewhere: it was given up"
            )
        }
        switch part {
        case .window(let window, let asked): try ledger.record(window, inRedoOf: meeting, asked: asked)
        case .whole(let overall, let statements, let isTold, let asked):
            guard try await complete(meeting, asked, overall, statements, isTold: isTold) else {
                throw ApplicationError(
                    .badRequest,
                    "meeting '\(meeting)' has changed meanwhile: the minutes cannot take the place of the others; make them "
                        + "again when it is finished")
            }
        }
    }

    // MARK: - Work

    /// Does the next piece of work of minutes that are made again; false if there is none.
    func makeAgain(_ record: MeetingRecord) async -> Bool {
        let meeting = record.id
        do {
            guard let redo = try ledger.redo(of: meeting), !redo.isElsewhere else { return false }
            let number = redo.windows.count
            let next = try ledger.windows(of: meeting, in: number..<(number + 1)).first?.window
            let work = next.map { AtHand.Work.window(meeting, $0.index) } ?? .whole(meeting)
            if let reason = try reasonToGiveUp(work) {
                try giveUpRedo(record, redo, "\(reason)")
                return true
            }
            begin(meeting, window: next?.index)
            let slot = atHand.begin(work)
            defer {
                endActivity(meeting)
                atHand.end(slot)
            }
            do {
                try await makeAgain(next, record, redo)
                return true
            } catch let error where !(error is LedgerError || error is CancellationError) {
                if Task.isCancelled { return false }
                try countFailure(of: record, redo, error)
                return true
            }
        } catch is CancellationError {
            return false
        } catch {
            hinder(meeting, "minutes cannot be made again for now", error)
            return false
        }
    }

    private func makeAgain(_ window: Window?, _ record: MeetingRecord, _ redo: RedoRecord) async throws {
        let meeting = record.id
        guard let window else {
            let (overall, statements) = try await maker.whole(of: record, redo)
            // If it has changed meanwhile, the next turn tries again.
            _ = try await complete(
                meeting, redo.asked, overall, statements, isTold: maker.canBeTold(meeting))
            return
        }
        let answer = try await Counters.process.timing("summarise") {
            try await maker.answer(about: window, of: meeting, redo)
        }
        FaultPoint.summaryWritten.reach()
        let made = try maker.judged(answer, about: window, of: meeting, redo, by: &redoJudging)
        try ledger.record(made, inRedoOf: meeting, asked: redo.asked)
        Self.count(made.summary, made.findings)
        noteSpeed(of: made.summary)
    }

    /// Puts the new set in the place of the old one; false if the meeting is not as it was.
    private func complete(
        _ meeting: MeetingID, _ asked: Double, _ overall: MeetingSummary?, _ statements: [Statement]?,
        isTold: Bool
    ) async throws -> Bool {
        let isDone = try await replace(meeting) {
            try ledger.completeRedo(
                of: meeting, asked: asked, overall: overall, statements: statements, isTold: isTold,
                earlier: $0, changed: $1)
        }
        guard isDone else { return false }
        redoJudging.forget(meeting)
        try forgetDeaths(ofRedo: meeting)
        report(.finished, meeting, text: overall?.text)
        logger.notice("minutes were made again", metadata: ["meeting": "\(meeting)"])
        await closeCache(of: meeting)
        return true
    }

    /// Runs `change` with the minutes as they are kept and when the meeting changed last, and writes the new ones; tries a
    /// few times if the meeting changes in between.
    private func replace(
        _ meeting: MeetingID,
        _ change: (_ earlier: (json: String, template: StoredTemplate), _ changedAt: Date) throws -> Bool
    ) async throws -> Bool {
        for _ in 0..<3 {
            guard let kept = try await writer.kept(meeting) else { return false }
            guard try change(kept.minutes, kept.changedAt) else { continue }
            await writeEdited(meeting)
            return true
        }
        return false
    }

    private func countFailure(of record: MeetingRecord, _ redo: RedoRecord, _ error: any Error) throws {
        let attempts = redo.failureCount + 1
        // A refusal would only be repeated.
        if attempts >= policy.attempts || error is MinutesError {
            return try giveUpRedo(record, redo, ErrorText.of(error))
        }
        try ledger.countRedoFailure(of: record.id, asked: redo.asked)
        postpone(record.id, attempts: attempts)
    }

    private func giveUpRedo(_ record: MeetingRecord, _ redo: RedoRecord, _ reason: String) throws {
        guard try ledger.cancelRedo(of: record.id, asked: redo.asked) else { return }
        redoJudging.forget(record.id)
        try forgetDeaths(ofRedo: record.id)
        logger.error(
            "minutes could not be made again, and stay as they are",
            metadata: ["meeting": "\(record.id)", "error": "\(reason)"])
    }

    private func forgetDeaths(ofRedo meeting: MeetingID) throws {
        guard atHand != nil else { return }
        let windows = try ledger.meeting(meeting)?.windowCount ?? 0
        let works = (0..<windows).map { AtHand.Work.window(meeting, $0) } + [.whole(meeting)]
        let deadly = try works.filter { try ledger.deathCount(of: $0) > 0 }
        if !deadly.isEmpty { try ledger.forgetDeaths(of: deadly) }
    }

    // MARK: - What is asked for

    private func checked(_ stored: StoredTemplate, _ meeting: MeetingID) throws -> MinutesTemplate {
        do {
            return try MinutesTemplate(stored, of: meeting)
        } catch {
            throw ApplicationError(.badRequest, ErrorText.of(error))
        }
    }

    /// The code of a language that minutes of `meeting` can be in.
    private func language(_ name: String, _ meeting: MeetingID, _ request: RedoRequest) throws -> String {
        guard let code = LanguageCode(named: name) else {
            throw ApplicationError(
                .badRequest,
                "'\(name.prefix(40))' is no language: name one in English or by its code, such as German or de"
            )
        }
        guard LanguageFile.labels(of: code) != nil || maker.canBeTold(meeting) || request.isElsewhere == true
        else {
            throw ApplicationError(
                .badRequest,
                "the minutes of '\(meeting)' cannot be in \(code.name(in: .english)): there are no headings in it, and "
                    + "\(model.profile(ofTimeline: meeting.name).name) cannot be told to write it; an instruction-tuned "
                    + "Gemma can (minutectl redo \(meeting) --language \(code.rawValue) --model FILE)")
        }
        return code.rawValue
    }
}
