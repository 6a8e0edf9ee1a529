import Tokenizer

/// A sequence of tokens together with the KV cache that holds their keys and values.
///
/// The engine compares a whole new prompt with the timeline, rewinds the timeline to their common prefix and computes
/// the rest. So the cache and the prompt cannot disagree.
final class TokenTimeline {
    /// The tokens whose keys and values are in the cache.
    private(set) var tokens: [TokenID] = []
    /// The most tokens that were ever in the cache: its memory is not given back when it is rewound.
    private(set) var writtenCount = 0
    let cache: KVCache
    /// The adapter that the keys and values were computed with, if any; only timelines with the same one may share
    /// them.
    let adapter: AppliedAdapter?
    /// A number that grows with each use of any timeline; the timeline with the lowest is dropped first.
    var lastUse = 0

    init(cache: KVCache, adapter: AppliedAdapter? = nil) {
        self.cache = cache
        self.adapter = adapter
        // Reserves room for all tokens that the cache can hold, so that appending never allocates memory.
        tokens.reserveCapacity(cache.capacity)
    }

    /// Whether the cache was computed with this adapter, or without any if it is nil.
    func isComputed(with adapter: AppliedAdapter?) -> Bool {
        self.adapter?.fingerprint == adapter?.fingerprint
    }

    /// How many tokens at the beginning of `prompt` the cache already holds.
    func commonPrefix(with prompt: [TokenID]) -> Int {
        let limit = min(tokens.count, prompt.count)
        var count = 0
        while count < limit, tokens[count] == prompt[count] { count += 1 }
        return count
    }

    /// Drops all tokens after the first `count`.
    func rewind(to count: Int) {
        precondition(count <= tokens.count)
        tokens.removeLast(tokens.count - count)
    }

    /// Replaces the content by the first `count` tokens of another timeline, with their keys and values.
    func adopt(prefixOf other: TokenTimeline, count: Int) {
        precondition(count <= other.tokens.count && other.isComputed(with: adapter))
        cache.copyPrefix(of: other.cache, count: count)
        tokens.removeAll(keepingCapacity: true)
        append(other.tokens[..<count])
    }

    /// Records that the keys and values of `newTokens` have been added to the cache.
    func append(_ newTokens: ArraySlice<TokenID>) {
        tokens.append(contentsOf: newTokens)
        writtenCount = max(writtenCount, tokens.count)
    }
}
