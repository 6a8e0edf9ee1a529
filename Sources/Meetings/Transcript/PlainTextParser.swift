import Language

/// Reads plain text.
///
/// A line that names a speaker or a time begins an utterance. A line that does neither continues the
/// utterance above it; after a blank line it is a new utterance, of the same speaker where names stand above
/// their text (`Name  0:12`), without a speaker where they stand before it (`Name: text`). Where no line
/// names a speaker, every line is an utterance.
struct PlainTextParser {
    private let name: String
    private let rules: SpokenLine.Rules
    private var utterances: [Utterance] = []
    private var clockFields: [Int] = []
    private var notes = NoteCounter()
    private var pending: (line: SpokenLine, number: Int)?
    /// Names alone in a line above a time, by line number.
    private let bareNames: [Int: String]
    private var namesStandAbove = false
    private var afterBlank = true

    /// The most bytes of joined lines; after them another utterance of the same speaker begins.
    static let joinedBytesLimit = 4000
    /// Larger times are taken for times of day, since few meetings last longer.
    static let timeOfDaySeconds = 6.0 * 3600

    static func parse(_ text: TranscriptText, name: String) -> TranscriptFile {
        let rules = SpokenLine.Rules.timedText(shortClock: usesShortClock(text.lines))
        var parser = PlainTextParser(name: name, rules: rules, bareNames: bareNames(text.lines, rules))
        let title = parser.title(text.lines)
        for line in text.lines where line.number != title?.line { parser.take(line) }
        parser.dropPending()
        return parser.file(title: title?.text)
    }

    private init(name: String, rules: SpokenLine.Rules, bareNames: [Int: String]) {
        self.name = name
        self.rules = rules
        self.bareNames = bareNames
    }

    /// `Jane Doe` alone, with `0:03` alone in the next line, as Teams' transcripts are copied.
    private static func bareNames(_ lines: TranscriptText.Lines, _ rules: SpokenLine.Rules) -> [Int: String] {
        var names: [Int: String] = [:]
        for (line, next) in zip(lines, lines.dropFirst()) where !line.isBlank {
            let below = SpokenLine(next.text, rules: rules)
            guard below.time != nil, below.speaker == nil, below.text.isEmpty,
                !SpokenLine(line.text, rules: rules).opensUtterance
            else { continue }
            names[line.number] = SpeakerName.checked(line.text)
        }
        return names
    }

    /// Whether `M:SS` without brackets is a time in this text: in at least two lines, and at least a fifth of the lines.
    private static func usesShortClock(_ lines: TranscriptText.Lines) -> Bool {
        var (short, filled) = (0, 0)
        for line in lines where !line.isBlank {
            filled += 1
            let loose = SpokenLine(line.text, rules: .timedText(shortClock: true))
            guard let time = loose.time, time.fieldCount == 2 else { continue }
            if SpokenLine(line.text, rules: .timedText(shortClock: false)).time == nil { short += 1 }
        }
        return short >= 2 && short * 5 >= filled
    }

    /// A heading above the conversation.
    private func title(_ lines: TranscriptText.Lines) -> (text: String, line: Int)? {
        guard let index = lines.firstIndex(where: { !$0.isBlank }) else { return nil }
        let spoken = lines.contains { SpokenLine($0.text, rules: rules).speaker != nil }
        let first = lines[index].text.collapsed
        guard spoken, first.count <= 120, SpokenLine(first, rules: rules).opensUtterance == false else {
            return nil
        }
        let number = lines[index].number
        for mark in ["# ", "Title: ", "Meeting: ", "Subject: "] where first.hasPrefix(mark) {
            return (String(first.dropFirst(mark.count)), number)
        }
        let standsAlone = index + 1 < lines.count && lines[index + 1].isBlank
        let label = first.contains(": ") || first.hasPrefix("[") || first.hasPrefix("(")
        guard standsAlone, !label, let last = first.last, !".?!,;:".contains(last) else { return nil }
        return (first, number)
    }

    private mutating func take(_ line: TranscriptText.Line) {
        guard !line.isBlank else {
            afterBlank = true
            return
        }
        defer { afterBlank = false }
        if let name = bareNames[line.number] {
            dropPending()
            var above = SpokenLine("", rules: .cueText)
            above.speaker = name
            pending = (above, line.number)
            return
        }
        let spoken = SpokenLine(line.text, rules: rules)
        if spoken.opensUtterance {
            // A name above a time above the text: `Jane Doe:` / `0:12` / text.
            if spoken.text.isEmpty, spoken.speaker == nil, var above = pending, above.line.time == nil {
                above.line.time = spoken.time
                pending = above
                return
            }
            dropPending()
            if spoken.text.isEmpty {
                pending = (spoken, line.number)
            } else {
                namesStandAbove = false
                append(spoken, text: spoken.text, line: line.number)
            }
        } else if let above = pending {
            pending = nil
            namesStandAbove = above.line.speaker != nil
            append(above.line, text: spoken.text, line: above.number)
        } else {
            takeContinuation(spoken.text, line: line.number)
        }
    }

    private mutating func takeContinuation(_ text: String, line: Int) {
        guard !text.isEmpty else { return }
        guard let last = utterances.indices.last,
            utterances[last].speaker != nil || utterances[last].start != nil,
            !afterBlank || namesStandAbove
        else {
            append(nil, text: text, line: line)
            return
        }
        if !afterBlank, utterances[last].text.utf8.count + text.utf8.count < Self.joinedBytesLimit {
            utterances[last].text += " " + text
        } else {
            var next = SpokenLine("", rules: .cueText)
            next.speaker = utterances[last].speaker
            append(next, text: text, line: line)
        }
    }

    private mutating func append(_ spoken: SpokenLine?, text: String, line: Int) {
        guard !text.isEmpty else { return }
        if let time = spoken?.time { clockFields.append(time.fieldCount) }
        utterances.append(
            Utterance(
                speaker: spoken?.speaker, start: spoken?.time?.seconds, end: spoken?.end, text: text,
                source: SourcePosition(name: name, line: line)))
    }

    private mutating func dropPending() {
        if let pending { notes.count(.speakerWithoutText, line: pending.number) }
        pending = nil
    }

    private mutating func file(title: String?) -> TranscriptFile {
        var clock = TimeOfDay(fieldCounts: clockFields)
        // Moved, so that a large file is not copied.
        var utterances: [Utterance] = []
        swap(&utterances, &self.utterances)
        for index in utterances.indices {
            utterances[index].mapTimes { clock.sinceFirst($0) }
        }
        var notes = notes.notes
        if let note = clock.note { notes.append(note) }
        return TranscriptFile(format: .plainText, utterances: utterances, title: title, notes: notes)
    }
}

/// Turns times of day into times since the first of them.
struct TimeOfDay: Sendable, Equatable, Codable {
    private var first: Double?
    private let possible: Bool

    /// `fieldCounts` of the times as they were spelled: `12:30` is never a time of day, `17:32:36` may be.
    init(fieldCounts: [Int] = []) {
        possible = !fieldCounts.contains(2)
    }

    /// The first time decides; later ones are counted from it, even after midnight.
    mutating func sinceFirst(_ seconds: Double) -> Double {
        guard possible else { return seconds }
        if first == nil {
            first = seconds >= PlainTextParser.timeOfDaySeconds && seconds < 86_400 ? seconds : 0
        }
        guard let first, first > 0 else { return seconds }
        let day = 86_400.0
        // A step back of more than half a day is midnight; a smaller one is an error in the order, and counts as 0.
        return seconds < first - day / 2 ? seconds + day - first : max(0, seconds - first)
    }

    /// A note, if times are counted from the first.
    var note: Note? {
        guard let first, first > 0 else { return nil }
        let minutes = Int(first) / 60
        return Note(
            .timesOfDay, .text("\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"))
    }
}
