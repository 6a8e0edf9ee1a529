import Tokenizer

/// New tokens of one sequence, as they take part in a forward pass with those of others.
struct BatchSegment {
    /// Which tokens' logits are wanted.
    ///
    /// The head is the largest product of the model, so no more than needed.
    enum LogitsRequest {
        case none, last, all
    }

    /// The tokens, at least one.
    let tokens: ArraySlice<TokenID>
    /// Keys and values of the sequence.
    let cache: KVCache
    /// How many positions of the cache are filled already: where the first token goes.
    let position: Int
    let logits: LogitsRequest
    /// What is added to the model's matrices for these tokens.
    var adapter: AppliedAdapter?
}
