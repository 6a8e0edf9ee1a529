import CICU

/// Spellings that differ only in form, in one.
enum Folding {
    /// A word or phrase, folded as ``Word/folded`` is.
    static func fold(_ text: some StringProtocol, language: LanguageCode) -> String {
        let text = String(text)
        if text.utf8.allSatisfy({ $0 < 0x80 }), !(isTurkic(language) && text.utf8.contains(UInt8(ascii: "I")))
        {
            return text.lowercased()
        }
        let units = Array(text.utf16.prefix(500))
        var bytes = [CChar](repeating: 0, count: 12 * units.count + 16)
        let count = cicu_fold(
            units, Int32(units.count), isTurkic(language) ? 1 : 0, &bytes, Int32(bytes.count))
        let folded = count < 0 ? text.lowercased() : string(bytes, count)
        return unified(folded)
    }

    private static func isTurkic(_ language: LanguageCode) -> Bool {
        language == .turkish || language.rawValue == "az"
    }

    /// Without what writers put or leave out at will.
    private static func unified(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x2019, 0x2018, 0x02BC, 0x0060, 0x00B4: scalars.append("'")
            // Soft hyphen; Arabic vowels and the line that stretches words; the dot below Hindi letters of Persian.
            case 0xAD, 0x64B...0x652, 0x670, 0x640, 0x93C, 0x200B...0x200F, 0x307: continue
            case 0x901: scalars.append("\u{902}")
            case 0x451: scalars.append("\u{435}")
            case 0x622, 0x623, 0x625: scalars.append("\u{627}")
            case 0x649: scalars.append("\u{64A}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    static func string(_ bytes: [CChar], _ count: Int32) -> String {
        bytes.withUnsafeBytes { String(decoding: $0.prefix(Int(count)), as: UTF8.self) }
    }
}
