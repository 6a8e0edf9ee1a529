/// The parts of a line: who, when, what.
///
/// Reads `Name: text`, `[00:01:02] Name: text`, `00:01:02 Name: text`, `Name [00:01:02]: text`, `Name (0:12): text`,
/// `[0:12 Name] text`, `[SPEAKER_00] text`, `Name:<tab>0:12<tab>text`, `[00:00:01.000 --> 00:00:04.000] text`,
/// `>> NAME: text`, `**Name:** text`, `From Name to Everyone: text`, and the lines that stand above their text: `Name:`,
/// `Name  0:12`, `[Name] 17:32:36`, `Name 1 minute 3 seconds`, `0:12`. Times are spelled as ``ClockReader`` knows them.
struct SpokenLine: Equatable, Codable {
    /// What a line may contain besides the speaker, and which doubtful spellings are meant in this transcript.
    struct Rules: Equatable, Sendable {
        /// A line of a transcript; otherwise a caption's text, whose times are elsewhere.
        var hasTimes = true
        /// `12:30` without brackets may be something that was said (`10:30 Meeting: …`), so it is a time only if the whole
        /// transcript has such times; `[12:30]` and `0:12:30` always are times.
        var shortClock = false
        /// `[Anna] text` and `(Anna)` name the speaker; without this only names of unknown voices do (`[SPEAKER_00] text`),
        /// since `[Music]` is nobody.
        var bracketedNames = false
        /// `0:12 Anna` stands above what she said.
        var namesFollowTimes = false
        /// What stands before a colon at the beginning of a line is a name (`SpeakerName.checked`).
        var looseNames = false
        /// How lines are laid out.
        var layout = LineLayout.plain
        /// Names that are known to be some.
        var names: Set<String> = []
        /// Lines of a chat to one person alone are among the others.
        var writesChat = false

        static let cueText = Rules(hasTimes: false)
        static func timedText(shortClock: Bool) -> Rules { Rules(shortClock: shortClock) }
    }

    var speaker: String?
    var time: ClockTime?
    var end: Double?
    /// What was said, with white space collapsed; empty for a line above its text.
    var text: String
    /// The line begins with `>>`, the captioners' mark of a new speaker.
    var marksTurn = false
    /// Nil rather than false, as in what was kept by versions that did not know it.
    private var written: Bool?
    /// It was written in a meeting's chat, not said.
    var isChat: Bool {
        get { written == true }
        set { written = newValue ? true : nil }
    }

    /// Whether the line says anything about who or when.
    var opensUtterance: Bool { speaker != nil || time != nil || marksTurn }

    /// Whether it is nothing but a time, as above a block of turns.
    var isTimeAlone: Bool { time != nil && speaker == nil && text.isEmpty && !marksTurn }

    init(_ line: some StringProtocol, rules: Rules) {
        let plain =
            rules.hasTimes
            ? rules.layout.plain(LineMarkup.withoutLineEnd(line)) : LineMarkup.withoutLineEnd(line)
        text = ""
        if let bare = LineMarkup.withoutEmphasis(plain, rules: rules) {
            read(bare, rules)
            if speaker != nil || time != nil { return }
            (text, end, marksTurn) = ("", nil, false)
        }
        isChat = false
        read(plain, rules)
    }

    private mutating func read(_ line: String, _ rules: Rules) {
        readParts(line, rules)
        guard let name = speaker, let bare = ChatMark.sender(marked: name) else { return }
        (speaker, isChat) = (bare, true)
    }

    private mutating func readParts(_ line: String, _ rules: Rules) {
        var rest = line[...]
        if let behind = ChatMark.behind(rest) { (rest, isChat) = (behind, true) }
        for mark in ["->>", ">>>", ">>"] where rest.hasPrefix(mark) {
            marksTurn = true
            rest = rest.dropFirst(mark.count).trimmed[...]
            break
        }
        if rules.hasTimes {
            rest = takeLeadingTime(rest, rules)
            // `[0:12] **Ada:** text`
            if time != nil, let mark = rest.first, "*_<".contains(mark),
                let bare = LineMarkup.emphasised(String(rest))
            {
                rest = bare[...]
            }
            if let behind = ChatMark.behind(rest) { (rest, isChat) = (behind, true) }
            if takeColumns(rest, rules) { return }
        }
        if speaker == nil, let turn = rules.layout.turn(rest) {
            speaker = turn.name
            text = (rules.hasTimes ? takeTimeBetween(turn.text, rules) : turn.text[...]).collapsed
            return
        }
        if speaker == nil, takeBracketedName(&rest, rules) {
            if rules.hasTimes, takeTimeAlone(rest) { return }
            // `[Ada] [10:02] text`
            if rules.hasTimes, time == nil, let (inner, after) = Self.bracketed(rest),
                let span = TimeSpan(inner)
            {
                take(span)
                rest = Self.afterSeparator(after)
            }
            text = rest.collapsed
            return
        }
        if speaker != nil {
            text = rest.collapsed
        } else if takeSpeaker(rest, rules) || takeVoice(rest) {
            return
        } else if rules.hasTimes, takeHeader(rest, rules) || takeNameAndBracketedTime(rest) {
            return
        } else if rules.namesFollowTimes, time != nil, let name = SpeakerName.checked(rest, isLoose: true) {
            speaker = name
        } else {
            text = rest.collapsed
        }
    }

    // MARK: - Times in front

    /// Takes a time off the front, with the name that may be in its brackets, and returns what follows.
    private mutating func takeLeadingTime(_ line: Substring, _ rules: Rules) -> Substring {
        guard let first = line.utf8.first else { return line }
        if let (inner, after) = Self.bracketed(line) {
            if let span = TimeSpan(inner) {
                take(span)
                return Self.afterSeparator(after)
            }
            guard let (name, span) = Self.nameAndTime(inner) else { return line }
            (speaker, time, end) = (name, span.start, span.end?.seconds)
            return Self.afterSeparator(after)
        }
        // Most lines begin with a letter.
        guard first < 0x41 || first >= 0x80 else { return line }
        guard let (span, length) = TimeSpan.prefix(of: line) else { return takeSpelledTime(line) }
        let rest = line[line.utf8.index(line.startIndex, offsetBy: length)...]
        guard span.start.fieldCount == 3 || span.start.isOfDay && rest.isEmpty || rules.shortClock else {
            return takeSpelledTime(line)
        }
        // `00:00:05:text`
        if span.start.fieldCount == 3, rest.first == ":" {
            take(span)
            return rest.dropFirst().trimmed[...]
        }
        guard
            rest.isEmpty || rest.unicodeScalars.first?.isSpaceOrControl == true
                || "-–—|".contains(rest.first ?? "a")
        else { return takeSpelledTime(line) }
        take(span)
        return Self.afterSeparator(rest)
    }

    private mutating func take(_ span: TimeSpan) {
        time = span.start
        end = span.end?.seconds
        // Programs that give both ends count from the recording's start.
        if span.end != nil, !span.start.isOfDay { time?.fieldCount = 2 }
    }

    /// `1 minute 6 seconds` alone, perhaps with `1:06` behind it.
    private mutating func takeSpelledTime(_ line: Substring) -> Substring {
        guard let found = SpelledTime.suffix(of: line), found.before.isEmpty else { return line }
        time = found.time
        return ""
    }

    /// What is in the brackets at the beginning of a line, and what follows them (a link's target is passed over).
    private static func bracketed(_ line: Substring) -> (inner: Substring, after: Substring)? {
        guard let first = line.first, let close = brackets[first],
            let end = line.prefix(100).firstIndex(of: close)
        else {
            return nil
        }
        var after = line[line.index(after: end)...]
        if first == "[", after.hasPrefix("(http"), let target = after.firstIndex(of: ")") {
            after = after[after.index(after: target)...]
        }
        return (line[line.index(after: line.startIndex)..<end], after)
    }

    private static let brackets: [Character: Character] = [
        "[": "]", "(": ")", "<": ">", "【": "】", "［": "］", "（": "）", "{": "}",
    ]

    /// `10:02 Anna`, `Speaker 1 00:12`, `Anna, 0:12`: the two parts of what is in brackets.
    private static func nameAndTime(_ inner: Substring) -> (String, TimeSpan)? {
        if let (span, length) = TimeSpan.prefix(of: inner) {
            let rest = afterSeparator(inner[inner.utf8.index(inner.startIndex, offsetBy: length)...])
            return SpeakerName.checked(rest, isLoose: true).map { ($0, span) }
        }
        guard let (before, span) = trailingTime(inner) else { return nil }
        return SpeakerName.checked(withoutSeparator(before), isLoose: true).map { ($0, span) }
    }

    /// The time at the end of a text, behind a blank or in brackets, and what stands before it.
    private static func trailingTime(_ line: Substring) -> (before: Substring, span: TimeSpan)? {
        guard line.last?.isNumber == true || ")]】mMsSzZ".contains(line.last ?? "a") else { return nil }
        var previous: Character = " "
        for index in line.indices {
            defer { previous = line[index] }
            guard index > line.startIndex, previous.isWhitespace || brackets[previous] != nil,
                line[index].isNumber || line[index] == "-"
            else { continue }
            var rest = line[index...]
            var before = line[..<index]
            if let close = brackets[previous] {
                guard rest.last == close else { continue }
                rest = rest.dropLast()
                before = before.dropLast()
            }
            if let span = TimeSpan(rest) { return (before, span) }
        }
        return nil
    }

    // MARK: - Names

    /// Takes `[SPEAKER_00]`, and `[Anna]` where such brackets name speakers, with a colon or without, off the front.
    private mutating func takeBracketedName(_ line: inout Substring, _ rules: Rules) -> Bool {
        guard let first = line.first,
            "[(【［（".contains(first) || ("<{".contains(first) && rules.bracketedNames),
            let (inner, after) = Self.bracketed(line)
        else { return false }
        let rest = after.trimmed[...]
        let hasColon = rest.first == ":" || rest.first == "："
        guard hasColon || rules.bracketedNames || SpeakerName.isNumbered(inner.collapsed),
            let name = SpeakerName.checked(inner, isLoose: rules.bracketedNames && !hasColon)
        else { return false }
        speaker = name
        line = hasColon ? rest.dropFirst().trimmed[...] : Self.afterSeparator(rest)
        return true
    }

    /// Takes `Name:` off the front, with a time before or after the colon; false if there is none.
    private mutating func takeSpeaker(_ line: Substring, _ rules: Rules) -> Bool {
        let opening = line.prefix(SpeakerName.affiliatedLengthLimit + 24)
        guard opening.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == 0xBC || $0 == 0xEF }) else {
            return false
        }
        for colon in opening.indices where opening[colon] == ":" || opening[colon] == "：" {
            let after = line[line.index(after: colon)...]
            let wide = opening[colon] == "："
            guard wide || after.isEmpty || after.unicodeScalars.first.map(Self.mayFollowColon) == true else {
                continue
            }
            let (candidate, clock) = Self.splitTrailingTime(line[..<colon])
            let sender = ChatMark.sender(
                candidate, isSure: rules.writesChat || time != nil || clock != nil)
            guard let name = sender ?? Self.name(candidate, rules) else { return false }
            speaker = name
            if sender != nil { isChat = true }
            time = clock?.start ?? time
            end = clock?.end?.seconds ?? end
            text = (rules.hasTimes && time == nil ? takeTimeBehindColon(after, rules) : after).collapsed
            return true
        }
        return false
    }

    /// Takes `SPEAKER_00` without a colon, which nobody says.
    private mutating func takeVoice(_ line: Substring) -> Bool {
        let first = line.prefix { !$0.isWhitespace }
        guard first.contains("_"), first.endIndex < line.endIndex, SpeakerName.isNumbered(first),
            // `user_1 logged in again`
            !["user_", "guest_", "channel_", "ch_"].contains(where: first.hasPrefix)
        else {
            return false
        }
        (speaker, text) = (String(first), line[first.endIndex...].collapsed)
        return true
    }

    private static func name(_ candidate: Substring, _ rules: Rules) -> String? {
        if !rules.names.isEmpty, rules.names.contains(candidate.collapsed) { return candidate.collapsed }
        return SpeakerName.checked(candidate, isLoose: rules.looseNames)
    }

    private static func mayFollowColon(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isSpaceOrControl || SpeakerName.isDirectionMark(scalar)
    }

    /// `Name: [0:12] text`, `Name:<tab>0:12<tab>text`: what follows the time.
    private mutating func takeTimeBehindColon(_ after: Substring, _ rules: Rules) -> Substring {
        let rest = after.trimmed[...]
        if let (inner, behind) = Self.bracketed(rest), let span = TimeSpan(inner) {
            take(span)
            return Self.afterSeparator(behind)
        }
        guard let (span, length) = TimeSpan.prefix(of: rest) else { return after }
        let behind = rest[rest.utf8.index(rest.startIndex, offsetBy: length)...]
        let isApart = after.first == "\t" || behind.first == "\t" || behind.isEmpty
        guard isApart, span.start.fieldCount == 3 || rules.shortClock || behind.first == "\t" else {
            return after
        }
        take(span)
        return behind
    }

    /// `Ada | 0:05 | text`: what follows the time between name and text.
    private mutating func takeTimeBetween(_ text: String, _ rules: Rules) -> Substring {
        guard time == nil, let separator = rules.layout.separator, let found = TimeSpan.prefix(of: text)
        else { return text[...] }
        let behind = text[text.utf8.index(text.startIndex, offsetBy: found.length)...]
        guard behind.hasPrefix(separator) else { return text[...] }
        take(found.span)
        return behind.dropFirst(separator.count)
    }

    /// Takes a line that is nothing but a time.
    private mutating func takeTimeAlone(_ line: Substring) -> Bool {
        guard let span = TimeSpan(line) else { return false }
        take(span)
        return true
    }

    /// Takes a whole line `Name  0:12`; false if it is not one.
    private mutating func takeHeader(_ line: Substring, _ rules: Rules) -> Bool {
        guard time == nil, line.utf8.count <= 160, line.contains(where: \.isNumber) else { return false }
        if let (before, span) = Self.trailingTime(line) {
            let isBracketed = line.last.map { ")]】".contains($0) } ?? false
            let apart =
                before.hasSuffix("  ") || before.hasSuffix("\t")
                || Self.withoutSeparator(before).count < before.trimmed.count
            if isBracketed || apart || span.start.fieldCount == 3 || span.start.isOfDay || rules.shortClock,
                let name = SpeakerName.checked(
                    Self.withoutBrackets(Self.withoutSeparator(before)), isLoose: rules.looseNames)
            {
                speaker = name
                take(span)
                return true
            }
        }
        guard let (before, clock) = SpelledTime.suffix(of: line), let name = SpeakerName.checked(before)
        else { return false }
        (speaker, time) = (name, clock)
        return true
    }

    /// Takes `Name<tab>0:12<tab>text` or `0:12<tab>Name<tab>text`.
    private mutating func takeColumns(_ line: Substring, _ rules: Rules) -> Bool {
        guard speaker == nil else { return false }
        var cells: [Substring]
        if line.utf8.contains(UInt8(ascii: "\t")) {
            cells = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
        } else if rules.layout.hasColumns, let gap = line.prefix(80).firstRange(of: "   ") {
            cells = [line[..<gap.lowerBound], line[gap.upperBound...].trimmed[...]]
            if time == nil, let next = cells[1].firstRange(of: "   ") {
                cells = [cells[0], cells[1][..<next.lowerBound], cells[1][next.upperBound...]]
            }
        } else {
            return false
        }
        guard cells.count >= 2, cells[0].last != ":", let name = SpeakerName.checked(cells[0]) else {
            return false
        }
        if time == nil {
            guard cells.count == 3, let span = TimeSpan(cells[1]) else { return false }
            take(span)
            cells.remove(at: 1)
            // `Ada<tab>0:05<tab>0:09<tab>text`
            if let tab = cells[1].firstIndex(of: "\t"), let last = ClockTime(cells[1][..<tab]) {
                end = last.seconds
                cells[1] = cells[1][tab...].dropFirst()
            }
        }
        speaker = name
        text = cells.dropFirst().joined(separator: " ").collapsed
        return true
    }

    /// Takes `Name (0:12) text`.
    private mutating func takeNameAndBracketedTime(_ line: Substring) -> Bool {
        guard time == nil, let open = line.prefix(60).firstIndex(where: { $0 == "(" || $0 == "[" }),
            open > line.startIndex,
            let (inner, after) = Self.bracketed(line[open...]), let span = TimeSpan(inner),
            let name = SpeakerName.checked(line[..<open])
        else { return false }
        speaker = name
        take(span)
        text = Self.afterSeparator(after).collapsed
        return true
    }

    /// `[Jane Doe]`, as Zoom's saved captions have it.
    private static func withoutBrackets(_ text: Substring) -> Substring {
        let text = text.trimmed[...]
        return text.first == "[" && text.last == "]" ? text.dropFirst().dropLast() : text
    }

    /// The name, and the time behind it, in brackets or without.
    private static func splitTrailingTime(_ text: Substring) -> (Substring, TimeSpan?) {
        let text = text.trimmed[...]
        guard let (before, span) = trailingTime(text),
            span.start.fieldCount == 3 || ")]】".contains(text.last ?? "a")
        else { return (text, nil) }
        return (withoutSeparator(before), span)
    }

    // MARK: - What stands between

    /// Drops the dash or colon that some writers put between time and name.
    private static func afterSeparator(_ text: Substring) -> Substring {
        let rest = text.trimmed
        for mark in ["- ", "– ", "— ", ": ", "| ", "· ", "• "] where rest.hasPrefix(mark) {
            return rest.dropFirst(mark.count).trimmed[...]
        }
        return rest[...]
    }

    /// Without the dash, bar or comma that some writers put between name and time.
    private static func withoutSeparator(_ text: Substring) -> Substring {
        let rest = text.trimmed[...]
        guard let last = rest.last, "-–—|,·•@:".contains(last) else { return rest }
        return rest.dropLast().trimmed[...]
    }
}
