import Language

/// Recognises the encodings that were in use before Unicode, and says so rather than guess where several would do.
enum LegacyEncoding {
    /// An encoding, and the text in UTF-8.
    struct Reading {
        var name: String
        var bytes: [UInt8]
    }

    /// What ICU is less sure of is not believed.
    private static let leastConfidence = 20
    private static let sampleLimit = 1 << 16

    /// Names of ICU whose Windows form has more letters, or none fewer.
    private static let windowsNames = [
        "ISO-8859-1": "windows-1252", "ISO-8859-7": "windows-1253", "ISO-8859-8": "windows-1255",
        "ISO-8859-8-I": "windows-1255",
        "ISO-8859-9": "windows-1254", "KOI8-R": "KOI8-U", "Shift_JIS": "windows-31j", "EUC-KR": "windows-949",
    ]
    private static let otherNames = ["ISO-8859-2": "windows-1250", "ISO-8859-6": "windows-1256"]
    private static let notMeant = ["UTF-", "IBM4"]

    /// Reads bytes that are not UTF-8; nil if no encoding is likely.
    static func read(_ bytes: ArraySlice<UInt8>) -> Reading? {
        let sample = Self.sample(bytes)
        guard sample.count(where: { $0 >= 0x80 }) >= 4 else { return nil }
        let guesses = Charset.guesses(sample).filter { guess in
            !notMeant.contains(where: guess.name.hasPrefix)
        }
        // DOS's Cyrillic, which ICU does not look for.
        let candidates = guesses.filter { $0.confidence >= leastConfidence }.map(\.name) + ["IBM866"]
        for name in candidates {
            let isSure = name != "IBM866"
            for spelled in [windowsNames[name] ?? name, otherNames[name]].compactMap({ $0 }) {
                guard let text = Charset.utf8(sample, from: spelled), isPlausible(text, isSure: isSure),
                    let whole = Charset.utf8(bytes, from: spelled)
                else { continue }
                return Reading(name: spelled, bytes: whole)
            }
        }
        return nil
    }

    /// The likeliest encoding and how likely ICU takes it for, and Latin-1's likelihood.
    static func guess(_ bytes: ArraySlice<UInt8>) -> (name: String, confidence: Int, latin: Int)? {
        let guesses = Charset.guesses(sample(bytes)).filter { guess in
            !notMeant.contains(where: guess.name.hasPrefix)
        }
        guard let best = guesses.first else { return nil }
        let latin = guesses.first { $0.name == "ISO-8859-1" || $0.name == "windows-1252" }?.confidence ?? 0
        return (best.name, best.confidence, latin)
    }

    /// The reading of a text that seems Western and is in a language that Windows-1252 lacks letters of.
    static func neighbour(_ bytes: ArraySlice<UInt8>, asWestern text: [UInt8]) -> Reading? {
        let sample = String(decoding: text.prefix(sampleLimit), as: UTF8.self)
        let language = LanguageIdentifier.language(of: sample)
        guard let name = neighbours[language.rawValue], let other = Charset.utf8(bytes, from: name),
            other != text, isLatin(other)
        else { return nil }
        return Reading(name: name, bytes: other)
    }

    /// Whether letters are where old Macintoshes had them, and Windows has what nobody writes there.
    static func isMacintosh(_ bytes: [UInt8]) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
        var (sure, possible, others) = (0, 0, 0)
        for (index, byte) in bytes.enumerated() where byte >= 0x80 {
            let before = index > 0 ? bytes[index - 1] : 0
            guard isLetter(before) else {
                others += 1
                continue
            }
            let isWithin = index + 1 < bytes.count && isLetter(bytes[index + 1])
            switch byte {
            // In the upper half Windows has letters, too.
            case 0xC0...: return false
            // Dots, apostrophes and dashes of Windows.
            case 0x85, 0x91...0x97, 0xA0...: others += 1
            // Signs that stand behind words (€ † ‡ ™ ›).
            case 0x80, 0x86, 0x87, 0x99, 0x9B: isWithin ? (sure += 1) : (others += 1)
            // Capitals (Š Œ Ž Ÿ), which do not follow small letters.
            case 0x8A, 0x8C, 0x8E, 0x9F: before >= UInt8(ascii: "a") ? (sure += 1) : (others += 1)
            // Small letters (š œ ž): of Windows as well as of a Macintosh (ö ú û).
            case 0x9A, 0x9C, 0x9E: possible += 1
            default: sure += 1
            }
        }
        return sure >= 1 && sure + possible >= 2 && (sure + possible) * 2 >= others
    }

    private static let neighbours = [
        "tr": "windows-1254", "pl": "windows-1250", "cs": "windows-1250", "sk": "windows-1250",
        "hu": "windows-1250",
        "hr": "windows-1250", "sl": "windows-1250", "ro": "windows-1250",
    ]

    /// Japanese with escapes, which has no byte beyond ASCII.
    static func readEscapes(_ bytes: ArraySlice<UInt8>) -> Reading? {
        guard let escape = bytes.firstIndex(of: 0x1B),
            bytes[escape...].dropFirst().first == UInt8(ascii: "$"),
            let text = Charset.utf8(bytes, from: "ISO-2022-JP"), isPlausible(text, isSure: true)
        else { return nil }
        return Reading(name: "ISO-2022-JP", bytes: text)
    }

    /// Whether the letters of Latin text are ASCII for the most part: other letters in a row are of another script, read wrongly.
    static func isLatin(_ text: [UInt8]) -> Bool {
        var (letters, others) = (0, 0)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars
        where scalar.properties.isAlphabetic {
            letters += 1
            if scalar.value >= 0x80 { others += 1 }
        }
        return others * 3 <= letters
    }

    /// The lines that have bytes beyond ASCII: numbers and times tell nothing.
    private static func sample(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var sample: [UInt8] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.contains(where: { $0 >= 0x80 }) {
            sample += line + [UInt8(ascii: "\n")]
            if sample.count >= sampleLimit { break }
        }
        return sample
    }

    /// Whether a text might have been written: no control characters and frames, words in one script, capitals in front.
    private static func isPlausible(_ text: [UInt8], isSure: Bool) -> Bool {
        var (letters, latin, cyrillic, mixed, capitals) = (0, 0, 0, 0, 0)
        var before: Unicode.Scalar?
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .unassigned, .privateUse, .surrogate: return false
            case .control where scalar.value >= 0x7F: return false
            default: break
            }
            if (0x2500...0x259F).contains(scalar.value) { return false }
            guard scalar.properties.isAlphabetic else {
                before = nil
                continue
            }
            letters += 1
            if (0x80..<0x250).contains(scalar.value) { latin += 1 }
            let isCyrillic = (0x400..<0x530).contains(scalar.value)
            if isCyrillic { cyrillic += 1 }
            if let before {
                let wasCyrillic = (0x400..<0x530).contains(before.value)
                if isCyrillic != wasCyrillic { mixed += 1 }
                if before.properties.isLowercase, scalar.properties.isUppercase { capitals += 1 }
            }
            before = scalar
        }
        guard letters > 0, latin * 3 <= letters, mixed * 20 <= letters, capitals * 20 <= letters else {
            return false
        }
        return isSure || cyrillic * 2 > letters
    }
}
