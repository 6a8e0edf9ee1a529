import Foundation
import Language

/// Reads JSON Lines: utterances, an optional line about the meeting, an optional `{"end":true}`.
enum JSONLinesParser {
    static func parse(_ text: TranscriptText, name: String) throws(TranscriptError) -> TranscriptFile {
        var file = TranscriptFile(format: .jsonLines)
        var notes = NoteCounter()
        var collector = CaptionCollector()
        var isKnown = false
        for line in text.lines where !line.isBlank {
            let position = SourcePosition(name: name, line: line.number)
            let record = try JSONRecord(line.bytes, place: position.spelled)
            isKnown = isKnown || record.isKnown
            let content = try JSONLine(record, position: position)
            if let utterance = content.utterance { collector.add(utterance) }
            if let result = content.result { collector.take(result) }
            file.meeting = content.meeting ?? file.meeting
            file.title = content.title ?? file.title
            file.startedAt = content.startedAt ?? file.startedAt
            file.endsMeeting = file.endsMeeting || content.endsMeeting
            for note in content.notes { notes.count(note, line: line.number) }
        }
        guard isKnown else {
            throw TranscriptFormat.refusal(name, "is JSON, but no line has a \"text\" of what was said")
        }
        file.notes = notes.notes + collector.finish()
        file.utterances = collector.utterances
        file.rebaseEpochTimes()
        return file
    }
}

extension TranscriptFile {
    /// Larger numbers are seconds since 1970 rather than since the meeting's start.
    static let epochSeconds = 1e8

    /// Converts times since 1970 to times since the meeting's start, or since the first of them if that is unknown.
    ///
    /// Times that are not since 1970, among others that are, are taken for times since the meeting's start.
    mutating func rebaseEpochTimes() {
        let starts = utterances.lazy.compactMap(\.start)
        guard let first = starts.filter({ $0 >= Self.epochSeconds }).min() else { return }
        let base = startedAt?.timeIntervalSince1970 ?? first
        startedAt = startedAt ?? Date(timeIntervalSince1970: first)
        let isMixed = starts.contains { $0 < Self.epochSeconds }
        for index in utterances.indices where (utterances[index].start ?? base) >= Self.epochSeconds {
            utterances[index].mapTimes { max(0, $0 - base) }
        }
        if isMixed, !utterances.contains(where: { $0.start == nil }) {
            utterances = utterances.enumerated().sorted {
                ($0.element.start ?? 0, $0.offset) < ($1.element.start ?? 0, $1.offset)
            }.map(\.element)
        }
        notes.append(Note(.timesSinceEpoch))
    }
}

/// Writes utterances as JSON Lines that can be read again.
package enum JSONLinesWriter {
    /// One object, without a line feed at the end.
    package static func line(_ utterance: Utterance) -> String {
        struct Line: Encodable {
            let id: String?
            let speaker: String?
            let start: Double?
            let end: Double?
            let text: String
            let repeats: Int?
            let chat: Bool?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Line(
            id: utterance.id, speaker: utterance.speaker, start: utterance.start, end: utterance.end,
            text: utterance.text, repeats: utterance.repeatCount > 0 ? utterance.repeatCount : nil,
            chat: utterance.isWritten ? true : nil)
        guard let bytes = try? encoder.encode(line) else {
            preconditionFailure("an utterance's times are finite")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
