/// Reads a delivered file, whatever its format.
public enum TranscriptReader {
    /// Recognises the format of `bytes` and reads it.
    ///
    /// `name` is the file's name: its extension helps the recognition, and positions and refusals carry it.
    /// What a recognised file contains beyond utterances is kept as text or counted in the notes. Throws a
    /// refusal if the bytes are not text, of no accepted format, or hold no words.
    public static func read(_ bytes: [UInt8], name: String) throws(TranscriptError) -> TranscriptFile {
        let text = try TranscriptText(bytes, name: name)
        let format = try TranscriptFormat.detect(text, name: name)
        let file: TranscriptFile
        switch format {
        case .plainText: file = PlainTextParser.parse(text, name: name)
        case .webVTT, .subRip: file = CueParser.parse(text, format: format, name: name)
        case .jsonLines: file = try JSONLinesParser.parse(text, name: name)
        }
        // A chunk of captions may hold nothing but silence; plain text without words is a mistake.
        guard !file.utterances.isEmpty || format != .plainText else {
            throw TranscriptError(.empty, "\(name) holds no words (read as \(format.rawValue))")
        }
        return file
    }
}

/// Counts what a parser met and did not take over, for the notes.
struct NoteCounter {
    private var counts: [(what: String, count: Int, firstLine: Int)] = []

    mutating func count(_ what: String, line: Int) {
        if let index = counts.firstIndex(where: { $0.what == what }) {
            counts[index].count += 1
        } else {
            counts.append((what, 1, line))
        }
    }

    /// Such as `2 × cue without text (first in line 7)`.
    var notes: [String] { counts.map { "\($0.count) × \($0.what) (first in line \($0.firstLine))" } }
}
