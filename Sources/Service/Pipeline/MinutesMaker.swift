import Language
import Ledger
import Minutes
import Summaries
import Transcript

/// Has a model make the parts of a meeting's minutes, in a style; decides nothing and records nothing.
struct MinutesMaker: Sendable {
    let ledger: Ledger
    let reader: MeetingReader
    let model: any LanguageModel

    /// Whether the model can be told a language for the minutes of `meeting`.
    func canBeTold(_ meeting: MeetingID) -> Bool {
        model.profile(ofTimeline: meeting.name).style == .instructionTuned
    }

    /// The summarizer for a meeting; a model that cannot be told a language is not.
    func summarizer(for meeting: MeetingID, style: MinutesStyle) -> Summarizer {
        var summaries = style.summaries
        if !canBeTold(meeting) { summaries.language = nil }
        return Summarizer(model: model, timeline: meeting.name, style: summaries)
    }

    /// How a set of minutes is written that is being made.
    func style(of meeting: MeetingID, _ redo: RedoRecord) throws -> MinutesStyle {
        var own = try ledger.ownStyle(of: meeting)
        own.language = redo.style.language ?? own.language
        own.isTold = canBeTold(meeting)
        own.template = redo.style.template ?? own.template
        return try reader.style(of: meeting, own: own)
    }

    /// Whether the model writes in a language of its own for such minutes.
    func translates(_ meeting: MeetingID, _ style: MinutesStyle) -> Bool {
        canBeTold(meeting) && style.summaries.language != nil
    }

    /// Has the next window of a set summarised.
    func answer(
        about window: Window, of meeting: MeetingID, _ redo: RedoRecord
    ) async throws -> WindowAnswer {
        try await summarizer(for: meeting, style: style(of: meeting, redo)).summarize(
            window: window, utterances: reader.utterances(of: meeting, in: window.utterances),
            earlier: redo.windows.map(\.summary), timeline: meeting.name)
    }

    /// What was found in the next window of a set; `judging` is kept for this set alone.
    func judged(
        _ answer: WindowAnswer, about window: Window, of meeting: MeetingID, _ redo: RedoRecord,
        by judging: inout WindowJudging
    ) throws -> RedoWindow {
        let windows = try ledger.windows(of: meeting, in: 0..<window.index).map(\.window)
        let findings = try judging.findings(
            in: window, of: meeting, answer: answer,
            allowsTranslation: translates(meeting, style(of: meeting, redo))
        ) { range in
            range.map { (windows[$0], redo.windows[$0].findings) }
        }
        return RedoWindow(summary: answer.summary, findings: findings)
    }

    /// The summary of the whole, and its sentences with their evidence, of a set that has all windows.
    func whole(
        of meeting: MeetingRecord, _ redo: RedoRecord
    ) async throws -> (overall: MeetingSummary?, statements: [Statement]?) {
        let style = try style(of: meeting.id, redo)
        let summarizer = summarizer(for: meeting.id, style: style)
        let summaries = redo.windows.map(\.summary)
        if summarizer.style.picks, let name = summaries.pickingModel {
            let statements = InShort.statements(of: redo.windows.compactMap(\.findings.statements))
            return (InShort.summary(of: statements, model: name), statements)
        }
        let overall = try await summarizer.overall(summaries: summaries, timeline: meeting.id.name)
        let judging = WindowJudging(reader: reader)
        return (
            overall,
            try judging.statements(
                of: overall, meeting, allowsTranslation: translates(meeting.id, style))
        )
    }
}

extension [WindowSummary] {
    /// The name of the model that picked what they consist of; nil if none did.
    var pickingModel: String? { last { $0.origin == .model }?.model }
}
