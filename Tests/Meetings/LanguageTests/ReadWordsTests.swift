import Language
import Testing

/// Words, sentences and stems.
struct ReadWordsTests {
    private func read(_ text: String, _ language: String) -> Reading {
        TextReader.read(text, language: LanguageCode(rawValue: language))
    }

    @Test(arguments: [
        ("en", "They don't think — it’s John's!", ["they", "don't", "think", "it's", "john's"]),
        ("de", "Überprüfung, STRASSE und Straße", ["überprüfung", "strasse", "und", "strasse"]),
        ("fr", "L’équipe d'Anne, aujourd'hui", ["l'", "équipe", "d'", "anne", "aujourd'hui"]),
        ("it", "l'acqua", ["l'", "acqua"]), ("tr", "IŞIK İstanbul'da", ["ışık", "istanbul"]),
        ("ru", "Ёлка, ещё раз", ["елка", "еще", "раз"]), ("uk", "п’ятниця", ["п'ятниця"]),
        ("ja", "公園の予約を", ["公園", "の", "予約", "を"]), ("zh", "我们同意", ["我们", "同意"]),
        ("ko", "회의를 시작합니다", ["회의를", "시작합니다"]), ("hi", "हज़ार हजार", ["हजार", "हजार"]),
        ("ar", "أُستاذ", ["استاذ"]), ("th", "สวัสดีครับ", ["สวัสดี", "ครับ"]), ("en", "—  … !?", []), ("en", "", []),
        ("en", "🎉 ok 👍🏽", ["ok"]), ("el", "Καλημέρα ΚΌΣΜΕ", ["καλημέρα", "κόσμε"]),
    ])
    func wordsAreFolded(_ language: String, _ text: String, _ words: [String]) {
        let reading = read(text, language)
        #expect(reading.words.map(\.folded) == words)
        #expect(reading.wordCount == words.count)
        for word in reading.words { #expect(reading.text.utf8.count >= word.range.upperBound) }
    }

    @Test(arguments: [
        (
            "en", "Dr. Rey met J. Poe. Really?! He said \"no.\" Then: at 4.30\nno more… Yes",
            ["Dr. Rey met J. Poe.", "Really?!", "He said \"no.\"", "Then: at 4.30", "no more…", "Yes"]
        ),
        ("en", "okay. so we start. right?", ["okay.", "so we start.", "right?"]), ("en", "  \n ", []),
        (
            "de",
            "Am 12. März um 9. Der 3. Punkt z.B. fehlt. Am 20. bin ich in Kiel. Es gilt am 20. Dann nicht. Wir sind 12. Dann gehen wir.",
            [
                "Am 12. März um 9.", "Der 3. Punkt z.B. fehlt.", "Am 20. bin ich in Kiel.", "Es gilt am 20.",
                "Dann nicht.", "Wir sind 12.",
                "Dann gehen wir.",
            ]
        ),
        ("ja", "こんにちは。元気？ はい", ["こんにちは。", "元気？", "はい"]), ("zh", "好。那咱们开始！", ["好。", "那咱们开始！"]),
        ("hi", "ठीक है। कल मिलते हैं।", ["ठीक है।", "कल मिलते हैं।"]),
        ("ar", "كيف الحال؟ بخير.", ["كيف الحال؟", "بخير."]),
        ("ru", "Да. т.е. нет", ["Да.", "т.е. нет"]),
    ])
    func sentencesEndAtMarksAndLines(_ language: String, _ text: String, _ sentences: [String]) {
        let reading = read(text, language)
        #expect(reading.sentenceTexts == sentences)
        for word in reading.words {
            #expect(reading.sentences[word.sentence].overlaps(word.range))
        }
    }

    @Test func speechWithoutMarksIsDivided() {
        let half = Array(repeating: "we talked about the boats", count: 6).joined(separator: " ")
        let reading = read("\(half) so \(half)", "en")
        #expect(reading.sentences.count == 2)
        #expect(reading.sentenceTexts.last?.hasPrefix("so we") == true)
        #expect(read(half + ".", "en").sentences.count == 1)
    }

    @Test(arguments: [
        ("en", "They don't think that the boats were sailing, uh, B", ["boat", "sail"]),
        ("de", "Die Häuser und das Haus", ["haus", "haus"]),
        ("ru", "встречи встречами", ["встреч", "встреч"]),
        ("ko", "회의를 회의가", ["회의", "회의"]), ("pl", "spotkania spotkanie", ["spotkan", "spotkan"]),
    ])
    func stemsAreWhatCarriesMeaning(_ language: String, _ text: String, _ stems: [String]) {
        #expect(read(text, language).stems == stems)
    }

    /// A capital makes no name of a German noun.
    @Test(arguments: [
        (
            "en", "Yesterday Mia's boss, Ms. O'Neil, said I'm late. Then I met Mia at IBM.",
            ["mia's", "o'neil", "mia", "ibm"]
        ),
        ("de", "Die Überprüfung der Anlage durch Frau Petrović und Annas Team", ["petrović", "annas"]),
        ("ru", "Вчера Иван передал Анне отчёт", ["иван", "анне"]), ("ja", "田中さんと鈴木さんが来た", ["田中", "鈴木"]),
        ("zh", "王经理同意了", ["王"]), ("ko", "김민수 씨가 왔다", ["김민수"]), ("hi", "शर्मा जी आए", ["शर्मा"]),
        ("ar", "قال السيد فهد", ["فهد"]), ("en", "ALL OF THIS IS LOUD TALK", []),
    ])
    func namesAreFound(_ language: String, _ text: String, _ names: [String]) {
        #expect(read(text, language).names.filter(\.isSure).map(\.folded) == names)
    }

    @Test func sameTextReadsTheSameFromManyThreads() async {
        let text = "Am 12. März um 16 Uhr 30 kommen zweihundert Leute. Frau Vogel fragt bis Freitag nach."
        let first = TextReader.read(text, language: .german)
        let same = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let other = TextReader.read(text, language: .german)
                    return other.words == first.words && other.numbers == first.numbers
                        && other.dates == first.dates && other.names == first.names
                        && other.sentences == first.sentences
                }
            }
            return await group.allSatisfy { $0 }
        }
        #expect(same)
        #expect(first.numbers.filter(\.isClaim).map(\.value) == ["12", "16", "30", "200"])
    }

    /// Whatever comes, ranges stay inside the text and in order.
    @Test func strangeTextIsRead() {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "12", ".", ",", ":", "’", "'", "l'", " ", "\u{A0}", "\n", "Dr.", "B52", "１２", "三", "万", "点", "月",
            "시", "이십",
            "🎉", "e\u{301}", "\u{200D}", "İ", "ß", "ﬁ", "½", "twenty", "hundred", "May", "さん", "٥", "و", "-",
            "h", "2027-13-45",
        ]
        for language in LanguageCode.firstClass {
            for _ in 0..<150 {
                let text = (0..<12).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
                let reading = TextReader.read(text, language: language)
                let ranges =
                    reading.sentences + reading.words.map(\.range) + reading.numbers.map(\.range)
                    + reading.dates.map(\.range) + reading.names.map(\.range)
                for range in ranges {
                    #expect(range.upperBound <= text.utf8.count && !range.isEmpty, "\(language): \(text)")
                }
                for (one, other) in zip(reading.words, reading.words.dropFirst()) {
                    #expect(one.range.upperBound <= other.range.lowerBound, "\(language): \(text)")
                }
                _ = reading.dueDate
            }
        }
    }
}
