/// Recognises texts that are not transcripts, even if some of their lines look like `Name: text`.
///
/// Each rule looks for something that people do not say: keys with values for a program, dates with log levels,
/// brackets that open and close. A rule that speech might match by chance has to match many lines.
enum ForeignText {
    /// Says what the text is, such as `looks like YAML`; nil if it may be a transcript.
    static func reason(_ lines: TranscriptText.Lines, fileExtension: String) -> String? {
        if foreignExtensions.contains(fileExtension) {
            return "is called .\(fileExtension), which is no transcript (rename it to .txt if it is one)"
        }
        let filled = lines.lazy.filter { !$0.isBlank }.prefix(sampleLimit).map(\.text)
        let sample = withoutProperties(Array(filled))
        guard let first = sample.first else { return nil }
        let start = first.trimmed.lowercased()
        for (mark, kind) in openings where start.hasPrefix(mark) { return "is \(kind)" }
        let rules: [(String, ([String]) -> Bool)] = [
            ("has who spoke when (RTTM), but not what was said", ScoringFiles.isWithoutWords),
            ("looks like a log file", isLog), ("looks like YAML or a configuration file", isConfiguration),
            ("looks like a program's source", isSource), ("looks like a table (CSV)", isTable),
            ("looks like encoded data", isEncoded),
        ]
        return rules.first { $0.1(sample) }?.0
    }

    /// Notes in Markdown begin with their properties in YAML, between two rules; what follows is another text.
    private static func withoutProperties(_ lines: [String]) -> [String] {
        guard lines.first?.trimmed == "---",
            let end = lines.dropFirst().prefix(60).firstIndex(where: { $0.trimmed == "---" }),
            end + 1 < lines.count
        else { return lines }
        return Array(lines[(end + 1)...])
    }

    private static let sampleLimit = 400

    private static let foreignExtensions: Set<String> = [
        "yaml", "yml", "toml", "ini", "conf", "cfg", "properties", "env", "xml", "html", "htm", "css", "js",
        "ts",
        "py", "sh", "c", "h", "cpp", "rs", "go", "java", "rb", "swift", "sql", "service", "desktop", "lock",
        "rtf",
        "pdf", "doc", "docx", "odt", "tex", "svg", "eml", "ics",
    ]

    private static let openings: [(String, String)] = [
        ("<!doctype", "HTML"), ("<html", "HTML"), ("<?xml", "XML"), ("%pdf-", "PDF"), ("%!ps", "PostScript"),
        ("{\\rtf", "RTF"), ("#!/", "a script"), ("%yaml", "YAML"), ("-----begin ", "a key or a certificate"),
        ("diff --git", "a patch"), ("begin:vcalendar", "a calendar"), ("<svg", "SVG"),
    ]

    private static func share(_ lines: [String], _ isOne: (String) -> Bool) -> Double {
        Double(lines.count(where: isOne)) / Double(lines.count)
    }

    // MARK: - Configuration

    /// Nearly every line is `key: value`, a list's item or a comment, the keys hardly repeat, and a third of the lines
    /// have what nobody says: nesting, or a value that is a number, a truth, a path or quoted.
    private static func isConfiguration(_ lines: [String]) -> Bool {
        let content = lines.filter { !$0.trimmed.hasPrefix("#") && !["---", "..."].contains($0.trimmed) }
        let begins = lines.first?.trimmed == "---"
        // Texts have a few headings, configuration files have many comments.
        let comments = lines.count { $0.hasPrefix("# ") || $0.trimmed == "#" }
        if comments >= 4, comments * 2 >= lines.count { return true }
        guard !content.isEmpty, content.count >= 2 || begins || lines.count > content.count else {
            return false
        }
        var keys: [String] = []
        var (fitting, telling) = (0, 0)
        for line in content {
            let isSection = line.trimmed.hasPrefix("[") && line.trimmed.hasSuffix("]") && !line.contains(":")
            if isSection, SpokenLine(line, rules: .timedText(shortClock: true)).time == nil {
                fitting += 1
                telling += 1
                continue
            }
            guard let entry = Entry(line) else { continue }
            fitting += 1
            if let key = entry.key { keys.append(key) }
            let isInList = entry.isItem && (entry.isNested || entry.key != nil)
            if entry.hasTellingValue || isInList || entry.isNested { telling += 1 }
        }
        guard fitting * 10 >= content.count * 9, telling * 3 >= content.count else { return false }
        // A meeting has few speakers, a configuration many keys; a list of records repeats its own.
        let distinct = Set(keys).count
        let sentences = content.count { $0.trimmed.last.map { ".?!。？！".contains($0) } == true }
        if !begins, distinct * 2 <= keys.count, sentences * 2 >= content.count { return false }
        return begins || distinct * 10 >= keys.count * 7 || telling * 10 >= content.count * 8
    }

    private struct Entry {
        var key: String?
        var isItem = false
        var isNested: Bool
        var hasTellingValue = false

        init?(_ line: String) {
            isNested = line.first == " " || line.first == "\t"
            var rest = line.trimmed[...]
            if rest.hasPrefix("- ") {
                isItem = true
                rest = rest.dropFirst(2).trimmed[...]
            }
            guard let mark = rest.firstIndex(where: { $0 == ":" || $0 == "=" }) else {
                if isItem { return }
                return nil
            }
            let key = String(rest[..<mark]).trimmed
            guard let first = key.unicodeScalars.first,
                first.properties.isAlphabetic || first == "_" || first == "\"",
                key.utf8.count <= 60,
                key.unicodeScalars.allSatisfy({
                    $0.isASCII
                        && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                            || "_-.\"/".unicodeScalars.contains($0))
                })
            else {
                if isItem { return }
                return nil
            }
            self.key = key
            let value = String(rest[rest.index(after: mark)...]).trimmed
            hasTellingValue = rest[mark] == "=" || Self.isTelling(value)
        }

        private static func isTelling(_ value: String) -> Bool {
            if value.isEmpty { return true }
            if Double(value) != nil { return true }
            if ["true", "false", "null", "~", "|", ">", ">-", "|-", "{}", "[]", "none"].contains(
                value.lowercased())
            {
                return true
            }
            guard let first = value.first, let last = value.last else { return false }
            if "\"'[{".contains(first), "\"']},".contains(last), value.count > 1 { return true }
            // Paths and addresses: one word with a slash, or with a scheme.
            let isWord = !value.contains(" ")
            return isWord && (value.contains("/") || value.contains("_") || "&*!".contains(first))
        }
    }

    // MARK: - Logs

    private static let levels: Set<String> = [
        "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL",
    ]
    private static let months: Set<String> = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// A third of the lines begin with a date or a time and a log level, or half as syslog, logfmt or a web server's.
    private static func isLog(_ lines: [String]) -> Bool {
        guard lines.count >= 2 else { return false }
        let levelled = share(lines) { line in
            let words = line.split(separator: " ").prefix(6)
            guard words.first?.contains(where: \.isNumber) == true || words.first?.first == "[" else {
                return false
            }
            return words.contains { levels.contains(String($0.filter(\.isLetter))) }
        }
        if levelled * 3 >= 1 { return true }
        return share(lines, isMachineLine) * 2 >= 1
    }

    private static func isMachineLine(_ line: String) -> Bool {
        let words = line.split(separator: " ", maxSplits: 7)
        // syslog: May  1 10:00:00 host program[123]: …
        if words.count >= 5, months.contains(String(words[0])), Int(words[1]) != nil,
            ClockTime(words[2]) != nil,
            words[4].hasSuffix(":")
        {
            return true
        }
        // journald and others with ISO times: 2024-05-01T10:00:00+0000 host program[123]: …
        if words.count >= 3, words[0].utf8.count >= 19, words[0].contains("T"),
            ISODate.parse(String(words[0])) != nil,
            words[2].hasSuffix("]:") || words[1].hasSuffix("]:")
        {
            return true
        }
        // logfmt: at=info method=GET path=/
        if words.count(where: { word in
            word.firstIndex(of: "=").map { $0 != word.startIndex } ?? false
        }) >= 3 {
            return true
        }
        // A web server's: address - user [date] "request"
        return words.count >= 6 && words[1] == "-" && words[3].first == "[" && words[5].first == "\""
    }

    // MARK: - Sources, tables, data

    /// At least a fifth of the lines, and at least two, are nothing but brackets, or end in the middle of an expression.
    ///
    /// Not every bracket at a line's end: transcribers write `{laughs}`.
    private static func isSource(_ lines: [String]) -> Bool {
        let endings = ["{", "(", "[", "},", "),", "],", "):", ");", "};", "*/"]
        let count = lines.count { line in
            let text = line.trimmed
            // `Ada Holm (0:12):`
            if text.hasSuffix("):"), SpokenLine(text, rules: .timedText(shortClock: false)).opensUtterance {
                return false
            }
            return endings.contains(where: text.hasSuffix) || text.hasPrefix("//")
                || text.hasPrefix("#include")
                || text.unicodeScalars.allSatisfy { "{}[]();,".unicodeScalars.contains($0) }
        }
        return count >= 2 && count * 5 >= lines.count
    }

    /// Nearly every line has as many separators as the first, at least two, with no blank after them.
    private static func isTable(_ lines: [String]) -> Bool {
        guard lines.count >= 2, let first = lines.first else { return false }
        // Some divide name, time and text by tabs.
        let timed = share(lines) { line in
            let spoken = SpokenLine(line, rules: .timedText(shortClock: false))
            return spoken.time != nil || (spoken.speaker != nil && spoken.text.contains(" "))
        }
        if timed * 2 >= 1 { return false }
        for separator in [",", ";", "\t"] as [Character] {
            func fields(_ line: String) -> Int { line.count(where: { $0 == separator }) }
            let expected = fields(first)
            guard expected >= 2 else { continue }
            let spoken = share(lines) { $0.contains("\(separator) ") }
            if spoken * 2 < 1, share(lines, { fields($0) == expected }) >= 0.9 { return true }
        }
        return false
    }

    /// Half of the lines are one long word of ASCII.
    private static func isEncoded(_ lines: [String]) -> Bool {
        share(lines) { line in
            let text = line.trimmed
            return text.utf8.count >= 60 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        } * 2 >= 1
    }
}
