import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct TopicNamerTests {
    private func utterances(_ texts: [String]) -> [Utterance] {
        texts.enumerated().map { index, text in
            Utterance(
                speaker: "Ann", start: Double(index), end: nil, text: text,
                source: SourcePosition(name: "x", line: index + 1))
        }
    }

    /// The words that name the topic of `parts`, the last of several in a meeting.
    private func words(_ parts: [Utterance], after before: [Utterance] = []) -> [String] {
        var namer = TopicNamer()
        namer.add(before.map { UtteranceReading(ReadUtterance($0)) }, speakers: ["Ann"])
        namer.begin()
        namer.add(parts.map { UtteranceReading(ReadUtterance($0)) }, speakers: ["Ann"])
        return namer.words
    }

    @Test func wordsThatStandOutNameATopic() {
        let meeting = utterances([
            "The charging station at the harbour is broken.", "A charging station costs a lot.",
            "The harbour has one charging station.",
            "Invoices were late.", "The invoices of the bakery went out twice.",
        ])
        let first = words(Array(meeting[..<3]))
        #expect(first.first == "charging station" && first.contains("harbour"))
        #expect(
            words(Array(meeting[3...]), after: Array(meeting[..<3])).map { $0.lowercased() } == ["invoices"])
    }

    @Test func whoIsAddressedNamesNothing() {
        let meeting = utterances([
            "Mr Sommer, what about the balcony railings?", "The railings are loose, Mr Sommer says.",
            "Then Mr Sommer fixes the railings.",
        ])
        #expect(words(meeting).map { $0.lowercased() } == ["railings"])
    }

    /// Months and numbers say when and how much, not what of.
    @Test func monthsAndNumbersNameNothing() {
        let meeting = utterances([
            "In May we sold two hundred batteries.", "May was better: four hundred and fifty batteries.",
            "Then came a thousand in March and a thousand in April.", "March and April and a million.",
        ])
        #expect(words(meeting).map { $0.lowercased() } == ["batteries"])
    }

    /// A joke that comes up again and again is not what the minutes are about.
    @Test func theTitleIsOfWhatIsShown() {
        let readings = utterances([
            "He thinks I have a secret Skoda.", "I would like a secret Skoda as well.",
            "The lift in the north wing is broken, and the lift needs a new motor.",
        ]).map { UtteranceReading(ReadUtterance($0)) }
        var (all, some) = (TopicNamer(), TopicNamer())
        all.add(readings, speakers: ["Ann"])
        some.add(readings, speakers: ["Ann"], shown: [2: "The lift in the north wing is broken."])
        #expect(all.title?.contains("Skoda") == true)
        #expect(some.title?.contains("lift") == true && all.words == some.words)
    }
}
