/// Reads captions from broadcasters and CART writers: lines of text without times, with `>>` where the speaker changes
/// and `>>>` where the subject changes.
///
/// Line breaks and blank lines mean nothing: a turn is everything up to the next mark.
struct CaptionTextParser {
    private let name: String
    private var utterances: [Utterance] = []

    /// Whether lines have such marks: at least two, and none like the quotation marks of an e-mail.
    static func recognises(_ lines: TranscriptText.Lines) -> Bool {
        var marks = 0
        for line in lines {
            let text = line.text.trimmed
            if text.hasPrefix(">"), !text.hasPrefix(">>") { return false }
            marks += pieces(text).count { isMarked($0) }
        }
        return marks >= 2
    }

    static func parse(_ text: TranscriptText, name: String) -> TranscriptFile {
        var parser = CaptionTextParser(name: name)
        for line in text.lines where !line.isBlank {
            for piece in pieces(line.text.trimmed) { parser.take(piece, line: line.number) }
        }
        if parser.utterances.last?.text.isEmpty == true { parser.utterances.removeLast() }
        var file = TranscriptFile(format: .captionText, utterances: parser.utterances)
        file.noteChat()
        return file
    }

    private init(name: String) { self.name = name }

    private mutating func take(_ piece: Substring, line: Int) {
        let spoken = SpokenLine(piece, rules: .timedText(shortClock: false))
        guard !spoken.text.isEmpty else {
            // A mark or a name at the end of a line: the words follow in the next line.
            if spoken.opensUtterance { open(spoken, line: line) }
            return
        }
        if !spoken.opensUtterance, !spoken.isChat, let last = utterances.indices.last {
            // What nobody is named for in the chat interrupts whoever speaks.
            if utterances[last].isWritten, utterances[last].speaker == nil {
                var more = spoken
                more.speaker = utterances.last { !$0.isWritten }?.speaker
                return open(more, line: line)
            }
            let text = utterances[last].text
            let isLong = text.utf8.count >= CaptionJoiner.bytesLimit && CaptionJoiner.endsSentence(text)
            if !isLong, text.utf8.count < PlainTextParser.joinedBytesLimit {
                utterances[last].text.join(spoken.text)
                return
            }
            var more = spoken
            (more.speaker, more.isChat) = (utterances[last].speaker, utterances[last].isWritten)
            return open(more, line: line)
        }
        open(spoken, line: line)
    }

    private mutating func open(_ spoken: SpokenLine, line: Int) {
        if let last = utterances.last, last.text.isEmpty { utterances.removeLast() }
        utterances.append(
            Utterance(
                speaker: spoken.speaker, start: spoken.time?.seconds, text: spoken.text,
                source: SourcePosition(name: name, line: line), isWritten: spoken.isChat))
    }

    private static func isMarked(_ piece: Substring) -> Bool {
        piece.hasPrefix(">>") || piece.hasPrefix("->>")
    }

    /// Cuts a line before each mark within it.
    static func pieces(_ line: some StringProtocol) -> [Substring] {
        let text = Substring(line)
        var pieces: [Substring] = []
        var start = text.startIndex
        var index = start
        while let found = text[index...].firstRange(of: ">>") {
            var mark = found.lowerBound
            if mark > start, text[text.index(before: mark)] == "-" { mark = text.index(before: mark) }
            // Inside a word it is not a mark.
            let isFree = mark == text.startIndex || text[text.index(before: mark)].isWhitespace
            if isFree, mark > start {
                pieces.append(text[start..<mark])
                start = mark
            }
            index = text[found.upperBound...].firstIndex { $0 != ">" } ?? text.endIndex
        }
        if start < text.endIndex { pieces.append(text[start...]) }
        return pieces.filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
