/// Compares the words of one caption with those of the next.
enum WordOverlap {
    /// The fewest equal words that count as repeated.
    static let minimumWords = 3

    /// How many words a text has; two letters of a script without blanks count as one.
    static func wordCount(_ text: String) -> Int {
        let letters = text.unicodeScalars.count(where: \.isOfScriptWithoutBlanks)
        return text.split(separator: " ").count + letters / 2
    }

    /// The words of a collapsed text in the form in which they are compared: in lower case, without punctuation around them.
    ///
    /// Each stretch between two blanks is one word, and each letter of a script without blanks, so that the n-th of them is
    /// the n-th word of the text.
    static func words(_ text: String) -> [String] { pieces(text).map(bare) }

    private static func pieces(_ text: String) -> [Substring] {
        let words = text.split(separator: " ")
        if text.utf8.allSatisfy({ $0 < 0xE0 }) { return words }
        return words.flatMap { word -> [Substring] in
            guard word.unicodeScalars.contains(where: \.isOfScriptWithoutBlanks) else { return [word] }
            var (pieces, start, wasLetter) = ([Substring](), word.startIndex, false)
            for index in word.indices {
                let scalar = word[index].unicodeScalars.first
                let isLetter = scalar.map { $0.isOfScriptWithoutBlanks && isPartOfWord($0) } ?? false
                if index > start, isLetter || wasLetter && scalar.map(isPartOfWord) == true {
                    pieces.append(word[start..<index])
                    start = index
                }
                wasLetter = isLetter || (wasLetter && start < index)
            }
            return pieces + [word[start...]]
        }
    }

    /// How many words they count for: letters of a script without blanks count half.
    static func weight(_ words: some Sequence<String>) -> Int {
        let halves = words.reduce(0) {
            $0 + ($1.unicodeScalars.first?.isOfScriptWithoutBlanks == true ? 1 : 2)
        }
        return halves / 2
    }

    private static func bare(_ word: Substring) -> String {
        let bare = word.lowercased().unicodeScalars.drop { !isPartOfWord($0) }
        guard let last = bare.lastIndex(where: isPartOfWord) else { return String(word) }
        return String(Substring(bare[...last]))
    }

    /// Whether two collapsed texts have the same words, whatever their case and punctuation.
    static func areSame(_ one: String, _ other: String) -> Bool {
        if one == other { return true }
        // Most lines begin with another word: the rest of them need not be looked at.
        guard bare(one.prefix { $0 != " " }) == bare(other.prefix { $0 != " " }) else { return false }
        let (first, second) = (one.split(separator: " "), other.split(separator: " "))
        return first.count == second.count && zip(first, second).allSatisfy { bare($0) == bare($1) }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// The largest number of words that end `tail` and also begin `head`.
    static func count(tail: [String], head: [String]) -> Int {
        var count = min(tail.count, head.count)
        while count > 0, !tail.suffix(count).elementsEqual(head.prefix(count)) { count -= 1 }
        return count
    }

    /// Whether `longer` continues `shorter`: it begins with the same words, the last of which may be longer too.
    static func grows(_ shorter: [String], to longer: [String]) -> Bool {
        guard shorter.count >= minimumWords, longer.count >= shorter.count, longer != shorter,
            let last = shorter.last
        else { return false }
        return longer.prefix(shorter.count - 1).elementsEqual(shorter.dropLast())
            && longer[shorter.count - 1].hasPrefix(last)
    }

    /// Whether two readings are similar: most words of the shorter one are in the longer one, in the same order.
    static func resembles(_ one: [String], _ other: [String]) -> Bool {
        let (shorter, longer) = one.count <= other.count ? (one, other) : (other, one)
        guard !shorter.isEmpty else { return false }
        var place = 0
        var found = 0
        for word in shorter.prefix(60) {
            guard let next = longer[place...].firstIndex(of: word) else { continue }
            place = next + 1
            found += 1
        }
        return found * 5 >= min(shorter.count, 60) * 3
    }

    /// `text` without its first `count` words.
    static func dropping(_ count: Int, of text: String) -> String {
        let pieces = pieces(text)
        return count < pieces.count ? String(text[pieces[count].startIndex...]) : ""
    }
}
