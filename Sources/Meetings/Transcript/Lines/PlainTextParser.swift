import Language

/// Reads plain text.
///
/// A line that names a speaker or a time begins an utterance. A line that does neither continues the utterance above it;
/// after a blank line it is a new utterance, of the same speaker where names stand above their text (`Name  0:12`),
/// without a speaker where they stand before it (`Name: text`). A time above a block of turns is the time of them all.
/// Where no line names a speaker, every line is an utterance.
struct PlainTextParser {
    private let name: String
    private let lines: TranscriptText.Lines
    private let rules: SpokenLine.Rules
    private let frame: TextFrame
    private let namesStandBelowTimes: Bool
    private let isChat: Bool
    private let isMessenger: Bool
    private let timesStandApart: Bool
    private let namesAlone: Set<String>
    private let inlineNames: Set<String>
    private let timeBase: TranscriptHints.TimeBase?
    private var utterances: [Utterance] = []
    private var times: [ClockTime] = []
    private var notes = NoteCounter()
    private var pending: (line: SpokenLine, number: Int)?
    /// The last line above its text, which Teams' copies repeat.
    private var lastHeader: SpokenLine?
    /// The time above the turns that follow.
    private var blockTime: ClockTime?
    private var namesStandAbove = false
    private var afterBlank = true
    private var ahead: (index: Int, line: SpokenLine)?

    /// The most bytes of joined lines; after them another utterance of the same speaker begins.
    static let joinedBytesLimit = 4000
    /// Larger times are taken for times of day, since few meetings last longer.
    static let timeOfDaySeconds = 6.0 * 3600

    static func parse(
        _ text: TranscriptText, name: String, hints: TranscriptHints = TranscriptHints()
    ) -> TranscriptFile {
        let survey = TextSurvey(text.lines, names: hints.participants ?? [])
        var parser = PlainTextParser(name: name, lines: text.lines, survey: survey, timeBase: hints.timeBase)
        for index in text.lines.indices { parser.take(index) }
        parser.dropPending()
        var file = parser.file()
        if survey.isChat {
            file.format = .chat
            for index in file.utterances.indices { file.utterances[index].isWritten = true }
        }
        file.noteChat()
        return file
    }

    private init(
        name: String, lines: TranscriptText.Lines, survey: TextSurvey, timeBase: TranscriptHints.TimeBase?
    ) {
        self.name = name
        self.timeBase = timeBase
        self.lines = lines
        rules = survey.rules
        namesStandBelowTimes = survey.namesStandBelowTimes
        isChat = survey.isChat
        isMessenger = survey.isMessenger
        timesStandApart = survey.timesStandApart
        namesAlone = survey.namesAlone
        inlineNames = survey.inlineNames
        frame = TextFrame(lines, survey)
    }

    /// A line's parts; those of the line ahead are kept until it is taken.
    private mutating func spoken(_ index: Int) -> SpokenLine {
        if let ahead, ahead.index == index { return ahead.line }
        let line = SpokenLine(lines[index].text, rules: rules)
        ahead = (index, line)
        return line
    }

    private mutating func take(_ index: Int) {
        let line = lines[index]
        if line.isBlank {
            afterBlank = true
            return
        }
        let spoken = spoken(index)
        let text = spoken.opensUtterance ? "" : spoken.text
        if frame.lines.contains(line.number) || (!text.isEmpty && frame.isStatus(text)) {
            if line.number != frame.titleLine { notes.skip(.headerSkipped, line.text, line: line.number) }
            afterBlank = true
            return
        }
        if isDay(text), spoken.opensUtterance == false {
            notes.skip(.headerSkipped, text, line: line.number)
            afterBlank = true
            return
        }
        if TextFrame.isRule(line.text.trimmed) {
            afterBlank = true
            return
        }
        if isRemarkInChat(spoken, line: line.number) { return }
        defer { afterBlank = false }
        if spoken.opensUtterance {
            takeOpening(spoken, line: line.number)
        } else if !spoken.isChat, let name = bareName(index, text) {
            dropPending()
            var above = SpokenLine("", rules: .cueText)
            above.speaker = name
            pending = (above, line.number)
        } else if isInitials(index, text) {
            return
        } else if var above = pending {
            pending = nil
            if spoken.isChat { above.line.isChat = true }
            takeBelow(above, index, text)
        } else if spoken.isChat {
            append(spoken, text: text, line: line.number)
        } else {
            takeContinuation(spoken.text, line: line.number)
        }
    }

    /// A day alone in a line, as messengers divide what they export: `2026/05/12(火)`.
    private func isDay(_ text: String) -> Bool {
        guard frame.hasTurns, text.utf8.count <= 72, text.utf8.first.map(ClockReader.isDigit) == true,
            text.count <= 24,
            text.count(where: \.isLetter) <= 4
        else { return false }
        let numbers = text.split { !$0.isNumber }
        return numbers.count == 3
            && numbers.contains { $0.count == 4 && ["19", "20"].contains($0.prefix(2)) }
    }

    /// Passes over what Zoom's chat says about another message; its words are there already.
    private mutating func isRemarkInChat(_ spoken: SpokenLine, line: Int) -> Bool {
        if isMessenger, ChatMark.isNotice(spoken) || ChatMark.isLeftOut(spoken.text) {
            notes.skip(.reactionSkipped, spoken.text, line: line)
            return true
        }
        guard isChat, let remark = ChatMark.remark(spoken.text) else { return false }
        notes.count(.reactionSkipped, line: line)
        if spoken.opensUtterance {
            dropPending()
            var head = spoken
            head.text = ""
            pending = (head, line)
        }
        // Nobody wrote anything more.
        if remark == .reaction { pending = nil }
        return true
    }

    /// A line that names a speaker or a time.
    private mutating func takeOpening(_ spoken: SpokenLine, line: Int) {
        guard spoken.text.isEmpty else {
            if let above = pending, above.line.isTimeAlone, spoken.speaker != nil, spoken.time == nil {
                (blockTime, pending) = (above.line.time, nil)
            }
            dropPending()
            if spoken.time != nil { blockTime = nil }
            namesStandAbove = false
            for turn in InlineTurns.divided(spoken, rules: rules, isName: inlineNames.contains) {
                append(turn, text: turn.text, line: line)
            }
            return
        }
        if var above = pending {
            // A name above a time above the text, or the other way round.
            if spoken.speaker == nil, above.line.time == nil || above.line == spoken {
                above.line.time = spoken.time
                above.line.end = spoken.end
                pending = above
                return
            }
            if above.line.speaker == nil, spoken.time == nil {
                above.line.speaker = spoken.speaker
                pending = above
                return
            }
            // Teams' copies say it twice.
            if above.line.speaker == spoken.speaker,
                above.line.time == nil || above.line.time?.seconds == spoken.time?.seconds
            {
                pending = (spoken, above.number)
                return
            }
        }
        dropPending()
        pending = (spoken, line)
    }

    /// The first line below a name or a time.
    private mutating func takeBelow(_ above: (line: SpokenLine, number: Int), _ index: Int, _ text: String) {
        var above = above
        // A time above a name above the text, where names stand so.
        if above.line.isTimeAlone, namesStandBelowTimes, let name = SpeakerName.checked(text) {
            above.line.speaker = name
            pending = above
            return
        }
        var text = text
        if above.line.isTimeAlone, let time = above.line.time {
            // A web page that reads the time out once more.
            text = SpelledTime.dropping(time.seconds, from: text)
            // Slack's copies name a person once for several messages.
            if namesStandAbove, let last = utterances.last { above.line.speaker = last.speaker }
        }
        if above.line.time != nil { blockTime = nil }
        namesStandAbove = above.line.speaker != nil
        append(above.line, text: text, line: above.number)
    }

    /// `Jane Doe` alone, with `0:03` alone in the next line, as Teams' transcripts are copied.
    private mutating func bareName(_ index: Int, _ text: String) -> String? {
        guard text.utf8.count <= SpeakerName.affiliatedLengthLimit * 2, index + 1 < lines.count,
            !lines[index + 1].isBlank
        else { return nil }
        guard let name = LineMarkup.bareName(text) else { return nil }
        if namesAlone.contains(name), pending == nil { return name }
        let below = SpokenLine(lines[index + 1].text, rules: rules)
        // Not where the time belongs to the name below it.
        if below.isTimeAlone {
            guard timesStandApart else { return nil }
            return pending?.line.isTimeAlone == true && namesStandBelowTimes ? nil : name
        }
        return below.speaker == name && below.text.isEmpty && below.time != nil ? name : nil
    }

    /// The letters of a picture's place in a web page: `MO` above `Müller, Olaf` above its time.
    private mutating func isInitials(_ index: Int, _ text: String) -> Bool {
        guard text.count <= 3, index + 1 < lines.count,
            text.allSatisfy({ $0.isUppercase || ($0.isLetter && !$0.isLowercase) })
        else { return false }
        let below = SpokenLine(lines[index + 1].text, rules: rules)
        let name = below.speaker ?? bareName(index + 1, lines[index + 1].text.trimmed)
        guard let name, below.text.isEmpty || below.speaker == nil else { return false }
        let initials = name.split { !$0.isLetter }.compactMap { $0.first.map { Character($0.uppercased()) } }
        return text.allSatisfy { initials.contains(Character($0.uppercased())) }
    }

    private mutating func takeContinuation(_ text: String, line: Int) {
        guard !text.isEmpty else { return }
        // What nobody is named for in the chat interrupts whoever speaks.
        if let last = utterances.last, last.isWritten, last.speaker == nil, !isChat, !afterBlank {
            var next = SpokenLine("", rules: .cueText)
            next.speaker = utterances.last { !$0.isWritten }?.speaker
            append(next, text: text, line: line)
            return
        }
        guard let last = utterances.indices.last,
            utterances[last].speaker != nil || utterances[last].start != nil,
            !afterBlank || namesStandAbove
        else {
            append(nil, text: text, line: line)
            return
        }
        if !afterBlank, utterances[last].text.utf8.count + text.utf8.count < Self.joinedBytesLimit {
            utterances[last].text.join(text)
        } else {
            var next = SpokenLine("", rules: .cueText)
            (next.speaker, next.isChat) = (utterances[last].speaker, utterances[last].isWritten)
            append(next, text: text, line: line)
        }
    }

    private mutating func append(_ spoken: SpokenLine?, text: String, line: Int) {
        guard !text.isEmpty else { return }
        // Pages are saved with the entities of HTML.
        let text =
            text.utf8.contains(UInt8(ascii: "&")) && text.utf8.contains(UInt8(ascii: ";"))
            ? CueMarkup.decodingEntities(text).collapsed : text
        let time = spoken?.time ?? (spoken?.speaker == nil ? nil : blockTime)
        if let time { times.append(time) }
        utterances.append(
            Utterance(
                speaker: spoken?.speaker, start: time?.seconds, end: spoken?.end, text: text,
                source: SourcePosition(name: name, line: line), isWritten: spoken?.isChat ?? false))
    }

    private mutating func dropPending() {
        if let pending {
            notes.skip(.speakerWithoutText, pending.line.speaker ?? "", line: pending.number)
        }
        pending = nil
    }

    private mutating func file() -> TranscriptFile {
        var clock = timeBase == .offset ? TimeOfDay.none : TimeOfDay(times)
        // Moved, so that a large file is not copied.
        var utterances: [Utterance] = []
        swap(&utterances, &self.utterances)
        let isClock = timeBase == .clock && times.allSatisfy { $0.fieldCount == 2 && !$0.isOfDay }
        if isClock || (timeBase == nil && clock.countsMinutes(utterances)) {
            for index in utterances.indices { utterances[index].mapTimes { $0 * 60 } }
            clock = TimeOfDay(times.map { ClockTime(seconds: $0.seconds * 60, fieldCount: 3, isOfDay: true) })
        }
        for index in utterances.indices {
            utterances[index].mapTimes { clock.sinceFirst($0) }
        }
        var notes = notes.notes
        if let note = clock.note { notes.append(note) }
        return TranscriptFile(
            format: .plainText, utterances: utterances, title: frame.title, notes: notes,
            skippedCount: self.notes.skippedCount)
    }
}
