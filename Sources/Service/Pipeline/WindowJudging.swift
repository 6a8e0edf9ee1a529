import Ledger
import Summaries
import Transcript

/// Finds what the windows of meetings bring, one after the other, and remembers of a meeting what the next one needs.
///
/// What is remembered can be had from the ledger again: a window is judged as by a process that never stopped.
struct WindowJudging {
    let reader: MeetingReader
    private var judges: [MeetingID: MeetingJudge] = [:]

    init(reader: MeetingReader) { self.reader = reader }

    /// Judges a window, with what a model answered about it; `answer` is nil if the window is given up.
    ///
    /// Hears the windows before it that were not heard yet. Throws `LedgerError`.
    mutating func findings(
        in window: Window, of meeting: MeetingID, answer: WindowAnswer?
    ) throws -> WindowFindings {
        // A failure half-way leaves no judge, and the next one hears everything again.
        let fresh = MeetingJudge(allowsTranslation: reader.isTranslated(meeting))
        var judge = judges.removeValue(forKey: meeting) ?? fresh
        if judge.windowCount > window.index { judge = fresh }
        for earlier in try reader.ledger.windows(of: meeting, in: judge.windowCount..<window.index) {
            judge.hear(
                earlier.window, try reader.utterances(of: meeting, in: earlier.window.utterances))
        }
        let findings = judge.judge(
            window, try reader.utterances(of: meeting, in: window.utterances), summary: answer?.summary,
            stated: answer?.stated ?? [])
        judges[meeting] = judge
        return findings
    }

    /// The sentences of the summary of the whole with their evidence; nil if no model wrote it.
    func statements(of summary: MeetingSummary?, _ meeting: MeetingRecord) throws -> [Statement]? {
        guard let summary, summary.origin == .model else { return nil }
        let said = try reader.utterances(of: meeting.id, in: 0..<meeting.utteranceCount)
        return EvidenceFinder(utterances: said, allowsTranslation: reader.isTranslated(meeting.id))
            .statements(of: summary.text)
    }

    /// Forgets a meeting.
    mutating func forget(_ meeting: MeetingID) { judges[meeting] = nil }
}
