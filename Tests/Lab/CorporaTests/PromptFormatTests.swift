import Testing

@testable import Corpora

struct PromptFormatTests {
    private let spoken = [
        CorpusUtterance(speaker: "Ann", text: "We ship.", index: 0),
        CorpusUtterance(speaker: nil, text: "Friday then.", index: 3),
    ]

    @Test func dialogsumPromptIsWordForWord() {
        #expect(
            PromptFormat.dialogsum.prompt(utterances: spoken).text
                == "Dialogue:\nAnn: We ship.\nFriday then.\n\nSummary:")
    }

    @Test func tunedPromptIsWordForWord() {
        let prompt = PromptFormat.tuned.prompt(utterances: spoken)
        #expect(prompt.text == "Ann: We ship.\nFriday then.\n\n---\n\nSummary:")
        #expect(prompt.pieces == ["Ann: We ship.\n", "Friday then.\n", "\n---\n\nSummary:"])
        #expect(
            PromptFormat.tuned.prompt(utterances: spoken, query: "When?").text
                == "Ann: We ship.\nFriday then.\n\n---\n\nQuestion: When?\nAnswer:")
    }

    @Test func onlyAnAnswerToAQueryIsAskedWithIt() {
        var example = CorpusExample(
            id: "x", kind: .query, source: spoken, query: "When?", references: ["On\nFriday."])
        #expect(PromptFormat.tuned.prompt(of: example).tail.contains("When?"))
        example.kind = .meeting
        #expect(PromptFormat.tuned.prompt(of: example).tail.hasSuffix("Summary:"))
        #expect(PromptFormat.answer(example.references[0]) == " On Friday.")
    }

    @Test(arguments: PromptFormat.allCases) func shotsStandBefore(_ format: PromptFormat) {
        let shot = CorpusExample(id: "s", kind: .dialogue, source: spoken, references: ["They ship."])
        let example = CorpusExample(id: "x", kind: .dialogue, source: [spoken[0]], references: ["-"])
        let alone = format.prompt(of: example)
        #expect(
            format.prompt(of: example, after: [shot]).text
                == format.prompt(of: shot).text + " They ship.\n\n" + alone.text)
        #expect(format.prompt(of: example, after: []) == alone)
    }

    @Test func fittedKeepsHeadTailAndAsManyUtterancesAsFit() {
        let many = (0..<20).map { CorpusUtterance(speaker: "A", text: "word \($0)", index: $0) }
        let prompt = PromptFormat.dialogsum.prompt(utterances: many)
        let whole = prompt.text.utf8.count
        for limit in [whole + 5, whole, whole - 1, whole / 2, 1] {
            let (cut, dropped) = prompt.fitted(limit: limit, tokenCount: { $0.utf8.count })
            #expect(cut.head == prompt.head && cut.tail == prompt.tail)
            #expect(cut.utterances.count + dropped == many.count)
            #expect(cut.utterances.elementsEqual(prompt.utterances.prefix(cut.utterances.count)))
            #expect(cut.text.utf8.count <= limit || cut.utterances.isEmpty)
            if dropped > 0 {
                let next = prompt.utterances[cut.utterances.count]
                #expect(cut.text.utf8.count + next.utf8.count > limit, "more would have fitted")
            }
            #expect((dropped == 0) == (limit >= whole))
        }
    }
}
