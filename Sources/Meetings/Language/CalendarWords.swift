import CICU

/// The words by which a language says dates, from ICU's symbols and the language's data.
struct CalendarWords: Sendable {
    /// What a word or phrase means.
    struct Form: Sendable, Hashable {
        var key: String
        /// Counts only beside a number, or with a capital inside a sentence: abbreviations, and `may`.
        var isWeak: Bool
    }

    /// By folded words with one blank between them.
    private(set) var forms: [String: Form] = [:]
    private(set) var longest: [String: Int] = [:]
    /// Names and relative days by their first unit, the longest first: for scripts without blanks.
    private(set) var written: [UInt16: [(units: [UInt16], key: String)]] = [:]
    private let language: LanguageCode
    private let weak: Set<String>

    init(_ language: LanguageCode, data: LanguageData) {
        self.language = language
        weak = Set(data.entries(.weak).map { Folding.fold($0, language: language) })
        var buffer = [CChar](repeating: 0, count: 1024)
        func name(_ which: cicu_calendar, _ form: Int32, _ index: Int32) -> String? {
            let count = cicu_calendar_name(
                language.rawValue, which, form, index, &buffer, Int32(buffer.count))
            return count > 0 ? Folding.string(buffer, count) : nil
        }
        for form in Int32(0)...3 {
            for index in Int32(0)..<12 {
                name(CICU_MONTHS, form, index).map { add($0, "month:\(index + 1)", isShort: form >= 2) }
            }
            for index in Int32(0)..<7 {
                name(CICU_WEEKDAYS, form, index).map { add($0, "weekday:\(index + 1)", isShort: form >= 2) }
            }
        }
        for (section, prefix) in [(LanguageData.Section.months, "month:"), (.weekdays, "weekday:")] {
            for entry in data.keyed(section) {
                for form in entry.forms { add(form, prefix + entry.key, isShort: false) }
            }
        }
        for entry in data.keyed(.days) {
            for form in entry.forms { add(form, Self.key(entry.key), isShort: false) }
        }
        written = written.mapValues { $0.sorted { $0.units.count > $1.units.count } }
    }

    /// `dayaftertomorrow` as `day:+2`.
    private static func key(_ name: String) -> String {
        switch name {
        case "today": return "day:0"
        case "tomorrow": return "day:+1"
        case "yesterday": return "day:-1"
        case "dayaftertomorrow": return "day:+2"
        case "daybeforeyesterday": return "day:-2"
        default: break
        }
        for (start, offset) in [("next", "+1"), ("last", "-1"), ("this", "0")] where name.hasPrefix(start) {
            return name.dropFirst(4) + ":" + offset
        }
        return name
    }

    private mutating func add(_ phrase: String, _ key: String, isShort: Bool) {
        // Months of some languages are numbers with a sign (`3月`), which the numbers' reader sees.
        guard !phrase.contains(where: { $0.isNumber && $0.isASCII }) else { return }
        let folded = Folding.fold(phrase, language: language)
        let words = folded.split { !($0.isLetter || $0.isNumber || $0 == "'" || $0.unicodeScalars.count > 1) }
        guard let first = words.first.map(String.init) else { return }
        let text = words.joined(separator: " ")
        guard text.count > 1, forms[text] == nil else { return }
        let isWeak = isShort || weak.contains(text)
        forms[text] = Form(key: key, isWeak: isWeak)
        longest[first] = max(longest[first] ?? 0, words.count)
        // Months are numbers with a sign there.
        let units = Array(folded.utf16)
        let isNumeral = folded.first.map("一二三四五六七八九十".contains) ?? true
        if let first = units.first, !(key.hasPrefix("month") && isNumeral) {
            written[first, default: []].append((units, key))
        }
    }
}
