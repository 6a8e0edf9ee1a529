import Language

/// Reads a delivered file, whatever its format.
package enum TranscriptReader {
    /// Recognises the format of `bytes` and reads it.
    ///
    /// `name` is the file's name: its extension helps to recognise the format, and positions and errors contain it. What
    /// `hints` say is believed.
    /// Whatever a file contains besides utterances is kept as text or counted in the notes. Throws an error if the bytes
    /// are not text, have no accepted format, or contain no words.
    package static func read(
        _ bytes: [UInt8], name: String, hints: TranscriptHints = TranscriptHints()
    ) throws(TranscriptError) -> TranscriptFile {
        try decode(bytes, name: name, hints: hints).file
    }

    /// Reads a file, and says how it was read.
    package static func readWithFacts(
        _ bytes: [UInt8], name: String, hints: TranscriptHints = TranscriptHints()
    ) throws(TranscriptError) -> (file: TranscriptFile, facts: TranscriptFacts) {
        let (file, encoding) = try decode(bytes, name: name, hints: hints)
        return (file, TranscriptFacts(file, encoding: encoding))
    }

    private static func decode(
        _ bytes: [UInt8], name: String, hints: TranscriptHints
    ) throws(TranscriptError) -> (file: TranscriptFile, encoding: String) {
        let document = try WordDocument.text(bytes, name: name)
        let text = try TranscriptText(
            document ?? bytes, name: name, encoding: document == nil ? hints.encoding : nil)
        var file = try parse(text, name: name, isDocument: document != nil, hints: hints)
        if document != nil { file.format = .word }
        if let note = text.note { file.notes.insert(note, at: 0) }
        RepetitionFilter.collapse(&file.utterances)
        // A chunk of captions may contain nothing but silence; plain text without words is a mistake.
        guard !file.utterances.isEmpty || ![.plainText, .captionText, .table, .word].contains(file.format)
        else {
            throw TranscriptError(.empty, "\(name) holds no words (read as \(file.format.rawValue))")
        }
        if let title = hints.title { file.title = TranscriptFile.boundedTitle(title) }
        file.invitation = hints.invitation
        if let language = hints.knownLanguage {
            for index in file.utterances.indices { file.utterances[index].language = language }
        }
        let percent = file.skippedPercent
        if percent > skippedPercentLimit { file.notes.append(Note(.skippedShare, .number(percent))) }
        return (file, text.encoding)
    }

    /// If more of the text is passed over, the minutes say so.
    private static let skippedPercentLimit = 10

    private static func parse(
        _ text: TranscriptText, name: String, isDocument: Bool, hints: TranscriptHints
    ) throws(TranscriptError) -> TranscriptFile {
        // What is in a document may be of any form of text, whatever it is called.
        let named = isDocument ? nil : try hints.knownFormat(name)
        var file: TranscriptFile
        guard named.map(\.isJSON) ?? (!isDocument && JSONTranscript.recognises(text, name: name)) else {
            let format =
                if let named { named } else {
                    try TranscriptFormat.detect(text, name: isDocument ? "document.txt" : name)
                }
            return try read(text, as: format, name: name, hints: hints)
        }
        file = try JSONTranscript.read(text, name: name)
        if file.format == .jsonLines, hints.timeBase == .milliseconds {
            for index in file.utterances.indices { file.utterances[index].mapTimes { $0 / 1000 } }
        }
        return file
    }

    /// Reads a text that stands within the file `file`, in any format but JSON; `name` helps to recognise it.
    static func read(
        _ text: TranscriptText, name: String, at file: String
    ) throws(TranscriptError) -> TranscriptFile {
        try read(text, as: TranscriptFormat.detect(text, name: name), name: file, hints: TranscriptHints())
    }

    private static func read(
        _ text: TranscriptText, as format: TranscriptFormat, name: String, hints: TranscriptHints
    ) throws(TranscriptError) -> TranscriptFile {
        var file: TranscriptFile
        switch format {
        case .webVTT, .subRip: file = CueParser.parse(text, format: format, name: name, hints: hints)
        case .sbv: file = TimedLines.parseSBV(text, name: name)
        case .lrc: file = TimedLines.parseLRC(text, name: name)
        case .scenarist: file = Scenarist.parse(text, name: name)
        case .wordTimes, .segmentTimes:
            file = ScoringFiles.parse(text, format: format, name: name)
        case .subStation: file = SubStation.parse(text, name: name)
        case .timedText, .youTubeXML: file = try XMLCaptions.parse(text, name: name)
        case .table: file = try table(text, name: name)
        case .captionText: file = CaptionTextParser.parse(text, name: name)
        default:
            file = PlainTextParser.parse(text, name: name, hints: hints)
            mergeGrowingLines(&file)
        }
        return file
    }

    private static func table(_ text: TranscriptText, name: String) throws(TranscriptError) -> TranscriptFile
    {
        guard let table = TranscriptTable(text.lines) else {
            throw TranscriptFormat.refusal(name, "has no columns of speakers, times and texts")
        }
        return table.file(name: name)
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
