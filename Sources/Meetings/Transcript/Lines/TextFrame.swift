/// What stands around a conversation in a text: title, date, lists of attendees, notices, footers.
///
/// A header ends with a blank line or a rule and says what nobody says: labels, dates, lists, addresses, something about
/// the transcript. Lines that might have been said stay.
struct TextFrame {
    private(set) var title: String?
    private(set) var titleLine: Int?
    /// The numbers of the lines that were not said.
    private(set) var lines: Set<Int> = []

    /// Whether anybody is named in the text.
    var hasTurns: Bool { survey.turns > 0 }

    private var footers: Set<Int> = []
    private let survey: TextSurvey
    private static let headerLimit = 80
    private static let footerLimit = 12

    private struct Line {
        var number: Int
        var text: String
        var spoken: SpokenLine
    }

    init(_ lines: TranscriptText.Lines, _ survey: TextSurvey) {
        self.survey = survey
        takePanelHeads(lines)
        takeFrontMatter(lines)
        guard survey.turns > 0 else { return }
        takeHeaders(lines)
        takeFooters(lines)
    }

    private mutating func takeHeaders(_ lines: TranscriptText.Lines) {
        var block: [Line] = []
        var isFirst = true
        for line in lines.prefix(Self.headerLimit) {
            let text = line.text.trimmed
            guard text.isEmpty || TextFrame.isRule(text) else {
                block.append(
                    Line(number: line.number, text: text, spoken: SpokenLine(text, rules: survey.rules)))
                continue
            }
            guard !block.isEmpty else { continue }
            let found = header(block, isFirst: isFirst)
            isFirst = false
            guard found else { return }
            block = []
        }
        if isFirst { takeMarkedTitle(block) }
    }

    /// The properties of a note in Markdown, between two rules (YAML).
    private mutating func takeFrontMatter(_ all: TranscriptText.Lines) {
        guard let first = all.first, first.text.trimmed == "---",
            let end = all.dropFirst().prefix(60).firstIndex(where: {
                ["---", "..."].contains($0.text.trimmed)
            })
        else { return }
        let inner = all[all.index(after: all.startIndex)..<end].filter { !$0.isBlank }
        guard !inner.isEmpty,
            inner.allSatisfy({ line in
                line.text.contains(":") || line.text.hasPrefix(" ") || line.text.hasPrefix("-")
            })
        else { return }
        let keys = inner.filter { !$0.text.hasPrefix(" ") && !$0.text.hasPrefix("-") }.map { line in
            line.text.prefix { $0 != ":" }.trimmed
        }
        // People who speak between two rules come again, or have capitals.
        guard !keys.isEmpty, Set(keys).count == keys.count,
            keys.allSatisfy({ key in
                survey.speakers[key, default: 0] <= 1
                    && (key == key.lowercased() || SpeakerName.isLabel(key))
            })
        else { return }
        lines.formUnion(inner.map(\.number))
        guard let line = inner.first(where: { $0.text.lowercased().hasPrefix("title:") }) else { return }
        let text = line.text.dropFirst(6).trimmed.drop { "\"'".contains($0) }
        let bare = text.last.map { "\"'".contains($0) } == true ? text.dropLast() : text
        if !bare.isEmpty { setTitle(String(bare), line.number) }
    }

    /// The heading and the search field of a web page's panel, directly above the first time.
    private mutating func takePanelHeads(_ all: TranscriptText.Lines) {
        let filled = Array(all.lazy.filter { !$0.isBlank }.prefix(4)).map { line in
            Line(
                number: line.number, text: line.text.trimmed,
                spoken: SpokenLine(line.text.trimmed, rules: survey.rules))
        }
        guard let first = filled.first, first.text.split(separator: " ").count <= 3,
            Self.isAboutTranscript(first.text), !first.spoken.opensUtterance
        else { return }
        let heads = filled.prefix { !$0.spoken.isTimeAlone }
        guard heads.count < filled.count, heads.count <= 3,
            heads.allSatisfy({ $0.text.count <= 40 && Self.mayBeTitle($0.text) && !$0.spoken.opensUtterance })
        else { return }
        self.lines.formUnion(heads.map(\.number))
    }

    /// Whether it is a rule such as `---`, `=====` or `=== TRANSCRIPT ===`.
    static func isRule(_ text: String) -> Bool {
        guard let first = text.first, "-=*_~#—–".contains(first) else { return false }
        let marks = text.prefix { $0 == first }
        if marks.count == text.count { return marks.count >= 3 }
        return marks.count >= 3 && text.suffix(marks.count).allSatisfy { $0 == first } && text.count < 100
    }

    // MARK: - Headers

    /// Takes a block above the conversation; false if it belongs to it.
    private mutating func header(_ block: [Line], isFirst: Bool) -> Bool {
        if !areLabels(block), block.contains(where: isTurn) {
            if isFirst { takeMarkedTitle(block) }
            return false
        }
        let isMarked = block.contains { isMark($0) }
        let titles = block.filter { !isMark($0) && !$0.spoken.opensUtterance }
        // Without any mark, one line alone may be the title.
        guard isMarked || (isFirst && block.count == 1) else { return false }
        guard titles.allSatisfy({ Self.mayBeTitle($0.text) }), titles.count <= 6 else { return false }
        if title == nil, let first = titles.first {
            setTitle(Self.withoutTitleMark(first.text), first.number)
        }
        for line in block where title == nil {
            Self.transcriptsTitle(line.text).map { setTitle($0, line.number) }
        }
        if !isMarked { return true }
        lines.formUnion(block.lazy.filter { !$0.spoken.isTimeAlone }.map(\.number))
        return true
    }

    /// A heading that says so, directly above the conversation.
    private mutating func takeMarkedTitle(_ block: [Line]) {
        guard let first = block.first, !first.spoken.opensUtterance, first.text.count <= 120 else { return }
        let bare = Self.withoutTitleMark(first.text)
        guard bare != first.text.collapsed else { return }
        setTitle(bare, first.number)
    }

    private mutating func setTitle(_ text: String, _ line: Int) {
        (title, titleLine) = (text, line)
        lines.insert(line)
    }

    /// `Roof and stairs - Transcript`: what is before the dash.
    private static func transcriptsTitle(_ text: String) -> String? {
        for dash in [" - ", " – ", " — "] {
            guard let place = text.ranges(of: dash).last,
                isAboutTranscript(String(text[place.upperBound...])),
                !text[place.upperBound...].contains(" ")
            else { continue }
            return String(text[..<place.lowerBound]).collapsed
        }
        return nil
    }

    private static func withoutTitleMark(_ text: String) -> String {
        var text = text.collapsed
        for mark in ["# ", "Title: ", "Meeting: ", "Subject: "] where text.hasPrefix(mark) {
            return String(text.dropFirst(mark.count))
        }
        if text.hasPrefix("**"), text.hasSuffix("**"), text.count > 4 {
            text = String(text.dropFirst(2).dropLast(2))
        }
        return text
    }

    private static func mayBeTitle(_ text: String) -> Bool {
        guard text.count <= 120, let last = text.last, !".?!,;:。？！".contains(last) else { return false }
        return !text.contains(": ") && !text.hasPrefix("[") && !text.hasPrefix("(")
    }

    /// Whether somebody speaks in this line.
    private func isTurn(_ line: Line) -> Bool {
        if isMoment(line) { return false }
        if line.spoken.time != nil { return !line.spoken.isTimeAlone }
        guard let speaker = line.spoken.speaker else { return line.spoken.marksTurn }
        // A label is named once.
        if survey.speakers[speaker, default: 0] > 1 { return true }
        return !survey.turnsAreTimed
    }

    /// Whether it says when the meeting was, and perhaps how long it took: `2026-05-12 10:02 | 32 min`.
    private func isMoment(_ line: Line) -> Bool {
        guard line.spoken.time?.isOfDay == true, line.spoken.speaker == nil, Self.isDate(line.text) else {
            return false
        }
        return line.spoken.text.split(separator: " ").allSatisfy { !$0.contains(where: \.isLetter) }
            || TimeSpan(line.spoken.text) != nil || SpelledTime.suffix(of: " " + line.spoken.text) != nil
    }

    /// Whether one of several lines has a known label and none a speaker of the conversation: then all are labels.
    private func areLabels(_ block: [Line]) -> Bool {
        block.count >= 2 && block.contains { hasKnownLabel($0.text) }
            && block.allSatisfy { line in
                line.spoken.time == nil
                    && line.spoken.speaker.map { survey.speakers[$0, default: 0] <= 1 } != false
            }
    }

    private func hasKnownLabel(_ text: String) -> Bool {
        guard let colon = text.firstIndex(where: { $0 == ":" || $0 == "：" }) else { return false }
        let label = String(text[..<colon])
        return SpeakerName.isLabel(LineMarkup.withoutEmphasis(label, rules: .cueText) ?? label)
    }

    /// Whether the line says what nobody says.
    private func isMark(_ line: Line) -> Bool {
        let text = line.text
        if text.hasPrefix("- ") || text.hasPrefix("• ") || text.hasPrefix("* ") { return true }
        if text.contains("://") || Self.isDate(text) || Self.isAboutTranscript(text) { return true }
        if SpeakerName.isLabel(text.drop { "#* ".contains($0) }) { return true }
        if hasKnownLabel(text) || line.spoken.isTimeAlone { return !line.spoken.isTimeAlone }
        return line.spoken.speaker != nil || text.hasSuffix(":") || text.hasSuffix("：")
    }

    /// A date alone: few words, among them a number that may be a year.
    private static func isDate(_ text: String) -> Bool {
        let words = text.split(separator: " ").filter { $0.contains { $0.isLetter || $0.isNumber } }
        guard text.count <= 60, words.count <= 10, let last = text.last, !".?!。".contains(last)
        else {
            return false
        }
        let numbers = text.split { !$0.isNumber }
        return numbers.contains { $0.count == 4 && ($0.hasPrefix("19") || $0.hasPrefix("20")) }
            && numbers.count >= 2
    }

    static func isAboutTranscript(_ text: String) -> Bool {
        let lower = text.lowercased()
        return SpeakerWords.transcriptStems.contains(where: lower.contains)
    }

    /// `Jane Doe started transcription`, in any language, anywhere in the text.
    func isStatus(_ text: String) -> Bool {
        guard text.count <= 120, Self.isAboutTranscript(text), text.last.map({ !".?!。".contains($0) }) == true
        else { return false }
        return survey.speakers.keys.contains(where: text.hasPrefix)
    }

    // MARK: - Footers

    private mutating func takeFooters(_ all: TranscriptText.Lines) {
        var block: [Line] = []
        for line in all.suffix(Self.footerLimit).reversed() {
            let text = line.text.trimmed
            if text.isEmpty || Self.isRule(text) {
                guard takeFooter(block) else { return }
                block = []
                continue
            }
            block.append(Line(number: line.number, text: text, spoken: SpokenLine(text, rules: survey.rules)))
        }
    }

    private static let mostLinkWords = 6

    /// Takes a block below the conversation; false if it belongs to it.
    private mutating func takeFooter(_ block: [Line]) -> Bool {
        if block.isEmpty { return true }
        guard block.allSatisfy({ $0.spoken.speaker == nil && $0.spoken.time == nil }), let first = block.last
        else { return false }
        // Where paragraphs have no names before them, a sentence about the transcript may be the last speaker's.
        let mayBeSaid =
            survey.headings * 2 >= survey.turns && first.text.last.map { ".?!。".contains($0) } == true
        let isAbout = Self.isAboutTranscript(first.text) && !mayBeSaid
        // `Meeting ended after 00:12:45` above such a notice.
        let isEnd =
            !footers.isEmpty && block.count == 1 && first.text.count <= 60
            && first.text.split(separator: " ").contains { ClockTime($0) != nil }
        // A link with hardly a word beside it; people read out links, too.
        let isLink =
            first.text.contains("://") && !mayBeSaid
            && first.text.split(separator: " ").count <= Self.mostLinkWords
        guard block.count <= 3, isAbout || isLink || isEnd else { return false }
        footers.formUnion(block.map(\.number))
        lines.formUnion(block.map(\.number))
        return true
    }
}
