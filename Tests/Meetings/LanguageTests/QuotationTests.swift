import Language
import Testing

struct QuotationTests {
    private func quoted(_ text: String, _ language: LanguageCode = .english) -> String {
        let reading = TextReader.read(text, language: language)
        return Quotation.text(reading, words: reading.words[...], end: text.utf8.count)
    }

    @Test(arguments: [
        ("So, um, we uh move it to the, the twelfth.", "So, we move it to the twelfth."),
        ("We we can we can ship it, you know, on Friday.", "We can ship it, on Friday."),
        ("It's the th- the third van.", "It's the third van."),
        ("Um, the budget is gone, uh.", "The budget is gone."),
    ]) func whatIsNoPartOfItIsLeftOut(_ said: String, _ expected: String) {
        #expect(quoted(said) == expected)
    }

    /// Nothing that carries meaning goes, and no word changes.
    @Test(arguments: [
        "It is not very, very good.", "We had had enough of that.", "No, no more than two two-litre cans.",
        "“You know” is what she said, and I mean it.",
    ]) func whatIsMeantStays(_ said: String) {
        let words = TextReader.read(said, language: .english).words.map(\.folded)
        let kept = TextReader.read(quoted(said), language: .english).words.map(\.folded)
        #expect(kept.contains("not") == words.contains("not"))
        #expect(Set(kept).symmetricDifference(words).isEmpty, "\(quoted(said))")
    }

    @Test func languagesHaveTheirOwn() {
        #expect(quoted("Das ist, äh, am Montag fertig.", .german) == "Das ist, am Montag fertig.")
        #expect(quoted("Euh, on ferme le guichet.", .french) == "On ferme le guichet.")
        for language in LanguageCode.firstClass {
            #expect(LanguageData.of(language).has(.hesitations), "\(language)")
        }
    }

    @Test func onlyHesitationsStayAsTheyAre() { #expect(quoted("Um, uh.") == "Um, uh.") }
}
