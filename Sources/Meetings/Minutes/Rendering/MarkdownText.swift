import Language

/// Other people's words as Markdown that shows them as they are, whatever reader of CommonMark or GFM shows it.
///
/// Characters with a meaning are escaped by a backslash where something can come of them, so that the source stays
/// readable. `<` is always `&lt;`, so that nothing becomes HTML even where a reader passes over a backslash. Readers look
/// for links in what backslashes have been taken out of: what one would be made of has U+2060 in it, which is not seen.
/// Lists are kept in summaries: models write them, and readers like them.
enum MarkdownText {
    /// One line: names, titles, reasons.
    static func inline(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return escaping(line)
    }

    /// Paragraphs and lists.
    static func block(_ text: String) -> String {
        var result: [String] = []
        var previousWasItem: Bool?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingBlanks
            let item = listItem(line)
            let words = escaping(withoutBold(item ?? line))
            guard !words.isEmpty else { continue }
            // Items stand together; a paragraph, and a list after one, need a blank line to be seen as such.
            if let previousWasItem, !(previousWasItem && item != nil) { result.append("") }
            result.append(item == nil ? words : "- " + words)
            previousWasItem = item != nil
        }
        return result.joined(separator: "\n")
    }

    /// What follows a bullet; nil for other lines.
    static func listItem(_ line: String) -> String? {
        for bullet in ["- ", "* ", "• ", "+ "] where line.hasPrefix(bullet) {
            let rest = line.dropFirst(2).trimmingBlanks
            return rest.isEmpty ? nil : rest
        }
        return nil
    }

    /// Without `**`, in which chat models put headings; a single one is left alone.
    static func withoutBold(_ line: String) -> String {
        let pieces = line.split(separator: "**", omittingEmptySubsequences: false)
        return pieces.count >= 3 && !pieces.count.isMultiple(of: 2) ? pieces.joined() : line
    }

    private static func escaping(_ text: String) -> String {
        var line = MarkdownLine(VisibleText.line(text))
        return line.escaped()
    }
}

/// A line without control characters, on its way to Markdown.
private struct MarkdownLine {
    private typealias Scalar = Unicode.Scalar
    private let scalars: [Unicode.Scalar]
    private var result = String.UnicodeScalarView()

    init(_ text: String) {
        var all = Substring(text).unicodeScalars
        // Blanks at the ends would make code of a line, end it, or keep what surrounds it from being bold.
        while all.first?.properties.isWhitespace == true { all.removeFirst() }
        while all.last?.properties.isWhitespace == true { all.removeLast() }
        scalars = Array(all)
    }

    mutating func escaped() -> String {
        let marker = marker()
        let closing = closingHash()
        for (index, scalar) in scalars.enumerated() {
            if scalar == "<" {
                result.append(contentsOf: "&lt;".unicodeScalars)
                continue
            }
            if index == marker || index == closing || isSpecial(scalar, at: index) { result.append("\\") }
            if isJoined(scalar, at: index) { result.append(Self.wordJoiner) }
            result.append(scalar)
            if isJoinedBehind(scalar, at: index) { result.append(Self.wordJoiner) }
        }
        return String(result)
    }

    /// Keeps what is on both sides together, and is not seen.
    private static let wordJoiner: Scalar = "\u{2060}"

    // MARK: - Within a line

    private func isSpecial(_ scalar: Scalar, at index: Int) -> Bool {
        switch scalar {
        case "\\", "`", "*", "[", "]", "|", "~": true
        // Within a word (snake_case) it means nothing.
        case "_": !(isWord(at: index - 1) && isWord(at: index + 1))
        case "&": beginsEntity(at: index)
        // A formula ends in one that no digit follows, so that prices begin none.
        case "$": !isDigit(at: index + 1)
        default: false
        }
    }

    /// Whether a link or a mention is broken before the character.
    private func isJoined(_ scalar: Scalar, at index: Int) -> Bool {
        switch scalar {
        case "/": self[index - 1] == "/"
        case ".": ends("www", at: index)
        case ":": ends("mailto", at: index)
        default: false
        }
    }

    /// Whether a link, a mention or the name of a picture is broken behind the character.
    private func isJoinedBehind(_ scalar: Scalar, at index: Int) -> Bool {
        switch scalar {
        case "@": isWord(at: index + 1) || "._-".unicodeScalars.contains(self[index + 1] ?? " ")
        case ".": self[index - 1]?.properties.isWhitespace == false && beginsTopLevel(at: index + 1)
        case ":": beginsPictureName(at: index)
        default: false
        }
    }

    /// `&amp;`, `&#60;`, `&#x3C;`.
    private func beginsEntity(at index: Int) -> Bool {
        let rest = scalars[(index + 1)...]
        let name = rest.drop { $0 == "#" }.prefix { Self.isLetter($0) || Self.isDigit($0) }
        return rest.startIndex < name.endIndex && self[name.endIndex] == ";"
    }

    /// `:smile:`, but not the minutes of a time.
    private func beginsPictureName(at index: Int) -> Bool {
        let name = scalars[(index + 1)...].prefix {
            Self.isLetter($0) || Self.isDigit($0) || "_+-".unicodeScalars.contains($0)
        }
        return self[name.endIndex] == ":" && !name.isEmpty
            && (name.count > 2 || !name.allSatisfy(Self.isDigit))
    }

    private func ends(_ word: String, at index: Int) -> Bool {
        let before = scalars[max(0, index - word.utf8.count)..<index]
        return String(String.UnicodeScalarView(before)).lowercased() == word
    }

    /// Whether the end of a host's name begins there, as of `example.com` or `minutes.md`.
    private func beginsTopLevel(at index: Int) -> Bool {
        guard index < scalars.count else { return false }
        let word = scalars[index...].prefix {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-"
        }
        guard word.allSatisfy(\.isASCII) else { return true }
        let name = String(String.UnicodeScalarView(word)).lowercased()
        return word.count == 2 && word.allSatisfy(Self.isLetter) || name.hasPrefix("xn--")
            || Self.topLevel.contains(name)
    }

    /// Top-level domains of more than two letters that readers know.
    private static let topLevel: Set<String> = [
        "aero", "app", "asia", "biz", "blog", "cloud", "com", "coop", "dev", "edu", "gov", "info", "int",
        "link", "live",
        "mil", "mobi", "museum", "name", "net", "news", "online", "org", "page", "pro", "shop", "site",
        "store", "tech",
        "top", "web", "wiki", "xxx", "xyz",
    ]

    // MARK: - At its ends

    /// The place of what would make a heading, a quote, a list, a rule or a table of the line; nil if there is none.
    private func marker() -> Int? {
        let next = self[1]
        switch scalars.first {
        case "#", ">", "=": return 0
        case "+": return next == nil || next == " " ? 0 : nil
        case "-": return next == nil || " -:|".unicodeScalars.contains(next ?? " ") ? 0 : nil
        case ":": return next == "-" ? 0 : nil
        default: break
        }
        let digits = scalars.prefix(while: Self.isDigit).count
        let isNumber = (1...9).contains(digits) && (self[digits] == "." || self[digits] == ")")
        return isNumber && (self[digits + 1] ?? " ").properties.isWhitespace ? digits : nil
    }

    /// The place of the first of the marks that a heading may end in; nil if there is none.
    private func closingHash() -> Int? {
        let count = scalars.reversed().prefix { $0 == "#" }.count
        return count > 0 && self[scalars.count - count - 1] == " " ? scalars.count - count : nil
    }

    // MARK: - Characters

    private subscript(index: Int) -> Scalar? { scalars.indices.contains(index) ? scalars[index] : nil }

    private func isWord(at index: Int) -> Bool {
        guard let scalar = self[index] else { return false }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private func isDigit(at index: Int) -> Bool { self[index].map(Self.isDigit) ?? false }

    private static func isDigit(_ scalar: Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isLetter(_ scalar: Scalar) -> Bool {
        scalar.isASCII && scalar.properties.isAlphabetic
    }
}
