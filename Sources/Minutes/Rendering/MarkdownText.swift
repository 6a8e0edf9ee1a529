/// Other people's words as Markdown that shows them as they are.
///
/// Characters with a meaning are escaped by a backslash, never by an HTML entity, so that the source stays
/// readable. Lists are kept in summaries: models write them, and readers like them.
enum MarkdownText {
    /// One line: names, titles, reasons.
    static func inline(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return escapingLineStart(escaping(line))
    }

    /// Paragraphs and lists.
    static func block(_ text: String) -> String {
        var result: [String] = []
        var previousWasItem: Bool?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingBlanks
            guard !line.isEmpty else { continue }
            let item = listItem(line)
            // Items stand together; a paragraph, and a list after one, need a blank line to be seen as such.
            if let previousWasItem, !(previousWasItem && item != nil) { result.append("") }
            if let item {
                result.append("- " + escapingLineStart(escaping(withoutBold(item))))
            } else {
                result.append(escapingLineStart(escaping(withoutBold(line))))
            }
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
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\\", "`", "*", "[", "]", "<", "|", "~": result.append("\\")
            case "_":
                // Within a word (snake_case) it means nothing.
                let inner =
                    index > 0 && index + 1 < scalars.count && scalars[index - 1].properties.isAlphabetic
                    && scalars[index + 1].properties.isAlphabetic
                if !inner { result.append("\\") }
            case "&":
                // Only what would be read as an entity.
                if index + 1 < scalars.count,
                    scalars[index + 1] == "#" || scalars[index + 1].properties.isAlphabetic
                {
                    result.append("\\")
                }
            default: break
            }
            let control = scalar.value < 0x20 || scalar.value == 0x7F
            result.append(control ? " " : scalar)
        }
        return String(result)
    }

    /// Marks that mean something at a line's start only: headings, quotes, lists, rules.
    private static func escapingLineStart(_ line: String) -> String {
        guard let first = line.first else { return line }
        if "#>+-=".contains(first) { return "\\" + line }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        if (1...9).contains(digits.count) {
            let rest = line.dropFirst(digits.count)
            if rest.first == "." || rest.first == ")" { return digits + "\\" + rest }
        }
        return line
    }
}
