/// The transcript formats that are read.
public enum TranscriptFormat: String, Sendable, Hashable, Codable, CaseIterable {
    /// Lines such as `Name: text`, with or without times.
    case plainText
    /// Captions for the web, as Teams and Zoom write them.
    case webVTT
    /// SubRip captions.
    case subRip
    /// One JSON object a line.
    case jsonLines

    /// What is accepted, for refusals.
    static let accepted =
        "accepted are WebVTT, SRT, JSON Lines with one object a line, and plain text "
        + "with lines like 'Name: text'"

    /// Decides by the content, helped by the file name's extension.
    ///
    /// The content wins where it is clear (`WEBVTT`, a cue's times, a JSON object on the first line); the
    /// extension decides whether doubtful content is refused or read as plain text.
    static func detect(_ text: TranscriptText, name: String) throws(TranscriptError) -> TranscriptFormat {
        let fileExtension = FileExtension.of(name)
        let spoken = text.lines.lazy.filter { !$0.isBlank }
        guard let first = spoken.first else {
            throw TranscriptError(.empty, "\(name) has no text in it; \(accepted)")
        }
        let start = first.text.trimmed
        if isWebVTTHeader(start) { return .webVTT }
        // SubRip begins with a number and a time; some writers leave the number out.
        let opening = spoken.prefix(2).contains { CueTiming($0.text) != nil }
        let anywhere = spoken.contains { CueTiming($0.text) != nil }
        switch fileExtension {
        case "vtt", "webvtt":
            if anywhere { return .webVTT }
            throw refusal(name, "is called WebVTT but has neither the line WEBVTT nor a cue with times")
        case "srt":
            if anywhere { return .subRip }
            throw refusal(
                name, "is called SRT but has no line with times such as '00:00:01,000 --> 00:00:04,000'")
        default:
            if opening { return .subRip }
        }
        if start.utf8.first == UInt8(ascii: "{") || ["jsonl", "ndjson", "json"].contains(fileExtension) {
            return try jsonLines(first, name: name)
        }
        return try plainText(text, start: start, fileExtension: fileExtension, name: name)
    }

    /// A JSON Lines file's first line is an object: anything else would fail on every line.
    private static func jsonLines(_ first: TranscriptText.Line, name: String) throws(TranscriptError)
        -> TranscriptFormat
    {
        if (try? JSONRecord(first.text, place: name)) != nil { return .jsonLines }
        if FileExtension.of(name) == "jsonl" || FileExtension.of(name) == "ndjson" {
            throw TranscriptError(
                .malformed,
                "\(name), line \(first.number) is not a JSON object; JSON Lines wants one object a line")
        }
        throw refusal(
            name,
            "looks like JSON, but its first line is not a whole object; write one object a line (JSON Lines)")
    }

    private static func plainText(
        _ text: TranscriptText, start: String, fileExtension: String, name: String
    ) throws(TranscriptError) -> TranscriptFormat {
        let lowered = start.lowercased()
        for (mark, kind) in [
            ("<!doctype", "HTML"), ("<html", "HTML"), ("<?xml", "XML"), ("%pdf-", "PDF"),
            ("%!ps", "PostScript"),
        ] where lowered.hasPrefix(mark) {
            throw refusal(name, "is \(kind)")
        }
        if ["", "txt", "text", "md", "log", "end"].contains(fileExtension)
            || fileExtension.allSatisfy(\.isNumber)
        {
            return .plainText
        }
        // An unknown extension is not held against a file whose lines say who speaks.
        let spoken = text.lines.contains {
            SpokenLine($0.text, rules: .timedText(shortClock: false)).speaker != nil
        }
        guard spoken else {
            throw refusal(
                name, "has the unknown extension .\(fileExtension) and no line that names a speaker")
        }
        return .plainText
    }

    static func isWebVTTHeader(_ line: String) -> Bool {
        guard line.hasPrefix("WEBVTT") else { return false }
        let rest = line.utf8.dropFirst(6).first
        return rest == nil || rest == UInt8(ascii: " ") || rest == UInt8(ascii: "\t")
    }

    private static func refusal(_ name: String, _ reason: String) -> TranscriptError {
        TranscriptError(.unknownFormat, "\(name) \(reason); \(accepted)")
    }
}

/// The part of a file name after its last dot.
enum FileExtension {
    /// In lower case, without the dot; empty if there is none.
    static func of(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
