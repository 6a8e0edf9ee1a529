import Language
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct ItemFinderTests {
    private func items(_ text: String, by speaker: String? = "Ann") -> [MinutesItem] {
        let said = Utterance(
            speaker: speaker, start: 5, text: text, source: SourcePosition(name: "t", line: 1))
        let reading = UtteranceReading(ReadUtterance(said))
        return ItemFinder(speakers: ["Ann", "Ben Low", "Cleo"], language: .english).items(
            in: [reading], first: 7, context: ContextFinder([reading], before: [], first: 7))
    }

    @Test(
        arguments: [
            (
                "Okay, so I'll send the report by Friday.", "I'll send the report by Friday.", "Ann",
                "by Friday"
            ),
            (
                "Cleo, can you check the boiler before the end of April?",
                "Cleo, can you check the boiler before the end of April?", "Cleo", "before the end of April"
            ),
            (
                "Cleo writes one page by the sixth of March, and Ben Low calls after that.",
                "Cleo writes one page by the sixth of March, and Ben Low calls after that.", "Cleo",
                "by the sixth of March"
            ),
            (
                "Ben Low will ask the insurer about it.", "Ben Low will ask the insurer about it.", "Ben Low",
                nil
            ),
            ("I'll confirm it on the twelfth.", "I'll confirm it on the twelfth.", "Ann", "on the twelfth"),
        ] as [(String, String, String, String?)])
    func promisesAndRequestsAreActions(_ said: String, _ text: String, _ owner: String, _ due: String?) {
        let found = items(said)
        #expect(found.map(\.kind) == [.action])
        #expect(found.first?.text == text && found.first?.owner == owner && found.first?.due == due)
        #expect(found.first?.citation.utterance == 7 && found.first?.citation.start == 5)
    }

    @Test func promiseWithoutASpeakerHasNoOwner() {
        let found = items("I'll send the report tomorrow.", by: nil)
        #expect(found.map(\.kind) == [.action] && found.first?.owner == nil && found.first?.due == "tomorrow")
    }

    @Test(arguments: [
        ("Well, the decision is that we start in May.", MinutesItem.Kind.decision),
        ("So we agreed to paint the boat house.", .decision),
        ("The price of the season ticket remains open.", .question),
        ("We still don't know yet who pays for it.", .question),
    ])
    func agreementsAndDoubtsAreFound(_ said: String, _ kind: MinutesItem.Kind) {
        #expect(items(said).map(\.kind) == [kind])
    }

    @Test(arguments: [
        "I'll do it.", "I can't go to the members now with that.",
        "I'll take that as a compliment, thank you.",
        "Should we say that we agreed on the boat house?", "Maybe we agreed on something like that once.",
        "The weather in May is lovely at the coast.", "Have you seen the report from last week?",
    ])
    func otherTalkIsNoItem(_ said: String) { #expect(items(said).isEmpty) }
}
