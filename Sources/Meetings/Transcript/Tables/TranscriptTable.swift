import Foundation
import Language

/// Reads tables whose first row names columns of speakers, times and texts: CSV, TSV (also Whisper's), and Markdown.
struct TranscriptTable {
    private var columns: [Column: Int] = [:]
    private let rows: [(cells: [String], line: Int)]

    private enum Column: CaseIterable {
        case speaker, start, end, text
    }

    /// What columns are called, in lower case.
    private static let names: [Column: Set<String>] = [
        .speaker: [
            "speaker", "speaker name", "speaker_name", "speakername", "name", "who", "participant", "user",
            "from", "sprecher",
            "sprecherin", "person", "locuteur", "intervenant", "hablante", "orador", "falante", "parlante",
            "spreker", "talare",
            "mówca", "konuşmacı", "говорящий", "спикер", "участник", "说话人", "发言人", "話者", "발언자", "المتحدث",
            "वक्ता",
        ],
        .start: [
            "start", "start time", "start_time", "starttime", "begin", "from time", "time", "timestamp",
            "timecode", "in", "start (s)",
            "beginn", "von", "zeit", "startzeit", "début", "temps", "inicio", "tiempo", "início", "tempo",
            "inizio", "tijd", "tid",
            "czas", "zaman", "время", "начало", "час", "开始", "开始时间", "时间", "開始", "時間", "시작", "시간", "الوقت",
            "समय",
        ],
        .end: [
            "end", "end time", "end_time", "endtime", "stop", "out", "to", "end (s)", "ende", "bis", "fin",
            "fim", "fine", "einde", "slut",
            "koniec", "bitiş", "конец", "结束", "结束时间", "終了", "끝",
        ],
        .text: [
            "text", "transcript", "utterance", "sentence", "content", "message", "caption", "subtitle",
            "words", "said", "transkript",
            "gesprochen", "texte", "texto", "testo", "tekst", "metin", "текст", "文本", "内容", "テキスト", "発言",
            "텍스트", "내용",
            "النص", "पाठ",
        ],
    ]

    /// Nil if the text is no table, or none of a conversation: it needs texts, and speakers or times.
    init?(_ lines: TranscriptText.Lines) {
        guard let first = lines.lazy.filter({ !$0.isBlank }).first?.text.trimmed, first.utf8.count < 2000
        else { return nil }
        let isMarkdown = first.hasPrefix("|")
        let separators: [Character] = isMarkdown ? ["|"] : ["\t", ",", ";"]
        for separator in separators where first.contains(separator) {
            let head = Self.cells(first, separator, isMarkdown: isMarkdown)
            var found: [Column: Int] = [:]
            for (index, cell) in head.enumerated() {
                let name = cell.collapsed.lowercased()
                for column in Column.allCases
                where found[column] == nil && Self.names[column]?.contains(name) == true {
                    found[column] = index
                    break
                }
            }
            guard found[.text] != nil, found[.speaker] != nil || found[.start] != nil else { continue }
            columns = found
            let all = isMarkdown ? Self.markdownRows(lines) : Self.rows(lines, separator)
            rows = Self.rejoined(all, separator, count: head.count, text: found[.text] ?? 0)
            return
        }
        guard let found = Self.withoutHead(lines) else { return nil }
        (columns, rows) = found
    }

    /// A table without names of its columns: one of times, one of names, and one of texts.
    private static func withoutHead(_ lines: TranscriptText.Lines) -> (
        columns: [Column: Int], rows: [(cells: [String], line: Int)]
    )? {
        guard let first = lines.lazy.filter({ !$0.isBlank }).first?.text else { return nil }
        for separator in [",", ";", "\t"] as [Character] where first.contains(separator) {
            // Divided by tabs, times as they are spelled make plain text; Audacity's labels have numbers.
            let isTime = separator == "\t" ? isDecimal : isClock
            let count = cells(first, separator, isMarkdown: false).count
            guard (2...8).contains(count), cells(first, separator, isMarkdown: false).contains(where: isTime)
            else { continue }
            let rows = allRows(lines, separator)
            let sample = rows.prefix(200).map(\.cells)
            guard sample.count >= 2, sample.count(where: { $0.count == count }) * 20 >= sample.count * 19
            else {
                continue
            }
            func share(_ column: Int, _ isOne: (String) -> Bool) -> Bool {
                sample.count { $0.indices.contains(column) && isOne($0[column]) } * 10 >= sample.count * 9
            }
            func length(_ column: Int) -> Int {
                sample.reduce(0) { $0 + ($1.indices.contains(column) ? $1[column].count : 0) }
            }
            let times = (0..<count).filter { share($0, isTime) }
            let others = (0..<count).filter { !times.contains($0) }
            guard let start = times.first, let text = others.max(by: { length($0) < length($1) }),
                sample.count(where: { $0.indices.contains(text) && $0[text].contains(" ") }) * 2
                    >= sample.count
            else { continue }
            var columns: [Column: Int] = [.start: start, .text: text]
            columns[.end] = times.dropFirst().first
            columns[.speaker] = others.first { column in
                column != text && share(column) { SpeakerName.checked($0) != nil }
            }
            guard columns[.speaker] != nil || columns[.end] != nil else { continue }
            return (columns, rejoined(rows, separator, count: count, text: text))
        }
        return nil
    }

    /// The rows with the cells put together that a mark divided in a text which nobody quoted:
    /// `Anna,0:12,Yes, we should`.
    private static func rejoined(
        _ rows: [(cells: [String], line: Int)], _ separator: Character, count: Int, text: Int
    ) -> [(cells: [String], line: Int)] {
        rows.map { cells, line in
            var cells = cells
            while cells.count > count, cells.last?.trimmed.isEmpty == true { cells.removeLast() }
            guard cells.count > count else { return (cells, line) }
            let end = text + cells.count - count
            let joined = cells[text...end].joined(separator: String(separator))
            return (Array(cells[..<text]) + [joined] + Array(cells[(end + 1)...]), line)
        }
    }

    private static func isClock(_ text: String) -> Bool { TimeSpan(text) != nil }

    private static func isDecimal(_ text: String) -> Bool {
        text.contains(".") && Double(text.trimmed) != nil
    }

    func file(name: String) -> TranscriptFile {
        var file = TranscriptFile(format: .table)
        var notes = NoteCounter()
        var times: [ClockTime] = []
        for (cells, line) in rows {
            func cell(_ column: Column) -> String? {
                columns[column].flatMap { cells.indices.contains($0) ? cells[$0].collapsed : nil }.flatMap {
                    $0.isEmpty ? nil : $0
                }
            }
            guard let text = cell(.text) else {
                notes.count(.lineWithoutText, line: line)
                continue
            }
            let span = cell(.start).flatMap(Self.span)
            if span == nil, cell(.start) != nil { notes.count(.timesUnreadable, line: line) }
            if let span { times.append(span.start) }
            let end = cell(.end).flatMap(Self.span)?.start.seconds ?? span?.end?.seconds
            // Without a column of its own, the name stands before the text.
            let spoken = columns[.speaker] == nil ? SpokenLine(text, rules: .cueText) : nil
            let sender = cell(.speaker).flatMap(ChatMark.sender(marked:))
            let written = columns[.speaker] == nil ? nil : ChatMark.behind(text[...])
            let said = spoken.flatMap { $0.text.isEmpty ? nil : $0.text }
            file.utterances.append(
                Utterance(
                    speaker: sender ?? cell(.speaker) ?? spoken?.speaker, start: span?.start.seconds,
                    end: end, text: written.map(String.init) ?? said ?? text,
                    source: SourcePosition(name: name, line: line),
                    isWritten: sender != nil || written != nil || spoken?.isChat == true))
        }
        if TimeRepair.areMilliseconds(file.utterances) {
            for index in file.utterances.indices { file.utterances[index].mapTimes { $0 / 1000 } }
        }
        var clock = TimeOfDay(times)
        if !file.utterances.contains(where: { $0.end != nil }) {
            for index in file.utterances.indices { file.utterances[index].mapTimes { clock.sinceFirst($0) } }
        }
        file.notes = notes.notes + [clock.note].compactMap { $0 }
        file.noteChat()
        file.rebaseEpochTimes()
        return file
    }

    /// A time as programs write it, or a number of seconds.
    private static func span(_ text: String) -> TimeSpan? {
        if let span = TimeSpan(text) { return span }
        guard let seconds = Double(text.replacing(",", with: ".")), seconds >= 0, seconds < 1e10 else {
            return nil
        }
        // A plain number is no time of day.
        return TimeSpan(start: ClockTime(seconds: seconds, fieldCount: 2))
    }

    // MARK: - Cells

    private static func markdownRows(_ lines: TranscriptText.Lines) -> [(cells: [String], line: Int)] {
        lines.lazy.filter { !$0.isBlank }.dropFirst().compactMap { line in
            let cells = cells(line.text.trimmed, "|", isMarkdown: true)
            let isRule = cells.allSatisfy { $0.trimmed.allSatisfy { "-: ".contains($0) } }
            return isRule ? nil : (cells, line.number)
        }
    }

    private static func cells(_ line: String, _ separator: Character, isMarkdown: Bool) -> [String] {
        guard isMarkdown else { return rows(Array(line.utf8)[...], separator, line: 1).first?.cells ?? [] }
        var inner = line[...]
        if inner.hasPrefix("|") { inner = inner.dropFirst() }
        if inner.hasSuffix("|") { inner = inner.dropLast() }
        return inner.split(separator: "|", omittingEmptySubsequences: false).map { String($0) }
    }

    /// The rows below the first; a quoted cell may have line breaks (RFC 4180).
    private static func rows(_ lines: TranscriptText.Lines, _ separator: Character) -> [(
        cells: [String], line: Int
    )] {
        Array(allRows(lines, separator).dropFirst())
    }

    private static func allRows(_ lines: TranscriptText.Lines, _ separator: Character) -> [(
        cells: [String], line: Int
    )] {
        guard let first = lines.first, let last = lines.last else { return [] }
        return rows(lines.bytes[first.bytes.startIndex..<last.bytes.endIndex], separator, line: 1)
    }

    private static func rows(_ bytes: ArraySlice<UInt8>, _ separator: Character, line: Int) -> [(
        cells: [String], line: Int
    )] {
        let (mark, quote) = (separator.asciiValue ?? UInt8(ascii: ","), UInt8(ascii: "\""))
        var rows: [(cells: [String], line: Int)] = []
        var (cells, cell): ([String], [UInt8]) = ([], [])
        var (isQuoted, wasQuoted, line, start) = (false, false, line, line)
        var index = bytes.startIndex
        func endCell() {
            cells.append(String(decoding: cell, as: UTF8.self))
            (cell, wasQuoted) = ([], false)
        }
        func endRow() {
            endCell()
            if cells.contains(where: { !$0.trimmed.isEmpty }) { rows.append((cells, start)) }
            (cells, start) = ([], line)
        }
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\n")
                || (byte == UInt8(ascii: "\r")
                    && (index == bytes.endIndex || bytes[index] != UInt8(ascii: "\n")))
            {
                line += 1
            }
            if isQuoted {
                guard byte == quote else {
                    cell.append(byte)
                    continue
                }
                if index < bytes.endIndex, bytes[index] == quote {
                    cell.append(quote)
                    index += 1
                } else {
                    isQuoted = false
                }
            } else if byte == quote, mark != UInt8(ascii: "\t"), !wasQuoted, cell.allSatisfy({ $0 == 0x20 }) {
                (isQuoted, wasQuoted, cell) = (true, true, [])
            } else if byte == mark {
                endCell()
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                endRow()
            } else {
                cell.append(byte)
            }
        }
        endRow()
        return rows
    }
}
