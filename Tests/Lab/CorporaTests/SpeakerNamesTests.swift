@testable import Corpora
import Testing

@Suite struct SpeakerNamesTests {
    /// `1: Hi, Tony.` a turn.
    private func names(_ turns: String...) -> [String: String] {
        SpeakerNames.all(
            in: turns.map { turn in
                let parts = turn.split(separator: ": ", maxSplits: 1)
                return (speaker: String(parts[0]), text: String(parts[1]))
            })
    }

    @Test(arguments: [
        "Kate, you will not believe it.", "Hi, Kate.", "Hey Kate! Are you in?", "What time is it, Kate?",
        "Hello Kate are you ready?", "Thank you very much. Hello, Kate.", "Good morning, Kate, how was it?",
        "Excuse me, Kate? It is late.", "I am afraid, Kate, that it is over. Please, Kate, sit down.",
        "Sure, Kate.",
    ])
    func whoIsAddressedIsTheOther(text: String) {
        #expect(names("1: \(text)", "2: What is it?") == ["2": "Kate"])
        #expect(names("2: What is it?", "1: \(text)") == ["2": "Kate"])
    }

    @Test func titlesBelongToTheName() {
        #expect(names("1: Good afternoon, Ms. Dawson. Sit down.", "2: Thanks.") == ["2": "Ms. Dawson"])
        #expect(names("1: Thank you very much. Mr. George.", "2: Good.") == ["2": "Mr. George"])
        #expect(names("1: Yes, Doctor.", "2: Well, Sir.").isEmpty)
    }

    @Test func bothMayHaveNames() {
        #expect(
            names("1: Excuse me, Mr. White? I need this.", "2: Sure, Sherry. Sorry.")
                == ["1": "Sherry", "2": "Mr. White"])
    }

    @Test(arguments: [
        "My name is Ann Lee.", "This is Ann Lee speaking.", "Hello. I'm Ann Lee, from the bank.",
    ])
    func whoSaysANameOfHisOwnHasIt(text: String) {
        #expect(names("1: \(text)", "2: Good morning.") == ["1": "Ann Lee"])
    }

    @Test(arguments: [
        "Unfortunately, I cannot.", "Really? I live in Portland, Oregon.", "Well, I see.", "Monday, then.",
        "I saw Kate and Tony there.", "Kate said so.", "In May, in Paris, on TV, at noon.", "Taxi!",
        "I'm Chinese.", "I like it, too.", "The price is 3.50, Kate2, ok.",
    ])
    func otherWordsWithCapitalsNameNobody(text: String) {
        #expect(names("1: \(text)", "2: I see.").isEmpty)
    }

    /// Who says a name does not have it, whatever the other one says.
    @Test func nobodyAddressesHimself() {
        #expect(names("1: Hi, Kate.", "2: Hi, Kate.").isEmpty)
    }

    @Test func amongThreeItIsAGuess() {
        #expect(names("1: Hi, Kate.", "2: Hello.", "3: Hello.").isEmpty)
        #expect(names("1: Hi, Kate.").isEmpty)
        #expect(names().isEmpty)
    }

    /// What is said most often counts.
    @Test func theNameWithMostEvidenceIsTaken() {
        #expect(
            names("1: Tom, look.", "2: What?", "1: Hi, Kate.", "2: Yes?", "1: Good night, Kate.") == [
                "2": "Kate"
            ]
        )
    }
}
