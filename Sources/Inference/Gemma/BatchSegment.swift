import Tokenizer

/// New tokens of one sequence that take part in a forward pass, perhaps together with those of other sequences.
struct BatchSegment {
    /// Which tokens' logits are wanted.
    ///
    /// The head is the model's largest matrix, so no more logits should be requested than are needed.
    enum LogitsRequest {
        case none, last, all
        /// Those of the tokens with these indices in the segment, in ascending order.
        case at([Int])

        /// Whether those of the token `index` of `count` are wanted.
        func includes(_ index: Int, of count: Int) -> Bool {
            switch self {
            case .none: false
            case .last: index == count - 1
            case .all: true
            case .at(let indices): indices.contains(index)
            }
        }
    }

    /// The new tokens, at least one.
    let tokens: ArraySlice<TokenID>
    /// The keys and values of the sequence.
    let cache: KVCache
    /// The position of the first token: how many positions of the cache are filled already.
    let position: Int
    let logits: LogitsRequest
    /// The adapter that is applied to these tokens, if any.
    var adapter: AppliedAdapter?
}

/// A token of a pass whose logits are wanted.
struct WantedToken {
    let segment: Int
    /// Its index in the segment.
    let token: Int
    /// Its row in the pass.
    var row: Int
}
