import Foundation
import Language

/// Reads transcripts written as JSON: a recogniser's document, its messages, or JSON Lines.
enum JSONTranscript {
    /// Whether the text is meant to be JSON, even if it is not valid.
    static func recognises(_ text: TranscriptText, name: String) -> Bool {
        let fileExtension = FileExtension.of(name)
        guard let line = text.lines.first(where: { !$0.isBlank }),
            !["vtt", "webvtt", "srt"].contains(fileExtension)
        else { return false }
        if ["json", "jsonl", "ndjson"].contains(fileExtension) { return true }
        // The beginning is enough: the line may be the whole of a large file.
        let first = String(decoding: line.bytes.prefix(80), as: UTF8.self).trimmed
        switch first.utf8.first {
        case UInt8(ascii: "{"):
            // `{laughs} Yes.` is not JSON.
            let next = first.dropFirst().trimmed.first
            return next == nil || next == "\"" || next == "}"
        case UInt8(ascii: "["):
            // `[00:01:02] Jane: …` and `[Jane] 17:32:36` are not JSON.
            let next = first.dropFirst().trimmed.first
            return next == nil || next == "{" || next == "["
        default: return false
        }
    }

    static func read(_ text: TranscriptText, name: String) throws(TranscriptError) -> TranscriptFile {
        let filled = text.lines.lazy.filter { !$0.isBlank }
        guard let first = filled.first else { throw TranscriptFormat.refusal(name, "has no text in it") }
        let isOneLine = filled.dropFirst().first == nil
        if let node = JSONNode(first.bytes), node.isObject {
            if isOneLine, let document = try document(node, name: name) { return document }
            if isOneLine, let file = embedded(node, name: name) { return file }
            for line in filled.prefix(messagesUntilKnown) {
                // An empty text is what Vosk says in a pause, and no sign of it: an utterance may be empty, too.
                guard let node = JSONNode(line.bytes), node.names != ["text"],
                    let format = RecognizerEvents.format(of: node)
                else { continue }
                return try messages(Array(filled), format: format, name: name)
            }
            if !isOneLine, !JSONRecord.isUtterance(node), var file = listed(filled.map(\.bytes), name: name) {
                let utterances = file.utterances
                file.utterances = []
                finish(&file, utterances)
                return file
            }
            if !isOneLine || JSONRecord.saysSomething(node) {
                return try JSONLinesParser.parse(text, name: name)
            }
            throw unknown(node, name)
        }
        let fileExtension = FileExtension.of(name)
        if ["jsonl", "ndjson"].contains(fileExtension), !isOneLine, JSONNode.sequence(text.bytes) == nil {
            throw TranscriptError(
                .malformed,
                "\(name), line \(first.number) is not a JSON object; JSON Lines wants one object a line")
        }
        let node: JSONNode
        do {
            node = try JSONNode(document: text.bytes, name: name)
        } catch {
            // Some programs append one value to the other.
            if let nodes = JSONNode.sequence(text.bytes), nodes.count > 1,
                let format = nodes.prefix(messagesUntilKnown).lazy.compactMap(RecognizerEvents.format).first
            {
                return messages(nodes, format: format, name: name)
            }
            throw TranscriptError(error.code, "\(error.message); \(TranscriptFormat.accepted)")
        }
        if let list = node.array,
            let format = list.prefix(messagesUntilKnown).lazy.compactMap(RecognizerEvents.format).first
        {
            return messages(list, format: format, name: name)
        }
        if let document = try document(node, name: name) { return document }
        if let file = embedded(node, name: name) { return file }
        throw unknown(node, name)
    }

    /// Objects of a program that is not known, one a line; nil unless nearly all are utterances.
    private static func listed(_ lines: [ArraySlice<UInt8>], name: String) -> TranscriptFile? {
        let nodes = lines.compactMap { JSONNode($0) }
        return nodes.count == lines.count ? DocumentReader.read(lines: nodes, name: name) : nil
    }

    // MARK: - Texts within JSON

    /// A transcript that is a text within a document: with line breaks in one string, as a list of strings, or by speaker or
    /// time (`{"Ada": "Hi."}`); nil if there is none, or it has fewer than two utterances.
    private static func embedded(_ node: JSONNode, name: String) -> TranscriptFile? {
        guard let spelled = typed(node) ?? string(in: node) ?? lines(of: node),
            let text = try? TranscriptText(Array(spelled.utf8), name: name),
            var file = try? TranscriptReader.read(text, name: "text.txt", at: name),
            file.utterances.count > 1 || file.format == .webVTT
        else { return nil }
        file.title = node["title"]?.text.map(TranscriptFile.boundedTitle) ?? file.title
        return file
    }

    /// What was typed in oTranscribe (`.otr`): paragraphs in HTML.
    private static func typed(_ node: JSONNode) -> String? {
        guard node["media"] != nil || node["media-source"] != nil || node["media-time"] != nil,
            let html = node["text"]?.string, html.contains("<")
        else { return nil }
        return CueMarkup.plain(html.replacing("</span>", with: "</span> "))
    }

    private static func string(in node: JSONNode) -> String? {
        guard node.isObject, node["speaker"] == nil, node["start"] == nil else { return nil }
        let names = [
            "transcript", "transcription", "text", "content", "vtt", "srt", "captions", "body", "markdown",
        ]
        for name in names {
            if let text = node[name]?.string, text.contains("\n") { return text }
        }
        // Not by `lazy`, whose `first` asks twice, at each level.
        for value in node.values.prefix(20) where value.isObject {
            if let found = string(in: value) { return found }
        }
        return nil
    }

    private static func lines(of node: JSONNode) -> String? {
        var lines: [String] = []
        if let list = node.array {
            guard list.count >= 2 else { return nil }
            for element in list {
                if let text = element.text {
                    lines.append(text)
                } else if element.isObject, element.names.count == 1, let text = element.values[0].text,
                    let name = SpeakerName.checked(element.names[0])
                {
                    lines.append(name + ": " + text)
                } else {
                    return nil
                }
            }
        } else {
            let names = node.names
            guard names.count >= 2, names.allSatisfy({ TimeSpan($0) != nil }) else { return nil }
            for (time, value) in zip(names, node.values) {
                lines.append("[" + time + "] " + (value.text ?? ""))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A refusal that says what was found.
    private static func unknown(_ node: JSONNode, _ name: String) -> TranscriptError {
        let names = (node.array?.first ?? node).names.prefix(6).map { "\"\($0.prefix(30))\"" }.joined(
            separator: ", ")
        let found = names.isEmpty ? "" : " (it has \(names))"
        return TranscriptFormat.refusal(
            name,
            "is JSON of a shape that is not known\(found): no list of pieces with a text and a speaker or a time was found; "
                + "write one object a line (JSON Lines) with its \"text\"")
    }

    /// Some messages do not show which recogniser sent them; one of the first so many must.
    private static let messagesUntilKnown = 50

    // MARK: - Documents

    private static func document(_ node: JSONNode, name: String) throws(TranscriptError) -> TranscriptFile? {
        if let events = node["events"]?.array, events.first?["segs"] == nil,
            node["room_name"] != nil || events.contains(where: { RecognizerEvents.format(of: $0) == .jigasi })
        {
            var file = messages(events, format: .jigasi, name: name, start: node["start_time"]?.text)
            file.title = node["room_name"]?.text.map(TranscriptFile.boundedTitle)
            return file
        }
        if RecognizerEvents.format(of: node) == .liveKit {
            return messages([node], format: .liveKit, name: name)
        }
        if let captions = YouTubeCaptions.file(node, name: name) { return captions }
        guard var file = try DocumentReader.read(node, name: name) else { return nil }
        let utterances = file.utterances
        file.utterances = []
        finish(&file, utterances)
        return file
    }

    // MARK: - Messages

    private static func messages(
        _ lines: [TranscriptText.Line], format: TranscriptFormat, name: String
    ) throws(TranscriptError) -> TranscriptFile {
        var nodes: [(JSONNode, Int)] = []
        var notes = NoteCounter()
        for line in lines {
            if let node = JSONNode(line.bytes) {
                nodes.append((node, line.number))
            } else if line.number == lines.last?.number {
                // A recorder may be stopped in the middle of a line.
                notes.count(.lineCutOff, line: line.number)
            } else {
                throw TranscriptError(
                    .malformed,
                    "\(name), line \(line.number) is not a JSON object; one message a line is read")
            }
        }
        var file = messages(nodes, format: format, name: name)
        file.notes = notes.notes + file.notes
        return file
    }

    private static func messages(
        _ nodes: [JSONNode], format: TranscriptFormat, name: String, start: String? = nil
    ) -> TranscriptFile {
        var file = messages(
            nodes.enumerated().map { ($0.element, $0.offset + 1) }, format: format, name: name,
            startedAt: start.flatMap(ISODate.parse))
        if start != nil, file.startedAt == nil { file.notes.append(Note(.startUnreadable)) }
        return file
    }

    private static func messages(
        _ nodes: [(JSONNode, Int)], format: TranscriptFormat, name: String, startedAt: Date? = nil
    ) -> TranscriptFile {
        var events = RecognizerEvents(name: name)
        var collector = CaptionCollector()
        var notes = NoteCounter()
        for (node, line) in nodes {
            guard let results = events.results(of: node, line: line) else {
                notes.count(.messageUnknown, line: line)
                continue
            }
            for result in results { collector.take(result) }
        }
        for result in events.finish() { collector.take(result) }
        var file = TranscriptFile(format: format, startedAt: startedAt)
        file.notes = notes.notes + collector.finish()
        finish(&file, collector.utterances)
        return file
    }

    private static func finish(_ file: inout TranscriptFile, _ utterances: [Utterance]) {
        var joiner = CaptionJoiner()
        for var utterance in utterances {
            utterance.id = nil
            _ = joiner.add(utterance)  // Ignored: whether it was joined.
        }
        file.utterances = joiner.utterances
        file.notes += joiner.notes.notes
        file.rebaseEpochTimes()
    }
}
