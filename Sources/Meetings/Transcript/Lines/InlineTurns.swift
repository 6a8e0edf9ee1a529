/// Turns that stand one behind the other in a line, as where a page lost its line breaks.
///
/// A turn begins with a time in brackets and a name, or with a name in capitals, behind the end of a sentence:
/// `[0:05] Ada: Hi. [0:12] Ben: Yes.`, `ADA: Hi. BEN: Yes.`
enum InlineTurns {
    /// Shorter texts have no room for a second turn.
    private static let leastLength = 24

    /// The turns of a line; the line alone, if it is one.
    ///
    /// `isName` says whether a name in capitals without a time is one: the text has to show that.
    static func divided(
        _ line: SpokenLine, rules: SpokenLine.Rules, isName: (String) -> Bool
    ) -> [SpokenLine] {
        guard rules.hasTimes, line.speaker != nil, line.text.utf8.count >= leastLength,
            line.text.utf8.contains(UInt8(ascii: ":"))
        else { return [line] }
        var turns = [line]
        var text = line.text[...]
        turns[0].text = ""
        var start = text.startIndex
        var previous: Character = " "
        var index = start
        var last: Character = "."
        while index < text.endIndex {
            let character = text[index]
            if previous.isWhitespace, index > start, mayBegin(character, behind: last, in: line),
                let next = turn(text[index...], after: line, rules: rules, isName: isName)
            {
                turns[turns.count - 1].text = String(text[start..<index]).collapsed
                turns.append(next.line)
                text = next.text
                (start, index, previous) = (text.startIndex, text.startIndex, " ")
                continue
            }
            if !character.isWhitespace { last = character }
            previous = character
            index = text.index(after: index)
        }
        turns[turns.count - 1].text = String(text[start...]).collapsed
        return turns.filter { !$0.text.isEmpty }
    }

    private static func mayBegin(_ character: Character, behind last: Character, in line: SpokenLine) -> Bool
    {
        if character == "[" || character == "(" { return line.time != nil }
        return character.isUppercase && ".?!…\"”)]".contains(last)
    }

    /// The head of a turn at the beginning of `text`, and what follows it.
    private static func turn(
        _ text: Substring, after line: SpokenLine, rules: SpokenLine.Rules, isName: (String) -> Bool
    ) -> (line: SpokenLine, text: Substring)? {
        // The colon behind the name, not one within a time.
        let opening = text.prefix(100)
        guard
            let colon = opening.indices.first(where: { place in
                opening[place] == ":" && text.index(after: place) < text.endIndex
                    && text[text.index(after: place)].isWhitespace
            })
        else { return nil }
        let head = SpokenLine(text[...colon], rules: rules)
        guard let name = head.speaker, head.text.isEmpty else { return nil }
        let isTimed = head.time != nil && line.time != nil
        let isCapital = name.count >= 3 && name == name.uppercased() && name.contains(where: \.isLetter)
        guard isTimed || (isCapital && line.speaker == line.speaker?.uppercased() && isName(name)) else {
            return nil
        }
        return (head, text[text.index(after: colon)...])
    }
}
