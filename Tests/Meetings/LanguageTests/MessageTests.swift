import Testing

@testable import Language

@Suite struct MessageTests {
    @Test(arguments: [
        (LanguageCode.english, [1: "1 word", 2: "2 words", 21: "21 words", 1234: "1,234 words"]),
        (.german, [1: "1 word", 1234: "1.234 words"]), (.arabic, [1234: "1,234 words"]),
    ])
    func numbersAreThoseOfTheLanguageInDigitsFrom0To9(language: LanguageCode, shown: [Int: String]) throws {
        let message = try #require(
            Message("{0, plural, one {# word} other {# words}}", language: language))
        for (number, text) in shown { #expect(message.filled([.number(number)]) == text) }
    }

    @Test func textsAreTakenAsTheyAre() throws {
        let message = try #require(Message("{1}: {0}", language: .english))
        let long = String(repeating: "ä{0}'#", count: 1000)
        for text in ["", "{1}", "it's", "a\0b", "</b>", long] {
            #expect(message.filled([.text(text), .text("Ann")]) == "Ann: " + text)
        }
        #expect(message.filled([.text("a"), .number(12345)]) == "12,345: a")
        #expect(message.filled(Array(repeating: .number(1), count: 9)) == nil)
    }

    @Test func aWrongPatternIsNone() {
        for pattern in ["{0", "{0, plural, one {a}}", "{0, plural, other {"] {
            #expect(Message(pattern, language: .english) == nil, "\(pattern)")
        }
    }

    @Test(arguments: [
        (LanguageCode.english, "1 May 2024 at 10:00 UTC"), (.german, "1. Mai 2024 um 10:00 UTC"),
        (.japanese, "2024年5月1日 10:00 UTC"), (.polish, "1 maja 2024 10:00 UTC"),
        (.arabic, "1 مايو 2024 في 10:00 UTC"),
    ])
    func momentsAreInTheLanguageAndInUTC(language: LanguageCode, text: String) {
        #expect(MomentFormat(language: language)?.text(of: 1_714_557_600) == text)
    }

    @Test(arguments: [
        ("German", "de"), ("german", "de"), ("Deutsch", "de"), ("de", "de"), ("formal German", "de"),
        ("Brazilian Portuguese", "pt"), ("Simplified Chinese", "zh"), ("日本語", "ja"), ("Korean", "ko"),
        ("Indonesian", "id"), ("Klingon", nil), ("", nil),
    ])
    func languagesAreFoundByTheirNames(name: String, code: String?) {
        #expect(LanguageCode(named: name)?.rawValue == code)
    }

    @Test func languagesAreNamedInALanguage() {
        #expect(LanguageCode.german.name(in: .english) == "German")
        #expect(LanguageCode.english.name(in: .german) == "Englisch")
        #expect(LanguageCode.arabic.name(in: .japanese) == "アラビア語")
    }
}
