import Language
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
        let vocabulary = configured(meeting).summaries.vocabulary
        return try ledger.utterances(of: meeting, in: range).enumerated().map { number, utterance in
            let utterance = vocabulary.corrected(utterance)
            return number < known.count && known[number].utterance == utterance
                ? known[number] : ReadUtterance(utterance)
        }
    }

    /// How the minutes of `meeting` are written: as the configuration says of its kind, unless they were made again in
    /// another way.
    ///
    /// Throws `LedgerError`, and `MinutesError` if a layout that is kept is none of this version.
    func style(of meeting: MeetingID) throws -> MinutesStyle {
        try style(of: meeting, own: try ledger.ownStyle(of: meeting))
    }

    /// The same with what `own` says, or else the configuration.
    func style(of meeting: MeetingID, own: OwnStyle) throws -> MinutesStyle {
        configured(meeting).changed(
            language: own.language.map { LanguageCode(rawValue: $0).name(in: .english) }, isTold: own.isTold,
            template: try own.template.map { try MinutesTemplate($0, of: meeting) })
    }

    /// As the configuration says.
    private func configured(_ meeting: MeetingID) -> MinutesStyle { styles.style(ofMeeting: meeting.name) }

    /// Whether the model was told to write the minutes of `meeting` in a language of its own.
    func isTranslated(_ meeting: MeetingID) throws -> Bool {
        let own = try ledger.ownStyle(of: meeting)
        return configured(meeting).summaries.language != nil || own.isTold && own.language != nil
    }
}

extension MinutesTemplate {
    /// Reads a layout that the ledger keeps; throws `MinutesError` if it is none of this version.
    init(_ stored: StoredTemplate, of meeting: MeetingID) throws {
        try self.init(text: stored.text, name: stored.name, source: "layout '\(stored.name)' of \(meeting)")
    }
}
