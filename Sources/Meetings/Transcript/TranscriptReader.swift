import Language

/// Reads a delivered file, whatever its format.
package enum TranscriptReader {
    /// Recognises the format of `bytes` and reads it.
    ///
    /// `name` is the file's name: its extension helps to recognise the format, and positions and errors contain it.
    /// Whatever a file contains besides utterances is kept as text or counted in the notes. Throws an error if the bytes
    /// are not text, have no accepted format, or contain no words.
    package static func read(_ bytes: [UInt8], name: String) throws(TranscriptError) -> TranscriptFile {
        let text = try TranscriptText(bytes, name: name)
        var file: TranscriptFile
        if JSONTranscript.recognises(text, name: name) {
            file = try JSONTranscript.read(text, name: name)
        } else {
            let format = try TranscriptFormat.detect(text, name: name)
            switch format {
            case .webVTT, .subRip: file = CueParser.parse(text, format: format, name: name)
            case .captionText: file = CaptionTextParser.parse(text, name: name)
            default:
                file = PlainTextParser.parse(text, name: name)
                mergeGrowingLines(&file)
            }
        }
        if let note = text.note { file.notes.insert(note, at: 0) }
        RepetitionFilter.collapse(&file.utterances)
        // A chunk of captions may contain nothing but silence; plain text without words is a mistake.
        guard !file.utterances.isEmpty || ![.plainText, .captionText].contains(file.format) else {
            throw TranscriptError(.empty, "\(name) holds no words (read as \(file.format.rawValue))")
        }
        return file
    }

    private static func mergeGrowingLines(_ file: inout TranscriptFile) {
        let count = GrowingLines.merge(&file.utterances)
        guard count > 0 else { return }
        file.notes.append(Note(.linesGrown, .number(count)))
    }
}

/// Counts what a parser left out, for the notes.
struct NoteCounter {
    private var counts: [(what: Note, count: Int, firstLine: Int)] = []
    /// How many bytes of text were passed over.
    private(set) var skippedCount = 0

    /// Counts text that was passed over.
    mutating func skip(_ kind: Note.Kind, _ text: String, line: Int) {
        skippedCount += text.utf8.count
        count(kind, line: line)
    }

    mutating func count(_ kind: Note.Kind, by number: Int = 1, line: Int) {
        count(Note(kind), by: number, line: line)
    }

    mutating func count(_ what: Note, by number: Int = 1, line: Int) {
        if let index = counts.firstIndex(where: { $0.what == what }) {
            counts[index].count += number
        } else {
            counts.append((what, number, line))
        }
    }

    /// Such as `2 × cue without text (first in line 7)`.
    var notes: [Note] {
        counts.map { Note(.counted, .number($0.count), .note($0.what), .text("\($0.firstLine)")) }
    }
}
