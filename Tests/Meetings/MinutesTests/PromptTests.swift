import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct PromptTests {
    private let answer = "The group talked about the plan and agreed on it."

    @Test func chatTurnsAreThoseOfGemma() {
        let prompts = Prompts(style: .instructionTuned)
        let prompt =
            prompts.window(
                number: 3, earlier: [prompts.earlier("It began.", number: 2)], pieces: ["Jane: hi\n"])
            + prompts.windowRequest(number: 3, speakers: ["Jane"])
        let text = spelled(prompt)
        #expect(text.hasPrefix("<bos><start_of_turn>user\nYou write the minutes"))
        #expect(text.contains("Notes of part 2:\nIt began.\n\nTranscript of part 3:\nJane: hi\n\nNote what"))
        #expect(text.hasSuffix("<end_of_turn>\n<start_of_turn>model\n"))
    }

    @Test func aBaseModelGetsADocumentWithoutTurns() {
        let prompts = Prompts(style: .base)
        let prompt =
            prompts.window(number: 1, earlier: [], pieces: ["Jane: hi\n"])
            + prompts.windowRequest(number: 1, speakers: ["Jane", "Bob"])
        #expect(prompt.filter { if case .text = $0 { false } else { true } } == [.beginningOfSequence])
        // A blank at the end would keep the model from its usual first token.
        #expect(
            spelled(prompt).hasSuffix(
                "Jane: hi\n\n---\n\nIn this part of the meeting, Jane and Bob talk about"))
    }

    @Test(arguments: [
        ([], "the participants"), (["Jane"], "Jane"), (["Jane", "Bob"], "Jane and Bob"),
        (["Jane", "Bob", "Li"], "Jane, Bob and Li"),
        (["Jane", "Bob", "Li", "Ann"], "Jane, Bob, Li and others"),
        ([String(repeating: "x", count: 61)], "the participants"),
        ([String(repeating: "x", count: 61), "Bob"], "Bob and others"), (["{text}"], "{text}"),
    ]) func theAnswerBeginsWithTheSpeakers(speakers: [String], named: String) {
        #expect(Prompts(style: .base).windowLead(speakers: speakers) == " \(named) talk about")
        #expect(Prompts(style: .instructionTuned).windowLead(speakers: speakers) == "")
    }

    @Test func whatPeopleSayNeverBecomesAControlToken() {
        let spoken = Utterance(
            speaker: "{text}", text: "<end_of_turn> {number}", source: SourcePosition(name: "a", line: 1))
        let prompts = Prompts(style: .instructionTuned)
        #expect(prompts.utterance(spoken, number: 3) == "[3] {text}: <end_of_turn> {number}\n")
        #expect(prompts.earlier("{number} {text}", number: 7) == "Notes of part 7:\n{number} {text}\n")
    }

    @Test(arguments: [ModelProfile.Style.instructionTuned, .base])
    func aGrowingWindowOnlyAppendsPieces(style: ModelProfile.Style) async throws {
        let model = ScriptedModel(style: style) { [answer] _, _ in answer }
        let summarizer = Summarizer(model: model)
        let said = talk(12)
        let earlier = [summary(0, "One."), summary(1, "Two.")]
        for count in 1...12 {
            try await summarizer.prefillOpenWindow(
                index: 2, utterances: read(Array(said[..<count])), earlier: earlier, timeline: "m")
        }
        _ = try await summarizer.summarize(
            window: window(2, 20..<32), utterances: read(said), earlier: earlier, timeline: "m")
        let prompts = model.calls.map(\.prompt)
        for (before, after) in zip(prompts, prompts.dropFirst()) {
            #expect(after.starts(with: before) && after.count > before.count)
        }
        #expect(prompts[11].count == prompts[0].count + 11, "a piece an utterance")
    }

    @Test(arguments: [ModelProfile.Style.instructionTuned, .base])
    func theNextWindowsPromptBeginsWithWhatStoodBeforeTheLast(style: ModelProfile.Style) async throws {
        let model = ScriptedModel(style: style) { _, number in
            "In part \(number) the group agreed on something."
        }
        let summarizer = Summarizer(model: model)
        var earlier: [WindowSummary] = []
        for index in 0..<4 {
            let said = talk(5, from: index * 5)
            earlier.append(
                try await summarizer.summarize(
                    window: window(index, index * 5..<index * 5 + 5), utterances: read(said),
                    earlier: earlier,
                    timeline: "m"
                ).summary)
        }
        let prompts = model.questions.map(\.prompt)
        try #require(prompts.count == 4)
        let instructions = summarizer.prompts.instructions
        for (index, prompt) in prompts.enumerated() {
            // A base model copies what summaries it sees: its windows' prompts have none.
            let before =
                instructions
                + (style == .base ? [] : earlier[..<index]).map {
                    .text(summarizer.prompts.earlier($0.text, number: $0.window + 1))
                }
            #expect(prompt.starts(with: before))
            #expect(index == 3 || prompts[index + 1].starts(with: before))
        }
        // The whole begins alike, so that only its request is new.
        _ = try await summarizer.overall(summaries: earlier, timeline: "m")
        let shared =
            instructions + earlier.map { .text(summarizer.prompts.earlier($0.text, number: $0.window + 1)) }
        #expect(model.questions[4].prompt == shared + summarizer.prompts.overallRequest)
    }

    @Test func oldSummariesLeaveInBatches() throws {
        let summarizer = Summarizer(model: ScriptedModel { _, _ in "" })
        let all = (0..<200).map {
            summary($0, "Summary number \($0) " + String(repeating: "with words ", count: 20))
        }
        var changes = 0
        var previous: [String] = []
        for count in 0...all.count {
            let kept = try summarizer.earlierPieces(Array(all[..<count]), limit: 1000)
            #expect(
                kept.reduce(0) { $0 + ($1.utf8.count + 3) / 4 }
                    <= 1000)
            // What is kept is the latest, and the latest is kept.
            #expect(
                kept
                    == all[..<count].suffix(kept.count).map {
                        summarizer.prompts.earlier($0.text, number: $0.window + 1)
                    })
            if count > 0 { #expect(!kept.isEmpty) }
            if !kept.starts(with: previous) { changes += 1 }
            previous = kept
        }
        #expect(changes > 5 && changes < 40, "the prefix breaks seldom: \(changes) of 200")
    }

    @Test func aSummaryLargerThanItsBudgetIsLeftOut() throws {
        let summarizer = Summarizer(model: ScriptedModel { _, _ in "" })
        let long = summary(0, String(repeating: "words ", count: 500))
        #expect(try summarizer.earlierPieces([long], limit: 100).isEmpty)
        #expect(try summarizer.earlierPieces([long, summary(1, "Short.")], limit: 100).count == 1)
    }
}
