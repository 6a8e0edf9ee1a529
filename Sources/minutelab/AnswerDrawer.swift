import Corpora
import Foundation
import Gemma
import Tokenizer

/// Lets a model answer a prompt, once or several times.
struct AnswerDrawer {
    let engine: InferenceEngine
    /// An adapter that the engine has loaded.
    let adapter: String?
    let decoding: EvaluateDecoding

    /// The answers in the order of ``EvaluateDecoding/samplings``, the greedy one first.
    ///
    /// One after the other, so that the prompt is read once and found in the cache by the others.
    ///
    /// - Parameter slot: tells apart what is answered at the same time.
    func answers(to tokens: [TokenID], slot: Int) async throws -> [Generation] {
        var answers: [Generation] = []
        for sampling in decoding.samplings {
            let options = GenerationOptions(
                maximumTokens: decoding.maximumTokens, sampling: sampling,
                stopTexts: [PromptFormat.answerEnd])
            answers.append(
                try await engine.generate(
                    tokens, timeline: "evaluate-\(slot)", adapter: adapter, options: options))
        }
        return answers
    }
}

extension Generation {
    /// The text in one line, without blanks at its ends.
    var line: String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
