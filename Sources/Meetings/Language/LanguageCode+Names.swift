import CICU

extension LanguageCode {
    /// As ICU takes it: numbers in the digits 0 to 9 everywhere, as clock times are; English as it is written around the
    /// world, with the day before the month.
    var tag: String { (self == .english ? "en-001" : rawValue) + "-u-nu-latn" }

    /// What it is called in `language`: `Deutsch`, `German`.
    package func name(in language: LanguageCode) -> String {
        Self.name(of: rawValue, in: language) ?? rawValue
    }

    /// The language that somebody names in English or in the language itself, or by its code.
    ///
    /// `German`, `Deutsch`, `formal German` and `de` are the same; nil if it is none that ICU knows.
    package init?(named name: String) {
        let name = Folding.fold(name, language: .undetermined)
        let words = name.split { !$0.isLetter }.map(String.init)
        guard let code = ([name] + words.reversed()).lazy.compactMap({ Self.codes[$0] }).first else {
            return nil
        }
        self.init(rawValue: code)
    }

    /// Codes by names, folded.
    private static let codes: [String: String] = {
        var codes: [String: String] = [:]
        var index: Int32 = 0
        while let known = cicu_locale(index) {
            index += 1
            let locale = String(cString: known)
            let code = String(locale.prefix { $0 != "_" })
            let names = [LanguageCode.english, LanguageCode(rawValue: code)].map {
                Self.name(of: locale, in: $0)
            }
            for name in names + [code] {
                guard let name else { continue }
                let folded = Folding.fold(name, language: .undetermined)
                // The first is the language itself: its regions and scripts follow it.
                if codes[folded] == nil { codes[folded] = code }
            }
        }
        return codes
    }()

    private static func name(of code: String, in language: LanguageCode) -> String? {
        text { cicu_language_name(code, language.tag, $0, $1) }
    }
}

/// What `write` puts into a buffer of as many bytes; it returns how many there are, or -1 if there is nothing.
func text(_ write: (UnsafeMutablePointer<CChar>, Int32) -> Int32) -> String? {
    func written(_ capacity: Int) -> (text: String, count: Int) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            guard let start = buffer.baseAddress else { return ("", -1) }
            let count = Int(write(start, Int32(capacity)))
            let shown = UnsafeRawBufferPointer(start: start, count: max(0, min(count, capacity)))
            return (String(decoding: shown, as: UTF8.self), count)
        }
    }
    var (text, count) = written(256)
    if count > 256 { (text, count) = written(count) }
    return count < 0 ? nil : text
}
