import Evaluation
import Testing

@Suite struct ConsensusTests {
    @Test func theAnswerThatOthersAgreeWithIsChosen() {
        let answers = [
            "Ann sells the boat on Friday.", "The moon is made of cheese.",
            "Ann will sell the boat on Friday.",
            "On Friday Ann sells her boat to Ben.",
        ]
        #expect(Consensus.index(of: answers) == 0)
        #expect(Consensus.index(of: [answers[1], answers[0], answers[2]]) == 1)
    }

    @Test func theFirstOfEqualsIsChosen() {
        #expect(Consensus.index(of: ["a b c"]) == 0)
        #expect(Consensus.index(of: ["one", "two", "three"]) == 0)
        #expect(Consensus.index(of: ["", "two", "two"]) == 1)
    }
}
