import Synchronization

/// Shortens what somebody said to a quotation by leaving words out, in the voice of who said it.
///
/// Left out are hesitations, words that are broken off, and what is said twice in a row; what is kept stays as it is
/// and in its order.
package enum Quotation {
    /// `words` of `reading`, which end a sentence that goes on to the UTF-8 offset `end`, as a quotation.
    package static func text(_ reading: Reading, words: ArraySlice<Word>, end: Int) -> String {
        guard let first = words.first else { return "" }
        let kept = kept(reading, words)
        // The mark that opens a quotation, if nothing before it is left out.
        let sentence = reading.sentences[first.sentence]
        let isWhole = words.startIndex == reading.words.partitioningIndex { $0.sentence >= first.sentence }
        var text =
            isWhole && kept.first == words.startIndex
            ? reading.text(sentence.lowerBound..<first.range.lowerBound) : ""
        for (place, word) in kept.enumerated() {
            text += reading.text(words[word].range)
            let isLast = place == kept.count - 1
            // What stands between two words stays with the first; what is left out takes its own marks along.
            let next = isLast ? (words.last.map(\.range.upperBound) ?? end) : words[word].range.upperBound
            let until = isLast ? end : words[word + 1].range.lowerBound
            text += reading.text(next..<max(next, until))
        }
        return text.asSentenceBeginning
    }

    /// Places of the words that stay.
    private static func kept(_ reading: Reading, _ words: ArraySlice<Word>) -> [Int] {
        let hesitations = Hesitations.of(reading.language)
        var said: [Int] = []
        var place = words.startIndex
        while place < words.endIndex {
            if let count = hesitations.length(at: place, words, reading) {
                place += count
                continue
            }
            if !isBrokenOff(place, words, reading) { said.append(place) }
            place += 1
        }
        if said.isEmpty { return Array(words.indices) }
        var kept: [Int] = []
        var next = 0
        while next < said.count {
            if let count = repeated(said[next...], words, reading) {
                next += count
            } else {
                kept.append(said[next])
                next += 1
            }
        }
        return kept
    }

    /// What stands behind the word at `place`, before the next one.
    private static func gap(_ place: Int, _ words: ArraySlice<Word>, _ reading: Reading) -> String {
        guard place >= words.startIndex, place + 1 < words.endIndex else { return "" }
        let (from, to) = (words[place].range.upperBound, words[place + 1].range.lowerBound)
        return from < to ? reading.text(from..<to) : ""
    }

    /// `th- the`: the first is broken off.
    private static func isBrokenOff(_ place: Int, _ words: ArraySlice<Word>, _ reading: Reading) -> Bool {
        let gap = gap(place, words, reading)
        return gap.hasPrefix("- ") || gap.hasPrefix("-, ")
    }

    /// How many of the words at `places` are said once more right behind them; nil for none.
    private static func repeated(
        _ places: ArraySlice<Int>, _ words: ArraySlice<Word>, _ reading: Reading
    ) -> Int? {
        // Without blanks, characters that stand twice are mostly one word.
        guard !reading.language.hasNoBlanks else { return nil }
        for length in (1...3).reversed() where 2 * length <= places.count {
            let (one, other) = (places.prefix(length), places.dropFirst(length).prefix(length))
            guard zip(one, other).allSatisfy({ words[$0].folded == words[$1].folded }),
                // "Two two" and "very, very" are meant.
                length > 1 || one.allSatisfy({ words[$0].role == .function }),
                one.allSatisfy({ !gap($0, words, reading).contains(where: endsSentence) })
            else { continue }
            return length
        }
        return nil
    }

    private static func endsSentence(_ character: Character) -> Bool { ".?!:;".contains(character) }

    /// What people say while thinking, in a language.
    private struct Hesitations {
        let single: Set<String>
        /// Folded words of those that have several, or that have another meaning within a sentence.
        let several: [[String]]

        /// Guards: the languages that were asked for.
        private static let all = Mutex<[LanguageCode: Hesitations]>([:])

        static func of(_ language: LanguageCode) -> Hesitations {
            all.withLock { all in
                if let known = all[language] { return known }
                let entries = LanguageData.of(language).entries(.hesitations).map {
                    TextReader.read($0, language: language).words.map(\.folded)
                }
                let made = Hesitations(
                    single: Set(entries.filter { $0.count == 1 }.joined()),
                    several: entries.filter { $0.count > 1 })
                all[language] = made
                return made
            }
        }

        /// How many words at `place` are a hesitation; nil if none.
        func length(at place: Int, _ words: ArraySlice<Word>, _ reading: Reading) -> Int? {
            if single.contains(words[place].folded) { return 1 }
            for entry in several where place + entry.count < words.endIndex {
                let isSetApart =
                    (place == words.startIndex || Quotation.gap(place - 1, words, reading).hasPrefix(","))
                    && Quotation.gap(place + entry.count - 1, words, reading).hasPrefix(",")
                if isSetApart, words[place..<place + entry.count].map(\.folded) == entry {
                    return entry.count
                }
            }
            return nil
        }
    }
}
