import Foundation
import Transcript

/// A sentence of a summary with the utterances that it rests on, and what came of comparing them.
package struct Statement: Sendable, Hashable, Codable {
    /// An utterance that a statement rests on.
    package struct Citation: Sendable, Hashable, Codable {
        /// Its sequence number in the meeting, 0-based.
        package var utterance: Int
        /// Seconds from the meeting's start, if the transcript has times.
        package var start: Double?
        /// Who said it, if the transcript says so.
        package var speaker: String?
        /// Whether it was written in the meeting's chat, and not said; nil if not.
        package var isWritten: Bool?
    }

    /// What somebody said around a quotation, without which it would be misread.
    package struct Turn: Sendable, Hashable, Codable {
        /// The words, as they are quoted.
        package var text: String
        /// Where, and by whom.
        package var citation: Citation
        /// Whether it brought up the matter that the quotation is about; nil if not.
        package var opensMatter: Bool?
    }

    /// The sentence.
    package var text: String
    /// Whether it begins a line of the summary.
    package var beginsLine: Bool
    /// Whether its line is a list's item.
    package var isListed: Bool
    /// What it rests on, in order; empty if nothing in the transcript is like it.
    package var citations: [Citation]
    /// Numbers, names and calendar words of it that are in none of the cited utterances.
    package var missing: [String]
    /// Share of its words' weight that the cited utterances have, 0 to 1; rare words weigh more.
    ///
    /// 1 if it ``isTranslated``.
    package var support: Double
    /// Whether it is in another language than what was said, so that only numbers, names and dates can be compared;
    /// nil if not.
    package var isTranslated: Bool?
    /// Who said it, if it is quoted and the transcript says so.
    package var speaker: String?
    /// How likely it belongs into the minutes, if it is quoted, as a model weighed it; nil if a model worded it.
    package var worth: Double?
    /// What it is chosen for among others: what is understood by itself, a main point, and one that settles something.
    package var rank: Double?
    /// What it answers, or points back to, if it is quoted and cannot be understood alone; in order.
    package var before: [Turn]?
    /// What answers it, contradicts it, or takes it back, if it is quoted; in order.
    package var after: [Turn]?

    /// Whether it is what somebody said, in their words.
    package var isQuoted: Bool { worth != nil }

    /// Below this a statement has hardly more in common with what it cites than with any other part of the meeting.
    package static let leastSupport = 0.27

    /// Whether it only opens the lines below it (`Decisions:`) and claims nothing.
    package var isHeading: Bool { beginsLine && !isListed && text.hasSuffix(":") }

    /// Whether the cited utterances bear it out, as far as comparing words can tell.
    package var isGrounded: Bool {
        missing.isEmpty && (isTranslated == true || !citations.isEmpty && support >= Self.leastSupport)
    }
}

extension Statement {
    /// The quotation of a pick of a window, whose first utterance has the sequence number `first`, with its `context`.
    init(_ pick: Pick, of readings: [UtteranceReading], first: Int, context: ContextFinder, free: Range<Int>)
    {
        let quotation = context.quotation(of: pick.utterance, pick.sentences, free: free)
        let reading = readings[pick.utterance]
        self.init(
            text: reading.quotation(quotation.sentences), beginsLine: true, isListed: true,
            citations: [.init(reading.utterance, number: first + pick.utterance)],
            missing: [], support: 1, speaker: reading.utterance.speaker, worth: pick.worth,
            rank: pick.rank / 2
                + Self.clarity(reading.stems(of: quotation.sentences).count, quotation.before),
            before: quotation.before.nonEmpty, after: quotation.after.nonEmpty)
    }

    /// How well a quotation is understood by itself that has so many different words of meaning and such a lead, in
    /// units of log-odds.
    ///
    /// The weights are a logistic regression on 550 lines that readers judged. Those that were chosen for what they
    /// settle alone were understood less often than others: "Then the second one."
    private static func clarity(_ stemCount: Int, _ before: [Turn]) -> Double {
        1.2 * log(Double(1 + stemCount)) + (before.contains { $0.opensMatter == true } ? 0.6 : 0)
    }
}

extension Array {
    /// The array; nil if it is empty.
    package var nonEmpty: [Element]? { isEmpty ? nil : self }
}

extension Statement.Citation {
    /// The citation of `utterance`, which has the sequence number `number`.
    init(_ utterance: Utterance, number: Int) {
        self.init(
            utterance: number, start: utterance.start, speaker: utterance.speaker,
            isWritten: utterance.isWritten ? true : nil)
    }
}
