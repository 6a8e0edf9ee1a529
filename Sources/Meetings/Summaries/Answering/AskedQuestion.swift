import Language

/// A question about a meeting, read.
package struct AskedQuestion: Sendable {
    /// Why a text is no question.
    package struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong, and what to do.
        package let description: String
    }

    /// On one line, without characters that control terminals.
    package let text: String
    /// What it says, by the rules of the language that it is asked in.
    package let reading: Reading
    /// What it asks for besides: decisions, action items, open questions.
    package let kinds: Set<MinutesItem.Kind>
    /// Stems of its words that say what it is about, each once, in order: as its language forms them, and as that of the
    /// meeting does.
    let terms: [Term]

    /// A word of a question.
    struct Term: Sendable, Hashable {
        var folded: String
        var stems: Set<String>
    }

    /// The language that it is asked in.
    package var language: LanguageCode { reading.language }

    /// A text in its language that is about nothing: words that people ask with; empty in a language without data.
    var nothing: String {
        let words = LanguageData.of(language).keyed(.asking).first?.forms ?? []
        return words.isEmpty ? "" : words.prefix(24).joined(separator: ", ") + "\n"
    }

    /// More would be a text, and not a question.
    package static let lengthLimit = 600

    /// Reads `text`, asked of a meeting in which `spoken` is the language of most.
    ///
    /// Throws ``Refusal`` if there is no word in it, or too much of it.
    package init(_ text: String, spoken: LanguageCode) throws(Refusal) {
        self.text = try Self.checked(text)
        let inSpoken = TextReader.read(self.text, language: spoken)
        let likeliest = LanguageIdentifier.language(of: self.text, after: spoken)
        var read = likeliest == spoken ? inSpoken : TextReader.read(self.text, language: likeliest)
        // A question is short: a name or two look like another language. Its small words tell better.
        let small = inSpoken.words.count { $0.role == .function }
        if small > 0, small >= read.words.count(where: { $0.role == .function }) { read = inSpoken }
        reading = read
        let language = reading.language
        let asking = AskingWords.of(language)
        kinds = Set(reading.words.compactMap { asking.kinds[$0.stem] })
        let other = language == spoken ? nil : inSpoken
        let otherStems = Dictionary(
            (other?.words ?? []).map { ($0.range, $0.stem) }, uniquingKeysWith: { one, _ in one })
        var seen: Set<String> = []
        terms = reading.words.compactMap { word in
            guard word.carriesMeaning, !asking.stems.contains(word.stem), !asking.words.contains(word.folded),
                !Self.isKana(word.folded), seen.insert(word.stem).inserted
            else { return nil }
            var stems: Set = [word.stem]
            if let stem = otherStems[word.range] { stems.insert(stem) }
            return Term(folded: word.folded, stems: stems)
        }
    }

    /// The text on one line; throws ``Refusal`` if it is none that can be asked.
    package static func checked(_ text: String) throws(Refusal) -> String {
        // The first of it alone: there may be a lot.
        guard text.utf8.count <= 16 * lengthLimit else { throw tooLong }
        let line = VisibleText.line(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.count <= lengthLimit else { throw tooLong }
        guard !SearchWord.read(line).isEmpty else {
            throw Refusal(
                description: "there is no word in the question: ask in a sentence, in quotation marks")
        }
        return line
    }

    private static var tooLong: Refusal {
        Refusal(description: "the question is longer than \(lengthLimit) characters: ask in one sentence")
    }

    /// What ICU leaves of a Japanese ending.
    private static func isKana(_ word: String) -> Bool {
        let scalars = word.unicodeScalars
        return scalars.count <= 2 && scalars.allSatisfy { (0x3040...0x309F).contains($0.value) }
    }
}

/// The words of a language by which people ask about a meeting, and which do not say what about.
private struct AskingWords: Sendable {
    /// Folded, and as stems.
    let words: Set<String>
    let stems: Set<String>
    /// What some of them ask for.
    let kinds: [String: MinutesItem.Kind]

    static func of(_ language: LanguageCode) -> AskingWords {
        var (words, stems): (Set<String>, Set<String>) = ([], [])
        var kinds: [String: MinutesItem.Kind] = [:]
        for entry in LanguageData.of(language).keyed(.asking) {
            let kind = MinutesItem.Kind(rawValue: entry.key)
            for form in entry.forms {
                let read = TextReader.read(form, language: language).words.filter(\.carriesMeaning)
                words.formUnion(read.map(\.folded))
                stems.formUnion(read.map(\.stem))
                // Of several words none asks for it alone.
                if let kind, read.count == 1 { for word in read { kinds[word.stem] = kind } }
            }
        }
        return AskingWords(words: words, stems: stems, kinds: kinds)
    }
}
