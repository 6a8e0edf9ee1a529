import Language

/// Reads captions of which each has its times in the text: YouTube's SBV, and the lines of lyrics (LRC).
enum TimedLines {
    // MARK: - SBV

    /// `0:00:00.599,0:00:04.160` alone in a line, with the text below.
    static func recognisesSBV(_ lines: TranscriptText.Lines) -> Bool {
        lines.lazy.filter { !$0.isBlank }.first.map { sbvTiming($0.text) != nil } ?? false
    }

    private static func sbvTiming(_ line: String) -> CueTiming? {
        guard line.utf8.first.map(ClockReader.isDigit) == true, line.utf8.contains(UInt8(ascii: ",")),
            !line.utf8.contains(UInt8(ascii: ">")), let span = TimeSpan(line), let end = span.end
        else { return nil }
        return CueTiming(start: span.start.seconds, end: end.seconds)
    }

    static func parseSBV(_ text: TranscriptText, name: String) -> TranscriptFile {
        var cues: [Cue] = []
        for line in text.lines where !line.isBlank {
            if let timing = sbvTiming(line.text) {
                cues.append(Cue(timing: timing, text: "", line: line.number))
            } else if !cues.isEmpty {
                // `[br]` is a break in a line.
                let said = line.text.replacing("[br]", with: "\n")
                cues[cues.count - 1].text += (cues[cues.count - 1].text.isEmpty ? "" : "\n") + said
            }
        }
        return CueConversation.file(cues, format: .sbv, name: name)
    }

    // MARK: - LRC

    /// Tags such as `[ti:Roof]` above lines that begin with `[00:01.20]`, or such lines in a file that is called so.
    static func recognisesLRC(_ lines: TranscriptText.Lines, fileExtension: String) -> Bool {
        let sample = lines.lazy.filter { !$0.isBlank }.prefix(40).map { $0.text.trimmed }
        let timed = sample.count { !lrcTimes($0).times.isEmpty }
        guard timed > 0 else { return false }
        return fileExtension == "lrc" || sample.first.map { tag($0) != nil } == true
    }

    /// The tags of the format; others in brackets may be names.
    private static let tags: Set<String> = [
        "ti", "ar", "al", "au", "lr", "by", "re", "tool", "ve", "offset", "length", "la", "id",
    ]

    private static func tag(_ line: String) -> (key: String, value: String)? {
        guard line.hasPrefix("["), line.hasSuffix("]"), let colon = line.firstIndex(of: ":") else {
            return nil
        }
        let key = line[..<colon].dropFirst().lowercased()
        guard tags.contains(key) else { return nil }
        return (key, line[colon...].dropFirst().dropLast().trimmed)
    }

    /// A refrain comes back so often at most; each of its times gets a cue of its own.
    private static let mostTimes = 50

    /// The times at the beginning of a line, and what follows them.
    private static func lrcTimes(_ line: String) -> (times: [Double], text: Substring) {
        var rest = line[...]
        var times: [Double] = []
        while times.count < mostTimes, rest.first == "[", let close = rest.prefix(16).firstIndex(of: "]"),
            let time = ClockTime(rest[..<close].dropFirst())
        {
            times.append(time.seconds)
            rest = rest[rest.index(after: close)...]
        }
        return (times, rest)
    }

    static func parseLRC(_ text: TranscriptText, name: String) -> TranscriptFile {
        var cues: [Cue] = []
        var notes = NoteCounter()
        var title: String?
        for line in text.lines where !line.isBlank {
            let trimmed = line.text.trimmed
            if let tag = tag(trimmed) {
                if tag.key == "ti" {
                    title = tag.value
                } else {
                    notes.count(.headerSkipped, line: line.number)
                }
                continue
            }
            let (times, said) = lrcTimes(trimmed)
            // A refrain has several times.
            for time in times {
                cues.append(
                    Cue(timing: CueTiming(start: time, end: time), text: String(said), line: line.number))
            }
            if times.isEmpty, cues.isEmpty { notes.count(.headerSkipped, line: line.number) }
            if times.isEmpty, !cues.isEmpty { cues[cues.count - 1].text += "\n" + trimmed }
        }
        cues.sort { ($0.timing?.start ?? 0, $0.line) < ($1.timing?.start ?? 0, $1.line) }
        cues.endWhereTheNextBegins()
        // A time without words only ends the line before it.
        cues.removeAll { $0.text.trimmed.isEmpty }
        var file = CueConversation.file(cues, format: .lrc, name: name, notes: notes)
        file.title = title.map(TranscriptFile.boundedTitle)
        return file
    }
}

extension [Cue] {
    /// Gives each caption that only has a start its end.
    mutating func endWhereTheNextBegins() {
        for index in indices.dropLast() {
            guard let start = self[index].timing?.start, self[index].timing?.end == start,
                let next = self[index + 1].timing?.start,
                next > start
            else { continue }
            self[index].timing?.end = next
        }
    }
}
