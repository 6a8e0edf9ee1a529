/// Replaces a person's name in texts and in JSON, wherever it stands as a whole.
///
/// Upper and lower case do not matter, nor how many blanks stand between the words. Inflected forms, and names that
/// belong to a longer word, are not found; but in scripts without blanks between words every place counts.
package struct NameReplacement: Sendable, Hashable {
    private struct Spelling: Hashable {
        let characters: [Character]
        /// What stands in its place.
        let label: String
    }

    /// All spellings, the longest first.
    private let names: [Spelling]
    private let whole: [Spelling]
    /// The words that the spellings are made of, in lower case.
    private let words: Set<String>
    private let ignoresCase: Bool

    /// Replaces the spellings `names`, of which the first is the person's whole name, by `label`.
    package init(_ names: [String], by label: String) {
        let spellings = names.map { Spelling(characters: Self.folded($0.lowercased()), label: label) }
            .filter { !$0.characters.isEmpty }
        self.names = spellings.sorted { $0.characters.count > $1.characters.count }
        whole = Array(spellings.prefix(1))
        words = Set(names.flatMap { $0.lowercased().split(whereSeparator: \.isWhitespace).map(String.init) })
        ignoresCase = true
    }

    /// Replaces each of several names by its own, all at the same time, so that two may change places.
    ///
    /// Where one is a part of another, the longer one is meant. Only in exactly these spellings: `Will` is a name, and
    /// `will` is none.
    package init(exactly names: [String: String]) {
        self.names = names.sorted { $0.key < $1.key }
            .map { Spelling(characters: Self.folded($0.key), label: $0.value) }
            .filter { !$0.characters.isEmpty }
            .sorted { $0.characters.count > $1.characters.count }
        (whole, words, ignoresCase) = ([], [], false)
    }

    // MARK: - Texts

    /// The text without the name.
    package func replaced(in text: String) -> String { replaced(in: text, names) }

    /// The name of somebody who speaks or does something: replaced if it is one of the spellings, or has the whole name
    /// in it; another person who shares a part of the name keeps theirs.
    package func replaced(speaker name: String) -> String {
        let folded = Self.folded(ignoresCase ? name.lowercased() : name)
        return names.first { $0.characters == folded }?.label ?? replaced(in: name, whole)
    }

    /// How often `word` stands alone in `text`, in exactly this spelling.
    package static func count(of word: String, in text: String) -> Int {
        text.split { !($0.isLetter || $0.isNumber) }.count { $0 == word }
    }

    private func replaced(in text: String, _ names: [Spelling]) -> String {
        let characters = Array(text)
        var result = ""
        var place = 0
        var isChanged = false
        while place < characters.count {
            let found = names.lazy.compactMap { name in
                end(of: name.characters, in: characters, at: place).map { (end: $0, label: name.label) }
            }.first
            if let found {
                result += found.label
                place = found.end
                isChanged = true
            } else {
                result.append(characters[place])
                place += 1
            }
        }
        return isChanged ? result : text
    }

    /// Where `name` ends that begins at `start`; nil if it does not stand there as a whole.
    private func end(of name: [Character], in text: [Character], at start: Int) -> Int? {
        guard let first = name.first, let last = name.last, compared(text[start]) == first,
            start == 0 || Self.isBoundary(text[start - 1], first)
        else { return nil }
        var place = start
        for character in name {
            if character == " " {
                let before = place
                while place < text.count, text[place].isWhitespace { place += 1 }
                guard place > before else { return nil }
            } else {
                guard place < text.count, compared(text[place]) == character else { return nil }
                place += 1
            }
        }
        return place == text.count || Self.isBoundary(text[place], last) ? place : nil
    }

    /// Whether a name that begins or ends with `own` ends where `other` stands beside it.
    private static func isBoundary(_ other: Character, _ own: Character) -> Bool {
        !(other.isLetter || other.isNumber) || standsAlone(own)
    }

    /// Chinese, Japanese, Korean, Thai: particles follow a name without a blank.
    private static func standsAlone(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first?.value else { return false }
        return (0x0E00...0x0EFF).contains(scalar) || (0x1100...0x11FF).contains(scalar)
            || (0x3040...0x9FFF).contains(scalar) || (0xAC00...0xD7AF).contains(scalar)
            || (0x20000...0x3FFFF).contains(scalar)
    }

    private static func folded(_ name: String) -> [Character] {
        Array(name.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }

    private func compared(_ character: Character) -> Character {
        guard ignoresCase else { return character }
        let lower = character.lowercased()
        return lower.count == 1 ? lower[lower.startIndex] : character
    }

    // MARK: - JSON

    /// Keys of JSON whose values are names.
    private static let speakerKeys: Set<String> = ["speaker", "owner", "name"]
    /// Keys of JSON whose values are not words of people.
    private static let otherKeys: Set<String> = [
        "kind", "language", "format", "encoding", "meeting", "state", "origin", "id",
    ]
    /// Keys of lists of single words: one that is a word of the name is emptied.
    private static let wordKeys: Set<String> = ["topicWords", "missing"]

    /// A JSON document with the name replaced in all of its texts; everything else stays byte for byte.
    package func replaced(inJSON json: String) -> String {
        let bytes = Array(json.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var key = ""
        var place = 0
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "\"") else {
                result.append(bytes[place])
                place += 1
                continue
            }
            let start = place
            place += 1
            while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            place = min(place + 1, bytes.count)
            let literal = bytes[start..<place]
            let isKey = place < bytes.count && bytes[place] == UInt8(ascii: ":")
            guard let text = JSONText.decoded(literal) else {
                result += literal
                continue
            }
            if isKey { key = text }
            let new = isKey ? text : replaced(text, ofKey: key)
            result += new == text ? Array(literal) : JSONText.encoded(new)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func replaced(_ text: String, ofKey key: String) -> String {
        if Self.otherKeys.contains(key) { return text }
        if Self.speakerKeys.contains(key) { return replaced(speaker: text) }
        if Self.wordKeys.contains(key), words.contains(text.lowercased()) { return "" }
        return replaced(in: text)
    }
}
