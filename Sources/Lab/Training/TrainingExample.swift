import Gemma
import Tokenizer

/// One sequence to train on: a prompt, which is read, and an answer, which is learned.
package struct TrainingExample: Sendable, Hashable {
    /// Prompt and answer, from the token for the beginning to the one for the end.
    package let tokens: [TokenID]
    /// Where the answer begins in `tokens`.
    package let answerStart: Int

    /// Makes an example; without a prompt or without an answer there is nothing to learn, which is a bug.
    package init(prompt: [TokenID], answer: [TokenID]) {
        precondition(!prompt.isEmpty && !answer.isEmpty)
        tokens = prompt + answer
        answerStart = prompt.count
    }

    /// How many tokens are learned.
    package var answerCount: Int { tokens.count - answerStart }

    /// What the model reads: the last token has no successor to learn.
    var inputs: ArraySlice<TokenID> { tokens.dropLast() }

    /// Positions in `inputs` whose next token is learned.
    var lossPositions: Range<Int> { answerStart - 1..<tokens.count - 1 }
}

extension [TrainingExample] {
    /// Tells sets of examples apart: a 64-bit FNV-1a hash over all tokens, in hex.
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
