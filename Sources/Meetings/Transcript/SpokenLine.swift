/// The parts of a line: who, when, what.
///
/// Reads `Name: text`, `[00:01:02] Name: text`, `00:01:02 Name: text`, `Name [00:01:02]: text`, `Name (0:12):
/// text`, `[00:00:01.000 --> 00:00:04.000] text`, `>> NAME: text`, `**Name:** text`, and the lines that stand
/// above their text: `Name:`, `Name  0:12`, `[Name] 17:32:36`, `Name 1 minute 3 seconds`, `0:12`.
struct SpokenLine: Equatable, Codable {
    /// What a line may contain besides the speaker.
    enum Rules: Equatable {
        /// A caption's text, whose times are elsewhere.
        case cueText
        /// A line of a transcript. `12:30` without brackets may be something that was said (`10:30 Meeting: …`), so it is a
        /// time only if the whole transcript has such times; `[12:30]` and `0:12:30` always are times.
        case timedText(shortClock: Bool)
    }

    var speaker: String?
    var time: ClockTime?
    var end: Double?
    /// What was said, with white space collapsed; empty for a line above its text.
    var text: String
    /// The line begins with `>>`, the captioners' mark of a new speaker.
    var marksTurn = false

    /// Whether the line says anything about who or when.
    var opensUtterance: Bool { speaker != nil || time != nil || marksTurn }

    init(_ line: some StringProtocol, rules: Rules) {
        var rest = Self.withoutBold(line.trimmed)[...]
        for mark in ["->>", ">>>", ">>"] where rest.hasPrefix(mark) {
            marksTurn = true
            rest = rest.dropFirst(mark.count).trimmed[...]
            break
        }
        text = ""
        if case .timedText(let shortClock) = rules {
            rest = takeLeadingTime(rest, shortClock: shortClock)
            if !takeSpeaker(rest), !takeHeader(rest, shortClock: shortClock) { text = rest.collapsed }
        } else if !takeSpeaker(rest) {
            text = rest.collapsed
        }
    }

    /// Takes a time off the front and returns what follows it.
    private mutating func takeLeadingTime(_ line: Substring, shortClock: Bool) -> Substring {
        for (open, close) in [("[", "]"), ("(", ")")] as [(Character, Character)] where line.first == open {
            guard let end = line.prefix(64).firstIndex(of: close) else { return line }
            let inner = line[line.index(after: line.startIndex)..<end]
            if let timing = CueTiming(inner) {
                time = ClockTime(seconds: timing.start, fieldCount: 2)
                self.end = timing.end
            } else if let clock = ClockTime(inner) {
                time = clock
            } else {
                return line
            }
            return Self.afterSeparator(line[line.index(after: end)...])
        }
        guard let (clock, length) = ClockTime.prefix(of: line), clock.fieldCount == 3 || shortClock else {
            return line
        }
        let rest = line[line.utf8.index(line.startIndex, offsetBy: length)...]
        guard rest.isEmpty || rest.unicodeScalars.first?.isSpaceOrControl == true else { return line }
        time = clock
        return Self.afterSeparator(rest)
    }

    /// Takes `Name:` off the front, with a time in brackets before the colon; false if there is none.
    private mutating func takeSpeaker(_ line: Substring) -> Bool {
        let opening = line.prefix(SpeakerName.affiliatedLengthLimit + 24)
        for colon in opening.indices where opening[colon] == ":" || opening[colon] == "：" {
            let after = line[line.index(after: colon)...]
            let wide = opening[colon] == "："
            guard wide || after.isEmpty || after.unicodeScalars.first?.isSpaceOrControl == true else {
                continue
            }
            let (candidate, clock) = Self.splitTrailingBracketedTime(line[..<colon])
            guard let name = SpeakerName.checked(candidate) else { return false }
            speaker = name
            time = clock ?? time
            text = after.collapsed
            return true
        }
        return false
    }

    /// Takes a whole line `Name  0:12`; false if it is not one.
    private mutating func takeHeader(_ line: Substring, shortClock: Bool) -> Bool {
        guard time == nil, line.utf8.count <= 100 else { return false }
        let (bracketed, clock) = Self.splitTrailingBracketedTime(line)
        if let clock, let name = SpeakerName.checked(bracketed) {
            (speaker, time) = (name, clock)
            return true
        }
        let words = line.split(whereSeparator: \.isWhitespace)
        if let last = words.last, words.count > 1, let clock = ClockTime(last) {
            let before = line[..<last.startIndex]
            let apart = before.hasSuffix("  ") || before.hasSuffix("\t")
            if apart || clock.fieldCount == 3 || shortClock,
                let name = SpeakerName.checked(Self.withoutBrackets(before))
            {
                (speaker, time) = (name, clock)
                return true
            }
        }
        for count in [6, 4, 2] where words.count > count {
            guard let clock = ClockTime(spelledOut: words.suffix(count)),
                let name = SpeakerName.checked(words.dropLast(count).joined(separator: " "))
            else { continue }
            (speaker, time) = (name, clock)
            return true
        }
        return false
    }

    /// `[Jane Doe]`, as Zoom's saved captions have it.
    private static func withoutBrackets(_ text: Substring) -> Substring {
        let text = text.trimmed[...]
        return text.first == "[" && text.last == "]" ? text.dropFirst().dropLast() : text
    }

    private static func splitTrailingBracketedTime(_ text: Substring) -> (Substring, ClockTime?) {
        let text = text.trimmed[...]
        for (open, close) in [("[", "]"), ("(", ")")] as [(Character, Character)] where text.last == close {
            guard let start = text.lastIndex(of: open) else { continue }
            if let clock = ClockTime(text[text.index(after: start)...].dropLast()) {
                return (text[..<start], clock)
            }
        }
        return (text, nil)
    }

    /// Drops the dash or colon that some writers put between time and name.
    private static func afterSeparator(_ text: Substring) -> Substring {
        let rest = text.trimmed
        for mark in ["- ", "– ", "— ", ": ", "| "] where rest.hasPrefix(mark) {
            return rest.dropFirst(mark.count).trimmed[...]
        }
        return rest[...]
    }

    /// `**Name:** text` and `**Name**: text` as `Name: text`.
    private static func withoutBold(_ line: String) -> String {
        guard line.hasPrefix("**") else { return line }
        let inside = line.dropFirst(2)
        guard let close = inside.firstRange(of: "**") else { return line }
        let name = inside[..<close.lowerBound]
        let rest = inside[close.upperBound...]
        if name.hasSuffix(":") { return "\(name) \(rest)" }
        return rest.hasPrefix(":") ? "\(name)\(rest)" : line
    }
}
