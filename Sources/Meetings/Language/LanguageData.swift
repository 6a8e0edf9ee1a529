import CLanguageData
import Synchronization

/// The words of a language that no library knows: function words, titles, cue phrases and so on, from its file in
/// `Data`.
///
/// A file has sections, `[name]`, of entries that line breaks or commas divide. In some sections entries have a key:
/// `tomorrow: demain, le lendemain`. `~` before an entry says that it follows what it belongs to (`~さん`). A language
/// without a file, and a section that a file lacks, have no entries; ``has(_:)`` says so.
package struct LanguageData: Sendable {
    /// A section of a file, by its name there.
    package enum Section: String, Sendable, CaseIterable {
        case function, negation, abbreviations, titles, names, days, months, weekdays, numbers, due
        case suffixes, clitics, fillers, smalltalk
        /// What is said while thinking; of several words, where commas set it apart (`, you know,`).
        case hesitations
        /// Fillers behind which the verb comes first, so that none can be left out if no mark follows: `Då tar vi hallen`.
        case inverting
        /// What points back to something said before, at a sentence's beginning (`it`, `yes`, `because`).
        case pointing
        /// What stands for somebody or something that was named before.
        case pronouns
        /// What speakers call themselves; only of languages that do not leave it out.
        case firstPerson
        /// What opens the other side of a matter (`but`).
        case contrast
        /// What takes back or corrects what was said before.
        case correction
        /// Words that do not tell a topic.
        case general
        /// Verbs before which the first word of a sentence may be a name (`Dora said`), and words that begin sentences
        /// before such verbs and are no names.
        case reporting, subjects
        /// What people ask a meeting with, and what does not say what about: `about` (discuss, opinion), and words for what
        /// a meeting brings about: `decision`, `action`, `question`.
        case asking
        /// What counts things (`명`, `個`), behind a number; words inside numbers (`and`); endings of inflected names with
        /// those of their nominatives (`ой=а`); calendar words that are other words too (`may`); characters that given
        /// names are made of.
        case counters, links, endings, weak, given
        // Cue phrases.
        case decision, action, request, deed, told, doubt, question
        case acknowledgement, approval, connective, resumption, thanks, now, transition, proposal, agenda
        case ordinal, questions, opening, closing, subject
        case blocked, objection, concern, praise, wish, agreement, done, next
    }

    /// Forms under a key; the key is empty in sections without keys.
    package struct Entry: Sendable, Hashable {
        package var key: String
        package var forms: [String]
    }

    private var sections: [Section: [Entry]] = [:]
    /// Names of sections that no code knows: a misspelling.
    package private(set) var unknown: [String] = []

    private static let keyed: Set<Section> = [.days, .months, .weekdays, .numbers, .asking]
    private static let all = Mutex<[LanguageCode: LanguageData]>([:])

    /// The data of a language, read at the first call.
    package static func of(_ language: LanguageCode) -> LanguageData {
        all.withLock { all in
            if let known = all[language] { return known }
            let data = LanguageData(fileOf: language)
            all[language] = data
            return data
        }
    }

    private init(fileOf language: LanguageCode) {
        self.init(cdata_words(language.rawValue).map { String(cString: $0) } ?? "")
    }

    /// Reads the text of a file.
    init(_ text: String) {
        var section: Section?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimming
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                let name = String(line.dropFirst().dropLast())
                section = Section(rawValue: name)
                if section == nil { unknown.append(name) }
                continue
            }
            guard let section else { continue }
            var rest = line
            var entries = sections[section] ?? []
            if Self.keyed.contains(section), let colon = line.firstRange(of: ":") {
                entries.append(Entry(key: String(line[..<colon.lowerBound].trimming), forms: []))
                rest = line[colon.upperBound...]
            } else if entries.isEmpty || Self.keyed.contains(section) == false && entries.count > 1 {
                entries.append(Entry(key: "", forms: []))
            }
            let forms = rest.split { $0 == "," || $0 == "،" || $0 == "、" }.map { String($0.trimming) }
            entries[entries.count - 1].forms += forms.filter { !$0.isEmpty }
            sections[section] = entries
        }
    }

    /// Whether the language's file says anything on this.
    package func has(_ section: Section) -> Bool { !entries(section).isEmpty }

    /// The entries of a section, whatever their keys, in order, as written.
    package func entries(_ section: Section) -> [String] { (sections[section] ?? []).flatMap(\.forms) }

    /// The entries of a section with keys, in order.
    package func keyed(_ section: Section) -> [Entry] { sections[section] ?? [] }
}

extension Substring {
    /// Without blanks at both ends.
    fileprivate var trimming: Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
