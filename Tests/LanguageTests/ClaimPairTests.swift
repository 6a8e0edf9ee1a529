import Language
import Testing

/// What is said in one way is written in another, and changed in one place.
struct ClaimPairTests {
    struct Pair: CustomTestStringConvertible {
        var language: String
        var speaker: String
        var said: String
        var right: String
        var wrong: String
        var testDescription: String { "\(language): \(right)" }
    }

    static let pairs = [
        Pair(
            language: "en", speaker: "Sam",
            said:
                "I'll ring the plumber on the ninth of May, quarter past three, it was four hundred and sixty last time.",
            right: "Sam will ring the plumber on 9 May at 3:15; last time it cost 460.",
            wrong: "Sam will ring the plumber on 9 May at 3:15; last time it cost 560."),
        Pair(
            language: "en", speaker: "Ruth",
            said: "Twenty twenty-six was our best year, one point five million.",
            right: "Ruth said 2026 was the best year, with 1.5 million.",
            wrong: "Ruth said 2025 was the best year."),
        Pair(
            language: "de", speaker: "Jonas",
            said: "Der Termin ist am dritten November um Viertel nach acht, Kosten so elftausendvierhundert.",
            right: "Der Termin ist am 3. November um 8:15 Uhr und kostet 11.400 Euro.",
            wrong: "Der Termin ist am 3. Dezember um 8:15 Uhr."),
        Pair(
            language: "de", speaker: "Jonas",
            said: "Die Kerstin und der Thorsten machen das zu zweit.",
            right: "Kerstin und Thorsten übernehmen die Vorbereitung gemeinsam.",
            wrong: "Sabine und Thorsten übernehmen die Vorbereitung gemeinsam."),
        Pair(
            language: "de", speaker: "Jonas",
            said: "Das sind anderthalb Stunden und neunzig Prozent Auslastung.",
            right: "Laut Jonas dauert es 1,5 Stunden bei 90 Prozent Auslastung.",
            wrong: "Laut Jonas sind es 80 Prozent Auslastung."),
        Pair(
            language: "fr", speaker: "Inès",
            said: "Rendez-vous mercredi à quatorze heures trente, on sera soixante-douze.",
            right: "Le rendez-vous est mercredi à 14h30 avec 72 personnes.",
            wrong: "Le rendez-vous est jeudi à 14h30 avec 72 personnes."),
        Pair(
            language: "fr", speaker: "Inès",
            said: "Gérard m'a dit mille deux cents euros hors taxes.",
            right: "Gérard a annoncé 1 200 euros hors taxes.",
            wrong: "Bertrand a annoncé 1 200 euros hors taxes."),
        Pair(
            language: "es", speaker: "Pablo",
            said: "Quedamos el quince de octubre a las seis y cuarto, somos ciento ochenta.",
            right: "La cita es el 15 de octubre a las 6:15 para 180 personas.",
            wrong: "La cita es el 15 de noviembre a las 6:15."),
        Pair(
            language: "es", speaker: "Pablo",
            said: "Marisol dice que son dos mil quinientos.",
            right: "Según Marisol son 2.500 euros.",
            wrong: "Según Esteban son 2.500 euros."),
        Pair(
            language: "it", speaker: "Luca",
            said: "Ci vediamo lunedì alle sedici e trenta, siamo in ventotto, costa milleduecento.",
            right: "L'incontro è lunedì alle 16:30, con 28 persone, e costa 1.200 euro.",
            wrong: "L'incontro è lunedì alle 17:30 con 28 persone."),
        Pair(
            language: "pt", speaker: "Rita",
            said: "A reunião é na terça às dez e meia, são trezentos e vinte reais.",
            right: "A reunião será terça-feira às 10h30 e custa 320 reais.",
            wrong: "A reunião será quarta-feira às 10h30."),
        Pair(
            language: "nl", speaker: "Eva",
            said:
                "Het is zaterdag om half acht, we zijn met vijfenveertig man, tweeduizend driehonderd euro.",
            right: "Zaterdag om 7:30 zijn er 45 mensen en het kost 2300 euro.",
            wrong: "Zondag om 7:30 zijn er 45 mensen."),
        Pair(
            language: "sv", speaker: "Olle",
            said: "Vi ses på måndag halv tre, det blir femtiotvå personer och tolvtusen kronor.",
            right: "Mötet är på måndag klockan 14.30 med 52 personer för 12 000 kronor.",
            wrong: "Mötet är på tisdag klockan 14.30."),
        Pair(
            language: "pl", speaker: "Ewa",
            said:
                "Widzimy się w czwartek o wpół do dziewiątej, będzie czterdzieści dwie osoby, trzy i pół tysiąca.",
            right: "Spotkanie jest w czwartek o 8:30, przyjdą 42 osoby.",
            wrong: "Spotkanie jest w piątek o 8:30."),
        Pair(
            language: "pl", speaker: "Ewa",
            said: "Powiem Michałowi i Kasi, żeby przyszli dwudziestego drugiego.",
            right: "Michał i Kasia przyjdą 22.",
            wrong: "Michał i Zuzia przyjdą 22."),
        Pair(
            language: "ru", speaker: "Вера",
            said: "Собираемся во вторник в половине шестого, будет сорок три человека, пятнадцать тысяч.",
            right: "Собрание во вторник в 17:30, придут 43 человека, сбор 15 000.",
            wrong: "Собрание в среду в 17:30, придут 43 человека."),
        Pair(
            language: "ru", speaker: "Вера",
            said: "Я передам Григорию и Светлане двадцать первого.",
            right: "Вера передаст это Григорию и Светлане 21 числа.",
            wrong: "Вера передаст это Геннадию 21 числа."),
        Pair(
            language: "uk", speaker: "Олег",
            said: "Збираємось у середу о пів на шосту, буде сорок три людини, сімсот гривень.",
            right: "Зустріч у середу о 17:30, прийдуть 43 людини, по 700 гривень.",
            wrong: "Зустріч у четвер о 17:30."),
        Pair(
            language: "tr", speaker: "Can",
            said: "Çarşamba saat üç buçukta toplanıyoruz, kırk beş kişi, iki bin beş yüz lira.",
            right: "Toplantı çarşamba 15:30'da, 45 kişi katılacak, ücret 2.500 lira.",
            wrong: "Toplantı perşembe 15:30'da yapılacak."),
        Pair(
            language: "ar", speaker: "هند",
            said: "الاجتماع يوم الثلاثاء الساعة أربعة ونص، عددنا ثلاثة وأربعون، والكلفة ألفين وخمسمية.",
            right: "الاجتماع يوم الثلاثاء الساعة 4:30 بحضور 43 شخصا بكلفة 2500.",
            wrong: "الاجتماع يوم الأربعاء الساعة 4:30."),
        Pair(
            language: "hi", speaker: "रवि",
            said: "बैठक मंगलवार को साढ़े चार बजे है, तैंतालीस लोग, ढाई हज़ार रुपये।",
            right: "बैठक मंगलवार को 4:30 बजे है, 43 लोग आएँगे और 2500 रुपये लगेंगे।",
            wrong: "बैठक बुधवार को 4:30 बजे है।"),
        Pair(
            language: "ja", speaker: "林",
            said: "火曜の午後四時半に集まります。四十三人で二万五千円です。",
            right: "火曜日の16時30分に43人が集まり、費用は25,000円。",
            wrong: "水曜日の16時30分に43人が集まる。"),
        Pair(
            language: "zh", speaker: "林",
            said: "周二下午四点半开会，四十三个人，两千五百块。",
            right: "会议定于星期二16:30，43人参加，费用2500元。",
            wrong: "会议定于星期三16:30，43人参加。"),
        Pair(
            language: "ko", speaker: "임",
            said: "화요일 오후 네 시 반에 모입니다. 마흔세 명이고 이만 오천 원입니다.",
            right: "화요일 16시 30분에 43명이 모이며 비용은 25,000원이다.",
            wrong: "수요일 16시 30분에 43명이 모인다."),
    ]

    @Test(arguments: pairs)
    func rightPassesAndWrongDoesNot(_ pair: Pair) {
        let language = LanguageCode(rawValue: pair.language)
        let source = ClaimCheck.Source(TextReader.read(pair.said, language: language), speaker: pair.speaker)
        let check = ClaimCheck(participants: [pair.speaker], language: language)
        func missing(_ text: String) -> [String] {
            check.missing(in: TextReader.read(text, language: language), sources: [source]).all
        }
        #expect(missing(pair.right).isEmpty, "\(missing(pair.right))")
        #expect(!missing(pair.wrong).isEmpty)
    }
}
