import Language

/// Text from outside as Markdown that shows it unchanged in any reader of CommonMark or GFM.
///
/// Characters with a meaning in Markdown get a backslash only where they would have an effect, so that the source
/// stays readable. `<` always becomes `&lt;`, so that no text turns into HTML even if a reader ignores the backslash.
/// Readers look for links after they have removed backslashes, so addresses are broken by U+2060, which is invisible.
/// Lists in summaries are kept: models write them, and they read well.
enum MarkdownText {
    /// Text on one line, such as a name, a title or a reason.
    static func inline(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return escaping(line)
    }

    /// Text with paragraphs and lists.
    static func block(_ text: String) -> String {
        block(
            text.split(whereSeparator: \.isNewline).map { line in
                let line = line.trimmingBlanks
                let item = listItem(line)
                return (item != nil, words(item ?? line))
            })
    }

    /// Lines that are Markdown already, as paragraphs and lists.
    static func block(_ lines: [(isListed: Bool, words: String)]) -> String {
        var result: [String] = []
        var previousWasItem: Bool?
        for line in lines where !line.words.isEmpty {
            // No blank line between items; one before a paragraph, and before a list that follows a paragraph.
            if let previousWasItem, !(previousWasItem && line.isListed) { result.append("") }
            result.append(line.isListed ? "- " + line.words : line.words)
            previousWasItem = line.isListed
        }
        return result.joined(separator: "\n")
    }

    /// Blocks below each other: a list that follows a list goes on with it; nil if there are none.
    static func joined(_ blocks: [String]) -> String? {
        guard var text = blocks.first else { return nil }
        for (one, next) in zip(blocks, blocks.dropFirst()) {
            let last = one.split(separator: "\n").last ?? ""
            text += (last.hasPrefix("- ") && next.hasPrefix("- ") ? "\n" : "\n\n") + next
        }
        return text
    }

    /// Words that a model wrote, which may have put some in bold.
    static func words(_ text: String) -> String { escaping(withoutBold(text)) }

    /// The text after a bullet; nil for other lines.
    static func listItem(_ line: String) -> String? {
        for bullet in ["- ", "* ", "• ", "+ "] where line.hasPrefix(bullet) {
            let rest = line.dropFirst(2).trimmingBlanks
            return rest.isEmpty ? nil : rest
        }
        return nil
    }

    /// Without the `**` that chat models put around headings; an unpaired one is kept.
    static func withoutBold(_ line: String) -> String {
        let pieces = line.split(separator: "**", omittingEmptySubsequences: false)
        return pieces.count >= 3 && !pieces.count.isMultiple(of: 2) ? pieces.joined() : line
    }

    private static func escaping(_ text: String) -> String {
        var line = MarkdownLine(VisibleText.line(text))
        return line.escaped()
    }
}

/// A line without control characters that is being escaped.
private struct MarkdownLine {
    private typealias Scalar = Unicode.Scalar
    private let scalars: [Unicode.Scalar]
    private var result = String.UnicodeScalarView()

    init(_ text: String) {
        var all = Substring(text).unicodeScalars
        // Blanks at the ends could turn the line into code, break it, or spoil bold marks around it.
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

    /// An invisible character that joins what is on both sides of it.
    private static let wordJoiner: Scalar = "\u{2060}"

    // MARK: - Within a line

    private func isSpecial(_ scalar: Scalar, at index: Int) -> Bool {
        switch scalar {
        case "\\", "`", "*", "[", "]", "|", "~": true
        // It has no meaning within a word (snake_case).
        case "_": !(isWord(at: index - 1) && isWord(at: index + 1))
        case "&": beginsEntity(at: index)
        // The mark that ends a formula has no digit after it, so prices do not begin one.
        case "$": !isDigit(at: index + 1)
        default: false
        }
    }

    /// Whether a link or a mention has to be broken before the character.
    private func isJoined(_ scalar: Scalar, at index: Int) -> Bool {
        switch scalar {
        case "/": self[index - 1] == "/"
        case ".": ends("www", at: index)
        case ":": ends("mailto", at: index)
        default: false
        }
    }

    /// Whether a link, a mention or an emoji name has to be broken after the character.
    private func isJoinedBehind(_ scalar: Scalar, at index: Int) -> Bool {
        switch scalar {
        case "@": isWord(at: index + 1) || "._-".unicodeScalars.contains(self[index + 1] ?? " ")
        case ".": self[index - 1]?.properties.isWhitespace == false && beginsTopLevel(at: index + 1)
        case ":": beginsPictureName(at: index)
        default: false
        }
    }

    /// Whether an entity such as `&amp;`, `&#60;` or `&#x3C;` begins there.
    private func beginsEntity(at index: Int) -> Bool {
        let rest = scalars[(index + 1)...]
        let name = rest.drop { $0 == "#" }.prefix { Self.isLetter($0) || Self.isDigit($0) }
        return rest.startIndex < name.endIndex && self[name.endIndex] == ";"
    }

    /// Whether an emoji name such as `:smile:` begins there; the minutes of a time are none.
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

    /// Whether a top-level domain begins there, as in `example.com` or `minutes.md`.
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

    /// Top-level domains of more than two letters that readers recognise.
    private static let topLevel: Set<String> = [
        "aero", "app", "asia", "biz", "blog", "cloud", "com", "coop", "dev", "edu", "gov", "info", "int",
        "link", "live",
        "mil", "mobi", "museum", "name", "net", "news", "online", "org", "page", "pro", "shop", "site",
        "store", "tech",
        "top", "web", "wiki", "xxx", "xyz",
    ]

    // MARK: - At its ends

    /// The index of the character that would turn the line into a heading, quote, list, rule or table; nil if none
    /// would.
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

    /// The index of the first of the `#` that may close a heading; nil if there are none.
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
