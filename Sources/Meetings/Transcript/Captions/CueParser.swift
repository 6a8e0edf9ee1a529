import Language

/// Reads WebVTT and SubRip captions as they are found in practice, which is not always as they are specified.
///
/// Blank lines may be missing, numbers and identifiers too; times may use `.` or `,` and leave out the hours; files may have
/// been joined. ``CueConversation`` makes utterances of the captions.
struct CueParser {
    private let lines: TranscriptText.Lines
    private let format: TranscriptFormat
    private var index = 0
    private var cues: [Cue] = []
    private var identifier: String?
    private var notes = NoteCounter()

    static func parse(
        _ text: TranscriptText, format: TranscriptFormat, name: String,
        hints: TranscriptHints = TranscriptHints()
    ) -> TranscriptFile {
        var parser = CueParser(lines: text.lines, format: format)
        if format == .webVTT { parser.skipHeader() }
        while parser.index < parser.lines.count { parser.takeBlock() }
        return CueConversation.file(
            parser.cues, format: format, name: name, notes: parser.notes, names: hints.participants ?? [])
    }

    private init(lines: TranscriptText.Lines, format: TranscriptFormat) {
        self.lines = lines
        self.format = format
    }

    private mutating func skipHeader() {
        while index < lines.count, lines[index].isBlank { index += 1 }
        guard index < lines.count, TranscriptFormat.isWebVTTHeader(lines[index].text.trimmed) else {
            notes.count(.headerMissing, line: 1)
            return
        }
        takeHeader()
    }

    /// Passes over the line `WEBVTT` and those that belong to it.
    private mutating func takeHeader() {
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
            // A number, or an identifier with words.
            if !Self.isIdentifier(line.text.trimmed) { identifier = Self.withoutNumber(line.text.trimmed) }
            index += 1
        } else if TranscriptFormat.isWebVTTHeader(line.text.trimmed) {
            // Where files were joined.
            notes.count(.headerSkipped, line: line.number)
            takeHeader()
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
        // A caption may contain `a --> b`; times begin with a digit, or with a minus.
        guard let first = text.trimmed.utf8.first, first == UInt8(ascii: "-") || ClockReader.isDigit(first),
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

    /// `1 - Jane Doe`, `1 "Jane Doe" (123)`: without the number, the quotation marks and what follows them.
    private static func withoutNumber(_ identifier: String) -> String {
        let rest = identifier.drop(while: \.isNumber).drop { " -–:.)".contains($0) }
        guard rest.startIndex > identifier.startIndex, !rest.isEmpty else { return identifier }
        guard rest.first == "\"", let close = rest.dropFirst().firstIndex(of: "\"") else {
            return String(rest)
        }
        return String(rest[..<close].dropFirst())
    }

    private mutating func takeCue(_ timing: CueTiming?) {
        var timing = timing
        let line = lines[index].number
        let beside = timing == nil ? nil : Self.textBeside(lines[index].text)
        if timing == nil { notes.count(.timesUnreadable, line: line) }
        if let known = timing, known.end < known.start {
            notes.count(.endBeforeStart, line: line)
            timing?.end = known.start
        }
        index += 1
        if let beside {
            cues.append(Cue(timing: timing, identifier: identifier, text: beside, line: line))
            identifier = nil
            while index < lines.count, !endsText(index) {
                cues[cues.count - 1].text += "\n" + lines[index].text
                index += 1
            }
            return
        }
        skipBlankLinesAboveText()
        let first = index
        while index < lines.count, !endsText(index) { index += 1 }
        cues.append(
            Cue(
                timing: timing, identifier: identifier, text: text(first..<index),
                line: first < index ? lines[first].number : line))
        identifier = nil
    }

    /// What is said in the same line as the times; settings (`align:start`, `X1:100`) are nothing of the kind.
    private static func textBeside(_ line: String) -> String? {
        let text = line.trimmed
        guard let span = TimeSpan.prefix(of: text) else { return nil }
        let rest = String(text.utf8.dropFirst(span.length)) ?? ""
        let words = rest.split(whereSeparator: \.isWhitespace)
        let isSettings = words.allSatisfy { word in
            word.firstIndex(of: ":").map { $0 > word.startIndex && word.index(after: $0) < word.endIndex }
                == true
        }
        return isSettings || !rest.contains(where: \.isLetter) ? nil : rest.trimmed
    }

    /// Some programs put an empty line between a caption's times and its text.
    private mutating func skipBlankLinesAboveText() {
        var next = index
        while next < lines.count, next - index < 3, lines[next].isBlank { next += 1 }
        guard next > index, next < lines.count, !lines[next].isBlank, !startsCue(next),
            timing(at: next + 1) == nil,
            !isComment(next)
        else { return }
        index = next
    }

    private func isComment(_ index: Int) -> Bool {
        let text = lines[index].text
        return TranscriptFormat.isWebVTTHeader(text.trimmed)
            || (format == .webVTT && commentKind(text) != nil)
    }

    /// Whether a caption's text ends before this line: an empty line, or the next caption.
    private func endsText(_ index: Int) -> Bool { lines[index].isBlank || startsCue(index) }

    private func text(_ range: Range<Int>) -> String { lines[range].map(\.text).joined(separator: "\n") }

    /// Text after a blank line inside a cue, or before the first cue: kept, with the times of the cue above it.
    private mutating func takeTextOutsideCue() {
        let first = index
        let number = lines[index].number
        while index < lines.count, !endsText(index) { index += 1 }
        if index - first == 1, Self.isIdentifier(lines[first].text.trimmed) {
            notes.count(.numberWithoutCue, line: number)
            return
        }
        // A line with nothing but blanks in it does not end a caption that goes on below it.
        let isInside = first > 0 && !lines[first - 1].bytes.isEmpty && !cues.isEmpty
        if isInside {
            cues[cues.count - 1].text += "\n" + text(first..<index)
            return
        }
        notes.count(.textOutsideCue, line: number)
        cues.append(Cue(timing: cues.last?.timing, text: text(first..<index), line: number))
    }
}
