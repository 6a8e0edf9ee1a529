/// Reads captions: WebVTT and SubRip, as they are found rather than as they are specified.
///
/// Blank lines may be missing, numbers and identifiers too; times may use `.` or `,` and leave out the hours.
/// A cue that breaks off in mid-sentence and is followed at once by the same speaker's next cue makes one
/// utterance with it: captions cut a turn every few seconds.
struct CueParser {
    private let lines: [TranscriptText.Line]
    private let format: TranscriptFormat
    private let name: String
    private var index = 0
    private var lastTiming: CueTiming?
    private var utterances: [Utterance] = []
    private var notes = NoteCounter()

    /// The longest silence between cues that are joined, in seconds.
    static let joinGapSeconds = 1.5
    /// Joined utterances grow to so many bytes.
    static let joinedBytesLimit = 1000

    static func parse(_ text: TranscriptText, format: TranscriptFormat, name: String) -> TranscriptFile {
        var parser = CueParser(lines: text.lines, format: format, name: name)
        if format == .webVTT { parser.skipHeader() }
        while parser.index < parser.lines.count { parser.takeBlock() }
        return TranscriptFile(format: format, utterances: parser.utterances, notes: parser.notes.notes)
    }

    private init(lines: [TranscriptText.Line], format: TranscriptFormat, name: String) {
        self.lines = lines
        self.format = format
        self.name = name
    }

    private mutating func skipHeader() {
        while index < lines.count, lines[index].isBlank { index += 1 }
        guard index < lines.count, TranscriptFormat.isWebVTTHeader(lines[index].text.trimmed) else {
            notes.count("missing WEBVTT line", line: 1)
            return
        }
        index += 1
        // Kind: captions, Language: en, X-TIMESTAMP-MAP=… up to the blank line.
        while index < lines.count, !lines[index].isBlank, !startsCue(index) {
            notes.count("header line skipped", line: lines[index].number)
            index += 1
        }
    }

    /// Takes what stands between two blank lines, or one of several cues that no blank line parts.
    private mutating func takeBlock() {
        let line = lines[index]
        if line.isBlank {
            index += 1
        } else if let timing = timing(at: index) {
            takeCue(timing)
        } else if timing(at: index + 1) != nil {
            // A number or an identifier; one with words is kept neither by players nor here, but counted.
            if !Self.isIdentifier(line.text.trimmed) {
                notes.count("cue identifier skipped", line: line.number)
            }
            index += 1
        } else if format == .webVTT, let kind = commentKind(line.text) {
            notes.count("\(kind) block skipped", line: line.number)
            repeat { index += 1 } while index < lines.count && !lines[index].isBlank && !startsCue(index)
        } else {
            takeTextOutsideCue()
        }
    }

    private func commentKind(_ line: String) -> String? {
        ["NOTE", "STYLE", "REGION"].first { kind in
            guard line.hasPrefix(kind) else { return false }
            let next = line.utf8.dropFirst(kind.utf8.count).first
            // Only a comment may have text on its first line; `NOTES from …` is text.
            return next == nil
                || (kind == "NOTE" && (next == UInt8(ascii: " ") || next == UInt8(ascii: "\t")))
                || line.trimmed == kind
        }
    }

    /// A cue's times; `.some(nil)` for a line that has the arrow but no times that can be read.
    private func timing(at index: Int) -> CueTiming?? {
        guard index < lines.count else { return nil }
        let text = lines[index].text
        guard text.utf8.contains(UInt8(ascii: ">")), text.firstRange(of: "-->") != nil else { return nil }
        if let timing = CueTiming(text) { return .some(timing) }
        // A caption may well say `a --> b`; times begin with a digit.
        guard let first = text.trimmed.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            text.utf8.contains(UInt8(ascii: ":"))
        else { return nil }
        return .some(nil)
    }

    /// Whether a cue begins in this line, by its times or by an identifier above them.
    private func startsCue(_ index: Int) -> Bool {
        if timing(at: index) != nil { return true }
        return index < lines.count && timing(at: index + 1) != nil
            && Self.isIdentifier(lines[index].text.trimmed)
    }

    /// Numbers, and the GUIDs that Teams writes: `9b5e1a8c-…/12-0`.
    static func isIdentifier(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 80 else { return false }
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { return true }
        return text.utf8.contains(UInt8(ascii: "-")) && text.utf8.count >= 8
            && text.unicodeScalars.allSatisfy {
                $0.properties.isASCIIHexDigit || "-/_.".unicodeScalars.contains($0)
            }
    }

    private mutating func takeCue(_ timing: CueTiming?) {
        var timing = timing
        let line = lines[index].number
        if timing == nil { notes.count("cue with unreadable times", line: line) }
        if let known = timing, known.end < known.start {
            notes.count("cue that ends before it starts", line: line)
            timing?.end = known.start
        }
        index += 1
        let first = index
        while index < lines.count, !lines[index].isBlank, !startsCue(index) { index += 1 }
        lastTiming = timing
        let before = utterances.count
        let joined = takePayload(first..<index, timing: timing)
        if utterances.count == before, !joined { notes.count("cue without text", line: line) }
    }

    /// Text after a blank line inside a cue, or before the first cue: kept, with the times of the cue above
    /// it.
    private mutating func takeTextOutsideCue() {
        let first = index
        let number = lines[index].number
        while index < lines.count, !lines[index].isBlank, !startsCue(index) { index += 1 }
        if index - first == 1, Self.isIdentifier(lines[first].text.trimmed) {
            notes.count("number without a cue", line: number)
            return
        }
        notes.count("text outside of a cue, kept", line: number)
        _ = takePayload(first..<index, timing: lastTiming)
    }

    /// Appends a cue's utterances; true if the text went into utterances that were there.
    private mutating func takePayload(_ range: Range<Int>, timing: CueTiming?) -> Bool {
        guard let start = range.first else { return false }
        let payload = lines[range].map(\.text).joined(separator: "\n")
        var said: [CueMarkup.Stretch] = []
        for stretch in CueMarkup.stretches(payload) {
            if stretch.speaker != nil {
                said.append(CueMarkup.Stretch(speaker: stretch.speaker, text: stretch.text.collapsed))
            } else {
                said += Self.spoken(stretch.text)
            }
        }
        var joined = false
        for stretch in said where !stretch.text.isEmpty {
            let utterance = Utterance(
                speaker: stretch.speaker, start: timing?.start, end: timing?.end, text: stretch.text,
                source: SourcePosition(name: name, line: lines[start].number))
            joined = append(utterance) || joined
        }
        return joined
    }

    /// A caption's lines by speaker where they say `Name: text`.
    private static func spoken(_ text: String) -> [CueMarkup.Stretch] {
        var result: [CueMarkup.Stretch] = []
        for line in text.split(separator: "\n") {
            let spoken = SpokenLine(line, rules: .cueText)
            if spoken.speaker != nil || spoken.marksTurn || result.isEmpty {
                result.append(CueMarkup.Stretch(speaker: spoken.speaker, text: spoken.text))
            } else {
                let last = result.count - 1
                result[last].text = (result[last].text + " " + spoken.text).collapsed
            }
        }
        return result
    }

    /// Appends or joins; true if it joined or was a repetition.
    private mutating func append(_ utterance: Utterance) -> Bool {
        guard let last = utterances.last else {
            utterances.append(utterance)
            return false
        }
        if last.text == utterance.text, last.speaker == utterance.speaker, last.start != nil,
            last.start == utterance.start, last.end == utterance.end
        {
            notes.count("repeated cue skipped", line: utterance.source.line)
            return true
        }
        guard last.speaker == utterance.speaker, let end = last.end, let start = utterance.start,
            abs(start - end) <= Self.joinGapSeconds, !Self.endsSentence(last.text),
            last.text.utf8.count + utterance.text.utf8.count < Self.joinedBytesLimit
        else {
            utterances.append(utterance)
            return false
        }
        utterances[utterances.count - 1].text += " " + utterance.text
        utterances[utterances.count - 1].end = max(end, utterance.end ?? end)
        return true
    }

    static func endsSentence(_ text: String) -> Bool {
        let closing: Set<Character> = ["\"", "”", "’", ")", "]", "'", " "]
        guard let last = text.reversed().first(where: { !closing.contains($0) }) else { return false }
        return ".?!…。？！".contains(last)
    }
}
