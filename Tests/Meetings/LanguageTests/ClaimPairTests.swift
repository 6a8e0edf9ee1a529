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
        Pair(
            language: "en", speaker: "Ann",
            said:
                "The lease is up for renewal on the thirty-first of August and they want twelve and a half percent more.",
            right: "They want 12.5 percent more from 31 August.",
            wrong: "They want 13.5 percent more from 31 August."),
        Pair(
            language: "en", speaker: "Ann",
            said: "We've got Zoom on Wednesday the 4th with Dr. Okafor.",
            right: "On Wednesday the 4th Dr. Okafor joins.",
            wrong: "On Wednesday the 4th Dr. Bello joins."),
        Pair(
            language: "de", speaker: "Uwe",
            said:
                "Wir haben zweieinhalbtausend Flyer und ein Dutzend Plakate, das macht Frau Yıldız bis übermorgen.",
            right: "Frau Yıldız verteilt bis übermorgen 2.500 Flyer und 12 Plakate.",
            wrong: "Frau Yıldız verteilt bis morgen 2.500 Flyer."),
        Pair(
            language: "de", speaker: "Uwe",
            said: "Am Einundzwanzigsten um Viertel vor zehn, Raum dreihundertvier.",
            right: "Das Treffen ist am 21. um 9:45 Uhr in Raum 304.",
            wrong: "Das Treffen ist am 21. um 9:45 Uhr in Raum 403."),
        Pair(
            language: "fr", speaker: "Luc",
            said: "On est le premier avril, il reste quatre-vingt-douze jours et onze mille euros.",
            right: "Au 1er avril, il restait 92 jours et 11 000 euros.",
            wrong: "Au 1er avril, il restait 82 jours."),
        Pair(
            language: "fr", speaker: "Luc",
            said: "Rendez-vous à midi moins le quart, soit onze heures quarante-cinq.",
            right: "Le rendez-vous est à 11h45.",
            wrong: "Le rendez-vous est à 12h45."),
        Pair(
            language: "es", speaker: "Ana",
            said: "Son veintidós mil trescientos euros hasta el treinta y uno de diciembre.",
            right: "Son 22.300 euros hasta el 31 de diciembre.",
            wrong: "Son 22.400 euros hasta el 31 de diciembre."),
        Pair(
            language: "it", speaker: "Ugo",
            said: "Abbiamo ventitremila euro e il quarantadue per cento dei soci, entro il primo giugno.",
            right: "Ci sono 23.000 euro e il 42% dei soci entro il 1° giugno.",
            wrong: "Ci sono 23.000 euro entro il 1° luglio."),
        Pair(
            language: "pt", speaker: "Eva",
            said: "São dezesseis mil e quinhentos até o dia vinte e oito de fevereiro.",
            right: "São 16.500 até 28 de fevereiro.",
            wrong: "São 16.500 até 28 de março."),
        Pair(
            language: "nl", speaker: "Jan",
            said: "Op de eenentwintigste om kwart over negen, honderdtwintig stuks.",
            right: "Op de 21e om 9:15 uur komen er 120 stuks.",
            wrong: "Op de 22e om 9:15 uur komen er 120 stuks."),
        Pair(
            language: "sv", speaker: "Eva",
            said: "Den tjugoförsta klockan kvart i nio, hundratjugo stycken.",
            right: "Den 21 klockan 8.45 kommer 120 stycken.",
            wrong: "Den 21 klockan 8.45 kommer 130 stycken."),
        Pair(
            language: "pl", speaker: "Jan",
            said: "Dwudziestego pierwszego za kwadrans dziesiąta, sto dwadzieścia sztuk dla Marka i Doroty.",
            right: "21 o 9:45 Marek i Dorota dostaną 120 sztuk.",
            wrong: "21 o 9:45 Marek i Dorota dostaną 130 sztuk."),
        Pair(
            language: "ru", speaker: "Оля",
            said: "Двадцать первого без четверти десять, сто двадцать штук для Марка и Дарьи.",
            right: "21-го в 9:45 Марк и Дарья получат 120 штук.",
            wrong: "21-го в 9:45 Марк и Дарья получат 140 штук."),
        Pair(
            language: "ru", speaker: "Оля",
            said: "Полторы тысячи рублей с квартиры, первого марта.",
            right: "С 1 марта собирают 1500 рублей с квартиры.",
            wrong: "С 1 апреля собирают 1500 рублей с квартиры."),
        Pair(
            language: "uk", speaker: "Оля",
            said: "Півтори тисячі гривень, першого березня, для Марка й Дарини.",
            right: "З 1 березня Марко і Дарина збирають 1500 гривень.",
            wrong: "З 1 квітня Марко і Дарина збирають 1500 гривень."),
        Pair(
            language: "tr", speaker: "Ali",
            said: "Ayın yirmi birinde dokuza çeyrek kala, yüz yirmi adet, Zehra'ya.",
            right: "Ayın 21'inde saat 8:45'te Zehra 120 adet alacak.",
            wrong: "Ayın 21'inde saat 8:45'te Zehra 130 adet alacak."),
        Pair(
            language: "tr", speaker: "Ali",
            said: "Bir buçuk milyon lira, şubatın üçünde.",
            right: "3 Şubat'ta 1,5 milyon lira ödenecek.",
            wrong: "3 Mart'ta 1,5 milyon lira ödenecek."),
        Pair(
            language: "ar", speaker: "ليلى",
            said: "المبلغ ألف وثلاثمئة وخمسون، يوم الأحد بعد القادم، والنسبة اثنان وعشرون بالمئة.",
            right: "المبلغ 1350 يوم الأحد والنسبة 22%.",
            wrong: "المبلغ 1450 يوم الأحد والنسبة 22%."),
        Pair(
            language: "hi", speaker: "नीता",
            said: "इक्कीस तारीख़ को डेढ़ लाख रुपये, बाईस प्रतिशत ब्याज।",
            right: "21 तारीख़ को 1,50,000 रुपये 22% ब्याज पर दिए जाएँगे।",
            wrong: "21 तारीख़ को 1,60,000 रुपये दिए जाएँगे।"),
        Pair(
            language: "ja", speaker: "森",
            said: "来月の二十一日、百二十部で、一部千五百円、佐々木さんに頼みます。",
            right: "21日に1部1500円で120部を佐々木さんに依頼する。",
            wrong: "21日に1部1500円で120部を高橋さんに依頼する。"),
        Pair(
            language: "zh", speaker: "赵",
            said: "下个月二十一号，一百二十份，每份一千五，请孙丽负责。",
            right: "下月21日，120份，每份1500元，由孙丽负责。",
            wrong: "下月22日，120份，每份1500元，由孙丽负责。"),
        Pair(
            language: "ko", speaker: "최",
            said: "다음 달 이십일일에 백이십 부, 한 부에 천오백 원, 박서준 씨가 맡습니다.",
            right: "다음 달 21일에 1부에 1500원씩 120부를 박서준 씨가 맡는다.",
            wrong: "다음 달 21일에 120부를 김도현 씨가 맡는다."),
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
