import Files
import Gemma
import Tokenizer

/// A sequence to train on: a prompt, which is only read, and an answer, which is learned.
package struct TrainingExample: Sendable, Hashable {
    /// The tokens of the prompt and the answer, including those for the beginning and the end of the sequence.
    package let tokens: [TokenID]
    /// The index in `tokens` at which the answer begins.
    package let answerStart: Int

    /// Creates an example; passing an empty prompt or an empty answer is a programming error.
    package init(prompt: [TokenID], answer: [TokenID]) {
        precondition(!prompt.isEmpty && !answer.isEmpty)
        tokens = prompt + answer
        answerStart = prompt.count
    }

    /// The number of tokens that are learned.
    package var answerCount: Int { tokens.count - answerStart }

    /// The tokens that the model reads: all but the last, which no token follows.
    var inputs: ArraySlice<TokenID> { tokens.dropLast() }

    /// The positions in `inputs` whose next token is learned.
    var lossPositions: Range<Int> { answerStart - 1..<tokens.count - 1 }
}

extension [TrainingExample] {
    /// A hash that distinguishes sets of examples: 64-bit FNV-1a over all tokens, in hex.
    var fingerprint: String {
        var hash = FNV1a()
        func add(_ value: Int) { hash.add(UInt64(truncatingIfNeeded: value)) }
        for example in self {
            add(example.answerStart)
            for token in example.tokens { add(Int(token)) }
            add(-1)
        }
        return hash.hex
    }
}
