import Corpora
import Foundation
import Gemma
import Tokenizer

/// Lets a model answer a prompt, once or several times at the same time.
struct AnswerDrawer {
    let engine: InferenceEngine
    /// An adapter that the engine has loaded.
    let adapter: String?
    let decoding: EvaluateDecoding

    /// The answers in the order of ``EvaluateDecoding/samplings``, the greedy one first.
    ///
    /// - Parameter slot: tells apart what is answered at the same time.
    func answers(to tokens: [TokenID], slot: Int) async throws -> [Generation] {
        let drawn = try await withThrowingTaskGroup(of: (Int, Generation).self) { group in
            for (number, sampling) in decoding.samplings.enumerated() {
                group.addTask {
                    let options = GenerationOptions(
                        maximumTokens: decoding.maximumTokens, sampling: sampling,
                        stopTexts: [PromptFormat.answerEnd])
                    return (
                        number,
                        try await engine.generate(
                            tokens, timeline: "evaluate-\(slot).\(number)", adapter: adapter, options: options
                        )
                    )
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return decoding.samplings.indices.compactMap { drawn[$0] }
    }
}

extension Generation {
    /// The text in one line, without blanks at its ends.
    var line: String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
