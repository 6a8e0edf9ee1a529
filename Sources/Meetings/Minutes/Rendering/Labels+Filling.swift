import Foundation
import Language
import Summaries

/// A value that can fill a place in a label.
protocol LabelArgument {
    var argument: Message.Argument { get }
}

extension String: LabelArgument {
    var argument: Message.Argument { .text(self) }
}

extension Int: LabelArgument {
    var argument: Message.Argument { .number(self) }
}

extension Labels {
    // MARK: - Putting together

    /// The text in quotation marks.
    func quoted(_ text: String) -> String { self[.quoteOpen] + text + self[.quoteClose] }
    func percent(_ share: Int) -> String { fill(.percent, share) }
    /// The texts as a list; empty if there are none.
    func list(_ texts: [String]) -> String {
        texts.dropFirst().reduce(texts.first ?? "") { fill(.list, $0, $1) }
    }
    /// The text after a name or label; the text alone if there is none.
    func labelled(_ name: String?, _ text: String) -> String {
        name.map { fill(.labelled, $0, text) } ?? text
    }
    /// The text, followed by more in brackets.
    func aside(_ text: String, _ more: [String]) -> String {
        more.isEmpty ? text : fill(.aside, text, list(more))
    }
    /// The sentences joined to a paragraph, without empty ones.
    func sentences(_ texts: [String]) -> String {
        let texts = texts.filter { !$0.isEmpty }
        return texts.dropFirst().reduce(texts.first ?? "") { fill(.sentences, $0, $1) }
    }

    // MARK: - People

    /// The label above those who were invited, and whom to show under it, with what is to be said of them: those who
    /// did not speak, or all of them where it is not known who spoke.
    func invited(_ people: [InvitedPerson]?) -> (label: String, people: [(name: String, more: [String])]) {
        let people = people ?? []
        let isKnown = !people.contains { $0.spoke == nil }
        let shown = isKnown ? people.filter { $0.spoke == false } : people
        return (
            self[isKnown ? .absentLabel : .invitedLabel],
            shown.map { ($0.name, $0.declined ? [self[.declined]] : []) }
        )
    }

    // MARK: - Times

    /// A moment such as `1 May 2024 at 10:00 UTC`.
    func moment(_ date: Date) -> String { moments.text(of: date.timeIntervalSince1970) }
    /// A day, given as `2026-11-30`; as it is if it is none.
    func day(_ day: String) -> String {
        guard let noon = try? Date(day + "T12:00:00Z", strategy: .iso8601) else { return day }
        return days.text(of: noon.timeIntervalSince1970)
    }
    func timeRange(_ start: String, _ end: String) -> String { fill(.timeRange, start, end) }
    func timeSpan(_ start: String, _ end: String) -> String { fill(.timeSpan, start, end) }
    func from(_ moment: String) -> String { fill(.from, moment) }
    func receivedBy(_ moment: String) -> String { fill(.receivedBy, moment) }
    func lengthLong(_ length: String) -> String { fill(.lengthLong, length) }
    func lengthSoFar(_ length: String) -> String { fill(.lengthSoFar, length) }

    // MARK: - Counts

    func number(_ number: Int) -> String { numbers.filled([.number(number)]) ?? "" }
    func words(_ count: Int) -> String { fill(.words, count) }
    func turns(_ count: Int) -> String { fill(.turns, count) }
    func speakers(_ count: Int) -> String { fill(.speakers, count) }
    func amount(words: Int, turns: Int) -> String { fill(.amount, words, turns) }
    /// The turn with that number; here and in the next functions numbers count from 1.
    func turn(_ number: Int) -> String { fill(.turn, number) }
    func turnSpan(_ first: Int, _ last: Int) -> String { fill(.turnSpan, first, last) }
    func part(_ number: Int) -> String { fill(.part, number) }
    func partTimed(_ number: Int, _ time: String) -> String { fill(.partTimed, number, time) }
    func topic(_ number: Int) -> String { fill(.topic, number) }

    // MARK: - Headings and sentences

    /// The state of minutes, in a word and as a sentence.
    func state(_ state: MinutesDocument.State) -> (label: String, text: String) {
        switch state {
        case .open: (self[.stateOpen], self[.stateOpenText])
        case .ended: (self[.stateEnded], self[.stateEndedText])
        case .finished: (self[.stateFinished], self[.stateFinishedText])
        }
    }
    /// The sentence that takes the place of a missing summary of the whole.
    func noSummary(of document: MinutesDocument) -> String {
        if document.summary != nil { return self[.nothingToNote] }
        return self[document.state == .open ? .summaryLater : .summaryPending]
    }
    /// A line of a summary; a heading that this program wrote is translated.
    func shown(_ line: String) -> String {
        switch line {
        case FallbackSummary.quotesHeading: self[.longestStatements]
        case FallbackSummary.partsHeading: self[.fromParts]
        default: line
        }
    }
    /// The time or turn at which something was said, or written in the chat.
    func place(_ citation: Statement.Citation) -> String {
        let place = citation.start.map(MinutesClock.time) ?? turn(citation.utterance + 1)
        return citation.isWritten == true ? list([place, self[.inChat]]) : place
    }
    func titleMinutes(_ title: String) -> String { fill(.titleMinutes, title) }
    func titleDecisions(_ title: String) -> String { fill(.titleDecisions, title) }
    func titleMood(_ title: String) -> String { fill(.titleMood, title) }
    func noSummary(_ reason: String) -> String { fill(.noSummary, reason) }
    func quotedBy(_ moment: String) -> String { fill(.quotedBy, moment) }
    func sortedBy(_ moment: String) -> String { fill(.sortedBy, moment) }
    func decidedCount(_ count: Int) -> String { fill(.decidedCount, count) }
    func shareOfWords(_ share: Int, words: Int, turns: Int) -> String {
        fill(.shareOfWords, percent(share), words, turns)
    }
    func alsoSpoke(_ people: [String]) -> String { fill(.alsoSpoke, list(people)) }
    func askedOtherwise(_ language: String) -> String { fill(.askedOtherwise, language) }
    func olderMeetings(_ count: Int) -> String { fill(.olderMeetings, number(count)) }
    func leftOut(_ count: Int) -> String { fill(.leftOut, count) }
    func leftOutMissing(_ said: [String]) -> String { fill(.leftOutMissing, list(said.map(quoted))) }
    func noteLanguages(meeting: LanguageCode, minutes: LanguageCode) -> String {
        fill(.noteLanguages, meeting.name(in: language), minutes.name(in: language))
    }
    func noteWindowFailed(_ number: Int, _ reason: String) -> String {
        fill(.noteWindowFailed, number, reason)
    }
    func noteWindowQuoted(_ number: Int) -> String { fill(.noteWindowQuoted, number) }

    /// How much of a meeting is summarised, as a sentence.
    func coverage(_ coverage: MinutesDocument.Coverage) -> String {
        coverage.utterances == 0
            ? self[.nothingReceived]
            : fill(
                .coverage, percent(coverage.percent), coverage.summarisedWords, coverage.words,
                coverage.summarisedUtterances, coverage.utterances)
    }
    func coverageShort(_ coverage: MinutesDocument.Coverage) -> String {
        fill(.coverageShort, percent(coverage.percent))
    }

    /// When minutes were written and how they were checked, in two sentences.
    func written(_ document: MinutesDocument) -> String {
        sentences([fill(.written, moment(document.generatedAt)), checked(document)])
    }

    /// How minutes were checked; empty while there is nothing to check.
    private func checked(_ document: MinutesDocument) -> String {
        guard document.model != nil else {
            return document.windows.contains { $0.summary != nil } ? self[.ownWords] : ""
        }
        let statements = document.allStatements
        if statements.contains(where: \.isQuoted) { return self[.chosen] }
        let leftOut = statements.count { !$0.isHeading && !$0.isGrounded }
        if statements.contains(where: { $0.isTranslated == true }) {
            let compared = list([self[.checkNumbers], self[.checkNames], self[.checkDays]])
            return fill(.checkedPartly, compared, leftOut)
        }
        if let language = document.language, !LanguageCode.firstClass.contains(language) {
            return fill(.checkedPartly, list([self[.checkWords], self[.checkNumbers]]), leftOut)
        }
        return fill(.checked, leftOut)
    }

    // MARK: - For the page's script

    /// The place where the script puts a number.
    static let place = "{0}"

    func found(of count: Int) -> String { fill(.found, Self.place, count) }
    var newTurns: String { fill(.newTurns, Self.place) }
    var newParts: String { fill(.newParts, Self.place) }
    var newOutcomes: String { fill(.newOutcomes, Self.place) }
    /// The pattern by which the script joins two texts.
    var listPattern: String { fill(.list, Self.place, "{1}") }
}

/// What stands for a person who was forgotten.
package enum PersonLabel {
    /// The first of `Person 1`, `Person 2`, … that is not among the names `taken`, in words of `language`.
    package static func next(in language: LanguageCode, taken: Set<String>) -> String {
        let labels = Labels.of(language)
        var number = 1
        while taken.contains(labels.person(number)) { number += 1 }
        return labels.person(number)
    }
}

extension Labels {
    // As a text: a number would be grouped.
    fileprivate func person(_ number: Int) -> String { fill(.personLabel, "\(number)") }
}
