import Language

/// Reads the files in which speech recognition is scored (NIST): a word a line with its times (CTM), and a segment a line
/// with its speaker (STM).
enum ScoringFiles {
    /// So many lines are looked at, and nearly all of them have to fit.
    private static let sampleLimit = 200

    /// The format; nil for any other text.
    static func format(_ lines: TranscriptText.Lines) -> TranscriptFormat? {
        let sample = Array(lines.lazy.filter { !isPassedOver($0) }.prefix(sampleLimit).map(\.text))
        guard sample.count >= 2 else { return nil }
        for (format, fits) in [
            (TranscriptFormat.segmentTimes, { (line: String) in segment(line) != nil }),
            (.wordTimes, { word($0) != nil }),
        ] where sample.count(where: fits) * 20 >= sample.count * 19 {
            return format
        }
        return nil
    }

    /// Whether it is RTTM: who spoke when, and not a word of what was said.
    static func isWithoutWords(_ lines: [String]) -> Bool {
        lines.count { $0.hasPrefix("SPEAKER ") && $0.contains("<NA>") } * 2 >= lines.count
    }

    private static func isPassedOver(_ line: TranscriptText.Line) -> Bool {
        line.isBlank || line.text.hasPrefix(";;")
    }

    static func parse(_ text: TranscriptText, format: TranscriptFormat, name: String) -> TranscriptFile {
        var file = TranscriptFile(format: format)
        var notes = NoteCounter()
        var words: [String: [SpokenWord]] = [:]
        var channels: [String] = []
        for line in text.lines where !isPassedOver(line) {
            if format == .segmentTimes, var said = segment(line.text) {
                said.source = SourcePosition(name: name, line: line.number)
                if said.text != "-" { file.utterances.append(said) }
            } else if format == .wordTimes, let (channel, word) = word(line.text) {
                if words[channel] == nil { channels.append(channel) }
                words[channel, default: []].append(word)
            } else {
                notes.skip(.lineWithoutText, line.text, line: line.number)
            }
        }
        for channel in channels {
            let said = (words[channel] ?? []).map { word in
                var word = word
                if channels.count > 1 { word.speaker = "Channel \(channel)" }
                return word
            }
            file.utterances += said.utterances(at: SourcePosition(name: name, line: 1))
        }
        file.utterances = file.utterances.enumerated().sorted {
            ($0.element.start ?? 0, $0.offset) < ($1.element.start ?? 0, $1.offset)
        }.map(\.element)
        file.notes = notes.notes
        file.skippedCount = notes.skippedCount
        return file
    }

    /// `recording channel start duration word confidence`, the last as its writer likes.
    private static func word(_ line: String) -> (channel: String, word: SpokenWord)? {
        let cells = line.split(whereSeparator: \.isWhitespace)
        guard (5...8).contains(cells.count), cells[1].count <= 4, let start = seconds(cells[2]),
            let duration = seconds(cells[3]), duration < 60, Double(cells[4]) == nil || cells.count > 5
        else { return nil }
        if cells.count > 5 { guard Double(cells[5]) != nil || cells[5] == "NA" else { return nil } }
        return (
            cells[0] + " " + cells[1],
            SpokenWord(text: cells[4].collapsed, start: start, end: start + duration)
        )
    }

    /// `recording channel speaker start end <labels> words`.
    private static func segment(_ line: String) -> Utterance? {
        var cells = line.split(maxSplits: 5, whereSeparator: \.isWhitespace)
        guard cells.count == 6, cells[1].count <= 4, Double(cells[2]) == nil, let start = seconds(cells[3]),
            let end = seconds(cells[4]), end >= start
        else { return nil }
        if cells[5].first == "<", let close = cells[5].firstIndex(of: ">") {
            cells[5] = cells[5][close...].dropFirst()
        }
        let text = cells[5].collapsed
        guard !text.isEmpty else { return nil }
        let name = String(cells[2]).replacing("_", with: " ")
        return Utterance(
            speaker: name, start: start, end: end, text: text, source: SourcePosition(name: "", line: 1))
    }

    private static func seconds(_ text: Substring) -> Double? {
        guard text.contains(where: \.isNumber), let value = Double(text), (0..<1e6).contains(value) else {
            return nil
        }
        return value
    }
}
