import Language
import Testing

/// Numbers in digits and in words, in every language.
struct ReadNumbersTests {
    struct Case: CustomTestStringConvertible {
        var language: String
        var text: String
        var claims: [String]
        var testDescription: String { "\(language): \(text)" }

        init(_ language: String, _ text: String, _ claims: [String]) {
            (self.language, self.text, self.claims) = (language, text, claims)
        }

        var reading: Reading { TextReader.read(text, language: LanguageCode(rawValue: language)) }
    }

    @Test(arguments: [
        Case("en", "twelve hundred nails", ["1200"]), Case("en", "1,200 nails at £4.50.", ["1200", "4.5"]),
        Case("en", "two hundred and five, and twenty-six", ["205", "26"]),
        Case("en", "at 4:30pm on the 3rd", ["4:30", "3"]),
        Case("en", "2.5 million, then three thousand and ten", ["2500000", "3010"]),
        Case("en", "one of two boats", []), Case("en", "the twelfth of twelve", ["12", "12"]),
        Case("en", "#Person1# has B52 and x2", []), Case("en", "ninety nine", ["99"]),
        Case("en", "and hundred", []),
        Case("en", "on 2027-03-12", ["12", "2027"]), Case("en", "5k", ["5000"]),
        Case("de", "1.200,50 Euro für zweihundertfünfundzwanzig Leute", ["1200.5", "225"]),
        Case("de", "um 16 Uhr 30 und am 12.3. und am 12.03.2027", ["16", "30", "12", "12", "2027"]),
        Case(
            "de", "anderthalb Millionen, zweitausendfünfhundert, der fünfundzwanzigste",
            ["1500000", "2500", "25"]),
        Case(
            "fr", "1 200,5 euros, soit trois cent cinquante et quatre-vingt-dix-sept",
            ["1200.5", "350", "97"]),
        Case("fr", "à 16h30, deux mille vingt-sept, le vingt et un", ["16:30", "2027", "21"]),
        Case("es", "1.200,5 y treinta y cinco mil, dos millones", ["1200.5", "35000", "2000000"]),
        Case("it", "duemilacinquecento, centottanta, il ventitré", ["2500", "180", "23"]),
        Case("pt", "duzentos e cinquenta mil, 3,5%", ["250000", "3.5"]),
        Case("nl", "tweehonderdvijftig, vijfentwintigduizend en 1.200", ["250", "25000", "1200"]),
        Case("sv", "tvåhundrafemtio, tjugofem och 1 200", ["250", "25", "1200"]),
        Case("pl", "dwanaście tysięcy, do piętnastego maja, dwieście pięćdziesiąt", ["12000", "15", "250"]),
        Case(
            "ru", "двадцать шестого, двумстам пятидесяти, 1 200,5 и 3 млн",
            ["26", "250", "1200.5", "3000000"]),
        Case("ru", "в тридцати двух случаях, двенадцатого числа", ["32", "12"]),
        Case("uk", "двадцять третього травня, дванадцять тисяч", ["23", "12000"]),
        Case("tr", "yüz yirmi beş bin, on iki, ayın 15'inde", ["125000", "12", "15"]),
        Case("ar", "خمسة وخمسين، ١٥٪، مئة وعشرون", ["55", "15", "120"]),
        Case("hi", "1,50,000", ["150000"]),
        Case("hi", "एक सौ बीस, ७८, पच्चीस हज़ार, दो लाख", ["120", "78", "25000", "200000"]),
        Case("ja", "三十二個、3万5千円、十二月、二千二十七年", ["32", "35000", "2027"]),
        Case("ja", "一緒に千葉で三つ、十分です", []),
        Case("zh", "两百五十元，三点五万，二十号，百分之十五", ["250", "35000", "20", "15"]),
        Case("ko", "이십오 명, 스물세 개, 3만 5천 원, 이번 일", ["25", "23", "35000"]),
    ])
    func claimsHaveOneSpelling(_ test: Case) {
        let reading = test.reading
        #expect(reading.numbers.filter(\.isClaim).map(\.value) == test.claims)
        #expect(reading.saidNumbers.isSuperset(of: test.claims))
        for number in reading.numbers { #expect(!reading.text(number.range).isEmpty) }
    }

    /// What one says in words, another writes in digits.
    @Test(arguments: [
        Case(
            "en", "In nineteen ninety, at four thirty, version four point two", ["1990", "4:30", "4.2", "19"]),
        Case("en", "at half past four, a quarter to six, two and a half", ["4:30", "2.5"]),
        Case(
            "de", "um halb fünf, viereinhalb, vier Komma zwei, sechzehn Uhr dreißig",
            ["4:30", "16:30", "4.5", "4.2"]),
        Case("de", "zwölf Leute", ["12"]), Case("ru", "двенадцатого", ["12"]), Case("ja", "十二人", ["12"]),
        Case("fr", "seize heures trente, quatre heures et demie", ["16:30", "4:30"]),
        Case("es", "las cuatro y media", ["4:30", "16:30"]),
        Case("pl", "o szesnastej trzydzieści", ["16:30"]),
        Case("ja", "4時半と午後三時", ["4:30", "16:30", "15", "3"]), Case("zh", "下午三点二十分，一万二", ["15:20", "12000"]),
        Case("ko", "세 시 이십 분, 두 시 반", ["3:20", "2:30", "14:30"]), Case("zh", "四点二版本", ["4.2"]),
        Case("tr", "on altı buçuk", ["16"]), Case("de", "1.200", ["1200", "1.2"]),
        Case("ru", "1.200", ["1200"]),
    ])
    func sourceSaysWhatItsWordsMakeUp(_ test: Case) {
        let said = test.reading.saidNumbers
        #expect(said.isSuperset(of: test.claims), "\(said.sorted())")
    }

    /// Every number below a thousand that ICU can spell is read back, in every language.
    @Test(arguments: LanguageCode.firstClass)
    func spelledNumbersAreReadBack(_ language: LanguageCode) {
        for number in [
            11, 12, 17, 20, 21, 35, 48, 59, 63, 77, 80, 91, 99, 101, 115, 250, 399, 777, 1000, 2500, 12_000,
            73_000,
        ] {
            guard let text = Spelling.cardinal(number, language) else { continue }
            let said = TextReader.read(text, language: language).saidNumbers
            #expect(said.contains(String(number)), "\(text): \(said.sorted())")
        }
    }
}
