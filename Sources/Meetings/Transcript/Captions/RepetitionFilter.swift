/// Tells the same line said again and again, as recognisers write over silence, from what was said.
///
/// A line of three words or more is one too many from the fourth time in a row on, a shorter one (`Yes.`) from the
/// eighth.
struct RepetitionFilter: Sendable, Codable {
    private var last: Utterance?
    /// How often in a row the line came.
    private var count = 0

    private static let longLineLimit = 3
    private static let shortLineLimit = 7

    /// Takes the next line; true if it only repeats what was said more often in a row than people do.
    mutating func isOneTooMany(_ utterance: Utterance) -> Bool {
        if let last, Self.areSame(last, utterance) {
            count += 1
        } else {
            (last, count) = (utterance, 1)
        }
        // Most lines are new: their words need not be looked at.
        return count > Self.longLineLimit && count > Self.limit(WordOverlap.words(utterance.text))
    }

    /// Whether the same speaker says the same words, whatever their case and punctuation.
    private static func areSame(_ one: Utterance, _ other: Utterance) -> Bool {
        guard one.speaker == other.speaker, abs(one.text.utf8.count - other.text.utf8.count) <= 16 else {
            return false
        }
        return one.text == other.text || WordOverlap.words(one.text) == WordOverlap.words(other.text)
    }

    private static func limit(_ words: [String]) -> Int {
        words.count >= WordOverlap.minimumWords ? longLineLimit : shortLineLimit
    }

    /// Makes each such run of a whole transcript one utterance that says how often it came.
    static func collapse(_ utterances: inout [Utterance]) {
        // Where the next one goes: never behind where it is read.
        var place = 0
        var index = 0
        while index < utterances.count {
            var utterance = utterances[index]
            var end = index + 1
            while end < utterances.count, areSame(utterance, utterances[end]) { end += 1 }
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
