import Testing

@testable import Language

@Suite struct NameReplacementTests {
    private let ada = NameReplacement(["Ada Okafor", "Ada"], by: "Person 1")

    @Test(arguments: [
        ("Ada Okafor will do it.", "Person 1 will do it."),
        ("I asked ADA  OKAFOR, twice.", "I asked Person 1, twice."),
        ("Ada's plan, says Ada.", "Person 1's plan, says Person 1."),
        ("Adamant people in Nevada, okafor alone", "Adamant people in Nevada, okafor alone"),
        ("", ""), ("Ada", "Person 1"), ("Adas", "Adas"), ("(Ada)", "(Person 1)"),
    ])
    func wholeNamesAreReplaced(text: String, expected: String) {
        #expect(ada.replaced(in: text) == expected)
    }

    @Test func anotherPersonKeepsTheirName() {
        #expect(ada.replaced(speaker: "ada") == "Person 1")
        #expect(ada.replaced(speaker: "Ada Okafor (Lagos)") == "Person 1 (Lagos)")
        #expect(ada.replaced(speaker: "Ada Lovelace") == "Ada Lovelace")
    }

    /// Particles follow a name without a blank.
    @Test func scriptsWithoutBlanksHaveNoBoundaries() {
        let tanaka = NameReplacement(["田中"], by: "人物1")
        #expect(tanaka.replaced(in: "田中さんが来た") == "人物1さんが来た")
        #expect(NameReplacement(["김민수"], by: "인물 1").replaced(in: "김민수가 말했다") == "인물 1가 말했다")
    }

    @Test func onlyTextsOfJSONChange() {
        let json =
            #"{"Ada":1,"kind":"Ada","text":"Ada \"Okafor\" \u00e9 and Ada","speaker":"Ada Lovelace","#
            + #""topicWords":["okafor","plan"],"support":0.27000000000000002,"isQuoted":true}"#
        let expected =
            #"{"Ada":1,"kind":"Ada","text":"Person 1 \"Okafor\" é and Person 1","speaker":"Ada Lovelace","#
            + #""topicWords":["","plan"],"support":0.27000000000000002,"isQuoted":true}"#
        #expect(ada.replaced(inJSON: json) == expected)
        #expect(ada.replaced(inJSON: #"{"text":"nobody \n here"}"#) == #"{"text":"nobody \n here"}"#)
        // Cut off: nothing is lost, and nothing traps.
        #expect(ada.replaced(inJSON: #"{"text":"Ad"#).hasPrefix(#"{"text":""#))
    }

    @Test func wordsThatStandAloneAreCounted() {
        #expect(NameReplacement.count(of: "Ada", in: "Ada, ada, Adamant. (Ada)") == 2)
    }

    @Test func severalNamesAreReplacedAtTheSameTime() {
        let names = NameReplacement(exactly: [
            "Speaker 1": "Ada Okafor", "Speaker 2": "Speaker 1", "Ada": "Ben", "Ada Lovelace": "Ada Lovelace",
            "Will": "William",
        ])
        #expect(
            names.replaced(in: "Speaker 1 and Speaker 2: Speaker 12, speaker 1")
                == "Ada Okafor and Speaker 1: Speaker 12, speaker 1")
        #expect(names.replaced(in: "Ada Lovelace, Ada, Adam") == "Ada Lovelace, Ben, Adam")
        #expect(names.replaced(in: "Will will, and Ada’s") == "William will, and Ben’s")
        #expect(NameReplacement(exactly: [:]).replaced(in: "Ada") == "Ada")
    }
}
