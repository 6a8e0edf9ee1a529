import Foundation
import Language
import Synchronization

/// The words of the minutes themselves in one language (headings, counts, notes), from its file in `Labels`.
///
/// A file has a line `key = pattern` for each key, in ICU's MessageFormat; a line that begins with two blanks continues
/// the one before it.
final class Labels: Sendable {
    /// The labels without arguments.
    enum Key: String, CaseIterable, Sendable {
        case direction, quoteOpen, quoteClose
        // Headings.
        case minutes, contents, summary, whoSpokeWhen, decided, toDo, ticked, leftOpen, stillOpen, quotes,
            inTheirWords, course,
            noPartYet
        case topics, transcript, inChat, coverageAndNotes, notes
        // Facts about the meeting, and the state of the minutes.
        case meetingLabel, whenLabel, whoLabel, whereLabel, invitedLabel, absentLabel, declined, stateLabel
        case stateOpen, stateEnded, stateFinished, stateOpenText, stateEndedText, stateFinishedText
        // What takes the place of a summary.
        case summaryLater, summaryPending, notSummarised, nothingYet, nothingToNote, nothingReceived,
            wholeAbove
        case longestStatements, fromParts
        // Used by single templates.
        case about, wishes, troubles, promised, agreedOn, praise, noDecisions, questionsAndAnswers,
            noExchanges
        case keyPoints, speakerToDo, speakerWishes, speakerWorries, speakerQuotes, noSpeakers
        case everybodyRow, agreed, praised, worried, objected, progressDone, progressNext, progressBlocked
        // The page.
        case skipToSummary, speaker, when, shareOfTheWords, parts, partsOfTheMeeting, outcomes, timeUnit,
            turnUnit
        case whatWasSaid, meetings, findInMeetings, findInTranscript, everybody, backToPlace, pause, paused,
            pauseTip, resumeTip
        case themeTip, themeSystem, themeLight, themeDark, leftOutWarning, leftOutUnlike
        // Notes, and the last lines.
        case noteWholeFromParts, reasonUnknown, ownWords, chosen, checkWords, checkNumbers, checkNames,
            checkDays
        // What is answered to questions.
        case notSaid, answerNotBorneOut, answerByWords
    }

    /// The labels with arguments; `Labels+Filling.swift` has a function for each.
    enum Pattern: String, CaseIterable, Sendable {
        case percent, list, labelled, aside, sentences, timeRange, timeSpan
        case words, turns, speakers, amount, turn, turnSpan
        case titleMinutes, titleDecisions, titleMood, part, partTimed, topic
        case from, receivedBy, lengthLong, lengthSoFar, noSummary, coverage, coverageShort
        case quotedBy, decidedCount, shareOfWords, sortedBy, alsoSpoke, found, newTurns, newParts, newOutcomes
        case leftOut, leftOutMissing, noteLanguages, noteWindowFailed, noteWindowQuoted
        case written, checked, checkedPartly
        case olderMeetings
        case askedOtherwise
        // For a person who was forgotten.
        case personLabel
    }

    /// The language of the labels.
    let language: LanguageCode
    private let texts: [Key: String]
    private let patterns: [Pattern: Message]
    let moments: MomentFormat
    let days: MomentFormat
    let numbers: Message

    private static let all = Mutex<[LanguageCode: Labels]>([:])

    /// The labels of a language, read at the first call; the English ones if there is no file for it.
    static func of(_ language: LanguageCode) -> Labels {
        all.withLock { all in
            if let known = all[language] { return known }
            let labels: Labels
            if let text = LanguageFile.labels(of: language) {
                labels = Labels(text, language: language)
            } else {
                precondition(language != .english, "the English labels are missing")
                labels = all[.english] ?? Labels(LanguageFile.labels(of: .english) ?? "", language: .english)
                all[.english] = labels
            }
            all[language] = labels
            return labels
        }
    }

    private init(_ text: String, language: LanguageCode) {
        let lines = LanguageFile.lines(of: text)
        func message(_ key: String) -> Message {
            guard let pattern = lines[key], let message = Message(pattern, language: language) else {
                preconditionFailure("the labels of \(language) lack '\(key)', or it is no pattern")
            }
            return message
        }
        guard let moments = MomentFormat(language: language),
            let days = MomentFormat(language: language, dayOnly: true),
            let numbers = Message("{0}", language: language)
        else {
            preconditionFailure("ICU does not know how \(language) writes dates and numbers")
        }
        self.language = language
        self.moments = moments
        self.days = days
        self.numbers = numbers
        texts = Dictionary(
            uniqueKeysWithValues: Key.allCases.map { ($0, message($0.rawValue).filled() ?? "") })
        patterns = Dictionary(uniqueKeysWithValues: Pattern.allCases.map { ($0, message($0.rawValue)) })
    }

    /// The label of a key.
    subscript(_ key: Key) -> String { texts[key] ?? "" }

    /// A pattern, filled with arguments.
    func fill(_ pattern: Pattern, _ arguments: any LabelArgument...) -> String {
        patterns[pattern]?.filled(arguments.map(\.argument)) ?? ""
    }
}
