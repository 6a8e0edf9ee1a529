import Language
import Ledger
import Summaries
import Transcript

/// Judges the windows of meetings in order, and keeps for each meeting the state that its next window needs.
///
/// The state can be rebuilt from the ledger, so a window is judged the same after a restart.
struct WindowJudging {
    let reader: MeetingReader
    private var judges: [MeetingID: MeetingJudge] = [:]

    init(reader: MeetingReader) { self.reader = reader }

    /// Judges a window, with what a model answered about it; `answer` is nil if the window is given up.
    ///
    /// First brings the judge up to date with the windows before this one. Throws `LedgerError`.
    mutating func findings(
        in window: Window, of meeting: MeetingID, answer: WindowAnswer?
    ) throws -> WindowFindings {
        let reader = reader
        return try findings(
            in: window, of: meeting, answer: answer, allowsTranslation: reader.isTranslated(meeting)
        ) { range in
            try reader.ledger.windows(of: meeting, in: range).map { ($0.window, $0.findings) }
        }
    }

    /// The same where `earlier` gives the windows before it with what was found in them.
    mutating func findings(
        in window: Window, of meeting: MeetingID, answer: WindowAnswer?, allowsTranslation: Bool,
        earlier: (Range<Int>) throws -> [(window: Window, findings: WindowFindings?)]
    ) throws -> WindowFindings {
        // If the following fails, no judge is left, and the next call starts from the first window.
        let fresh = MeetingJudge(allowsTranslation: allowsTranslation)
        var judge = judges.removeValue(forKey: meeting) ?? fresh
        if judge.windowCount > window.index { judge = fresh }
        judge.invited = try reader.ledger.invitation(of: meeting).people.compactMap { person in
            person.name.contains("@") ? nil : PersonName.inOrder(person.name)
        }
        for earlier in try earlier(judge.windowCount..<window.index) {
            judge.hear(
                earlier.window, try reader.utterances(of: meeting, in: earlier.window.utterances),
                findings: earlier.findings)
        }
        let findings = judge.judge(
            window, try reader.utterances(of: meeting, in: window.utterances), answer: answer)
        judges[meeting] = judge
        return findings
    }

    /// The sentences of the summary of the whole with their evidence; nil if no model wrote it.
    ///
    /// `allowsTranslation` if the model was told to write in a language of its own; nil for what holds of the meeting.
    func statements(
        of summary: MeetingSummary?, _ meeting: MeetingRecord, allowsTranslation: Bool? = nil
    ) throws -> [Statement]? {
        guard let summary, summary.origin == .model else { return nil }
        let said = try reader.utterances(of: meeting.id, in: 0..<meeting.utteranceCount)
        let allows = try allowsTranslation ?? reader.isTranslated(meeting.id)
        return EvidenceFinder(utterances: said, allowsTranslation: allows).statements(of: summary.text)
    }

    /// Forgets a meeting.
    mutating func forget(_ meeting: MeetingID) { judges[meeting] = nil }
}
