/// A token: the index of a piece in the vocabulary, from 0.
package typealias TokenID = Int32

/// The control tokens that a caller can look up by name; encoding text never yields them.
package enum ControlToken: Sendable, Hashable, CaseIterable {
    /// `<bos>`, first in every sequence.
    case beginningOfSequence
    /// `<eos>`, which a model generates when it is done.
    case endOfSequence
    /// `<start_of_turn>`, or `<|turn>` in Gemma 4, before the role's name in a chat.
    case startOfTurn
    /// `<end_of_turn>`, or `<turn|>` in Gemma 4, after a role's text in a chat.
    case endOfTurn
}
