import Language
import Transcript

extension Summarizer {
    /// What a model is asked, and how.
    struct Request {
        var prompt: [PromptPiece]
        /// The prompt's last words, with which the answer begins.
        var lead: String
        /// Tokens.
        var limit: Int
        var seed: Int
        var timeline: String
        var cleaner: AnswerCleaner
        var form: Form
    }

    /// The form of an answer.
    enum Form {
        case text
        /// Notes of a part that has so many turns.
        case notes(turns: Int)
        /// Sentences about several parts.
        case sentences

        var schema: String? {
            switch self {
            case .text: nil
            case .notes(let turns): StructuredAnswer.schema(turns: turns)
            case .sentences: SummaryAnswer.schema
            }
        }

        /// What an answer of this form says; an answer that is no such document is taken for plain text.
        func read(_ answer: String) -> Answer {
            switch self {
            case .text: break
            case .notes:
                if let read = StructuredAnswer(answer) {
                    // That nothing is worth noting is an answer.
                    let text = read.text.isEmpty ? WindowSummary.quiet : read.text
                    return Answer(text: text, stated: read.items, notes: read.stated)
                }
            case .sentences: if let read = SummaryAnswer(answer) { return Answer(text: read.text) }
            }
            return Answer(text: answer)
        }
    }

    /// An answer that was found usable.
    struct Answer {
        var text: String
        /// Items that the model listed besides.
        var stated: [StatedItem] = []
        /// What ``text`` consists of, if the model cites turns.
        var notes: [StatedNote] = []

        /// The same with the text as it was cleaned.
        func cleaned(_ text: String) -> Answer {
            var answer = self
            answer.text = text
            return answer
        }
    }

    /// Asks, and again while less than half of the answer's sentences are borne out by what was `said`; the answer with
    /// the most that are is taken.
    func askForEvidence(
        _ request: Request, said: [ReadUtterance], onText: @escaping @Sendable (String) -> Void
    ) async throws -> (answer: Answer?, cost: Cost) {
        var (best, cost) = try await ask(request, onText: onText)
        guard furtherAnswers > 0, best != nil else { return (best, cost) }
        // Not before the first answer: the first token would wait for it.
        let finder = EvidenceFinder(utterances: said)
        var evidence = Evidence(best?.text ?? "", finder)
        for attempt in 1...furtherAnswers where evidence.isThin {
            var next = request
            next.seed = request.seed &* furtherAnswers &+ attempt
            onText("\n")
            let answer = try await complete(
                next, options(next, temperature: Self.furtherTemperature), onText: onText)
            cost.add(answer.cost)
            guard case .good(let text) = answer.verdict else { continue }
            let found = Evidence(text, finder)
            if found > evidence { (best, evidence) = (answer.answer.cleaned(text), found) }
        }
        return (best, cost)
    }

    /// Answers differ enough, and few are wild.
    private static let furtherTemperature: Float = 0.6

    /// How many of an answer's sentences are borne out.
    private struct Evidence: Comparable {
        let grounded: Int
        let sentences: Int

        init(_ text: String, _ finder: EvidenceFinder) {
            let statements = finder.statements(of: text).filter { !$0.isHeading }
            (grounded, sentences) = (statements.count(where: \.isGrounded), statements.count)
        }

        var isThin: Bool { grounded * 2 < sentences }

        static func < (one: Self, other: Self) -> Bool {
            (one.grounded, -one.sentences) < (other.grounded, -other.sentences)
        }
    }

    /// Asks, and asks once more with other sampling if the answer is no good; nil if neither was.
    func ask(
        _ request: Request, onText: @escaping @Sendable (String) -> Void
    ) async throws -> (answer: Answer?, cost: Cost) {
        var second = options(request, temperature: 0.7)
        second.repetitionPenalty = max(1.2, prompts.template.repetitionPenalty + 0.1)
        var cost = Cost()
        var poor: Answer?
        for (number, options) in [options(request, temperature: 0), second].enumerated() {
            if number > 0 { onText("\n") }
            let answer = try await complete(request, options, onText: onText)
            cost.add(answer.cost)
            switch answer.verdict {
            case .good(let text): return (answer.answer.cleaned(text), cost)
            case .poor(let text): poor = poor ?? answer.answer.cleaned(text)
            case .unusable: continue
            }
        }
        return (poor, cost)
    }

    private func options(_ request: Request, temperature: Float) -> CompletionOptions {
        let template = prompts.template
        return CompletionOptions(
            maximumTokens: request.limit, stopTexts: template.stopTexts, temperature: temperature,
            repetitionPenalty: template.repetitionPenalty, noRepeatNgram: template.noRepeatNgram,
            seed: UInt64(request.seed), schema: request.form.schema)
    }

    private func complete(
        _ request: Request, _ options: CompletionOptions, onText: @escaping @Sendable (String) -> Void
    ) async throws -> (verdict: AnswerCleaner.Verdict, answer: Answer, cost: Cost) {
        onText(request.lead.asSentenceBeginning)
        // Nobody wants to watch JSON grow: its text is shown when it is whole.
        let isStructured = options.schema != nil
        let watch: @Sendable (String) -> Void = { if !isStructured { onText($0) } }
        let completion = try await model.complete(
            request.prompt, timeline: request.timeline, options: options, onText: watch)
        let answer = request.form.read(completion.text)
        if isStructured { onText(answer.text) }
        var cost = Cost()
        cost.add(completion)
        guard !isStructured || answer.text != WindowSummary.quiet else {
            return (.good(answer.text), answer, cost)
        }
        let verdict = request.cleaner.judge(
            answer.text, lead: request.lead, wasCut: completion.end == .limit)
        return (verdict, answer, cost)
    }
}
