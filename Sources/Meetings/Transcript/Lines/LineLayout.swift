import Language

/// Layouts of lines that only the whole text shows, and the spelling in which ``SpokenLine`` reads them.
///
/// `Ada Holm - text`, `Ada | text`, `Q. text`, `3. Ada: text`, `- **Ada**: text`, `○Ada　text`, `Ada: text (0:12)`,
/// `#00:00:05-1# Ada: text`; digits and colons of other scripts in times.
struct LineLayout: Equatable, Sendable {
    /// Lines begin with their numbers.
    private(set) var areNumbered = false
    /// A dot or a bracket stands behind these numbers.
    private var numbersAreMarked = false
    /// Lines are the items of a list, or begin with a dash as in a novel.
    private(set) var areListed = false
    /// What stands between name and text in place of a colon.
    private(set) var separator: String?
    /// `Q.` and `A.` stand before questions and answers, as in court.
    private(set) var areQuestions = false
    /// The time stands behind the text.
    private(set) var timesStandBehind = false
    /// Names and texts stand in columns that blanks make.
    private(set) var hasColumns = false

    static let plain = LineLayout()

    private init() {}

    /// The layout of a text; most lines have to keep to it.
    init(_ lines: [String]) {
        numbersAreMarked =
            lines.count { Self.withoutNumber($0, isMarked: true) != nil } * 10 >= lines.count * 6
        areNumbered = Self.areNumbered(lines, areMarked: numbersAreMarked)
        areQuestions =
            lines.count { $0.hasPrefix("Q. ") || $0.hasPrefix("Q.\t") } >= 2
            && lines.count { $0.hasPrefix("A. ") || $0.hasPrefix("A.\t") } >= 2
        areListed = Self.areListed(lines)
        timesStandBehind =
            lines.count { Self.timeBehind($0) != nil } * 10 >= lines.count * 7 && lines.count >= 2
        separator = Self.separator(lines)
        hasColumns = Self.hasColumns(lines)
    }

    /// The line in the spelling that is read everywhere.
    func plain(_ line: String) -> String {
        var line = Self.withASCIITime(line)
        if line.hasPrefix("#") { line = Self.withBracketedMark(line) ?? line }
        if areNumbered { line = Self.withoutNumber(line, isMarked: numbersAreMarked) ?? line }
        if areListed { line = Self.withoutBullet(line) ?? line }
        if timesStandBehind, let (text, time) = Self.timeBehind(line) { line = "[" + time + "] " + text }
        return line
    }

    /// Who says what in a line or behind its time, where the layout alone tells it.
    func turn(_ line: some StringProtocol) -> (name: String, text: String)? {
        // Not `A.J. Holm`
        if areQuestions, line.hasPrefix("Q.") || line.hasPrefix("A."),
            line.dropFirst(2).first?.isWhitespace != false
        {
            return (String(line.prefix(1)), line.dropFirst(2).trimmed)
        }
        return Self.circled(line) ?? separator.flatMap { Self.divided(line, at: $0) }
    }

    // MARK: - Lists

    /// Most lines are items, or many are, and they name who speaks.
    private static func areListed(_ lines: [String]) -> Bool {
        let items = lines.compactMap(withoutBullet)
        guard items.count >= 3 else { return false }
        if items.count * 10 >= lines.count * 7 { return true }
        let named = items.count { SpokenLine($0, rules: .cueText).speaker != nil }
        return items.count * 10 >= lines.count * 3 && named * 10 >= items.count * 8
    }

    private static let bullets = ["- ", "* ", "• ", "– ", "— ", "· ", "> "]

    private static func withoutBullet(_ line: String) -> String? {
        for bullet in bullets where line.hasPrefix(bullet) { return line.dropFirst(2).trimmed }
        return nil
    }

    // MARK: - Times

    /// `#00:00:05-1#`, as programs for interviews write times, in brackets.
    private static func withBracketedMark(_ line: String) -> String? {
        guard let close = line.dropFirst().prefix(16).firstIndex(of: "#"),
            let time = mark(line[..<close].dropFirst())
        else { return nil }
        return "[" + time + "] " + line[close...].dropFirst().trimmed
    }

    /// `00:00:05-1` with its fraction as in other notations.
    private static func mark(_ text: Substring) -> String? {
        let time = String(text).replacing("-", with: ".")
        return ClockTime(time) == nil ? nil : time
    }

    /// The time in brackets or between `#` at the end of a line, and what stands before it.
    private static func timeBehind(_ line: String) -> (text: String, time: String)? {
        guard let last = line.last, let open = [")": "(", "]": "[", "#": "#"][last],
            let start = line.dropLast().suffix(20).lastIndex(of: Character(open)), start > line.startIndex
        else { return nil }
        let inner = line[start...].dropFirst().dropLast()
        guard inner.contains(":"),
            let time = last == "#" ? mark(inner) : ClockTime(inner).map({ _ in String(inner) })
        else { return nil }
        let text = line[..<start].trimmed
        // `Ada Holm (0:12)` stands above its text.
        return text.contains(":") || text.contains("：") ? (text, time) : nil
    }

    // MARK: - Numbers of lines

    private static func withoutNumber(_ line: String, isMarked: Bool = false) -> String? {
        let rest = line.drop(while: \.isWhitespace)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard (1...5).contains(digits.count) else { return nil }
        let behind = rest.dropFirst(digits.count)
        let mark = behind.first.map { ".)".contains($0) } == true ? 1 : 0
        // `20 people came` goes on with a numbered line.
        if isMarked, mark == 0 { return nil }
        let text = behind.dropFirst(mark)
        guard text.first?.isWhitespace == true, text.contains(where: { !$0.isWhitespace }) else { return nil }
        return text.trimmed
    }

    /// Nearly all lines begin with a number, each one more than the one before, or 1 on the next page.
    private static func areNumbered(_ lines: [String], areMarked: Bool) -> Bool {
        guard lines.count >= 4 else { return false }
        var (fitting, last) = (0, 0)
        for line in lines {
            guard withoutNumber(line, isMarked: areMarked) != nil,
                let number = Int(line.drop(while: \.isWhitespace).prefix { $0.isASCII && $0.isNumber })
            else { continue }
            if number == last + 1 || number == 1 { fitting += 1 }
            last = number
        }
        return fitting * 10 >= lines.count * 8
    }

    // MARK: - Columns

    /// Most lines have a name before a wide blank; the names come again, or what follows stands at one place.
    private static func hasColumns(_ lines: [String]) -> Bool {
        var names: [String: Int] = [:]
        var places: [Int: Int] = [:]
        for line in lines {
            let said = withoutTime(line)
            guard let gap = said.prefix(80).firstRange(of: "   "),
                let name = SpeakerName.checked(said[..<gap.lowerBound])
            else { continue }
            names[name, default: 0] += 1
            // The line ends as what was said does.
            places[line.count - said[gap.upperBound...].trimmed.count, default: 0] += 1
        }
        let count = names.values.reduce(0, +)
        guard count >= 2, count * 10 >= lines.count * 6 else { return false }
        return names.count >= 2 && names.count * 2 <= count + 1
            || (places.values.max() ?? 0) * 10 >= count * 9
    }

    // MARK: - Separators

    private static let separators = [
        ". – ", ". — ", " - ", " – ", " — ", " | ", "|", "\t", " → ", " -> ", " » ", "「",
        "\u{3000}", ". ", ":",
    ]

    /// As the minutes of the European Parliament have it.
    private static func isEuropean(_ separator: String) -> Bool { [". – ", ". — "].contains(separator) }

    private static func divided(_ line: some StringProtocol, at separator: String) -> (
        name: String, text: String
    )? {
        let opening = line.prefix(SpeakerName.affiliatedLengthLimit + 8)
        guard let place = opening.firstRange(of: separator),
            let name = SpeakerName.checked(line[..<place.lowerBound], isLoose: isEuropean(separator)),
            !name.contains(where: \.isNumber) || SpeakerName.isNumbered(name)
        else { return nil }
        // `MS HOLM. text`
        if separator == ". ", name != name.uppercased() || name.count < 3 { return nil }
        var text = line[place.upperBound...].trimmed
        // `佐藤「はい。」`
        if separator == "「", text.last == "」" { text.removeLast() }
        return text.isEmpty ? nil : (name, text)
    }

    /// What stands between name and text in nearly all lines, where colons do not; names come again.
    private static func separator(_ lines: [String]) -> String? {
        guard lines.count >= 3 else { return nil }
        let said = lines.map(withoutTime)
        for separator in separators {
            let names = said.compactMap { divided($0, at: separator)?.name }
            let distinct = Set(names).count
            guard names.count * 10 >= lines.count * 7, distinct >= 2 else { continue }
            guard distinct < names.count, isEuropean(separator) || distinct * 2 <= names.count + 1 else {
                continue
            }
            let colons = said.count { SpokenLine($0, rules: .cueText).speaker != nil }
            if colons * 10 < lines.count * 4 { return separator }
        }
        return nil
    }

    /// What follows the time at a line's beginning, and the mark that divides them.
    private static func withoutTime(_ line: String) -> String {
        var rest = line[...]
        if line.first == "[" || line.first == "(",
            let close = line.prefix(40).firstIndex(where: { "])".contains($0) }),
            TimeSpan(line[..<close].dropFirst()) != nil
        {
            rest = line[close...].dropFirst()
        } else if let found = TimeSpan.prefix(of: line) {
            rest = line[line.utf8.index(line.startIndex, offsetBy: found.length)...]
        } else {
            return line
        }
        return rest.drop { " \t|-–—".contains($0) }.trimmed
    }

    // MARK: - Other scripts

    /// `○佐藤太郎君　text`, as the minutes of Japanese assemblies have it.
    private static func circled(_ line: some StringProtocol) -> (name: String, text: String)? {
        guard line.utf8.first.map({ $0 >= 0xE2 }) == true, let first = line.first, "○◯◎〇".contains(first),
            let blank = line.prefix(50).firstIndex(of: "\u{3000}")
                ?? line.prefix(50).firstRange(of: "  ")?.lowerBound,
            let name = SpeakerName.checked(line[..<blank].dropFirst(), isLoose: true)
        else { return nil }
        let text = line[blank...].trimmed
        return text.isEmpty ? nil : (name, text)
    }

    /// With the digits and colons of a time at the beginning of the line as in ASCII; the rest as it was.
    private static func withASCIITime(_ line: String) -> String {
        guard let first = line.utf8.first,
            first >= 0x80 || first == UInt8(ascii: "[") || first == UInt8(ascii: "(")
                || first == UInt8(ascii: "<"),
            line.utf8.prefix(60).contains(where: { $0 >= 0x80 })
        else { return line }
        var time = ""
        var hasOther = false
        var end = line.startIndex
        for index in line.indices.prefix(60) {
            let character = line[index]
            if let digit = character.wholeNumberValue, digit < 10, character.unicodeScalars.count == 1,
                character.unicodeScalars.first?.properties.numericType == .decimal
            {
                time += String(digit)
                hasOther = hasOther || !character.isASCII
            } else if character == "：" {
                time += ":"
                hasOther = true
            } else if ":[]()［］（）【】<>.,، -–\u{3000}".contains(character)
                || SpeakerName.isDirectionMark(
                    character.unicodeScalars.first ?? " ")
            {
                time.append(character)
            } else {
                break
            }
            end = line.index(after: index)
        }
        guard hasOther, time.contains(":"), time.contains(where: \.isNumber) else { return line }
        // A blank that shows where the time ends.
        let marks = time.unicodeScalars.filter { !SpeakerName.isDirectionMark($0) }
        return String(String.UnicodeScalarView(marks)).replacing("\u{3000}", with: " ") + line[end...]
    }
}
