import Language

/// Takes the text of a template apart into its tags.
struct TemplateReader {
    /// A tag, and the text between the previous tag and this one.
    struct Tag {
        var before: String
        /// Its kind, by its first character; a blank for a plain name.
        var mark: Character
        var name: String
        /// The line on which it begins, 1-based.
        var line: Int
    }

    private let text: String
    private var place: String.Index
    private var line = 1

    init(_ text: String) {
        self.text = text
        place = text.startIndex
    }

    /// The text after the last tag.
    var rest: String { String(text[place...]) }

    /// The next tag; nil if there is none.
    mutating func next() throws(Template.Complaint) -> Tag? {
        guard let open = text[place...].firstRange(of: "{{") else { return nil }
        line += text[place..<open.lowerBound].count(where: \.isNewline)
        guard let close = text[open.upperBound...].firstRange(of: "}}") else {
            throw Template.Complaint(line: line, reason: "'{{' is never closed by '}}'")
        }
        let tag = text[open.upperBound..<close.lowerBound]
        guard let first = tag.first else {
            throw Template.Complaint(line: line, reason: "a tag without a name")
        }
        var end = close.upperBound
        if first == "{", text[end...].hasPrefix("}") { end = text.index(after: end) }
        let isMarked = "!#^/{&>$<=%".contains(first)
        var found = Tag(
            before: String(text[place..<open.lowerBound]), mark: isMarked ? first : " ",
            name: (isMarked ? tag.dropFirst() : tag).trimmingBlanks, line: line)
        line += tag.count(where: \.isNewline)
        if "!#^/".contains(first), let around = lineAround(open.lowerBound..<end) {
            found.before = String(text[place..<around.lowerBound])
            line += text[end..<around.upperBound].count(where: \.isNewline)
            end = around.upperBound
        }
        place = end
        return found
    }

    /// The whole line including its line feed, if there is nothing but blanks beside the tag.
    private func lineAround(_ tag: Range<String.Index>) -> Range<String.Index>? {
        func isBlank(_ character: Character) -> Bool { character.isWhitespace && !character.isNewline }
        let before = text[place..<tag.lowerBound]
        let blanksBefore = before.reversed().prefix(while: isBlank).count
        let start = text.index(tag.lowerBound, offsetBy: -blanksBefore)
        guard start == text.startIndex || text[text.index(before: start)].isNewline else { return nil }
        let end = text[tag.upperBound...].drop(while: isBlank).startIndex
        guard end < text.endIndex else { return start..<end }
        return text[end].isNewline ? start..<text.index(after: end) : nil
    }
}
