/// The meaning of a file name in the spool: which meeting, and which part of it.
///
/// `standup.vtt` is a whole meeting, `standup.0001.vtt` the first chunk of one, `standup.end` says that the
/// meeting `standup` is over. A chunk's number has 1 to 6 digits; the last part of a date (`2024.05.01.vtt`) is not
/// a chunk's number. `standup.ics` is a calendar that has that meeting in it.
package struct ChunkName: Sendable, Hashable {
    /// Which part of a meeting a file is.
    package enum Part: Sendable, Hashable {
        /// All of it.
        case whole
        /// A numbered part.
        case chunk(Int)
        /// No transcript: the meeting is over. The number is that of the last chunk, if the name tells.
        case endMarker(lastChunk: Int?)
        /// No transcript: a calendar that has the meeting in it.
        case calendar
    }

    /// The meeting, from the name's first part; characters that a meeting's name may not have become dashes.
    package let meeting: MeetingID
    /// Which part of it.
    package let part: Part

    /// The chunk's number, if it has one.
    package var number: Int? {
        if case .chunk(let number) = part { number } else { nil }
    }

    /// Whether the file only says that the meeting is over.
    package var isEndMarker: Bool {
        if case .endMarker = part { true } else { false }
    }

    /// Whether the file is a calendar.
    package var isCalendar: Bool { part == .calendar }

    /// Whether the file has something that was said.
    package var isTranscript: Bool { !isEndMarker && !isCalendar }

    /// Endings of files that are still being written.
    static let temporaryExtensions: Set<String> = [
        "tmp", "part", "partial", "crdownload", "swp", "swx", "download",
    ]

    /// Whether a file of this name is ignored because it is hidden, a backup, still being written, or
    /// has hints about another one.
    package static func isIgnored(_ fileName: String) -> Bool {
        fileName.isEmpty || fileName.hasPrefix(".") || fileName.hasPrefix("~") || fileName.hasSuffix("~")
            || temporaryExtensions.contains(FileExtension.of(fileName))
            || TranscriptHints.isHint(fileName)
    }

    /// What a transcript's name often ends with, so that `standup.vtt.ics` is about `standup.vtt`.
    private static let transcriptExtensions: Set<String> = [
        "vtt", "srt", "txt", "md", "json", "jsonl", "csv", "tsv", "docx", "sbv", "lrc", "ass", "ssa", "ttml",
        "xml", "html",
    ]

    /// Reads a file's name (no folders); nil if the file is to be ignored.
    ///
    /// Throws an error if it contains no usable name for a meeting.
    package init?(_ fileName: String) throws(TranscriptError) {
        guard !Self.isIgnored(fileName) else { return nil }
        var pieces = fileName.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        var (isEnd, isCalendar) = (false, false)
        if pieces.count > 1, let last = pieces.last, !Self.isNumber(last) || last.isEmpty {
            isEnd = last.lowercased() == "end"
            isCalendar = last.lowercased() == "ics"
            pieces.removeLast()
        }
        if isCalendar, pieces.count > 1, let last = pieces.last,
            Self.transcriptExtensions.contains(last.lowercased())
        {
            pieces.removeLast()
        }
        var number: Int?
        if pieces.count > 1, let last = pieces.last, Self.isNumber(last), !Self.endsInDate(pieces) {
            number = Int(last)
            pieces.removeLast()
        }
        guard let meeting = MeetingID.sanitized(pieces.joined(separator: ".")) else {
            throw TranscriptError(
                .badMeetingName,
                "no meeting's name can be made of the file name '\(fileName.prefix(120))'; "
                    + "call it NAME.vtt, NAME.0001.vtt or NAME.end, with A-Z a-z 0-9 . _ - in NAME")
        }
        self.meeting = try MeetingID(new: meeting.name)
        if isEnd {
            part = .endMarker(lastChunk: number)
        } else if isCalendar {
            part = .calendar
        } else {
            part = number.map { .chunk($0) } ?? .whole
        }
    }

    private static func isNumber(_ piece: String) -> Bool {
        (1...6).contains(piece.utf8.count)
            && piece.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Whether the last three pieces are a date, year or day first.
    private static func endsInDate(_ pieces: [String]) -> Bool {
        guard pieces.count >= 3 else { return false }
        let last = pieces.suffix(3).map { piece in
            // In `standup-2024.05.01` the year is at the end of a longer piece.
            String(piece.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        }
        let lengths = last.map(\.utf8.count)
        let numbers = last.compactMap { Int($0) }
        guard numbers.count == 3, lengths == [4, 2, 2] || lengths == [2, 2, 4] else { return false }
        let year = lengths[0] == 4 ? numbers[0] : numbers[2]
        let others = lengths[0] == 4 ? numbers[1...] : numbers[..<2]
        return (1900...2100).contains(year) && others.allSatisfy { (1...31).contains($0) }
    }
}
