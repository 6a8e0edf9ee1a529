/// Looks for cue phrases of several sections in readings of one language.
package struct CueFinder: Sendable {
    package typealias Section = LanguageData.Section

    private struct Phrase: Sendable {
        var section: Section
        /// Folded words, or the phrase in UTF-8 where there are no blanks.
        var words: [String]
        var bytes: [UInt8]
    }

    /// By their first word.
    private let phrases: [String: [Phrase]]
    /// All of them, where there are no blanks.
    private let written: [Phrase]
    private let hasNoBlanks: Bool

    /// The phrases of `sections` as the language's data has them.
    package init(_ language: LanguageCode, sections: [Section]) {
        let data = LanguageData.of(language)
        hasNoBlanks = language.hasNoBlanks
        var all: [Phrase] = []
        for section in sections {
            for entry in data.entries(section) {
                let folded = Folding.fold(entry, language: language)
                all.append(
                    Phrase(
                        section: section, words: Self.words(folded, language), bytes: Array(folded.utf8)))
            }
        }
        written = hasNoBlanks ? all : []
        phrases = hasNoBlanks ? [:] : Dictionary(grouping: all.filter { !$0.words.isEmpty }) { $0.words[0] }
    }

    private static func words(_ text: String, _ language: LanguageCode) -> [String] {
        language.hasNoBlanks ? [] : TextReader.read(text, language: language).words.map(\.folded)
    }

    /// The sections that have a phrase in the reading, or in one of its sentences.
    package func sections(in reading: Reading, sentence: Int? = nil) -> Set<Section> {
        if hasNoBlanks {
            let text = sentence.map { reading.text(reading.sentences[$0]) } ?? reading.text
            let bytes = Array(Folding.fold(text, language: reading.language).utf8)
            return Set(written.filter { Self.contains(bytes, $0.bytes) }.map(\.section))
        }
        let words = sentence.map { reading.words(ofSentence: $0) } ?? reading.words[...]
        var found: Set<Section> = []
        for place in words.indices {
            for phrase in phrases[words[place].folded] ?? [] where !found.contains(phrase.section) {
                if words[place...].lazy.map(\.folded).starts(with: phrase.words) {
                    found.insert(phrase.section)
                }
            }
        }
        return found
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first, bytes.count >= part.count else { return false }
        for start in 0...bytes.count - part.count where bytes[start] == first {
            if bytes[start...].starts(with: part) { return true }
        }
        return false
    }
}
