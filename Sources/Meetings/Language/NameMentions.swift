/// Names that a text mentions: words that are written with a capital although no sentence begins with them.
package enum NameMentions {
    /// The names that a summary claims, in lower case, each once, in order.
    ///
    /// The first word of a sentence is none, since every word is capitalised there; nor is `I`.
    package static func claims(in text: String) -> [String] {
        var seen: Set<String> = []
        return Sentences.of(text).flatMap { sentence in
            words(sentence).dropFirst().filter { word in
                word.first?.isUppercase == true && word.count > 1 && !firstPerson.contains(word)
            }
        }.map { $0.lowercased() }.filter { seen.insert($0).inserted }
    }

    /// All words of a source in lower case: what a claimed name may come from.
    package static func words(in text: String) -> Set<String> {
        Set(words(text).map { $0.lowercased() })
    }

    private static let firstPerson: Set = ["I'm", "I've", "I'll", "I'd"]

    /// Runs of letters and digits, with apostrophes inside them but for the genitive's.
    private static func words(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "’") }.compactMap { word in
            var word = word.drop { $0 == "'" || $0 == "’" }
            for ending in ["'s", "’s", "'", "’"] where word.hasSuffix(ending) {
                word.removeLast(ending.count)
            }
            return word.isEmpty ? nil : String(word.map { $0 == "’" ? "'" : $0 })
        }
    }
}
