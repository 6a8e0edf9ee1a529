import Synchronization

/// A phrase of a language's data, where a text has it.
package struct PhraseMatch: Sendable, Hashable {
    /// The section of the data that has the phrase.
    package var section: LanguageData.Section
    /// Places of the phrase's words in ``Reading/words``.
    package var words: Range<Int>
}

/// All cue phrases of a language, looked for in a text at once.
///
/// A phrase matches whole words as they are folded. In languages without blanks between words it matches characters,
/// since the word breaker may cut a phrase differently in another neighbourhood; in Korean as well, where a phrase ends in
/// the middle of a word.
package struct PhraseBook: Sendable {
    private struct Phrase {
        var section: LanguageData.Section
        /// Tokens after the first one.
        var rest: [String]
    }

    /// A word, or a character of a language without blanks.
    private struct Token {
        var text: String
        /// The word that it is or belongs to.
        var word: Int
    }

    /// By their first token, in the order of the sections.
    private let phrases: [String: [Phrase]]

    /// Guards: the books that were made.
    private static let all = Mutex<[LanguageCode: PhraseBook]>([:])

    /// The book of a language, made at the first call; empty if the language has no data.
    package static func of(_ language: LanguageCode) -> PhraseBook {
        all.withLock { all in
            if let known = all[language] { return known }
            let book = PhraseBook(language)
            all[language] = book
            return book
        }
    }

    private init(_ language: LanguageCode) {
        let data = LanguageData.of(language)
        var phrases: [String: [Phrase]] = [:]
        for section in LanguageData.Section.phrases {
            for entry in data.entries(section) {
                let tokens = Self.tokens(TextReader.read(entry, language: language)).map(\.text)
                guard let first = tokens.first else { continue }
                phrases[first, default: []].append(Phrase(section: section, rest: Array(tokens.dropFirst())))
            }
        }
        self.phrases = phrases
    }

    /// All phrases that a text has, in the order of their first words.
    package func matches(in reading: Reading) -> [PhraseMatch] {
        guard !phrases.isEmpty else { return [] }
        let tokens = Self.tokens(reading)
        var found: [PhraseMatch] = []
        for (place, token) in tokens.enumerated() {
            for phrase in phrases[token.text] ?? [] {
                let rest = tokens[(place + 1)...].prefix(phrase.rest.count)
                guard rest.count == phrase.rest.count, zip(rest, phrase.rest).allSatisfy({ $0.text == $1 })
                else { continue }
                guard
                    !LanguageData.Section.wholeWords.contains(phrase.section)
                        || Self.isWhole(tokens, place...place + phrase.rest.count)
                else { continue }
                let last = rest.last?.word ?? token.word
                let match = PhraseMatch(section: phrase.section, words: token.word..<last + 1)
                // Two phrases of a section may match the same words.
                if !found.contains(match) { found.append(match) }
            }
        }
        return found
    }

    /// Whether tokens begin and end with words.
    private static func isWhole(_ tokens: [Token], _ places: ClosedRange<Int>) -> Bool {
        let (first, last) = (places.lowerBound, places.upperBound)
        return (first == 0 || tokens[first - 1].word != tokens[first].word || tokens[first - 1].text == " ")
            && (last == tokens.count - 1 || tokens[last + 1].word != tokens[last].word)
    }

    private static func tokens(_ reading: Reading) -> [Token] {
        let words = reading.words.enumerated()
        guard reading.language.hasNoBlanks || reading.language == .korean else {
            return words.map { Token(text: $1.folded, word: $0) }
        }
        let blank = reading.language == .korean ? " " : ""
        return words.flatMap { place, word in
            ((place > 0 ? blank : "") + word.folded).map { Token(text: String($0), word: place) }
        }
    }
}
