import Foundation

/// A text cut into the units that the measures count: sentences and content words.
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

    /// Stems of the words that carry meaning, in order: no stop words, nothing of one letter.
    public static func contentWords(_ text: String) -> [String] {
        let stemmer = PorterStemmer()
        return RougeText(text, isStemmed: false).words.filter { $0.utf8.count > 1 && !stopWords.contains($0) }
            .map { $0.utf8.count > 3 ? stemmer.stem($0) : $0 }
    }

    /// Function words of English, and what speech is filled with; apostrophes separate (`don`, `ll`).
    private static let stopWords: Set<String> = Set(
        """
        a about above actually after again against ah all also although am an and any anyway are aren as at basically be
        because been before being below between both but by can cannot could couldn d did didn do does doesn doing don
        down during each eh er few for from further had hadn has hasn have haven having he her here hers herself hi him
        himself his hm hmm how however huh i if in into is isn it its itself just kay know let like ll m maybe me mean
        mhm might mm more most must my myself no nor not now of off oh ok okay on once one only or other our ours
        ourselves out over own perhaps probably quite re really right s same shall she should shouldn so some such sure
        t than that the their theirs them themselves then there these they thing things think this those though through
        to too uh um until up us ve very was wasn we well were weren what when where whether which while who whom whose
        why will with won would wouldn yeah yep yes you your yours yourself yourselves
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
