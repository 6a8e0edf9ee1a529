import Tokenizer

/// One mutable line of tokens with the KV cache that stands for them.
///
/// Callers hand over whole prompts; the timeline keeps the longest common prefix, drops what differs and says
/// what is left to prefill. So the cache and the prompt cannot disagree.
final class TokenTimeline {
    /// The tokens whose keys and values are in the cache.
    private(set) var tokens: [TokenID] = []
    /// The most tokens that were ever in the cache: its memory is not given back when it is rewound.
    private(set) var writtenCount = 0
    let cache: KVCache
    /// What the keys and values were computed with besides the model; other timelines share them only if it is the
    /// same.
    let adapter: AppliedAdapter?
    /// Number of the last use, for choosing the one to let go.
    var lastUse = 0

    init(cache: KVCache, adapter: AppliedAdapter? = nil) {
        self.cache = cache
        self.adapter = adapter
        // All it may ever hold, so that going on allocates nothing.
        tokens.reserveCapacity(cache.capacity)
    }

    /// Whether the cache holds what it would hold with this adapter, or without any.
    func isComputed(with adapter: AppliedAdapter?) -> Bool {
        self.adapter?.fingerprint == adapter?.fingerprint
    }

    /// How many tokens of `prompt` the cache already stands for.
    func commonPrefix(with prompt: [TokenID]) -> Int {
        let limit = min(tokens.count, prompt.count)
        var count = 0
        while count < limit, tokens[count] == prompt[count] { count += 1 }
        return count
    }

    /// Forgets all after the first `count` tokens.
    func rewind(to count: Int) {
        precondition(count <= tokens.count)
        tokens.removeLast(tokens.count - count)
    }

    /// Takes over the first `count` tokens of another timeline, if that is more than it has in common itself.
    func adopt(prefixOf other: TokenTimeline, count: Int) {
        precondition(count <= other.tokens.count && other.isComputed(with: adapter))
        cache.copyPrefix(of: other.cache, count: count)
        tokens.removeAll(keepingCapacity: true)
        append(other.tokens[..<count])
    }

    /// Records that the cache was filled with `newTokens` at the end.
    func append(_ newTokens: ArraySlice<TokenID>) {
        tokens.append(contentsOf: newTokens)
        writtenCount = max(writtenCount, tokens.count)
    }
}
