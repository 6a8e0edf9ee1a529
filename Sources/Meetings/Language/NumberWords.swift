import CICU

/// The words by which a language says numbers, from ICU's rules for spelling them out and the language's data.
struct NumberWords: Sendable {
    /// What a word or phrase adds to a number.
    struct Form: Sendable, Hashable {
        var value: Double
        /// Whether it multiplies the number before it (`hundred`, `Millionen`).
        var isScale: Bool
        /// Whether it is a number without another one before it (`mille`, but not `hundred`).
        var standsAlone: Bool
    }

    /// By folded words with one blank between them.
    private(set) var forms: [String: Form] = [:]
    /// How many words a phrase that begins with this one may have.
    private(set) var longest: [String: Int] = [:]
    /// The words between a number and its fraction (`point`, `Komma`).
    private(set) var points: Set<String> = []
    /// Scales and links that are written together with numbers (`hundert`, `und`); empty in most languages.
    private var glue: [(word: String, value: Double)] = []
    private var links: [String] = []
    private let language: LanguageCode

    init(_ language: LanguageCode, data: LanguageData) {
        self.language = language
        links = data.entries(.links)
        if let speller = cicu_speller_open(language.rawValue) {
            spell(speller)
            cicu_speller_close(speller)
            learnThousand()
        }
        for entry in data.keyed(.numbers) {
            guard let value = Double(entry.key) else { continue }
            for form in entry.forms {
                let isScale =
                    value == 100 || value >= 1000 && [3, 5, 6, 7, 9, 12].contains { value == pow10($0) }
                add(form, Form(value: value, isScale: isScale, standsAlone: !isScale))
            }
        }
    }

    private func pow10(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { value, _ in value * 10 } }

    private mutating func spell(_ speller: OpaquePointer) {
        let sets = 0..<cicu_speller_count(speller)
        var buffer = [CChar](repeating: 0, count: 1024)
        func spelled(_ set: Int32, _ value: Double) -> String? {
            let count = cicu_spell(speller, set, value, &buffer, Int32(buffer.count))
            let text = count > 0 ? Folding.string(buffer, count) : nil
            // What the rules do not know they write in digits.
            return text?.contains(where: { $0.isNumber && $0.isASCII }) == true ? nil : text
        }
        for set in sets {
            for value in 0..<100 { spelled(set, Double(value)).map { add($0, plain(Double(value))) } }
            for scale in [100.0, 1e3, 1e5, 1e6, 1e7, 1e9, 1e12] {
                guard let one = spelled(set, scale) else { continue }
                let parts = Self.parts(one)
                if scale >= 1000 || parts.count == 1 {
                    add(one, Form(value: scale, isScale: parts.count == 1, standsAlone: true))
                }
                for factor in [1.0, 2, 3, 5] {
                    guard let many = spelled(set, factor * scale), let alone = spelled(set, factor) else {
                        continue
                    }
                    let words = Self.parts(many)
                    if words.count == 2, forms[fold(words[0])]?.value == factor {
                        let known = forms[fold(words[1])]
                        if known?.value ?? scale == scale {
                            add(
                                words[1],
                                Form(value: scale, isScale: true, standsAlone: known?.standsAlone ?? false))
                        }
                    } else if words.count == 1 {
                        learnGlue(many, alone, scale)
                        add(many, Form(value: factor * scale, isScale: factor == 1, standsAlone: true))
                    }
                }
            }
            // Behind the scales: `cent` multiplies, `quinhentos` does not.
            for value in stride(from: 100.0, through: 900, by: 100) {
                spelled(set, value).map { add($0, plain(value)) }
            }
            if let decimal = spelled(set, 1.2), let one = spelled(set, 1), let two = spelled(set, 2) {
                let words = Self.parts(decimal)
                if words.count == 3, words[0] == one, words[2] == two { points.insert(fold(words[1])) }
            }
            if !glue.isEmpty {
                // Elisions (`centottanta`) are no pattern.
                for value in 101..<1000 {
                    guard let word = spelled(set, Double(value)), Self.parts(word).count == 1 else {
                        continue
                    }
                    add(word, plain(Double(value)))
                }
            }
        }
    }

    /// `milleduecento`: a thousand without a factor.
    private mutating func learnThousand() {
        guard !glue.isEmpty else { return }
        for (word, form) in forms where form.value == 1000 && form.isScale && !word.contains(" ") {
            if !glue.contains(where: { $0.word == word }) { glue.append((word, 1000)) }
        }
    }

    private func plain(_ value: Double) -> Form { Form(value: value, isScale: false, standsAlone: true) }

    private func fold(_ text: String) -> String { Folding.fold(text, language: language) }

    private static func parts(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// `zwei·hundert`: what follows the factor is a scale that words are glued to.
    private mutating func learnGlue(_ many: String, _ alone: String, _ scale: Double) {
        let pieces = many.split(separator: "\u{AD}").map(String.init)
        guard pieces.count == 2, pieces[0] == alone || pieces[0] == alone.replacing("\u{AD}", with: "") else {
            return
        }
        let word = fold(pieces[1])
        if !glue.contains(where: { $0.word == word }) { glue.append((word, scale)) }
        if forms[word] == nil { add(word, Form(value: scale, isScale: true, standsAlone: false)) }
    }

    private mutating func add(_ phrase: String, _ form: Form) {
        let words = fold(phrase).split {
            $0.isWhitespace || $0 == "-" || $0 == "\u{2010}" || $0 == "\u{2011}"
        }
        guard let first = words.first.map(String.init) else { return }
        let key = words.joined(separator: " ")
        if let known = forms[key], known.value != form.value || known.standsAlone || known.isScale { return }
        forms[key] = form
        // Inside a longer word it loses its accent: `ventitré`, `ventitremila`.
        if key.hasSuffix("tré") { forms[key.dropLast() + "e"] = form }
        longest[first] = max(longest[first] ?? 0, words.count)
    }

    /// What one word says that is written together: `zweihundertfünfzig`, `fünfundzwanzigtausend`.
    func glued(_ word: String) -> Double? {
        guard !glue.isEmpty, word.utf8.count > 6 else { return nil }
        return glued(word[...], below: .infinity)
    }

    private func glued(_ word: Substring, below limit: Double) -> Double? {
        if let form = forms[String(word)], form.value < limit { return form.value }
        for (scale, value) in glue.sorted(by: { $0.value > $1.value }) where value < limit {
            guard let range = word.firstRange(of: scale) else { continue }
            let before = word[..<range.lowerBound]
            var after = word[range.upperBound...]
            guard let factor = before.isEmpty ? 1 : glued(before, below: value == 100 ? 100 : 1000) else {
                continue
            }
            if after.isEmpty { return factor * value }
            if let rest = glued(after, below: value) { return factor * value + rest }
            for link in links where after.hasPrefix(link) {
                after.removeFirst(link.count)
                if let rest = glued(after, below: value) { return factor * value + rest }
                break
            }
        }
        return nil
    }
}
