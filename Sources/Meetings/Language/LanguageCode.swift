/// A language by its ISO 639-1 code (`de`), or another one's code as CLD2 spells it (`ceb`).
package struct LanguageCode: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    /// No text, or none that a language could be told from.
    package static let undetermined = LanguageCode(rawValue: "und")

    package static let arabic = LanguageCode(rawValue: "ar")
    package static let chinese = LanguageCode(rawValue: "zh")
    package static let dutch = LanguageCode(rawValue: "nl")
    package static let english = LanguageCode(rawValue: "en")
    package static let french = LanguageCode(rawValue: "fr")
    package static let german = LanguageCode(rawValue: "de")
    package static let hindi = LanguageCode(rawValue: "hi")
    package static let italian = LanguageCode(rawValue: "it")
    package static let japanese = LanguageCode(rawValue: "ja")
    package static let korean = LanguageCode(rawValue: "ko")
    package static let polish = LanguageCode(rawValue: "pl")
    package static let portuguese = LanguageCode(rawValue: "pt")
    package static let russian = LanguageCode(rawValue: "ru")
    package static let spanish = LanguageCode(rawValue: "es")
    package static let swedish = LanguageCode(rawValue: "sv")
    package static let turkish = LanguageCode(rawValue: "tr")
    package static let ukrainian = LanguageCode(rawValue: "uk")

    /// The languages that have a file of data.
    package static let firstClass: [LanguageCode] = [
        .arabic, .chinese, .dutch, .english, .french, .german, .hindi, .italian, .japanese, .korean, .polish,
        .portuguese, .russian, .spanish, .swedish, .turkish, .ukrainian,
    ]

    /// Written without blanks between words, so that phrases are looked for in the text itself.
    package var hasNoBlanks: Bool { self == .chinese || self == .japanese || rawValue == "th" }
}
