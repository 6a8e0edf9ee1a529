/// A person's name in forms that are the same for all spellings of it: upper and lower case, accents, the order of
/// first name and surname, titles and what stands in brackets do not matter.
package struct PersonName: Sendable, Hashable {
    /// All words, in alphabetical order; empty if the name has none.
    package let whole: String
    /// The first and the last word, in alphabetical order: middle names are often left out.
    ///
    /// The same as ``whole`` for one or two words.
    package let outer: String
    /// The first name; of a name of one word that word.
    package let first: String
    /// How many words it has.
    package let wordCount: Int

    /// Reads `Ada Holm`, `Holm, Ada`, `Dr. Ada M. Holm (Harbour)` or `ada.holm@example.org`.
    package init(_ name: String) {
        var name = name[...]
        if let at = name.firstIndex(of: "@"), !name.contains(where: \.isWhitespace) { name = name[..<at] }
        let bare = Self.withoutAffiliation(name)
        let parts = bare.split(separator: ",", maxSplits: 1).map(Self.words)
        // `Holm, Ada` is turned round; behind a comma may also stand a title.
        let words =
            parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            ? parts[1] + parts[0] : parts.flatMap { $0 }
        wordCount = words.count
        whole = words.sorted().joined(separator: " ")
        first = words.first ?? ""
        outer = words.count > 2 ? [words[0], words[words.count - 1]].sorted().joined(separator: " ") : whole
    }

    /// `Ada Holm` of `Holm, Ada (Harbour)`: first name first, without what stands behind it.
    package static func inOrder(_ name: String) -> String {
        let bare = withoutAffiliation(name[...])
        let parts = bare.split(separator: ",", maxSplits: 1).map { $0.split(whereSeparator: \.isWhitespace) }
        guard parts.count == 2, !parts[1].isEmpty else {
            return bare.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return (parts[1] + parts[0]).joined(separator: " ")
    }

    private static func withoutAffiliation(_ name: Substring) -> Substring {
        guard let end = name.firstIndex(where: { "([|｜/".contains($0) }), end != name.startIndex else {
            return name
        }
        return name[..<end]
    }

    private static func words(_ text: Substring) -> [String] {
        let folded = Folding.unaccented(Folding.fold(text, language: .undetermined))
        let words = folded.split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
        let named = words.filter { !titles.contains($0) }
        // A title may be all that there is.
        return named.isEmpty ? words : named
    }

    private static let titles: Set<String> = [
        "dr", "prof", "mr", "mrs", "ms", "mx", "herr", "frau", "hr", "fr", "ing",
    ]
}
