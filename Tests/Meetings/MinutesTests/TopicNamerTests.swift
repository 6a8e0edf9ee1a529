import Testing
import Transcript

@testable import Minutes

@Suite struct TopicNamerTests {
    private func utterances(_ texts: [String]) -> [Utterance] {
        texts.enumerated().map { index, text in
            Utterance(
                speaker: "Ann", start: Double(index), end: nil, text: text,
                source: SourcePosition(name: "x", line: index + 1))
        }
    }

    private func namer(_ meeting: [Utterance]) -> TopicNamer {
        let memory = MinutesMemory()
        memory.read(meeting)
        return TopicNamer(memory)
    }

    @Test func wordsThatStandOutNameATopic() {
        let meeting = utterances([
            "The charging station at the harbour is broken.", "A charging station costs a lot.",
            "The harbour has one charging station.",
            "Invoices were late.", "The invoices of the bakery went out twice.",
        ])
        let namer = namer(meeting)
        #expect(namer.words(of: [0..<3]).first == "charging station")
        #expect(namer.words(of: [0..<3]).contains("harbour"))
        #expect(namer.words(of: [3..<5]).map { $0.lowercased() } == ["invoices"])
    }

    /// Months and numbers say when and how much, not what of.
    @Test func monthsAndNumbersNameNothing() {
        let meeting = utterances([
            "In May we sold two hundred batteries.", "May was better: four hundred and fifty batteries.",
            "Then came a thousand in March and a thousand in April.", "March and April and a million.",
        ])
        #expect(namer(meeting).words(of: [0..<4]).map { $0.lowercased() } == ["batteries"])
    }
}
