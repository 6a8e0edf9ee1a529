/// How the words of one caption go on in those of the next.
enum WordOverlap {
    /// So many words have to be the same before they are taken for repeated ones.
    static let minimumWords = 3

    /// Words of a collapsed text as they are compared: without case and the punctuation around them.
    ///
    /// As many as there are between the text's blanks, so that their places are those of the words as written.
    static func words(_ text: String) -> [String] {
        text.split(separator: " ").map(bare)
    }

    private static func bare(_ word: Substring) -> String {
        let bare = word.lowercased().unicodeScalars.drop { !isPartOfWord($0) }
        guard let last = bare.lastIndex(where: isPartOfWord) else { return String(word) }
        return String(Substring(bare[...last]))
    }

    /// Whether two collapsed texts have the same words, whatever their case and punctuation.
    static func areSame(_ one: String, _ other: String) -> Bool {
        if one == other { return true }
        let (first, second) = (one.split(separator: " "), other.split(separator: " "))
        return first.count == second.count && zip(first, second).allSatisfy { bare($0) == bare($1) }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// The most words that are both the last ones of `tail` and the first ones of `head`.
    static func count(tail: [String], head: [String]) -> Int {
        var count = min(tail.count, head.count)
        while count > 0, !tail.suffix(count).elementsEqual(head.prefix(count)) { count -= 1 }
        return count
    }

    /// Whether `longer` is `shorter` grown: it begins with the same words, the last of which may have grown too.
    static func grows(_ shorter: [String], to longer: [String]) -> Bool {
        guard shorter.count >= minimumWords, longer.count >= shorter.count, longer != shorter,
            let last = shorter.last
        else { return false }
        return longer.prefix(shorter.count - 1).elementsEqual(shorter.dropLast())
            && longer[shorter.count - 1].hasPrefix(last)
    }

    /// Whether two readings are of the same words, more or less: most words of the shorter are in the longer, in order.
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
        text.split(separator: " ").dropFirst(count).joined(separator: " ")
    }
}
