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

    /// Who says what others do does not promise it themselves.
    @Test func whatOthersDoIsNotTheSpeakers() {
        #expect(items("You can send the report to the clerk by Friday, please.").first?.owner == nil)
        #expect(items("I can send the report to the clerk by Friday.").first?.owner == "Ann")
    }

    /// What is found of turns that a model gives the same weights: it takes each for something that may be noted.
    private func items(_ turns: [(String, String)]) -> [MinutesItem] {
        let readings = turns.enumerated().map { line, turn in
            UtteranceReading(
                ReadUtterance(
                    Utterance(
                        speaker: turn.0, text: turn.1, source: SourcePosition(name: "t", line: line + 1),
                        language: .english)))
        }
        let weighed = PickPrompt.lines(of: readings.map(\.read)).map {
            // Nothing, detail, point, main point, decision, action, question.
            WeighedSentence(place: $0.place, logits: [1, 1, 1.5, 0, 0.7, -2, -1])
        }
        return ItemFinder(speakers: ["Ann", "Ben", "Cleo"], language: .english).items(
            in: readings[...], first: 0, weighed: weighed,
            context: ContextFinder(readings, before: [], first: 0))
    }

    private static let proposal = ("Ann", "The winter store goes behind the old boat house.")

    @Test func whatOthersAgreeToIsDecided() {
        let offer = ("Ann", "The winter store goes behind the boat house. Are we all agreed on that?")
        let decided = items([offer, ("Ben", "Yes, agreed."), ("Cleo", "Fine by me.")])
        #expect(decided.map(\.kind) == [.decision])
        #expect(decided.first?.text.hasPrefix("The winter store goes") == true)
        // A refusal is no agreement, and a question is no decision.
        let asked = ("Ann", "Does the winter store go behind the old boat house?")
        #expect(items([asked, ("Ben", "Good question."), ("Cleo", "Okay.")]).isEmpty)
        #expect(items([Self.proposal, ("Ben", "That's not good."), ("Cleo", "No, not okay.")]).isEmpty)
        // Nobody puts it as a decision, though they nod.
        #expect(items([Self.proposal, ("Ben", "Okay."), ("Cleo", "The ferry leaves at nine.")]).isEmpty)
    }

    @Test func oneMatterIsDecidedOnce() {
        let turns = [
            ("Ann", "We agreed to put the winter store behind the boat house."), ("Ben", "Agreed."),
            ("Cleo", "So it's decided that the winter store goes behind it."), ("Ben", "Agreed."),
        ]
        #expect(items(turns).filter { $0.kind == .decision }.count == 1)
    }

    @Test func whatIsPutOffIsOpen() {
        let question = ("Ann", "Who pays for the new roof of the boat house?")
        let open = items([question, ("Ben", "That stays open until the insurer has written.")])
        #expect(open.map(\.kind) == [.question])
        let answered = items([question, ("Ben", "The harbour fund pays for it.")])
        #expect(!answered.contains { $0.kind == .question })
        // What is said before something is put off is no question.
        let told = items([Self.proposal, ("Ben", "Who pays stays open until the insurer has written.")])
        #expect(told.map(\.citation.utterance) == [1])
    }

    @Test func aShortQuestionIsShownWithWhatItAsksAbout() {
        let found = items([
            ("Ann", "The city promised sand for the playground. Do we wait then?"),
            ("Ben", "We haven't decided that, next time."),
        ])
        #expect(found.first?.text == "The city promised sand for the playground. Do we wait then?")
    }

    /// Who says "please" asks others; nobody knows whom.
    @Test func whatIsAskedOfNobodyHasNoOwner() {
        let said = Utterance(
            speaker: "Ann", text: "Ask the interpreter for an hour on Monday, please.",
            source: SourcePosition(name: "t", line: 1), language: .english)
        let reading = UtteranceReading(ReadUtterance(said))
        let weighed = PickPrompt.lines(of: [reading.read]).map {
            WeighedSentence(place: $0.place, logits: [0, 0, 0, 0, 0, 5, 0])
        }
        let found = ItemFinder(speakers: ["Ann", "Ben"], language: .english).items(
            in: [reading], first: 0, weighed: weighed,
            context: ContextFinder([reading], before: [], first: 0))
        #expect(found.map(\.kind) == [.action] && found.first?.owner == nil)
        #expect(found.first?.due == "on Monday")
    }

    /// "He can't wait till Monday" sets no date, and class 8B is none.
    @Test(arguments: [
        "I'll ring them, he can't wait till Monday with it.", "I'll write a letter to them in 8B.",
    ])
    func notEveryDateIsADueDate(_ said: String) {
        let found = items(said)
        #expect(found.map(\.kind) == [.action] && found.first?.due == nil)
    }

    /// A Swedish or German sentence keeps its first word, without which it asks.
    @Test func theVerbStaysSecond() {
        func text(_ said: String, _ language: LanguageCode) -> String? {
            UtteranceReading(
                ReadUtterance(
                    Utterance(
                        speaker: "Ann", text: said, source: SourcePosition(name: "t", line: 1),
                        language: language))
            ).sentences.first?.text
        }
        #expect(text("Då tar vi idrottshallen på måndag.", .swedish) == "Då tar vi idrottshallen på måndag.")
        #expect(
            text("Alltså, vi tar idrottshallen på måndag.", .swedish) == "Vi tar idrottshallen på måndag.")
        #expect(
            text("Dann nehmen wir die Halle am Montag.", .german) == "Dann nehmen wir die Halle am Montag.")
        #expect(text("Then we take the hall on Monday.", .english) == "We take the hall on Monday.")
    }

    /// What is not decided is no decision, in any language.
    @Test(
        arguments: [
            ("We haven't decided who pays for the roof.", .english),
            ("Мы пока не решили, кто платит за крышу дома.", .russian),
            ("Non abbiamo deciso chi paga il tetto della casa.", .italian),
            ("Das lassen wir offen, bis die Versicherung geschrieben hat.", .german),
        ] as [(String, LanguageCode)])
    func whatIsNotDecidedIsNoDecision(_ said: String, _ language: LanguageCode) {
        let reading = UtteranceReading(
            ReadUtterance(
                Utterance(
                    speaker: "Ann", text: said, source: SourcePosition(name: "t", line: 1), language: language
                )))
        let weighed = PickPrompt.lines(of: [reading.read]).map {
            WeighedSentence(place: $0.place, logits: [0, 0, 1, 0, 1, -3, 1])
        }
        let found = ItemFinder(speakers: ["Ann", "Ben"], language: language).items(
            in: [reading], first: 0, weighed: weighed,
            context: ContextFinder([reading], before: [], first: 0))
        #expect(found.map(\.kind) == [.question])
    }
}
