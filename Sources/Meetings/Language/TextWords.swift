/// The words of a text, as whatever counts or compares words sees them.
package enum TextWords {
    /// The words of each line that has any: runs of a-z and 0-9 after conversion to lower case.
    ///
    /// Everything else separates them.
    package static func lines(_ text: String) -> [[String]] {
        var lines: [[String]] = []
        var line: [String] = []
        var word: [UInt8] = []
        func endWord() {
            guard !word.isEmpty else { return }
            line.append(String(decoding: word, as: UTF8.self))
            word.removeAll(keepingCapacity: true)
        }
        func endLine() {
            endWord()
            if !line.isEmpty { lines.append(line) }
            line = []
        }
        func take(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                word.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
            case UInt8(ascii: "\n"): endLine()
            default: endWord()
            }
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                take(UInt8(scalar.value))
            } else {
                // The Kelvin sign, for one, is a k in lower case.
                for byte in scalar.properties.lowercaseMapping.utf8 { take(byte) }
            }
        }
        endLine()
        return lines
    }

    /// Porter's stem of a word of more than three letters; shorter ones stay.
    package static func stem(_ word: String) -> String {
        word.utf8.count > 3 ? PorterStemmer().stem(word) : word
    }

    /// Stems of the words that carry meaning, in order: no stop words, nothing of one letter.
    package static func content(_ text: String) -> [String] {
        lines(text).joined().filter { $0.utf8.count > 1 && !stopWords.contains($0) }.map(stem)
    }

    /// How much two stretches of talk have in common: the cosine of the counts of their words, 0 to 1.
    ///
    /// 0 if one of them has no words.
    package static func cosine<Word: Hashable>(
        _ one: some Sequence<Word>, _ other: some Sequence<Word>
    ) -> Double {
        func counts(_ words: some Sequence<Word>) -> [Word: Int] {
            words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        func square(_ counts: [Word: Int]) -> Double { Double(counts.values.reduce(0) { $0 + $1 * $1 }) }
        let (one, other) = (counts(one), counts(other))
        // Whole numbers: the order in which a dictionary gives them makes no difference.
        let common = one.reduce(0) { $0 + $1.value * other[$1.key, default: 0] }
        let lengths = (square(one) * square(other)).squareRoot()
        return lengths > 0 ? Double(common) / lengths : 0
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
