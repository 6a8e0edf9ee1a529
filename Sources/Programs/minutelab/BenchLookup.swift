import Gemma
import Tokenizer

/// Summaries of real windows, with and without drafts that are looked up in what was said.
extension BenchSetup {
    /// Answers shorter than this say little about speed; they are made to go on.
    private static let leastTokens = 32
    /// A token is quoted if it ends so many tokens that stand in the prompt one after the other.
    private static let quoteTokens = 4

    /// Each window both ways in turns; the prompts and the ends of the answers are the daemon's own.
    func measureLookup(_ onFigure: (BenchFigure) -> Void) async throws {
        let engine = try engine(tokens: 8192)
        let model = engine.model
        var (plainTotal, lookupTotal) = ([Double](), [Double]())
        for transcript in transcripts {
            let prompts = try await transcript.windowPrompts(
                isInstructionTuned: model.isInstructionTuned, contextLength: engine.contextLength,
                countTokens: { model.tokenizer.encode($0).count })
            for (window, prompt) in prompts.prefix(isQuick ? 1 : prompts.count).enumerated() {
                var name = "\(transcript.name), window \(window + 1)"
                var timed = try await compare(prompt, goesOn: false, engine: engine)
                if timed.tokenCount < Self.leastTokens {
                    name += ", going on"
                    timed = try await compare(prompt, goesOn: true, engine: engine)
                }
                let ratios = zip(timed.plain, timed.lookup).map { $0 / $1 }
                for (kind, times) in [("plain", timed.plain), ("looked up", timed.lookup)] {
                    // The first token of an answer belongs to the prompt's time.
                    onFigure(
                        BenchFigure(
                            section: "lookup", name: "\(name), \(kind)", tokens: timed.tokenCount,
                            unit: "tok/s", samples: times.map { Double(timed.tokenCount - 1) / $0 }))
                }
                let quoted = Int((timed.quoted * 100).rounded())
                onFigure(
                    BenchFigure(
                        section: "lookup", name: "\(name), gain (\(quoted)% quoted)",
                        tokens: timed.tokenCount, unit: "x", samples: ratios))
                plainTotal = sums(plainTotal, timed.plain)
                lookupTotal = sums(lookupTotal, timed.lookup)
            }
        }
        guard !plainTotal.isEmpty else { return }
        onFigure(
            BenchFigure(
                section: "lookup", name: "all windows, gain", unit: "x",
                samples: zip(plainTotal, lookupTotal).map { $0 / $1 }))
    }

    private struct Comparison {
        /// Seconds for the tokens after the first, one for each repetition.
        var plain: [Double] = []
        var lookup: [Double] = []
        var tokenCount = 0
        /// The part of the answer that stands in the prompt.
        var quoted = 0.0
    }

    /// - Parameter goesOn: whether the answer is written up to its limit, over its natural end.
    private func compare(_ prompt: BenchPrompt, goesOn: Bool, engine: InferenceEngine) async throws
        -> Comparison
    {
        let ids = try tokens(of: prompt, tokenizer: engine.model.tokenizer)
        var comparison = Comparison()
        var answers: Set<[TokenID]> = []
        for repetition in 0...repetitions {
            for usesLookup in [false, true] {
                let answer = try await engine.generate(
                    ids, timeline: "bench",
                    options: GenerationOptions(
                        maximumTokens: prompt.maximumTokens,
                        sampling: SamplingOptions(
                            repetitionPenalty: prompt.repetitionPenalty, noRepeatNgram: prompt.noRepeatNgram),
                        stopTexts: goesOn ? [] : prompt.stopTexts, usesLookup: usesLookup,
                        ignoresStopTokens: goesOn))
                answers.insert(answer.tokens)
                comparison.tokenCount = answer.tokens.count
                comparison.quoted = quotedPart(of: answer.tokens, in: ids)
                // The first warms up.
                guard repetition > 0 else { continue }
                let seconds = answer.decodeTime / .seconds(1)
                if usesLookup { comparison.lookup.append(seconds) } else { comparison.plain.append(seconds) }
            }
        }
        if answers.count > 1 { report("lookup: it changed an answer, which it must not") }
        return comparison
    }

    private func tokens(of prompt: BenchPrompt, tokenizer: SentencePieceTokenizer) throws -> [TokenID] {
        try prompt.pieces.flatMap { piece -> [TokenID] in
            let control: ControlToken
            switch piece {
            case .text(let text): return tokenizer.encode(text)
            case .beginningOfSequence: control = .beginningOfSequence
            case .startOfTurn: control = .startOfTurn
            case .endOfTurn: control = .endOfTurn
            }
            guard let id = tokenizer.controlToken(control) else {
                throw GemmaError(.badOption, "\(modelPath): the tokenizer has no token for \(control)")
            }
            return [id]
        }
    }

    private func quotedPart(of answer: [TokenID], in prompt: [TokenID]) -> Double {
        let length = Self.quoteTokens
        guard answer.count >= length, prompt.count >= length else { return 0 }
        let known = Set((length...prompt.count).map { Array(prompt[($0 - length)..<$0]) })
        let quoted = (length...answer.count).filter { known.contains(Array(answer[($0 - length)..<$0])) }
        return Double(quoted.count) / Double(answer.count)
    }

    private func sums(_ totals: [Double], _ times: [Double]) -> [Double] {
        totals.isEmpty ? times : zip(totals, times).map(+)
    }
}
