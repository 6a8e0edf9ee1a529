import Language

/// Reads Scenarist's captions (`.scc`): a line's time code, then the bytes of CEA-608 as they are broadcast.
///
/// Only the first of the two caption channels is read. Frames of time codes are dropped.
struct Scenarist {
    private var cues: [Cue] = []
    /// What was written and is not shown yet; in captions that roll, the line that is being written.
    private var text = ""
    /// Captions are written out of sight and shown as a whole.
    private var popsOn = true
    /// Control codes are sent twice in a row.
    private var lastControl: (UInt8, UInt8)?
    private var isOtherChannel = false

    private static let header = "scenarist_scc"

    static func recognises(_ lines: TranscriptText.Lines) -> Bool {
        lines.lazy.filter { !$0.isBlank }.first.map { $0.text.trimmed.lowercased().hasPrefix(header) }
            ?? false
    }

    static func parse(_ text: TranscriptText, name: String) -> TranscriptFile {
        var reader = Scenarist()
        var notes = NoteCounter()
        var last = (time: 0.0, line: 1)
        for line in text.lines.dropFirst() where !line.isBlank {
            let spelled = line.text.trimmed
            guard let (span, length) = TimeSpan.prefix(of: spelled) else {
                notes.skip(.timesUnreadable, spelled, line: line.number)
                continue
            }
            last = (span.start.seconds, line.number)
            for code in Substring(spelled.utf8.dropFirst(length)).split(whereSeparator: \.isWhitespace) {
                guard code.utf8.count == 4, let pair = UInt16(code, radix: 16) else {
                    notes.skip(.lineCutOff, String(code), line: line.number)
                    continue
                }
                // The highest bit makes the number of bits odd.
                reader.take(UInt8(pair >> 8) & 0x7F, UInt8(pair & 0x7F), last.time, last.line)
            }
        }
        reader.show(last.time, last.line)
        reader.cues.endWhereTheNextBegins()
        return CueConversation.file(reader.cues, format: .scenarist, name: name, notes: notes)
    }

    private mutating func take(_ first: UInt8, _ second: UInt8, _ time: Double, _ line: Int) {
        guard (0x10...0x1F).contains(first) else {
            lastControl = nil
            if !isOtherChannel { text += Self.character(first) + Self.character(second) }
            return
        }
        if let last = lastControl, last == (first, second) {
            lastControl = nil
            return
        }
        lastControl = (first, second)
        isOtherChannel = first & 0x08 != 0
        guard !isOtherChannel else { return }
        control(first, second, time, line)
    }

    private mutating func control(_ first: UInt8, _ second: UInt8, _ time: Double, _ line: Int) {
        switch (first, second) {
        case (0x11, 0x30...0x3F): text.append(Self.special[Int(second) - 0x30])
        case (0x12, 0x20...0x3F), (0x13, 0x20...0x3F):
            // It takes the place of a plainer letter, for receivers that do not know it.
            if !text.isEmpty { text.removeLast() }
            text.append((first == 0x12 ? Self.western : Self.northern)[Int(second) - 0x20])
        case (0x11, 0x20...0x2F): text += " "
        case (0x14, 0x20...0x2F), (0x15, 0x20...0x2F): order(second, time, line)
        case (_, 0x40...): if !text.isEmpty { text += "\n" }
        default: break
        }
    }

    private mutating func order(_ code: UInt8, _ time: Double, _ line: Int) {
        switch code {
        case 0x20: popsOn = true
        case 0x21: if !text.isEmpty { text.removeLast() }
        case 0x25...0x27, 0x29, 0x2D:
            if code != 0x2D { popsOn = false }
            if !popsOn { show(time, line) }
        case 0x2C:
            if !popsOn { show(time, line) }
            if let timing = cues.last?.timing, timing.end == timing.start {
                cues[cues.count - 1].timing?.end = max(time, timing.start)
            }
        case 0x2E: if popsOn { text = "" }
        case 0x2F: show(time, line)
        default: break
        }
    }

    /// What was written is seen.
    private mutating func show(_ time: Double, _ line: Int) {
        if !text.collapsed.isEmpty {
            cues.append(Cue(timing: CueTiming(start: time, end: time), text: text, line: line))
        }
        text = ""
    }

    // MARK: - Characters

    private static func character(_ byte: UInt8) -> String {
        guard byte >= 0x20 else { return "" }
        return other[byte] ?? String(UnicodeScalar(byte))
    }

    /// Those that differ from ASCII.
    private static let other: [UInt8: String] = [
        0x27: "’", 0x2A: "á", 0x5C: "é", 0x5E: "í", 0x5F: "ó", 0x60: "ú", 0x7B: "ç", 0x7C: "÷", 0x7D: "Ñ",
        0x7E: "ñ", 0x7F: "█",
    ]
    private static let special = Array("®°½¿™¢£♪à èâêîôû")
    private static let western = Array("ÁÉÓÚÜü‘¡*’—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»")
    private static let northern = Array("ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘")
}
