import Testing

@testable import Language

/// The forms in which words are searched.
struct SearchWordTests {
    @Test(arguments: [
        ("The RELEASE goes out.", "the release goes out"),
        ("Größe, naïve CAFÉ", "grosse naive cafe"),
        ("l'équipe doesn’t e-mail 3.5", "l equipe doesn t e mail 3 5"),
        ("Łódź smørrebrød Æther", "lodz smorrebrod aether"),
        ("İstanbul ışık ISTANBUL", "istanbul isik istanbul"),
        ("Ёлка й", "елка и"),
        ("हिन्दी में", "हिन्दी में"),
        ("§ … — !", ""),
    ])
    func wordsAreFolded(_ text: String, forms: String) {
        #expect(SearchWord.read(text).map(\.form).joined(separator: " ") == forms)
    }

    @Test func aWordKnowsWhereItStands() {
        let text = "Čo? Größe"
        let words = SearchWord.read(text)
        #expect(words.map { text.part($0.range) } == ["Čo", "Größe"])
    }

    @Test func charactersOfScriptsWithoutBlanksGoWithTheNextOne() {
        #expect(SearchWord.read("東京の会議室。").map(\.form) == ["東京", "京の", "の会", "会議", "議室", "室"])
        #expect(SearchWord.read("AI会議 2回").map(\.form) == ["ai", "会議", "議", "2", "回"])
    }

    /// Wherever ICU cuts, and whatever is written together with it.
    @Test(arguments: [
        ("会議", "明日の株主会議室で話します"), ("議", "株主会議"), ("会議室", "大会議室"),
        ("회의", "내일 회의는 열 시에"), ("ประชุม", "การประชุมวันพฤหัสบดี"),
        ("equipe", "L’ÉQUIPE est là"), ("l'équipe", "de l’equipe"), ("rel*", "the release"),
        ("\"goes out\"", "it goes out"), ("3.5", "by 3.5 per cent"), ("strasse", "Die Straße"),
        ("dont", "don t dont"),
    ])
    func aTermIsFound(_ query: String, in text: String) {
        let terms = SearchTerm.terms(of: query)
        let words = SearchWord.read(text)
        #expect(terms.allSatisfy { !$0.places(in: words).isEmpty }, "\(terms) \(words.map(\.form))")
    }

    @Test(arguments: [
        ("release", "released"), ("\"goes out\"", "it goes right out"), ("会室", "会議室"), ("3.5", "5 or 3"),
        ("rel", "release"),
    ])
    func anotherWordIsNot(_ query: String, in text: String) {
        let words = SearchWord.read(text)
        #expect(SearchTerm.terms(of: query).contains { $0.places(in: words).isEmpty })
    }

    @Test func aQueryIsReadAsTerms() {
        #expect(
            SearchTerm.terms(of: #"one "two three" fo*"#).map(\.forms) == [
                ["one"], ["two", "three"], ["fo"],
            ])
        #expect(SearchTerm.terms(of: #"one "two three" fo*"#).map(\.isPrefix) == [false, false, true])
        #expect(SearchTerm.terms(of: "? \"\" *").isEmpty)
        // An unclosed mark is no reason to find nothing.
        #expect(SearchTerm.terms(of: "\"open").map(\.forms) == [["open"]])
    }

    @Test func aLongWordIsNoHindrance() {
        let long = String(repeating: "ä", count: 5000)
        #expect(SearchWord.read(long).count == 1)
        #expect(SearchWord.read(String(repeating: "会", count: 5000)).count == 5000)
    }
}
