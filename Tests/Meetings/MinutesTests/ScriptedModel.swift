import Minutes
import Summaries
import Synchronization

/// A language model that answers by a script and remembers what it was asked.
final class ScriptedModel: LanguageModel {
    struct Call: Sendable {
        var prompt: [PromptPiece]
        var timeline: String
        /// Nil for a prefill.
        var options: CompletionOptions?
    }

    struct Failure: Error {}

    let profile: ModelProfile
    private let answer: @Sendable (Call, Int) throws -> String
    /// The label that it finds likeliest behind a line.
    private let label: @Sendable (String) -> PickLabel
    /// Whether it finds that another matter begins with a line.
    private let opens: @Sendable (String) -> Bool
    // Guards: the calls, which tests read while tasks write.
    private let log = Mutex<[Call]>([])

    var calls: [Call] { log.withLock { $0 } }
    var questions: [Call] { calls.filter { $0.options != nil } }

    /// `answer` gets the call and the number of answers given before.
    init(
        style: ModelProfile.Style = .instructionTuned, contextLength: Int = 8192,
        answer: @escaping @Sendable (Call, Int) throws -> String
    ) {
        profile = ModelProfile(
            name: "scripted", style: style, contextLength: contextLength, fingerprint: "test")
        self.answer = answer
        label = { _ in .nothing }
        opens = { _ in false }
    }

    /// A model that picks: `label` and `opens` get a sentence's line.
    init(
        picking label: @escaping @Sendable (String) -> PickLabel,
        opens: (@Sendable (String) -> Bool)? = nil
    ) {
        profile = ModelProfile(
            name: "scripted", style: opens == nil ? .picking : .pointing, contextLength: 8192,
            fingerprint: "test")
        answer = { _, _ in "" }
        self.label = label
        self.opens = opens ?? { _ in false }
    }

    func tokenCount(of text: String) -> Int { (text.utf8.count + 3) / 4 }

    func tokens(_ prompt: [PromptPiece]) -> Int {
        prompt.reduce(0) { sum, piece in
            if case .text(let text) = piece { sum + tokenCount(of: text) } else { sum + 1 }
        }
    }

    func prefill(_ prompt: [PromptPiece], timeline: String) {
        log.withLock { $0.append(Call(prompt: prompt, timeline: timeline)) }
    }

    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) throws -> Completion {
        let call = Call(prompt: prompt, timeline: timeline, options: options)
        let (before, given) = log.withLock { log in
            let state = (log.last { $0.timeline == timeline }, log.count { $0.options != nil })
            log.append(call)
            return state
        }
        let text = try answer(call, given)
        onText(text)
        let shared = zip(before?.prompt ?? [], prompt).prefix { $0 == $1 }.map(\.1)
        return Completion(
            text: text, end: tokenCount(of: text) >= options.maximumTokens ? .limit : .stopToken,
            promptTokens: tokens(prompt), reusedTokens: tokens(shared),
            generatedTokens: tokenCount(of: text), prefillSeconds: 1, decodeSeconds: 2)
    }

    func weigh(
        _ choices: [String], after lines: [String], of prompt: [PromptPiece], timeline: String
    ) throws -> Weighing {
        log.withLock { $0.append(Call(prompt: prompt + lines.map { .text($0) }, timeline: timeline)) }
        let likeliest = lines.enumerated().map { number, line in
            if line != PickPrompt.matter { return label(line).rawValue }
            return (opens(lines[number - 1]) ? MatterLabel.opens : .goesOn).rawValue
        }
        return Weighing(
            logits: likeliest.map { label in choices.map { $0 == label ? 6 : 0 } },
            promptTokens: tokens(prompt), reusedTokens: 0, seconds: 1)
    }

    func close(timeline: String) {}
}

/// A prompt's words, control tokens as their names.
func spelled(_ prompt: [PromptPiece]) -> String {
    prompt.map { piece in
        switch piece {
        case .text(let text): text
        case .beginningOfSequence: "<bos>"
        case .startOfTurn: "<start_of_turn>"
        case .endOfTurn: "<end_of_turn>"
        }
    }.joined()
}
