import Synchronization
import Testing
import TestSupport
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct SummarizerTests {
    @Test func anAnswerThatIsNotBorneOutIsAskedForAgain() async throws {
        let said = [
            Utterance(
                speaker: "Jane",
                text: "The ferry timetable goes to the printer on Monday with both summer routes.",
                source: SourcePosition(name: "t", line: 1)),
            Utterance(
                speaker: "Bob",
                text: String(repeating: "The kiosks want more copies of the timetable. ", count: 5),
                source: SourcePosition(name: "t", line: 2)),
        ]
        let answers = [
            "Ann bought 40 horses in Paris. They sang all night.",
            "The dragons were fed at noon. The timetable goes to the printer on Monday.",
            "The ferry timetable goes to the printer on Monday.", "Never asked for.",
        ]
        let model = ScriptedModel(style: .tuned) { _, number in answers[min(number, 3)] }
        let found = try await Summarizer(model: model, furtherAnswers: 3).summarize(
            window: window(0, 0..<2), utterances: read(said), earlier: [], timeline: "m"
        ).summary
        #expect(found.text == answers[1])
        #expect(model.questions.map { $0.options?.temperature } == [0, 0.6])
        #expect(Set(model.questions.map(\.prompt)).count == 1)
        let other = ScriptedModel(style: .tuned) { _, _ in answers[0] }
        let first = try await Summarizer(model: other).summarize(
            window: window(0, 0..<2), utterances: read(said), earlier: [], timeline: "m"
        ).summary
        #expect(first.text == answers[0] && other.questions.count == 1)
    }

    private static let good = "Jane and Bob agreed to move the release to Friday."

    /// Few words in no order: no loop to cut out, and nothing said.
    private static let babble: String = {
        let words = ["the", "cat", "a", "dog", "ran"]
        let text = (0..<90).map { number -> String in words[(number * number + number / 7) % 5] }
        return text.joined(separator: " ")
    }()

    private func summarize(_ model: ScriptedModel, _ said: [Utterance], index: Int = 0) async throws
        -> WindowSummary
    {
        try await Summarizer(model: model).summarize(
            window: window(index, 0..<said.count), utterances: read(said), earlier: [], timeline: "m"
        ).summary
    }

    /// The smallest context in which there is a window, and a speaker whose name is longer than that.
    @Test func aLongNameLeavesRoomForWhatWasSaid() async throws {
        let prompts = Prompts(style: .instructionTuned)
        func model(_ length: Int) -> ScriptedModel {
            ScriptedModel(contextLength: length) { _, _ in Self.good }
        }
        let least = try #require(
            (100..<2000).first { (try? PromptBudget(model: model($0), prompts: prompts)) != nil })
        for name in [
            String(repeating: "Very Long Name ", count: 180), String(repeating: "\u{1F600}", count: 999),
        ] {
            let said = (1...6).map { number in
                Utterance(
                    speaker: name, text: "We shall meet on day \(number).",
                    source: SourcePosition(name: "t", line: number))
            }
            let result = try await summarize(model(least), said)
            #expect(!result.text.isEmpty)
            // A name of bytes that are a token each leaves a part of the smallest window.
            #expect(prompts.utterance(said[0], number: 1).utf8.count < PromptBudget.leastWindowTokens)
        }
    }

    @Test func aGoodAnswerIsTheSummary() async throws {
        let model = ScriptedModel { _, _ in "  Summary: \(Self.good)\n" }
        let heard = Mutex("")
        let said = talk(10)
        let result = try await Summarizer(model: model).summarize(
            window: window(4, 0..<10), utterances: read(said), earlier: [], timeline: "m"
        ) { text in heard.withLock { $0 += text } }.summary
        #expect(result.text == Self.good && result.window == 4 && result.model == "scripted")
        #expect(result.origin == .model && result.seconds == 3 && result.generatedTokens > 0)
        #expect(heard.withLock { $0 }.contains(Self.good))
        #expect(model.questions.count == 1 && model.questions[0].options?.temperature == 0)
    }

    @Test(arguments: [
        "", "   \n ", "...", "<end_of_turn>", "Ok.", "and and and and and and and and and",
        "Jane: hello\nBob: hi\nJane: what now", "Use only what the text says. Leave out small talk.",
        Self.babble,
    ])
    func uselessAnswersAreTriedAgainThenQuoted(answer: String) async throws {
        let stubborn = ScriptedModel { _, _ in answer }
        let said = talk(10)
        let quoted = try await summarize(stubborn, said, index: 6)
        #expect(stubborn.questions.count == 2)
        #expect(
            (stubborn.questions[1].options?.temperature ?? 0) > 0 && stubborn.questions[1].options?.seed == 7)
        #expect(quoted.origin == .extractive && quoted.text.contains("longest statements"))
        #expect(quoted.text.contains("word0x0"), "the meeting's own words")
        #expect(quoted.seconds == 6, "both attempts count")

        let once = ScriptedModel { _, number in number == 0 ? answer : Self.good }
        let retried = try await summarize(once, said)
        #expect(retried.text == Self.good && retried.origin == .model)
    }

    @Test func repetitionIsTakenOutIfNothingBetterComes() async throws {
        let model = ScriptedModel { _, _ in String(repeating: Self.good + "\n", count: 12) }
        let result = try await summarize(model, talk(10))
        #expect(result.text == Self.good && model.questions.count == 2)
    }

    @Test func aTinyMeetingIsGivenAsItIs() async throws {
        let model = ScriptedModel { _, _ in "It was about the future of mankind." }
        let said = talk(2, words: 3)
        let result = try await summarize(model, said)
        #expect(model.calls.isEmpty)
        #expect(result.origin == .verbatim)
        #expect(result.text == "- Jane: word0x0 word0x1 word0x2.\n- Bob: word1x0 word1x1 word1x2.")
        let all = try await Summarizer(model: model).overall(
            summaries: [result, result], timeline: "m")
        #expect(model.calls.isEmpty && all.origin == .verbatim && all.text.hasPrefix(result.text))
    }

    @Test func aFailingModelIsPassedOn() async throws {
        let model = ScriptedModel { _, _ in throw ScriptedModel.Failure() }
        await #expect(throws: ScriptedModel.Failure.self) { try await summarize(model, talk(10)) }
        let cancelled = ScriptedModel { _, _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) { try await summarize(cancelled, talk(10)) }
    }

    @Test func aContextTooShortIsRefusedWithTheLeastLength() async throws {
        let model = ScriptedModel(contextLength: 200) { _, _ in Self.good }
        let error = await #expect(throws: MinutesError.self) { try await summarize(model, talk(10)) }
        #expect(error?.code == .contextTooShort)
        let least = try #require(error?.message.split(separator: " ").compactMap { Int($0) }.last)
        let enough = ScriptedModel(contextLength: least) { _, _ in Self.good }
        #expect(try await summarize(enough, talk(10)).origin == .model)
    }

    @Test(arguments: [ModelProfile.Style.instructionTuned, .base])
    func aWindowLargerThanTheContextLosesNothing(style: ModelProfile.Style) async throws {
        let model = ScriptedModel(style: style, contextLength: 1024) { _, number in
            "In slice number \(number) the group agreed on something."
        }
        // One turn alone is larger than the context.
        var said = talk(30, words: 20)
        let sentences = (0..<400).map { "Sentence number \($0) says little." }.joined(separator: " ")
        said[7].text = sentences
        let summarizer = Summarizer(model: model)
        let earlier = (0..<40).map { summary($0, "Earlier, in part \($0), they talked a good deal.") }
        try await summarizer.prefillOpenWindow(
            index: 40, utterances: read(said), earlier: earlier, timeline: "m")
        let result = try await summarizer.summarize(
            window: window(40, 0..<30), utterances: read(said), earlier: earlier, timeline: "m"
        ).summary
        #expect(model.questions.count > 4)
        var words: [String] = []
        for call in model.questions {
            #expect(model.tokens(call.prompt) + (call.options?.maximumTokens ?? 0) <= 1024)
            let opening = summarizer.prompts.windowOpening(number: 41)
            let start =
                opening.isEmpty
                ? summarizer.prompts.instructions.count - 1
                : try #require(call.prompt.firstIndex(of: .text(opening)))
            let request = summarizer.prompts.windowRequest(number: 41, speakers: [])
            for case .text(let piece) in call.prompt[(start + 1)..<(call.prompt.count - request.count)] {
                let colon = try #require(piece.firstIndex(of: ":"))
                words += piece[piece.index(after: colon)...].split(whereSeparator: \.isWhitespace).map(
                    String.init)
            }
        }
        #expect(words == said.flatMap { $0.text.split(separator: " ").map(String.init) })
        for number in 0..<model.questions.count { #expect(result.text.contains("slice number \(number) ")) }
        #expect(model.questions[0].prompt.starts(with: model.calls[0].prompt), "the prefill was of use")
    }

    @Test func partsThatDoNotFitAtOnceAreSummarisedInGroups() async throws {
        let model = ScriptedModel(contextLength: 1024) { _, number in
            "Group answer number \(number) says that the group agreed on something."
        }
        let summarizer = Summarizer(model: model)
        let summaries = (0..<60).map { index in
            summary(index, (0..<30).map { "fact\(index)x\($0)" }.joined(separator: " ") + ".")
        }
        let result = try await summarizer.overall(summaries: summaries, timeline: "m")
        let questions = model.questions
        #expect(questions.count > 3)
        for call in questions {
            #expect(model.tokens(call.prompt) + (call.options?.maximumTokens ?? 0) <= 1024)
        }
        let all = questions.map { spelled($0.prompt) }.joined()
        for index in 0..<60 { #expect(all.contains("fact\(index)x0 ") && all.contains("fact\(index)x29.")) }
        // Every answer but the last is part of a later prompt.
        for number in 0..<(questions.count - 1) { #expect(all.contains("Group answer number \(number) ")) }
        #expect(result.text.contains("number \(questions.count - 1) ") && result.origin == .model)
        #expect(result.tokens > 0 && result.seconds == Double(questions.count * 3))
    }

    @Test(arguments: [560, 700, 1024, 4096])
    func theWholeIsWrittenEvenIfNoAnswerIsUsable(contextLength: Int) async throws {
        let model = ScriptedModel(contextLength: contextLength) { _, _ in "" }
        let summaries = (0..<100).map { index in
            summary(index, (0..<80).map { "fact\(index)x\($0)" }.joined(separator: " ") + ".")
        }
        let result = try await Summarizer(model: model).overall(summaries: summaries, timeline: "m")
        #expect(result.origin == .extractive && result.text.contains("fact"))
        #expect(model.questions.count < 600)
    }

    @Test func oneWindowIsTheWhole() async throws {
        let model = ScriptedModel { _, _ in Self.good }
        let only = summary(0, "All of it.")
        let result = try await Summarizer(model: model).overall(summaries: [only], timeline: "m")
        #expect(result.text == only.text && model.calls.isEmpty)
        await #expect(throws: MinutesError.self) {
            try await Summarizer(model: model).overall(summaries: [], timeline: "m")
        }
    }

    @Test(arguments: 0..<40)
    func cuttingKeepsEveryCharacter(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let alphabet = ["word", " ", " ", ". ", "? ", "é", "会議", "。", "👩‍👩‍👧", "x"]
        let text = (0..<300).map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
            .split(separator: " ").joined(separator: " ")
        let limit = Int.random(in: 2...60, using: &generator)
        let packer = TokenPacker { ($0.utf8.count + 3) / 4 }
        let pieces = try packer.cut(text, limit: limit) { "A: \($0)\n" }
        #expect(
            pieces.map { $0.text.dropFirst(3).dropLast() }.joined().filter { $0 != " " }
                == text.filter { $0 != " " })
        for piece in pieces { #expect(piece.tokens <= limit || piece.text.count <= 5) }
        let groups = TokenPacker.packed(pieces, limit: 100, tokens: \.tokens)
        #expect(groups.flatMap { $0 } == pieces)
        #expect(groups.allSatisfy { $0.map(\.tokens).reduce(0, +) <= 100 || $0.count == 1 })
    }
}
