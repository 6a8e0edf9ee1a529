/// Recognises a line that is repeated again and again, as recognisers do during silence.
///
/// A line of three words or more is one too many from its fourth time in a row, a shorter one (`Yes.`) from its
/// eighth.
struct RepetitionFilter: Sendable, Codable {
    private var last: Utterance?
    /// How often the line came in a row.
    private var count = 0

    private static let longLineLimit = 3
    private static let shortLineLimit = 7

    /// Takes the next line; true if it only repeats what was said more often in a row than people do.
    mutating func isOneTooMany(_ utterance: Utterance) -> Bool {
        if let last, utterance.repeats(last) {
            count += 1
        } else {
            (last, count) = (utterance, 1)
        }
        // Most lines are new: their words need not be looked at.
        return count > Self.longLineLimit && count > Self.limit(WordOverlap.words(utterance.text))
    }

    private static func limit(_ words: [String]) -> Int {
        WordOverlap.weight(words) >= WordOverlap.minimumWords ? longLineLimit : shortLineLimit
    }

    /// Replaces each such run in a transcript by one utterance with the number of repetitions.
    static func collapse(_ utterances: inout [Utterance]) {
        // The place for the next one, which is never behind the place it is read from.
        var place = 0
        var index = 0
        while index < utterances.count {
            var utterance = utterances[index]
            var end = index + 1
            while end < utterances.count, utterances[end].repeats(utterance) { end += 1 }
            if end - index > longLineLimit, end - index > limit(WordOverlap.words(utterance.text)) {
                for repeated in utterances[(index + 1)..<end] {
                    utterance.repeatCount += 1 + repeated.repeatCount
                    utterance.end = repeated.end ?? repeated.start ?? utterance.end
                }
                utterances[place] = utterance
                place += 1
            } else {
                for kept in index..<end {
                    utterances[place] = utterances[kept]
                    place += 1
                }
            }
            index = end
        }
        utterances.removeSubrange(place...)
    }
}

extension Utterance {
    /// Whether the same speaker says the same words as in `earlier`, whatever their case and punctuation.
    ///
    /// The one rule by which a line is told to repeat another, here as in the ledger.
    package func repeats(_ earlier: Utterance) -> Bool {
        speaker == earlier.speaker && WordOverlap.areSame(text, earlier.text)
    }
}
