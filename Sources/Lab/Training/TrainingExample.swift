import Files
import Gemma
import Tokenizer

/// A sequence to train on: tokens that are read, and what is to be said at some of their positions.
package struct TrainingExample: Sendable, Hashable {
    /// A token that is learned.
    package struct Target: Sendable, Hashable {
        /// The index in ``TrainingExample/inputs`` after which it is to be said.
        package let position: Int
        /// What is to be said.
        package let token: TokenID

        /// Creates a target.
        package init(position: Int, token: TokenID) {
            self.position = position
            self.token = token
        }
    }

    /// The tokens that the model reads, including the one for the beginning of the sequence.
    package let inputs: [TokenID]
    /// The tokens that are learned, by position; not empty.
    package let targets: [Target]

    /// Creates an example; passing no target, or one outside the inputs, is a programming error.
    package init(inputs: [TokenID], targets: [Target]) {
        precondition(!targets.isEmpty && targets.allSatisfy { inputs.indices.contains($0.position) })
        self.inputs = inputs
        self.targets = targets
    }

    /// Creates an example of a prompt, which is only read, and an answer, which is learned with its end token; passing
    /// an empty one is a programming error.
    package init(prompt: [TokenID], answer: [TokenID]) {
        precondition(!prompt.isEmpty && !answer.isEmpty)
        self.init(
            // No token follows the last.
            inputs: prompt + answer.dropLast(),
            targets: answer.enumerated().map { Target(position: prompt.count - 1 + $0, token: $1) })
    }
}

extension [TrainingExample] {
    /// A hash that distinguishes sets of examples: 64-bit FNV-1a over all tokens, in hex.
    var fingerprint: String {
        var hash = FNV1a()
        func add(_ value: Int) { hash.add(UInt64(truncatingIfNeeded: value)) }
        for example in self {
            for token in example.inputs { add(Int(token)) }
            add(-1)
            for target in example.targets {
                add(target.position)
                add(Int(target.token))
            }
            add(-1)
        }
        return hash.hex
    }
}
