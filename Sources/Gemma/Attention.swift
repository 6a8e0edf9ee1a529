import CKernels

/// Causal attention of new tokens over their sequences' caches, split over the engine's threads.
///
/// A few tokens of a sequence go one by one through a kernel that reads the cache once for each; many go in blocks
/// through one that reads it once for all of them. What other sequences do in the same pass changes nothing.
///
/// One instance serves one ``ForwardPass``.
final class Attention {
    /// Up to so many tokens of a sequence go one by one: what speculation verifies is then computed just as
    /// single tokens are.
    private static let singleTokenLimit = 16
    /// Rows (tokens times query heads of a key-value head) of a block at most: their queries, sums and scores, and a
    /// tile of the cache, stay in a core's second-level cache.
    private static let blockRows = 128
    /// And at least, where there would be less than this many blocks for a thread: unpacking a tile must pay.
    private static let leastBlockRows = 32
    private static let blocksPerThread = 3

    /// Something that one thread does at a time: tokens of a sequence, and some heads of a group that share keys.
    struct Item {
        let cache: KVCache
        /// Row of the first token in the activations.
        let row: Int
        /// Position of the first token in its sequence.
        let position: Int
        let tokenCount: Int
        let isBlock: Bool
        let heads: Range<Int>
    }

    private let configuration: GemmaConfiguration
    private let pool: ThreadPool
    /// Tokens of a block at most.
    private let blockTokens: Int
    /// Query heads of a key-value head.
    private let group: Int
    /// Per thread: what the kernels ask for.
    private let scratch: [UnsafeMutablePointer<Float>]
    /// Of the pass at hand.
    private var items: [Item] = []

    init(configuration: GemmaConfiguration, capacity: Int, pool: ThreadPool, scratch: ScratchMemory) {
        self.configuration = configuration
        self.pool = pool
        let group = configuration.headCount / configuration.kvHeadCount
        self.group = group
        blockTokens = max(16, min(32, Self.blockRows / group))
        var largest = ck_attention()
        largest.tokens = blockTokens
        largest.group = group
        largest.head_dim = configuration.headDim
        largest.position = capacity
        let count = ck_attend_block_floats(&largest)
        self.scratch = (0..<pool.threadCount).map { _ in scratch.floats(count).baseAddress! }
    }

    /// Shares out a pass; the same for all layers.
    ///
    /// What takes longest comes first, so that threads end together.
    func plan(_ segments: [BatchSegment]) {
        items.removeAll(keepingCapacity: true)
        var row = segments.reduce(0) { $0 + $1.tokens.count }
        for segment in segments.reversed() {
            row -= segment.tokens.count
            if segment.tokens.count > Self.singleTokenLimit { addBlocks(segment, row: row) }
        }
        for segment in segments {
            if segment.tokens.count <= Self.singleTokenLimit { addSingles(segment, row: row) }
            row += segment.tokens.count
        }
    }

    private func addBlocks(_ segment: BatchSegment, row: Int) {
        var end = segment.tokens.count
        let wanted = Self.blocksPerThread * pool.threadCount
        let share = (end * configuration.kvHeadCount + wanted - 1) / wanted
        let tokens = min(blockTokens, max(share, Self.leastBlockRows / group, 1))
        while end > 0 {
            let first = (end - 1) / tokens * tokens
            for kvHead in 0..<configuration.kvHeadCount {
                items.append(
                    Item(
                        cache: segment.cache, row: row + first, position: segment.position + first,
                        tokenCount: end - first, isBlock: true,
                        heads: (kvHead * group)..<((kvHead + 1) * group)))
            }
            end = first
        }
    }

    private func addSingles(_ segment: BatchSegment, row: Int) {
        // A group shares its keys; it is split only as far as there are threads to use.
        let parts = min(group, (pool.threadCount + configuration.kvHeadCount - 1) / configuration.kvHeadCount)
        for token in 0..<segment.tokens.count {
            for item in 0..<configuration.kvHeadCount * parts {
                let first = item / parts * group
                let part = item % parts
                items.append(
                    Item(
                        cache: segment.cache, row: row + token, position: segment.position + token,
                        tokenCount: 1, isBlock: false,
                        heads: (first + part * group / parts)..<(first + (part + 1) * group / parts)))
            }
        }
    }

    /// Attends as planned with `queries` (`[rows, headCount * headDim]`, rotated), whose keys and values are already in
    /// the caches; writes `[rows, headCount * headDim]` to `output`.
    func attend(layer: Int, queries: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
        pool.forEach(items.count, Work(attention: self, layer: layer, queries: queries, output: output))
    }

    private struct Work: PoolWork {
        let attention: Attention
        let layer: Int
        let queries: UnsafePointer<Float>
        let output: UnsafeMutablePointer<Float>

        func perform(_ index: Int, thread: Int) {
            let item = attention.items[index]
            if item.isBlock {
                attention.attendBlock(item, self, thread: thread)
            } else {
                attention.attendOne(item, self, thread: thread)
            }
        }
    }

    private func attendOne(_ item: Item, _ work: Work, thread: Int) {
        let headDim = configuration.headDim
        let cache = item.cache
        let window = configuration.layers[work.layer].slidingWindow ?? .max
        let first = max(0, item.position + 1 - window)
        let offset = first * headDim * cache.elementType.byteCount
        let kvHead = item.heads.lowerBound / group
        let at = item.row * configuration.querySize + item.heads.lowerBound * headDim
        ck_attend(
            cache.elementType.kernelType, work.queries + at, item.heads.count,
            cache.keys(layer: work.layer, head: kvHead) + offset,
            cache.values(layer: work.layer, head: kvHead) + offset,
            headDim, item.position + 1 - first, headDim, configuration.attentionScale,
            configuration.attentionSoftCap ?? 0, work.output + at, scratch[thread])
    }

    private func attendBlock(_ item: Item, _ work: Work, thread: Int) {
        let kvHead = item.heads.lowerBound / group
        let at = item.row * configuration.querySize + item.heads.lowerBound * configuration.headDim
        var attention = ck_attention(
            kv_type: item.cache.elementType.kernelType, queries: work.queries + at,
            query_stride: configuration.querySize, tokens: item.tokenCount, group: item.heads.count,
            keys: item.cache.keys(layer: work.layer, head: kvHead),
            values: item.cache.values(layer: work.layer, head: kvHead), kv_stride: configuration.headDim,
            position: item.position, window: configuration.layers[work.layer].slidingWindow ?? 0,
            head_dim: configuration.headDim, scale: configuration.attentionScale,
            cap: configuration.attentionSoftCap ?? 0, out: work.output + at,
            out_stride: configuration.querySize)
        ck_attend_block(&attention, scratch[thread])
    }
}
