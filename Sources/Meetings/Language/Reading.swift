/// What a text says, found once: its sentences, words, numbers, dates and names.
///
/// A pure value: the same text in the same language always reads the same. All ranges are UTF-8 offsets into `text`.
package struct Reading: Sendable, Hashable {
    package let text: String
    package let language: LanguageCode
    /// Without blanks at both ends; a line break always ends one.
    package let sentences: [Range<Int>]
    package let words: [Word]
    package let numbers: [NumberMention]
    /// In the order in which they are said.
    package let dates: [DateMention]
    package let names: [NameMention]

    package static func == (one: Reading, other: Reading) -> Bool {
        one.language == other.language && one.text == other.text
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(language)
        hasher.combine(text)
    }

    /// How many words are said: the one rule for counting them.
    package var wordCount: Int { words.count }

    /// Stems of the words that carry meaning, numbers among them, in order.
    ///
    /// Single letters carry none, but for those that are words of their own (Chinese characters).
    package var stems: [String] { words.filter(\.carriesMeaning).map(\.stem) }

    /// The part of the text at some UTF-8 offsets.
    package func text(_ range: Range<Int>) -> String {
        let bytes = text.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: range.lowerBound)
        return String(text[start..<bytes.index(start, offsetBy: range.count)])
    }

    /// The sentences as texts, in order.
    package var sentenceTexts: [String] { sentences.map(text) }

    /// The words of the sentence with this number.
    package func words(ofSentence number: Int) -> ArraySlice<Word> {
        words[
            words.partitioningIndex {
                $0.sentence >= number
            }..<words.partitioningIndex { $0.sentence > number }]
    }

    /// Every number that the text could be said to mention, in one spelling: what neighbours make up is among them
    /// (`nineteen ninety` is 19, 90 and 1990, `four thirty` 4:30).
    package var saidNumbers: Set<String> {
        var said: Set<String> = []
        for number in numbers {
            said.insert(number.value)
            said.formUnion(number.readings)
            said.formUnion(number.parts)
        }
        return said
    }

    /// The keys of all dates.
    package var saidDates: Set<String> { Set(dates.map(\.key)) }
}

/// A word of a text.
package struct Word: Sendable, Hashable {
    /// What a word is for.
    package enum Role: UInt8, Sendable {
        case content, function, number
    }

    /// UTF-8 offsets.
    package var range: Range<Int>
    /// Case-folded, in NFKC, with plain apostrophes; what languages spell in two ways is spelled in one (ё as е).
    package var folded: String
    /// What the forms of a word have in common, for comparison only.
    package var stem: String
    package var role: Role
    /// Number of the sentence.
    package var sentence: Int

    package var carriesMeaning: Bool {
        guard role != .function, let first = folded.unicodeScalars.first else { return false }
        // One letter says nothing, one ideograph or syllable does.
        return first.value >= 0x2E80 || folded.unicodeScalars.dropFirst().first != nil
    }
}

/// A number that a text mentions.
package struct NumberMention: Sendable, Hashable {
    /// `1200`, `4.5`, or `4:30` for a time of day; signs and units are left out.
    package var value: String
    /// What else the same words may mean: 1.2 for `1.200`, 4:30 for `16:30`.
    package var readings: [String] = []
    /// What its parts say, and what it makes up with its neighbours.
    package var parts: [String] = []
    /// UTF-8 offsets.
    package var range: Range<Int>
    package var isDigits: Bool
    /// Whether a text with this number claims it: digits do, words do from ten on, since `one` and `two` are seldom
    /// meant as a count.
    package var isClaim: Bool
}

/// A calendar word of a text.
package struct DateMention: Sendable, Hashable {
    /// `weekday:1` (Monday) to `weekday:7`, `month:1` to `month:12`, `day:0` (today), `day:-1`, `week:+1`, `year:+1`
    /// and so on.
    package var key: String
    /// UTF-8 offsets.
    package var range: Range<Int>
}

/// A name that a text claims.
package struct NameMention: Sendable, Hashable {
    /// As the word is folded.
    package var folded: String
    package var stem: String
    /// UTF-8 offsets.
    package var range: Range<Int>
    /// Whether a text with this name surely claims it; a word that only begins a sentence may be any.
    package var isSure: Bool
}
