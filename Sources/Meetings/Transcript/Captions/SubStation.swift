import Language

/// Reads SubStation Alpha (`.ass`, `.ssa`): `Dialogue:` lines whose fields a `Format:` line names.
enum SubStation {
    static func recognises(_ lines: TranscriptText.Lines) -> Bool {
        lines.lazy.filter { !$0.isBlank }.first.map { line in
            let text = line.text.trimmed.lowercased()
            return text == "[script info]" || text == "[events]"
        } ?? false
    }

    static func parse(_ text: TranscriptText, name: String) -> TranscriptFile {
        var fields = [
            "layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text",
        ]
        var cues: [Cue] = []
        var notes = NoteCounter()
        var title: String?
        var isEvents = false
        for line in text.lines where !line.isBlank {
            let trimmed = line.text.trimmed
            if trimmed.hasPrefix("[") { isEvents = trimmed.lowercased() == "[events]" }
            if !isEvents, trimmed.hasPrefix("Title:") { title = trimmed.dropFirst(6).trimmed }
            guard isEvents, let colon = trimmed.firstIndex(of: ":") else { continue }
            let rest = trimmed[trimmed.index(after: colon)...].trimmed
            switch trimmed[..<colon] {
            case "Format": fields = rest.split(separator: ",").map { $0.trimmed.lowercased() }
            case "Dialogue":
                guard let cue = cue(rest, fields, line.number) else {
                    notes.skip(.timesUnreadable, rest, line: line.number)
                    continue
                }
                cues.append(cue)
            default: notes.count(.headerSkipped, line: line.number)
            }
        }
        cues.sort { ($0.timing?.start ?? 0, $0.line) < ($1.timing?.start ?? 0, $1.line) }
        var file = CueConversation.file(cues, format: .subStation, name: name, notes: notes)
        file.title = title.flatMap { $0.isEmpty ? nil : TranscriptFile.boundedTitle($0) }
        return file
    }

    private static func cue(_ line: String, _ fields: [String], _ number: Int) -> Cue? {
        // The last field is the text, which may have commas.
        let cells = line.split(
            separator: ",", maxSplits: max(0, fields.count - 1), omittingEmptySubsequences: false)
        func cell(_ names: String...) -> Substring? {
            names.lazy.compactMap { fields.firstIndex(of: $0) }.first.flatMap {
                cells.indices.contains($0) ? cells[$0] : nil
            }
        }
        guard let start = cell("start").flatMap({ ClockTime($0) }),
            let end = cell("end").flatMap({ ClockTime($0) }),
            let text = cell("text")
        else { return nil }
        let plain = withoutOverrides(text).replacing("\\N", with: "\n").replacing("\\n", with: "\n")
            .replacing("\\h", with: " ")
        return Cue(
            timing: CueTiming(start: start.seconds, end: end.seconds),
            speaker: cell("name", "actor").flatMap { SpeakerName.bounded($0.trimmed) },
            text: plain, line: number)
    }

    /// Without `{\i1}` and other orders in braces.
    private static func withoutOverrides(_ text: Substring) -> String {
        var (result, depth) = ("", 0)
        for character in text {
            if character == "{" {
                depth += 1
            } else if character == "}", depth > 0 {
                depth -= 1
            } else if depth == 0 {
                result.append(character)
            }
        }
        return result
    }
}
