/// Marks of Markdown and HTML around the parts of a line.
enum LineMarkup {
    /// Without blanks at the ends and the backslash with which Pandoc breaks lines.
    static func withoutLineEnd(_ line: some StringProtocol) -> String {
        let text = line.trimmed
        guard text.utf8.last == UInt8(ascii: "\\"), !text.hasSuffix("\\\\") else { return text }
        return text.dropLast().trimmed
    }

    /// `**Name:** text`, `__0:12__ text`, `## 0:12` and the like without their marks; nil if there are none.
    ///
    /// A list's dash is taken off only in front of a time.
    static func withoutEmphasis(_ line: String, rules: SpokenLine.Rules) -> String? {
        guard let first = line.utf8.first, "*_`#<->@\u{E2}".utf8.contains(first) else { return nil }
        var rest = line[...]
        if rules.hasTimes {
            // Fathom's `@0:12`
            if first == UInt8(ascii: "@"), rest.dropFirst().first?.isNumber == true {
                rest = rest.dropFirst()
            }
            let marks = rest.prefix { $0 == "#" }
            if (1...6).contains(marks.count), rest.dropFirst(marks.count).first == " " {
                rest = rest.dropFirst(marks.count).trimmed[...]
            } else if ["- ", "* ", "• "].contains(where: rest.hasPrefix) {
                let behind = rest.dropFirst(2).trimmed
                let bare = emphasised(behind) ?? behind
                guard let mark = bare.first, mark == "[" || mark == "(" || mark.isNumber else { return nil }
                rest = behind[...]
            }
        }
        let bare = emphasised(String(rest)) ?? String(rest)
        return bare == line ? nil : bare
    }

    /// A name alone in a line, perhaps as a heading or in bold; nil if it is none.
    static func bareName(_ line: some StringProtocol) -> String? {
        guard line.utf8.count <= SpeakerName.affiliatedLengthLimit * 2 else { return nil }
        let text = withoutLineEnd(line)
        let bare = withoutEmphasis(text, rules: .timedText(shortClock: false)) ?? text
        return SpeakerName.checked(bare)
    }

    private static let marks = ["***", "**", "__", "*", "_", "`"]
    private static let tags = ["b", "u", "i", "strong", "em"]

    /// Takes off the marks around the stretches at the beginning of a line.
    static func emphasised(_ line: String) -> String? {
        var (done, rest) = ("", line[...])
        while done.count < 100 {
            guard let (inside, after) = stretch(rest) else { break }
            done += emphasised(String(inside)) ?? String(inside)
            let gap = after.prefix(while: \.isWhitespace)
            if !gap.isEmpty { done += gap } else if done.last == ":", after.first != nil { done += " " }
            rest = after.dropFirst(gap.count)
        }
        return done.isEmpty ? nil : done + rest
    }

    private static func stretch(_ text: Substring) -> (inside: Substring, after: Substring)? {
        for mark in marks where text.hasPrefix(mark) {
            let inside = text.dropFirst(mark.count)
            guard let close = inside.firstRange(of: mark), close.lowerBound > inside.startIndex else {
                return nil
            }
            return (inside[..<close.lowerBound], inside[close.upperBound...])
        }
        for tag in tags where text.hasPrefix("<\(tag)>") {
            let inside = text.dropFirst(tag.count + 2)
            guard let close = inside.firstRange(of: "</\(tag)>") else { return nil }
            return (inside[..<close.lowerBound], inside[close.upperBound...])
        }
        return nil
    }
}
