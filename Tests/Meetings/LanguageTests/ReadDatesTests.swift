import Language
import Testing

/// Calendar words and due dates, in every language.
struct ReadDatesTests {
    private func read(_ text: String, _ language: String) -> Reading {
        TextReader.read(text, language: LanguageCode(rawValue: language))
    }

    @Test(arguments: [
        ("en", "On Fri, not Thursday; in Sept or march 3", ["weekday:5", "weekday:4", "month:9", "month:3"]),
        ("en", "You may go to march on, next week", ["week:+1"]),
        ("en", "Mondays and this Monday's talk", ["weekday:1", "weekday:1"]),
        ("en", "in May, the day after tomorrow", ["month:5", "day:+2"]), ("en", "the sun sat low", []),
        ("de", "am Freitagabend, übermorgen, Ende März", ["weekday:5", "day:+2", "month:3"]),
        ("fr", "vendredi, après-demain, en sept jours", ["weekday:5", "day:+2"]),
        ("es", "el miércoles, mañana", ["weekday:3", "day:+1"]),
        ("it", "giovedì e dopodomani", ["weekday:4", "day:+2"]),
        ("pt", "segunda-feira, ontem", ["weekday:1", "day:-1"]),
        ("nl", "dinsdagavond, gisteren", ["weekday:2", "day:-1"]),
        ("pl", "w środę, do piątku, pierwszego maja", ["weekday:3", "weekday:5", "month:5"]),
        ("sv", "på torsdag, i morgon", ["weekday:4", "day:+1"]),
        (
            "ru", "в пятницу, к понедельнику, послезавтра, до конца мая",
            ["weekday:5", "weekday:1", "day:+2", "month:5"]
        ),
        ("uk", "у п'ятницю, минулого вівторка, третього травня", ["weekday:5", "weekday:2", "month:5"]),
        ("tr", "cuma günü, yarın, 3 Haziran'da", ["weekday:5", "day:+1", "month:6"]),
        ("ar", "يوم الخميس، وغدا", ["weekday:4", "day:+1"]), ("hi", "शुक्रवार को, परसों", ["weekday:5", "day:+2"]),
        ("ja", "金曜日、明日、8月9日", ["weekday:5", "day:+1", "month:8"]),
        ("zh", "星期五，后天，十二月", ["weekday:5", "day:+2", "month:12"]),
        ("ko", "금요일까지, 내일, 10월", ["weekday:5", "day:+1", "month:10"]),
        ("en", "on 2027-03-12", ["month:3"]), ("de", "am 12.3.", ["month:3"]),
        ("de", "12.03.2027", ["month:3"]),
    ])
    func calendarWordsHaveOneSpelling(_ language: String, _ text: String, _ keys: [String]) {
        #expect(read(text, language).dates.map(\.key) == keys)
    }

    /// What Foundation calls the days and months is found, in every language.
    @Test(arguments: LanguageCode.firstClass)
    func namesOfDaysAndMonthsAreFound(_ language: LanguageCode) {
        let names = Spelling.calendar(language)
        #expect(names.months.count == 12 && names.weekdays.count == 7)
        for (number, name) in names.weekdays.enumerated() {
            let keys = TextReader.read(name, language: language).saidDates
            #expect(keys == ["weekday:\(number + 1)"] || language == .turkish && name == "Pazar", "\(name)")
        }
        for (number, name) in names.months.enumerated() {
            let keys = TextReader.read("12 \(name)", language: language).saidDates
            #expect(keys == ["month:\(number + 1)"], "\(name)")
        }
    }

    @Test(
        arguments: [
            ("en", "I'll bring it by Friday, promised.", "by Friday"),
            ("en", "Until the end of April then.", "Until the end of April"),
            ("en", "on the twelfth of March at ten", "on the twelfth of March at ten"),
            ("en", "Send it tomorrow.", "tomorrow"), ("en", "We meet on 12 March 2027.", "on 12 March 2027"),
            ("en", "By the 6th!", "By the 6th"), ("en", "next week", "next week"),
            ("en", "It was cold last Monday.", nil), ("en", "Nothing is due.", nil),
            ("de", "Das mache ich bis Freitag.", "bis Freitag"),
            ("de", "Bis Ende April reicht.", "Bis Ende April"),
            ("fr", "Je l'envoie avant vendredi.", "avant vendredi"),
            ("es", "Lo mando para el lunes.", "para el lunes"),
            ("it", "Lo faccio entro sabato.", "entro sabato"), ("pl", "Napiszę do piątku.", "do piątku"),
            ("ru", "Пришлю к пятнице.", "к пятнице"), ("ja", "金曜日までに出します。", "金曜日までに"),
            ("ko", "수요일까지 할게요.", "수요일까지"), ("zh", "星期二之前弄完。", "星期二之前"),
        ] as [(String, String, String?)])
    func dueDateIsThePhrase(_ language: String, _ text: String, _ expected: String?) {
        #expect(read(text, language).dueDate == expected)
    }
}
