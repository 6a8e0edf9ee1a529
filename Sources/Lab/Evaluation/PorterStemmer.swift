/// Porter's stemmer (Porter, 1980) with the deviations that NLTK's `PorterStemmer` has by default.
///
/// Takes lower-case ASCII letters and digits; digits count as consonants.
struct PorterStemmer: Sendable {
    /// Makes a stemmer.
    init() {}

    /// The stem of `word`.
    func stem(_ word: String) -> String {
        if let known = Self.irregular[word] { return known }
        guard word.utf8.count > 2 else { return word }
        var stem = Stem(word)
        stem.step1a()
        stem.step1b()
        stem.step1c()
        stem.step2()
        stem.apply(Self.step3) { $0.measure > 0 }
        stem.step4()
        stem.step5()
        return String(decoding: stem.bytes, as: UTF8.self)
    }

    private static let irregular = [
        "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
        "innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing",
        "cannings": "canning", "canning": "canning", "howe": "howe", "proceed": "proceed",
        "exceed": "exceed", "succeed": "succeed",
    ]

    fileprivate static let step2: [Rule] = [
        Rule("ational", "ate"), Rule("tional", "tion"), Rule("enci", "ence"), Rule("anci", "ance"),
        Rule("izer", "ize"), Rule("bli", "ble"), Rule("alli", "al"), Rule("entli", "ent"), Rule("eli", "e"),
        Rule("ousli", "ous"), Rule("ization", "ize"), Rule("ation", "ate"), Rule("ator", "ate"),
        Rule("alism", "al"), Rule("iveness", "ive"), Rule("fulness", "ful"), Rule("ousness", "ous"),
        Rule("aliti", "al"), Rule("iviti", "ive"), Rule("biliti", "ble"), Rule("fulli", "ful"),
        // The l belongs to the stem, so that `geologi` is treated as `archaeologi`.
        Rule("logi", "log", keptForMeasure: 1),
    ]

    private static let step3: [Rule] = [
        Rule("icate", "ic"), Rule("ative", ""), Rule("alize", "al"), Rule("iciti", "ic"), Rule("ical", "ic"),
        Rule("ful", ""), Rule("ness", ""),
    ]

    fileprivate static let step4: [Rule] = [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism",
        "ate", "iti", "ous", "ive", "ize",
    ].map { Rule($0, "") }
}

/// A suffix and what takes its place.
private struct Rule: Sendable {
    let suffix: [UInt8]
    let replacement: [UInt8]
    /// Bytes of the suffix that count to the stem when its measure is asked for.
    let keptForMeasure: Int

    init(_ suffix: String, _ replacement: String, keptForMeasure: Int = 0) {
        self.suffix = Array(suffix.utf8)
        self.replacement = Array(replacement.utf8)
        self.keptForMeasure = keptForMeasure
    }
}

/// A word on its way to its stem.
private struct Stem {
    var bytes: [UInt8]

    init(_ word: String) { bytes = Array(word.utf8) }

    init(bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

    // MARK: What the rules ask

    /// Whether each letter is a consonant: not a, e, i, o, u, and not y after a consonant.
    private var consonants: [Bool] {
        var flags: [Bool] = []
        flags.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"),
                UInt8(ascii: "u"):
                flags.append(false)
            case UInt8(ascii: "y"): flags.append(flags.last.map { !$0 } ?? true)
            default: flags.append(true)
            }
        }
        return flags
    }

    /// Porter's m: how many times a vowel is followed by a consonant.
    var measure: Int {
        let flags = consonants
        return zip(flags, flags.dropFirst()).count { !$0 && $1 }
    }

    private var hasVowel: Bool { consonants.contains(false) }

    private var endsInDoubleConsonant: Bool {
        bytes.count >= 2 && bytes[bytes.count - 1] == bytes[bytes.count - 2] && consonants.last == true
    }

    /// Porter's *o: ends in consonant, vowel, consonant (not w, x, y), or is vowel and consonant alone.
    private var endsInShortSyllable: Bool {
        let flags = consonants.suffix(3)
        if bytes.count >= 3 {
            let last = bytes[bytes.count - 1]
            return flags.elementsEqual([true, false, true])
                && ![UInt8(ascii: "w"), UInt8(ascii: "x"), UInt8(ascii: "y")].contains(last)
        }
        return flags.elementsEqual([false, true])
    }

    private func ends(in suffix: String) -> Bool { ends(in: Array(suffix.utf8)) }

    private func ends(in suffix: [UInt8]) -> Bool {
        bytes.count >= suffix.count && bytes.suffix(suffix.count).elementsEqual(suffix)
    }

    private func without(_ count: Int) -> Stem { Stem(bytes: bytes.dropLast(count)) }

    private mutating func replaceLast(_ count: Int, with replacement: String) {
        bytes.removeLast(count)
        bytes += replacement.utf8
    }

    /// Applies the first rule whose suffix fits, if `condition` holds for what is left; no other is tried.
    mutating func apply(_ rules: [Rule], if condition: (Stem) -> Bool) {
        guard let rule = rules.first(where: { ends(in: $0.suffix) }) else { return }
        guard condition(without(rule.suffix.count - rule.keptForMeasure)) else { return }
        bytes.removeLast(rule.suffix.count)
        bytes += rule.replacement
    }

    // MARK: The steps

    mutating func step1a() {
        if ends(in: "ies") {
            replaceLast(3, with: bytes.count == 4 ? "ie" : "i")
        } else if ends(in: "sses") {
            replaceLast(2, with: "")
        } else if ends(in: "s"), !ends(in: "ss") {
            replaceLast(1, with: "")
        }
    }

    mutating func step1b() {
        if ends(in: "ied") {
            replaceLast(3, with: bytes.count == 4 ? "ie" : "i")
            return
        }
        if ends(in: "eed") {
            if without(3).measure > 0 { replaceLast(1, with: "") }
            return
        }
        let suffixCount = ends(in: "ed") ? 2 : ends(in: "ing") ? 3 : 0
        guard suffixCount > 0, without(suffixCount).hasVowel else { return }
        bytes.removeLast(suffixCount)
        if ends(in: "at") || ends(in: "bl") || ends(in: "iz") {
            bytes.append(UInt8(ascii: "e"))
        } else if endsInDoubleConsonant {
            let isKept = ["l", "s", "z"].contains { ends(in: $0) }
            if !isKept { bytes.removeLast() }
        } else if measure == 1, endsInShortSyllable {
            bytes.append(UInt8(ascii: "e"))
        }
    }

    mutating func step1c() {
        guard ends(in: "y") else { return }
        let rest = without(1)
        if rest.bytes.count > 1, rest.consonants.last == true { replaceLast(1, with: "i") }
    }

    mutating func step2() {
        if ends(in: "alli"), without(4).measure > 0 {
            replaceLast(4, with: "al")
            step2()
        } else {
            apply(PorterStemmer.step2) { $0.measure > 0 }
        }
    }

    mutating func step4() {
        let isION = ends(in: "ion")
        apply(PorterStemmer.step4) { rest in
            guard rest.measure > 1 else { return false }
            return !isION || rest.ends(in: "s") || rest.ends(in: "t")
        }
    }

    mutating func step5() {
        if ends(in: "e") {
            let rest = without(1)
            let measure = rest.measure
            if measure > 1 || measure == 1 && !rest.endsInShortSyllable { bytes.removeLast() }
        }
        if ends(in: "ll"), without(1).measure > 1 { bytes.removeLast() }
    }
}
