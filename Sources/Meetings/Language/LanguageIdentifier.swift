import CICU
import CLanguageDetection

/// Tells what language a text is in: by its script, by CLD2, and by the function words that it has.
package enum LanguageIdentifier {
    /// The language of `text`; a short or doubtful one is in the language of what was said before it, if that has the
    /// same script, else in the likeliest.
    ///
    /// `.undetermined` only where the text has no letters and nothing was said before.
    package static func language(of text: String, after previous: LanguageCode? = nil) -> LanguageCode {
        let text = withoutCodes(text)
        let counts = scripts(text)
        guard let script = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else {
            return previous ?? .undetermined
        }
        // Kana decide for Japanese, however many ideographs there are.
        if counts[CICU_KANA.raw] != nil, script == CICU_HAN.raw || script == CICU_KANA.raw {
            return .japanese
        }
        switch script {
        case CICU_HANGUL.raw: return .korean
        case CICU_THAI.raw: return LanguageCode(rawValue: "th")
        case CICU_GREEK.raw: return LanguageCode(rawValue: "el")
        case CICU_HAN.raw:
            return previous == .japanese && counts[script, default: 0] < 12 ? .japanese : .chinese
        default:
            let letters = counts[script, default: 0]
            // A letter or two, as of `n17`, are in any language.
            guard letters >= leastLetters else { return previous ?? .undetermined }
            return alphabetic(text, script: script, letters: letters, after: previous)
        }
    }

    private static let leastLetters = 3

    /// Without `T-34` and `x12`, which are in no language.
    private static func withoutCodes(_ text: String) -> String {
        guard text.utf8.contains(where: { (0x30...0x39).contains($0) }) else { return text }
        return text.split(whereSeparator: \.isWhitespace).filter { word in
            !(word.contains { $0.isASCII && $0.isNumber } && word.contains { $0.isASCII && $0.isLetter })
        }.joined(separator: " ")
    }

    private static func scripts(_ text: String) -> [Int32: Int] {
        var counts: [Int32: Int] = [:]
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                if scalar.properties.isAlphabetic { counts[CICU_LATIN.raw, default: 0] += 1 }
                continue
            }
            let script = cicu_script_of(scalar.value)
            if script != CICU_COMMON.raw { counts[script, default: 0] += 1 }
        }
        // One ideograph or syllable says as much as several letters.
        for script in [CICU_HAN.raw, CICU_KANA.raw, CICU_HANGUL.raw] {
            if let count = counts[script] { counts[script] = 3 * count }
        }
        return counts
    }

    /// Languages of a script that have data, the likeliest first.
    private static func candidates(_ script: Int32) -> [LanguageCode] {
        switch script {
        case CICU_LATIN.raw:
            [
                .english, .german, .french, .spanish, .italian, .portuguese, .dutch, .polish, .swedish,
                .turkish,
            ]
        case CICU_CYRILLIC.raw: [.russian, .ukrainian]
        case CICU_ARABIC.raw: [.arabic]
        case CICU_DEVANAGARI.raw: [.hindi]
        default: []
        }
    }

    private static func script(of language: LanguageCode) -> Int32 {
        for script in [CICU_CYRILLIC.raw, CICU_ARABIC.raw, CICU_DEVANAGARI.raw]
        where candidates(script).contains(language) { return script }
        switch language.rawValue {
        case "ja", "zh", "ko", "th", "el", "he", "iw": return CICU_OTHER.raw
        case "bg", "sr", "mk", "be", "kk", "mn": return CICU_CYRILLIC.raw
        case "fa", "ur", "ps", "ckb": return CICU_ARABIC.raw
        case "mr", "ne": return CICU_DEVANAGARI.raw
        default: return CICU_LATIN.raw
        }
    }

    private static func alphabetic(
        _ text: String, script: Int32, letters: Int, after previous: LanguageCode?
    ) -> LanguageCode {
        let guesses = detected(text)
        let candidates = candidates(script)
        var scores: [LanguageCode: Double] = [:]
        for (language, share, isSure) in guesses where Self.script(of: language) == script {
            // A language that nobody expects needs a longer text.
            let trust = candidates.contains(language) ? 1 : min(1, Double(letters) / 200)
            scores[language, default: 0] +=
                trust * share * (isSure ? min(1.5, Double(letters) / 40 + 0.5) : 0.5)
        }
        let words = Set(foldedWords(text))
        var hits = [Int](repeating: 0, count: LanguageCode.firstClass.count)
        for word in words {
            for index in functionWords[word] ?? [] { hits[index] += 1 }
        }
        for (language, hits) in zip(LanguageCode.firstClass, hits)
        where hits > 0 && candidates.contains(language) {
            scores[language, default: 0] += 1.2 * Double(hits) / Double(words.count)
        }
        if script == CICU_CYRILLIC.raw {
            for scalar in text.unicodeScalars {
                if "іїєґІЇЄҐ".unicodeScalars.contains(scalar) { scores[.ukrainian, default: 0] += 1 }
                if "ыэъёЫЭЪЁ".unicodeScalars.contains(scalar) { scores[.russian, default: 0] += 1 }
            }
        }
        if let previous, Self.script(of: previous) == script {
            scores[previous, default: 0] += letters < 8 ? 2 : letters < 24 ? 0.9 : letters < 60 ? 0.6 : 0.35
        }
        let order = candidates + guesses.map(\.language)
        let best = order.enumerated().max { one, other in
            (scores[one.element] ?? 0, other.offset) < (scores[other.element] ?? 0, one.offset)
        }
        if let best, scores[best.element] ?? 0 > 0 { return best.element }
        if let previous, Self.script(of: previous) == script { return previous }
        return best?.element ?? .undetermined
    }

    /// The languages that have a function word, as places in ``LanguageCode/firstClass``.
    private static let functionWords: [String: [Int]] = {
        var languages: [String: [Int]] = [:]
        for (index, language) in LanguageCode.firstClass.enumerated() {
            for word in Set(LanguageData.of(language).entries(.function)) {
                languages[Folding.fold(word, language: .undetermined), default: []].append(index)
            }
        }
        return languages
    }()

    private static func foldedWords(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0 == "'" || $0 == "’") }.prefix(60).map {
            Folding.fold($0, language: .undetermined)
        }
    }

    /// What CLD2 takes the text for, each with its share.
    private static func detected(_ text: String) -> [(language: LanguageCode, share: Double, isSure: Bool)] {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return [] }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { start in
                withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>.self, capacity: 3) { codes in
                    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 3) { percents in
                        guard let first = codes.baseAddress, let shares = percents.baseAddress else {
                            return []
                        }
                        let isSure = cld_detect(start, Int32(clamping: bytes.count), first, shares) == 1
                        return (0..<3).compactMap { index in
                            let code = String(String(cString: codes[index]).prefix { $0 != "-" })
                            guard code != "un", percents[index] > 0 else { return nil }
                            return (LanguageCode(rawValue: code), Double(percents[index]) / 100, isSure)
                        }
                    }
                }
            }
        }
    }
}

extension cicu_script {
    fileprivate var raw: Int32 { Int32(rawValue) }
}
