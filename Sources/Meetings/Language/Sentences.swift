/// A text cut into sentences.
package enum Sentences {
    /// Sentences, trimmed: they end at a line break, at `.`, `?`, `!` before white space, or at `。`, `？`, `！`.
    ///
    /// Not after a single letter or a title (`J. Smith`, `Dr. Smith`). Runs of blanks become one.
    package static func of(_ text: some StringProtocol) -> [String] {
        var sentences: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            var sentence: [Substring] = []
            func end() {
                if !sentence.isEmpty { sentences.append(sentence.joined(separator: " ")) }
                sentence = []
            }
            for word in line.split(whereSeparator: \.isWhitespace).map(Substring.init) {
                var rest = word
                // Chinese and Japanese put no blank after the mark.
                while let mark = rest.firstIndex(where: { "。？！".contains($0) }) {
                    let next = rest.index(after: mark)
                    sentence.append(rest[..<next])
                    end()
                    rest = rest[next...]
                }
                guard !rest.isEmpty else { continue }
                sentence.append(rest)
                if endsSentence(rest) { end() }
            }
            end()
        }
        return sentences
    }

    private static let titles: Set = ["mr", "mrs", "ms", "dr", "prof", "st", "hon", "no", "vs", "e.g", "i.e"]

    private static func endsSentence(_ word: Substring) -> Bool {
        let bare = word.reversed().drop { "\"'”’)]".contains($0) }
        guard let mark = bare.first, ".?!…".contains(mark) else { return false }
        let rest = String(bare.drop { ".?!…".contains($0) }.reversed()).lowercased()
        return !(mark == "." && (rest.count == 1 && rest.allSatisfy(\.isLetter) || titles.contains(rest)))
    }
}
