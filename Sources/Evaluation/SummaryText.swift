import Foundation

/// A text cut into sentences.
public enum SummaryText {
    /// Sentences, trimmed: they end at a line break, or at `.`, `?`, `!` before white space.
    ///
    /// Not after a single letter or a title (`J. Smith`, `Dr. Smith`).
    public static func sentences(_ text: String) -> [String] {
        var sentences: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            var sentence: [Substring] = []
            for word in line.split(whereSeparator: \.isWhitespace) {
                sentence.append(word)
                guard endsSentence(word) else { continue }
                sentences.append(sentence.joined(separator: " "))
                sentence = []
            }
            if !sentence.isEmpty { sentences.append(sentence.joined(separator: " ")) }
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
