import Language

/// Reads WebVTT and SubRip captions as they are found in practice, which is not always as they are specified.
///
/// Blank lines may be missing, numbers and identifiers too; times may use `.` or `,` and leave out the hours.
/// Captions cut a turn every few seconds: ``CaptionJoiner`` makes utterances of them.
struct CueParser {
    private let lines: TranscriptText.Lines
    private let format: TranscriptFormat
    private let name: String
    private var index = 0
    private var lastTiming: CueTiming?
    private var joiner = CaptionJoiner()
    private var notes = NoteCounter()

    static func parse(_ text: TranscriptText, format: TranscriptFormat, name: String) -> TranscriptFile {
        var parser = CueParser(lines: text.lines, format: format, name: name)
        if format == .webVTT { parser.skipHeader() }
        while parser.index < parser.lines.count { parser.takeBlock() }
        return TranscriptFile(
            format: format, utterances: parser.joiner.utterances,
            notes: parser.notes.notes + parser.joiner.notes.notes)
    }

    private init(lines: TranscriptText.Lines, format: TranscriptFormat, name: String) {
        self.lines = lines
        self.format = format
        self.name = name
    }

    private mutating func skipHeader() {
        while index < lines.count, lines[index].isBlank { index += 1 }
        guard index < lines.count, TranscriptFormat.isWebVTTHeader(lines[index].text.trimmed) else {
            notes.count(.headerMissing, line: 1)
            return
        }
        index += 1
        // Kind: captions, Language: en, X-TIMESTAMP-MAP=… up to the blank line.
        while index < lines.count, !lines[index].isBlank, !startsCue(index) {
            notes.count(.headerSkipped, line: lines[index].number)
            index += 1
        }
    }

    /// Takes the lines up to the next blank line, or one of several cues without a blank line between them.
    private mutating func takeBlock() {
        let line = lines[index]
        if line.isBlank {
            index += 1
        } else if let timing = timing(at: index) {
            takeCue(timing)
        } else if timing(at: index + 1) != nil {
            // A number or an identifier. One with words is dropped, as players do, but counted.
            if !Self.isIdentifier(line.text.trimmed) {
                notes.count(.identifierSkipped, line: line.number)
            }
            index += 1
        } else if format == .webVTT, let kind = commentKind(line.text) {
            notes.count(Note(.blockSkipped, .text(kind)), line: line.number)
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

    /// A cue's times; `.some(nil)` for a line with an arrow but without readable times.
    private func timing(at index: Int) -> CueTiming?? {
        guard index < lines.count else { return nil }
        let text = lines[index].text
        guard text.utf8.contains(UInt8(ascii: ">")), text.firstRange(of: "-->") != nil else { return nil }
        if let timing = CueTiming(text) { return .some(timing) }
        // A caption may contain `a --> b`; times begin with a digit.
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
        if timing == nil { notes.count(.timesUnreadable, line: line) }
        if let known = timing, known.end < known.start {
            notes.count(.endBeforeStart, line: line)
            timing?.end = known.start
        }
        index += 1
        let first = index
        while index < lines.count, !lines[index].isBlank, !startsCue(index) { index += 1 }
        lastTiming = timing
        let before = joiner.utterances.count
        let joined = takePayload(first..<index, timing: timing)
        if joiner.utterances.count == before, !joined { notes.count(.cueWithoutText, line: line) }
    }

    /// Text after a blank line inside a cue, or before the first cue: kept, with the times of the cue above
    /// it.
    private mutating func takeTextOutsideCue() {
        let first = index
        let number = lines[index].number
        while index < lines.count, !lines[index].isBlank, !startsCue(index) { index += 1 }
        if index - first == 1, Self.isIdentifier(lines[first].text.trimmed) {
            notes.count(.numberWithoutCue, line: number)
            return
        }
        notes.count(.textOutsideCue, line: number)
        _ = takePayload(first..<index, timing: lastTiming)
    }

    /// Appends a cue's utterances; true if the text was added to existing utterances.
    private mutating func takePayload(_ range: Range<Int>, timing: CueTiming?) -> Bool {
        guard let start = range.first else { return false }
        let payload = lines[range].map(\.text).joined(separator: "\n")
        var said: [SpokenPart] = []
        for stretch in CueMarkup.stretches(payload) {
            if stretch.speaker != nil {
                said.append(SpokenPart(speaker: stretch.speaker, text: stretch.text.collapsed))
            } else {
                said += Self.spoken(stretch.text)
            }
        }
        var joined = false
        for part in said where !part.text.isEmpty {
            let utterance = Utterance(
                speaker: part.speaker, start: timing?.start, end: timing?.end, text: part.text,
                source: SourcePosition(name: name, line: lines[start].number))
            joined = joiner.add(utterance, startsTurn: part.startsTurn) || joined
        }
        return joined
    }

    private struct SpokenPart {
        var speaker: String?
        var text: String
        var startsTurn = false
    }

    /// A caption's lines, divided at each `Name: text` and at each mark of a new turn.
    private static func spoken(_ text: String) -> [SpokenPart] {
        var result: [SpokenPart] = []
        for line in text.split(separator: "\n").flatMap(CaptionTextParser.pieces) {
            let spoken = SpokenLine(line, rules: .cueText)
            if spoken.speaker != nil || spoken.marksTurn || result.isEmpty {
                result.append(
                    SpokenPart(speaker: spoken.speaker, text: spoken.text, startsTurn: spoken.marksTurn))
            } else {
                let last = result.count - 1
                result[last].text = (result[last].text + " " + spoken.text).collapsed
            }
        }
        return result
    }
}
