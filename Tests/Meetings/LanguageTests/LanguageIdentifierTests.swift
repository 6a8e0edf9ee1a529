import Language
import Testing

struct LanguageIdentifierTests {
    @Test(arguments: [
        ("en", "Let's move on to the budget for next year."),
        ("de", "Dann kommen wir jetzt zum Haushalt für nächstes Jahr."),
        ("fr", "On passe maintenant au budget de l'année prochaine."),
        ("es", "Pasamos ahora al presupuesto del año que viene."),
        ("it", "Adesso passiamo al bilancio dell'anno prossimo."),
        ("pt", "Agora vamos passar ao orçamento do ano que vem."),
        ("nl", "We gaan nu door met de begroting van volgend jaar."),
        ("pl", "Przejdźmy teraz do budżetu na przyszły rok."),
        ("sv", "Nu går vi vidare till budgeten för nästa år."),
        ("ru", "Давайте перейдём к бюджету на следующий год."),
        ("uk", "Перейдімо тепер до бюджету на наступний рік."),
        ("tr", "Şimdi gelecek yılın bütçesine geçelim."),
        ("ar", "ننتقل الآن إلى ميزانية السنة القادمة."), ("hi", "अब हम अगले साल के बजट पर आते हैं।"),
        ("ja", "では、来年の予算に移りましょう。"), ("zh", "现在我们来谈谈明年的预算。"), ("ko", "이제 내년 예산으로 넘어가겠습니다."),
        ("th", "ต่อไปเป็นงบประมาณปีหน้า"), ("el", "Πάμε τώρα στον προϋπολογισμό."),
    ])
    func languageOfASentence(_ code: String, _ text: String) {
        #expect(LanguageIdentifier.language(of: text).rawValue == code)
        // A meeting may change its language.
        #expect(LanguageIdentifier.language(of: text, after: .english).rawValue == code)
        #expect(LanguageIdentifier.language(of: text, after: .german).rawValue == code)
    }

    @Test(arguments: [
        ("Okay.", "de"), ("Ja.", "sv"), ("No, no.", "it"), ("Super!", "fr"), ("了解", "ja"), ("Да.", "uk"),
        ("12", "pl"),
    ])
    func shortTextKeepsTheLanguage(_ text: String, _ code: String) {
        #expect(LanguageIdentifier.language(of: text, after: LanguageCode(rawValue: code)).rawValue == code)
    }

    @Test func scriptDecidesWhereItCan() {
        #expect(LanguageIdentifier.language(of: "Хорошо.", after: .german) == .russian)
        #expect(LanguageIdentifier.language(of: "네.", after: .english) == .korean)
        #expect(LanguageIdentifier.language(of: "ні, ще", after: nil) == .ukrainian)
        #expect(LanguageIdentifier.language(of: " 12 … ") == .undetermined)
        #expect(LanguageIdentifier.language(of: "", after: .french) == .french)
    }

    /// Turns in two languages by turns: a bilingual meeting.
    @Test func mixedMeetingIsToldApart() throws {
        let one = try Fixture.of(.german).turns.filter { $0.text.count > 60 }
        let other = try Fixture.of(.english).turns.filter { $0.text.count > 60 }
        var (previous, right, count) = (LanguageCode?.none, 0, 0)
        for (german, english) in zip(one, other) {
            for (turn, language) in [(german, LanguageCode.german), (english, .english)] {
                let found = LanguageIdentifier.language(of: turn.text, after: previous)
                (previous, count) = (found, count + 1)
                if found == language { right += 1 }
            }
        }
        #expect(count > 20)
        #expect(right == count)
    }

    @Test(arguments: LanguageCode.firstClass)
    func turnsOfAMeetingAreInItsLanguage(_ language: LanguageCode) throws {
        let turns = try Fixture.of(language).turns
        var previous: LanguageCode?
        var right = 0
        for turn in turns {
            let found = LanguageIdentifier.language(of: turn.text, after: previous)
            previous = found
            if found == language { right += 1 }
        }
        #expect(Double(right) >= 0.95 * Double(turns.count), "\(right) of \(turns.count)")
    }
}
