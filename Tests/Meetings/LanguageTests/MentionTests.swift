import Language
import Testing

struct MentionTests {
    @Test func sentencesEndAtMarksAndLines() {
        #expect(
            Sentences.of("Dr. Rey met J. Poe. Really?! He said \"no.\" Then: at 4.30\nno more… Yes")
                == ["Dr. Rey met J. Poe.", "Really?!", "He said \"no.\"", "Then: at 4.30", "no more…", "Yes"])
        #expect(Sentences.of("  Zwei   Worte. こんにちは。元気？ はい") == ["Zwei Worte.", "こんにちは。", "元気？", "はい"])
        #expect(Sentences.of("  \n ").isEmpty)
    }

    @Test func contentWordsAreStemsWithoutFunctionWords() {
        #expect(
            TextWords.content("They don't think that the boats were sailing, uh, B") == [
                "boat", "sail",
            ])
    }

    @Test(arguments: [
        ("twelve hundred nails", ["1200"]), ("1,200 nails at £4.50.", ["1200", "4.5"]),
        ("two hundred and five, and twenty-six", ["205", "26"]), ("at 4:30pm on the 3rd", ["4:30", "3"]),
        ("2.5 million, then three thousand and ten", ["2500000", "3010"]), ("one of two boats", []),
        ("the twelfth of twelve", ["12"]), ("#Person1# has B52 and x2", []), ("ninety nine", ["99"]),
        ("and hundred", []),
    ])
    func numbersHaveOneSpelling(_ text: String, _ claims: [String]) {
        #expect(NumberMentions.claims(in: text) == claims)
        #expect(NumberMentions.all(in: text).isSuperset(of: claims))
    }

    @Test func sourceMentionsWhatItsWordsMakeUp() {
        let all = NumberMentions.all(
            in: "In nineteen ninety, at four thirty, version four point two, two of them")
        #expect(all.isSuperset(of: ["1990", "4:30", "4.2", "2", "19", "90"]))
        #expect(!all.contains("5"))
    }

    @Test func namesAreCapitalisedInsideSentences() {
        #expect(
            NameMentions.claims(in: "Yesterday Mia's boss, Ms. O'Neil, said I'm late. Then I met Mia at IBM.")
                == ["mia", "ms", "o'neil", "ibm"])
        #expect(NameMentions.words(in: "Mia’s (O’Neil) boss").isSuperset(of: ["mia", "o'neil", "boss"]))
    }
}

struct DateMentionTests {
    @Test(arguments: [
        ("On Fri, not Thursday; in Sept or march 3", ["friday", "thursday", "september", "march"]),
        ("You may go to march on, next week", ["next week"]), ("Mondays and this Monday's talk", ["monday"]),
        ("in May", ["may"]), ("tomorrow", ["tomorrow"]), ("the sun sat low", []),
    ])
    func calendarWordsHaveOneSpelling(_ text: String, _ expected: [String]) {
        #expect(DateMentions.all(in: text) == expected)
    }

    @Test(
        arguments: [
            ("I'll bring it by Friday, promised.", "by Friday"),
            ("Until the end of April then.", "Until the end of April"),
            ("on the twelfth of March at ten", "on the twelfth of March"), ("Send it tomorrow.", "tomorrow"),
            ("We meet on 12 March 2027.", "on 12 March 2027"), ("By the 6th!", "By the 6th"),
            ("next week", "next week"),
            ("It was cold last Monday.", nil), ("Nothing is due.", nil),
        ] as [(String, String?)])
    func dueDateIsThePhrase(_ text: String, _ expected: String?) {
        #expect(DateMentions.dueDate(in: text) == expected)
    }
}
