import CICU

/// The words for hours, minutes and seconds in every language that ICU knows.
package enum TimeUnits {
    /// How many seconds a word means: `Minuten`, `min.`, `秒`; nil if it is no such word.
    package static func seconds(of word: String) -> Double? {
        let key = key(word)
        return key.isEmpty ? nil : table[key]
    }

    /// Made at the first use: the units of a few hundred locales, singular and plural, in full and short.
    private static let table: [String: Double] = {
        var table: [String: Double] = [
            "h": 3600, "hr": 3600, "hrs": 3600, "m": 60, "min": 60, "s": 1, "sec": 1,
        ]
        var buffer = [CChar](repeating: 0, count: 128)
        var index: Int32 = 0
        while let locale = cicu_locale(index) {
            index += 1
            // Regions and scripts of a language hardly differ in this.
            guard !String(cString: locale).contains("_") else { continue }
            for (unit, seconds) in [(CICU_HOURS, 3600.0), (CICU_MINUTES, 60), (CICU_SECONDS, 1)] {
                for isShort in [Int32(0), 1] {
                    let spelled = [Int32(1), 2, 3, 5, 11].compactMap { number -> String? in
                        let count = cicu_duration(locale, unit, isShort, number, &buffer, Int32(buffer.count))
                        return count > 0 ? Folding.string(buffer, count) : nil
                    }
                    // A word that is another unit elsewhere keeps its first meaning.
                    for text in spelled where table[key(text)] == nil { table[key(text)] = seconds }
                }
            }
        }
        table[""] = nil
        return table
    }()

    /// Without numbers, blanks and the dots of abbreviations, in lower case.
    private static func key(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.lowercased().unicodeScalars.filter {
                    $0.properties.isAlphabetic || $0.properties.generalCategory == .nonspacingMark
                        || $0.properties.generalCategory == .spacingMark
                }))
    }
}
