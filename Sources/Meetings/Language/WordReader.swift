import CICU

/// The properties of a word that do not depend on its neighbours.
struct WordEntry {
    var folded: String
    var stem: String
    var role: Word.Role
    /// The length in UTF-8 of a clitic before the word (`l'` in `l'équipe`).
    var clitic = 0
    var isCapital = false
    var isTitle = false
    /// What the word says as a number, alone.
    var number: NumberWords.Form?
    /// How many words a phrase that begins here may have; 0 is none.
    var numberReach = 0
    var dateReach = 0
    var date: CalendarWords.Form?
    // Korean: the name in the word, the name that it is before a title, and whether it begins with a title.
    var name: String?
    var titledName: String?
    var beginsWithTitle = false
}

/// Reads texts of one language.
///
/// One thread at a time: ICU's breakers and Snowball's stemmers have a state.
///
/// @unchecked: ``Lexicon`` lends a reader to one thread and takes it back.
final class WordReader: @unchecked Sendable {
    // Not owned: the lexicon owns its readers.
    unowned let lexicon: Lexicon
    let breaker: OpaquePointer?
    private let stemmer: Stemmer
    /// What words turned out to be; emptied when it is full.
    private var known: [String: WordEntry] = [:]
    private static let knownLimit = 30_000

    init(_ lexicon: Lexicon) {
        self.lexicon = lexicon
        breaker = cicu_breaker_open(lexicon.language.rawValue)
        stemmer = Stemmer(lexicon.language, suffixes: lexicon.suffixes)
    }

    deinit { cicu_breaker_close(breaker) }

    func read(_ text: String) -> Reading {
        var text = text
        text.makeContiguousUTF8()
        let units = TextUnits(text)
        let sentences = sentences(units)
        var words: [Word] = []
        var entries: [WordEntry] = []
        let bounds = breaker.map(units.wordBounds) ?? []
        words.reserveCapacity(bounds.count / 2)
        entries.reserveCapacity(bounds.count / 2)
        var sentence = 0
        for place in stride(from: 0, to: bounds.count - 1, by: 2) {
            let range = units.bytes(Int(bounds[place])..<Int(bounds[place + 1]))
            while sentence + 1 < sentences.count, range.lowerBound >= sentences[sentence].upperBound {
                sentence += 1
            }
            let entry = entry(text.part(range))
            var start = range.lowerBound
            if entry.clitic > 0 {
                let clitic = text.part(start..<start + entry.clitic)
                let folded = Folding.fold(clitic, language: lexicon.language)
                words.append(
                    Word(
                        range: start..<start + entry.clitic, folded: folded, stem: folded, role: .function,
                        sentence: sentence))
                entries.append(WordEntry(folded: folded, stem: folded, role: .function))
                start += entry.clitic
            }
            words.append(
                Word(
                    range: start..<range.upperBound, folded: entry.folded, stem: entry.stem, role: entry.role,
                    sentence: sentence))
            entries.append(entry)
        }
        var mentions = MentionReader(
            lexicon: lexicon, text: text, units: units, words: words, entries: entries)
        mentions.read(stem: stemmer.stem)
        return Reading(
            text: text, language: lexicon.language, sentences: sentences, words: words,
            numbers: mentions.numbers, dates: mentions.dates, names: mentions.names(sentences: sentences))
    }

    // MARK: - Words

    private func entry(_ word: String) -> WordEntry {
        if let entry = known[word] { return entry }
        let entry = make(word)
        if known.count >= Self.knownLimit { known.removeAll(keepingCapacity: true) }
        known[word] = entry
        return entry
    }

    private func make(_ word: String) -> WordEntry {
        var folded = Folding.fold(word, language: lexicon.language)
        var clitic = 0
        for start in lexicon.clitics where folded.hasPrefix(start) && folded.utf8.count > start.utf8.count {
            guard let mark = word.firstIndex(where: { $0 == "'" || $0 == "’" }) else { break }
            clitic = word.utf8.distance(from: word.startIndex, to: word.index(after: mark))
            folded.removeFirst(start.count)
            break
        }
        if lexicon.language == .turkish, let mark = folded.firstIndex(of: "'"), mark > folded.startIndex {
            folded = String(folded[..<mark])
        }
        var entry = WordEntry(folded: folded, stem: stemmer.stem(folded), role: .content, clitic: clitic)
        let bare = clitic > 0 ? word[word.utf8.index(word.startIndex, offsetBy: clitic)...] : word[...]
        entry.isCapital = bare.first?.isUppercase == true
        entry.isTitle = lexicon.titlesBefore.contains(folded)
        entry.number = lexicon.numbers.forms[folded]
        entry.numberReach = lexicon.numbers.longest[folded] ?? 0
        if entry.number == nil, let value = lexicon.numbers.glued(folded) {
            entry.number = .init(value: value, isScale: false, standsAlone: true)
            entry.numberReach = max(1, entry.numberReach)
        }
        if entry.number == nil, lexicon.language == .korean { readKoreanNumber(&entry) }
        entry.date = lexicon.calendar.forms[folded]
        entry.dateReach = max(lexicon.calendar.longest[folded] ?? 0, lexicon.dateStemReach[entry.stem] ?? 0)
        if folded.hasSuffix("'s"), entry.date == nil {
            entry.date = lexicon.calendar.forms[String(folded.dropLast(2))]
            if entry.date != nil { entry.dateReach = 1 }
        }
        if lexicon.language == .arabic { readPrefix(&entry) }
        if lexicon.language == .korean { readKoreanName(&entry) }
        let isFunction = lexicon.functionWords.contains(folded)
        if entry.date == nil, !isFunction { readInflected(&entry) }
        if word.unicodeScalars.first?.properties.numericType == .decimal {
            entry.role = .number
        } else if isFunction {
            entry.role = .function
        } else if entry.number != nil {
            entry.role = .number
        }
        return entry
    }

    /// Arabic writes `and`, `in`, `for`, `as` and the article together with the word behind them.
    private func readPrefix(_ entry: inout WordEntry) {
        let folded = entry.folded
        for prefix in ["و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "لل", "فال", "كال", "ول", "وب"]
        where folded.hasPrefix(prefix) && folded.count > prefix.count + 1 {
            let rest = String(folded.dropFirst(prefix.count))
            for form in [rest, "ال" + rest] {
                // `بالمئة` is percent, no hundred.
                if entry.number == nil, entry.numberReach == 0, let number = lexicon.numbers.forms[form],
                    !number.isScale || prefix == "و" || prefix == "ف"
                {
                    entry.number = number
                }
                if entry.date == nil { entry.date = lexicon.calendar.forms[form] }
            }
        }
        if entry.number != nil { entry.numberReach = max(1, entry.numberReach) }
        if entry.date != nil { entry.dateReach = max(1, entry.dateReach) }
    }

    /// `스물세명`, `아흔하나에`: with a counter or a particle behind it.
    private func readKoreanNumber(_ entry: inout WordEntry) {
        for count in stride(from: entry.folded.count - 1, through: 1, by: -1) {
            let rest = String(entry.folded.dropFirst(count))
            guard let form = lexicon.numbers.forms[String(entry.folded.prefix(count))],
                count >= 2 ? form.value >= 10 : form.value == 0.5,
                lexicon.suffixes.contains(rest) || lexicon.counters.contains(where: rest.hasPrefix)
            else { continue }
            entry.number = form
            entry.numberReach = max(1, entry.numberReach)
            return
        }
    }

    /// `пятницу`, `Cuma'ya`, `Freitagabend`.
    private func readInflected(_ entry: inout WordEntry) {
        let folded = entry.folded
        if let form = lexicon.dateStems[entry.stem], folded.count >= 4 {
            entry.date = form
        } else if [.german, .dutch, .swedish].contains(lexicon.language), folded.count > 6 {
            entry.date =
                lexicon.calendar.forms.first {
                    $0.value.key.hasPrefix("weekday") && $0.key.count >= 6 && folded.hasPrefix($0.key)
                }?.value
        }
        if entry.date != nil { entry.dateReach = max(1, entry.dateReach) }
    }
}

extension TextUnits {
    /// Starts and ends of the words, in units: [2 * words].
    func wordBounds(_ breaker: OpaquePointer) -> [Int32] {
        guard !units.isEmpty else { return [] }
        let capacity = 2 * units.count
        return [Int32](unsafeUninitializedCapacity: capacity) { bounds, count in
            guard let start = bounds.baseAddress else { return }
            count = max(0, Int(cicu_words(breaker, units, Int32(units.count), start, Int32(capacity))))
        }
    }
}
