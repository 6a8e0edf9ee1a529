import Ledger
import Minutes
import Summaries
import Transcript

/// Reads utterances from the ledger, spelled by the vocabulary of the meeting and analysed.
///
/// Windows, summaries and minutes all get their words this way, so that all of them see the same.
struct MeetingReader: Sendable {
    let ledger: Ledger
    let styles: MinutesStyles

    /// Utterances of a meeting by sequence number: those of `range` that exist.
    ///
    /// `known` are utterances of `range`, its first first, that were read before: those that are still the same are not
    /// read again. Throws `LedgerError`.
    func utterances(
        of meeting: MeetingID, in range: Range<Int>, known: [ReadUtterance] = []
    ) throws -> [ReadUtterance] {
        let vocabulary = styles.style(ofMeeting: meeting.name).summaries.vocabulary
        return try ledger.utterances(of: meeting, in: range).enumerated().map { number, utterance in
            let utterance = vocabulary.corrected(utterance)
            return number < known.count && known[number].utterance == utterance
                ? known[number] : ReadUtterance(utterance)
        }
    }

    /// Whether the model was told to write the minutes of `meeting` in a language of its own.
    func isTranslated(_ meeting: MeetingID) -> Bool {
        styles.style(ofMeeting: meeting.name).summaries.language != nil
    }
}
