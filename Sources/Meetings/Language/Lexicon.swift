import CICU
import CSnowball
import Synchronization

/// All that is known of the words of a language; made once and shared.
final class Lexicon: Sendable {
    let language: LanguageCode
    let data: LanguageData
    let numbers: NumberWords
    let calendar: CalendarWords
    let functionWords: Set<String>
    let abbreviations: Set<String>
    let titlesBefore: Set<String>
    let titlesBehind: [String]
    /// The same in UTF-16 by their first unit.
    let titlesByFirst: [UInt16: [[UInt16]]]
    let givenNames: Set<String>
    /// Characters that Chinese given names are made of.
    let givenCharacters: Set<Character>
    let clitics: [String]
    let suffixes: [String]
    /// Endings of inflected names, each with that of the nominative (`ой` of `Анной` with `а`).
    let endings: [(ending: String, nominative: String)]
    let counters: [String]
    let connectives: Set<String>
    let reporting: Set<String>
    let subjects: Set<String>
    /// Words that may stand inside a number (`two hundred and five`).
    let links: Set<String>
    /// Phrases that begin a due date, and those that end one, as words; the longest first.
    let dueBefore: [[String]]
    let dueBehind: [String]
    /// First words of phrases for what is past (`last week`).
    let pastWords: Set<String>
    let decimal: UInt32
    let grouping: UInt32

    /// Dates by the stems of their names, for languages that inflect them.
    let dateStems: [String: CalendarWords.Form]
    /// How many words a date that begins with this stem may have.
    let dateStemReach: [String: Int]
    private let idle = Mutex<[WordReader]>([])

    private static let all = Mutex<[LanguageCode: Lexicon]>([:])
    /// Languages in which days and months have cases.
    private static let inflecting: Set = [
        "ru", "uk", "pl", "tr", "cs", "sk", "fi", "hu", "hr", "sr", "sl", "lt", "lv",
    ]

    static func of(_ language: LanguageCode) -> Lexicon {
        all.withLock { all in
            if let known = all[language] { return known }
            let lexicon = Lexicon(language)
            all[language] = lexicon
            return lexicon
        }
    }

    private init(_ language: LanguageCode) {
        let data = LanguageData.of(language)
        (self.language, self.data) = (language, data)
        numbers = NumberWords(language, data: data)
        calendar = CalendarWords(language, data: data)
        func folded(_ section: LanguageData.Section) -> [String] {
            data.entries(section).map { Folding.fold($0, language: language) }
        }
        functionWords = Set(folded(.function))
        abbreviations = Set(folded(.abbreviations).map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 })
        titlesBefore = Set(
            folded(.titles).filter { !$0.hasPrefix("~") }.map {
                $0.hasSuffix(".") ? String($0.dropLast()) : $0
            })
        titlesBehind = folded(.titles).filter { $0.hasPrefix("~") }.map { String($0.dropFirst()) }
            .sorted { $0.count > $1.count }
        titlesByFirst = Dictionary(grouping: titlesBehind.map { Array($0.utf16) }) { $0.first ?? 0 }
        givenNames = Set(folded(.names))
        givenCharacters = Set(data.entries(.given).joined())
        clitics = folded(.clitics)
        suffixes = folded(.suffixes).sorted { $0.count > $1.count }
        endings = folded(.endings).compactMap { entry in
            guard let sign = entry.firstIndex(of: "=") else { return nil }
            return (String(entry[..<sign]), String(entry[entry.index(after: sign)...]))
        }
        counters = folded(.counters).sorted { $0.count > $1.count }
        connectives = Set(folded(.connective))
        reporting = Set(folded(.reporting))
        subjects = Set(folded(.subjects))
        links = Set(folded(.links))
        let due = folded(.due)
        dueBefore = due.filter { !$0.hasPrefix("~") }.map { $0.split(separator: " ").map(String.init) }
            .sorted { $0.count > $1.count }
        dueBehind = due.filter { $0.hasPrefix("~") }.map { String($0.dropFirst()) }.sorted {
            $0.count > $1.count
        }
        pastWords = Set(
            data.keyed(.days).filter { $0.key.hasPrefix("last") }.flatMap(\.forms).compactMap { form in
                let words = Folding.fold(form, language: language).split(separator: " ")
                return words.count > 1 ? words.first.map(String.init) : nil
            }
        ).subtracting(functionWords)
        decimal = cicu_separator(language.rawValue, 1)
        grouping = cicu_separator(language.rawValue, 0)
        var stems: [String: CalendarWords.Form] = [:]
        var reach: [String: Int] = [:]
        if Self.inflecting.contains(language.rawValue) {
            let stemmer = Stemmer(language, suffixes: suffixes)
            let weak = Set(calendar.forms.filter(\.value.isWeak).map(\.key))
            for (name, form) in calendar.forms where !form.isWeak && name.count >= 4 {
                let parts = name.split(separator: " ").map { stemmer.stem(String($0)) }
                let stem = parts.joined(separator: " ")
                guard !weak.contains(stem) else { continue }
                stems[stem] = form
                reach[parts[0]] = max(reach[parts[0]] ?? 0, parts.count)
            }
        }
        (dateStems, dateStemReach) = (stems, reach)
    }

    /// Lends a reader, which one thread at a time may use.
    func withReader<Result>(_ body: (WordReader) -> Result) -> Result {
        let reader = idle.withLock { $0.popLast() } ?? WordReader(self)
        defer { idle.withLock { $0.append(reader) } }
        return body(reader)
    }
}

/// Snowball's stemmer of a language, or a light one that takes a suffix off.
///
/// One thread at a time.
final class Stemmer {
    private let snowball: OpaquePointer?
    private let suffixes: [String]
    private let isSyllabic: Bool

    init(_ language: LanguageCode, suffixes: [String]) {
        snowball = sb_stemmer_new(language.rawValue, nil)
        self.suffixes = suffixes
        isSyllabic = language == .korean
    }

    deinit { sb_stemmer_delete(snowball) }

    /// The stem of a folded word.
    func stem(_ word: String) -> String {
        var word = word
        guard let snowball else { return light(word) }
        return word.withUTF8 { bytes in
            guard let stem = sb_stemmer_stem(snowball, bytes.baseAddress, Int32(bytes.count)) else {
                return nil
            }
            return String(
                decoding: UnsafeBufferPointer(start: stem, count: Int(sb_stemmer_length(snowball))),
                as: UTF8.self)
        } ?? word
    }

    private func light(_ word: String) -> String {
        let least = isSyllabic ? 1 : 3
        guard word.count > least else { return word }
        for suffix in suffixes where word.hasSuffix(suffix) && word.count - suffix.count >= least {
            return String(word.dropLast(suffix.count))
        }
        return word
    }
}
