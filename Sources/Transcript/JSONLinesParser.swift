import Foundation

/// Reads JSON Lines: utterances, an optional line about the meeting, an optional `{"end":true}`.
enum JSONLinesParser {
    /// Numbers from here on are seconds since 1970 rather than since the meeting's start.
    static let epochSeconds = 1e8

    static func parse(_ text: TranscriptText, name: String) throws(TranscriptError) -> TranscriptFile {
        var file = TranscriptFile(format: .jsonLines)
        var notes = NoteCounter()
        for line in text.lines where !line.isBlank {
            let content = try JSONLine(line.text, position: SourcePosition(name: name, line: line.number))
            if let utterance = content.utterance { file.utterances.append(utterance) }
            file.meeting = content.meeting ?? file.meeting
            file.title = content.title ?? file.title
            file.startedAt = content.startedAt ?? file.startedAt
            file.endsMeeting = file.endsMeeting || content.endsMeeting
            for note in content.notes { notes.count(note, line: line.number) }
        }
        file.notes = notes.notes
        rebaseEpochTimes(&file)
        return file
    }

    private static func rebaseEpochTimes(_ file: inout TranscriptFile) {
        guard let first = file.utterances.lazy.compactMap(\.start).first, first >= epochSeconds else {
            return
        }
        let base = file.startedAt?.timeIntervalSince1970 ?? first
        file.startedAt = file.startedAt ?? Date(timeIntervalSince1970: first)
        for index in file.utterances.indices {
            file.utterances[index].start = file.utterances[index].start.map { max(0, $0 - base) }
            file.utterances[index].end = file.utterances[index].end.map { max(0, $0 - base) }
        }
        file.notes.append("times are seconds since 1970, counted from the meeting's start")
    }
}
