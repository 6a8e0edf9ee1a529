import CKernels

/// Causal attention of new tokens over their sequences' caches, split over the engine's threads.
///
/// If a sequence has few new tokens, they are handled one by one, by a kernel that reads the cache once for each; a
/// long cache is read in parts, which are merged. Many new tokens are handled in blocks, by a kernel that reads the
/// cache once for a whole block. Neither other sequences in the same pass nor the number of threads affect the results.
///
/// An instance serves one ``ForwardPass``.
final class Attention {
    /// Up to this many tokens of a sequence are handled one by one, so that guessed tokens are computed exactly as
    /// single tokens are.
    private static let singleTokenLimit = 16
    /// The most rows (tokens times query heads of a key-value head) of a block: their queries, sums and scores and a
    /// tile of the cache fit a core's second-level cache.
    private static let blockRows = 128
    /// The fewest rows of a block when blocks are made smaller to give each thread `blocksPerThread` of them; with
    /// fewer, unpacking a tile would not be worth it.
    private static let leastBlockRows = 32
    private static let blocksPerThread = 3
    /// The number of positions in a part, or a multiple of it where there would be more than `partLimit` parts.
    private static let partPositions = 512
    private static let partLimit = 8
    /// How many parts (each of all heads of a group) can be kept at a time.
    private static let keptParts = 256

    /// A unit of work for one thread, for some heads of a group that share their keys.
    private enum Item {
        /// A block of tokens, the first of which is at this row of the activations and this position of its sequence.
        case block(cache: KVCache, row: Int, position: Int, tokenCount: Int, heads: Range<Int>)
        /// One token over some positions; if these are not all that it sees, the result is kept as a part.
        case single(cache: KVCache, row: Int, positions: Range<Int>, heads: Range<Int>, part: Int?)
    }

    /// The parts to merge into the attention of one token, for one group of heads.
    private struct Merge {
        let row: Int
        let kvHead: Int
        let parts: Range<Int>
    }

    /// Work whose parts fit into memory together: first all items are done, then all merges.
    private struct Round {
        var items: [Item] = []
        var merges: [Merge] = []
        var partCount = 0
    }

    /// The division of a pass into work, for all layers with the same window.
    private struct Plan {
        /// How many positions a token sees, its own included.
        let window: Int
        private(set) var rounds: [Round] = [Round()]

        init(window: Int) { self.window = window }

        /// Removes the last pass's work, but keeps the memory of its first round.
        mutating func clear() {
            rounds.removeLast(rounds.count - 1)
            rounds[0].items.removeAll(keepingCapacity: true)
            rounds[0].merges.removeAll(keepingCapacity: true)
            rounds[0].partCount = 0
        }

        mutating func add(_ item: Item) { rounds[rounds.count - 1].items.append(item) }

        mutating func add(_ merge: Merge) { rounds[rounds.count - 1].merges.append(merge) }

        /// Reserves `count` parts, in a new round if the last one has too few left; returns the index of the first.
        mutating func reserveParts(_ count: Int) -> Int {
            if rounds[rounds.count - 1].partCount + count > Attention.keptParts { rounds.append(Round()) }
            defer { rounds[rounds.count - 1].partCount += count }
            return rounds[rounds.count - 1].partCount
        }
    }

    private let configuration: GemmaConfiguration
    private let pool: ThreadPool
    /// The most tokens of a block.
    private let blockTokens: Int
    /// The number of query heads for each key-value head.
    private let group: Int
    /// The kernels' scratch memory, for each thread.
    private let scratch: [UnsafeMutablePointer<Float>]
    /// Room for `keptParts` parts of a group.
    private let parts: UnsafeMutablePointer<Float>
    /// The tokens of the current pass.
    private var pieces: [Tokens] = []
    /// The plans of the current pass, one for each window that layers have.
    private var plans: [Plan]
    /// Which of `plans` each layer uses.
    private let layerPlans: [Int]

    init(configuration: GemmaConfiguration, capacity: Int, pool: ThreadPool, scratch: ScratchMemory) {
        self.configuration = configuration
        self.pool = pool
        let group = configuration.headCount / configuration.kvHeadCount
        self.group = group
        blockTokens = max(16, min(32, Self.blockRows / group))
        var largest = ck_attention()
        largest.tokens = blockTokens
        largest.group = group
        largest.head_dim = configuration.largestHeadDim
        largest.position = capacity
        let partFloats = ck_attend_floats(group, configuration.largestHeadDim)
        let count = max(ck_attend_block_floats(&largest), partFloats)
        self.scratch = (0..<pool.threadCount).map { _ in scratch.floats(count).baseAddress! }
        let partCount = capacity > Self.partPositions ? Self.keptParts : 0
        parts = scratch.floats(partCount * partFloats).baseAddress!
        let windows = configuration.layers.map { $0.slidingWindow ?? .max }
        let kinds = Set(windows).sorted()
        plans = kinds.map { Plan(window: $0) }
        layerPlans = windows.map { kinds.firstIndex(of: $0)! }
    }

    /// Consecutive tokens of a sequence.
    private struct Tokens {
        let cache: KVCache
        /// The first one's row of the activations and position in its sequence.
        let row: Int
        let position: Int
        var count: Int
        var isBlocked: Bool { count > Attention.singleTokenLimit }
    }

    /// Divides a pass into work for the threads.
    func plan(_ segments: [BatchSegment]) {
        pieces.removeAll(keepingCapacity: true)
        var row = 0
        for segment in segments {
            pieces.append(
                Tokens(
                    cache: segment.cache, row: row, position: segment.position, count: segment.tokens.count))
            row += segment.tokens.count
        }
        planPieces()
    }

    /// Divides the rest of a pass, which has a row for each of the `wanted` tokens, in ascending order.
    func plan(_ segments: [BatchSegment], wanted: [WantedToken]) {
        pieces.removeAll(keepingCapacity: true)
        for (row, token) in wanted.enumerated() {
            let segment = segments[token.segment]
            let position = segment.position + token.token
            if let last = pieces.last, last.cache === segment.cache, last.position + last.count == position {
                pieces[pieces.count - 1].count += 1
            } else {
                pieces.append(Tokens(cache: segment.cache, row: row, position: position, count: 1))
            }
        }
        planPieces()
    }

    /// Work that takes longest comes first, so that the threads finish together.
    private func planPieces() {
        for index in plans.indices {
            plans[index].clear()
            for tokens in pieces.reversed() where tokens.isBlocked { addBlocks(tokens, to: &plans[index]) }
            for tokens in pieces where !tokens.isBlocked { addSingles(tokens, to: &plans[index]) }
        }
    }

    private func addBlocks(_ tokens: Tokens, to plan: inout Plan) {
        var end = tokens.count
        let wanted = Self.blocksPerThread * pool.threadCount
        let share = (end * configuration.kvHeadCount + wanted - 1) / wanted
        let size = min(blockTokens, max(share, Self.leastBlockRows / group, 1))
        while end > 0 {
            let first = (end - 1) / size * size
            for kvHead in 0..<configuration.kvHeadCount {
                plan.add(
                    .block(
                        cache: tokens.cache, row: tokens.row + first, position: tokens.position + first,
                        tokenCount: end - first, heads: (kvHead * group)..<((kvHead + 1) * group)))
            }
            end = first
        }
    }

    private func addSingles(_ tokens: Tokens, to plan: inout Plan) {
        for token in 0..<tokens.count {
            let end = tokens.position + token + 1
            let positions = max(0, end - plan.window)..<end
            for kvHead in 0..<configuration.kvHeadCount {
                let heads = (kvHead * group)..<((kvHead + 1) * group)
                if positions.count > Self.partPositions {
                    addParts(
                        of: positions, cache: tokens.cache, row: tokens.row + token, kvHead: kvHead, to: &plan
                    )
                    continue
                }
                // The heads of a group share their keys, so a group is split only as far as needed to use all threads.
                let shares = min(
                    group, (pool.threadCount + configuration.kvHeadCount - 1) / configuration.kvHeadCount)
                for share in 0..<shares {
                    let first = heads.lowerBound + share * group / shares
                    let last = heads.lowerBound + (share + 1) * group / shares
                    plan.add(
                        .single(
                            cache: tokens.cache, row: tokens.row + token, positions: positions,
                            heads: first..<last, part: nil))
                }
            }
        }
    }

    private func addParts(
        of positions: Range<Int>, cache: KVCache, row: Int, kvHead: Int, to plan: inout Plan
    ) {
        let unit = Self.partPositions * Self.partLimit
        let size = Self.partPositions * ((positions.count + unit - 1) / unit)
        let count = (positions.count + size - 1) / size
        let first = plan.reserveParts(count)
        for part in 0..<count {
            let start = positions.lowerBound + part * size
            plan.add(
                .single(
                    cache: cache, row: row, positions: start..<min(start + size, positions.upperBound),
                    heads: (kvHead * group)..<((kvHead + 1) * group), part: first + part))
        }
        plan.add(Merge(row: row, kvHead: kvHead, parts: first..<(first + count)))
    }

    /// Computes the planned attention with `queries` (`[rows, headCount * headDim]`, rotated) and writes
    /// `[rows, headCount * headDim]` to `output`; the new tokens' keys and values must already be in the caches.
    func attend(layer: Int, queries: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
        for round in plans[layerPlans[layer]].rounds {
            pool.forEach(
                round.items.count,
                Work(attention: self, items: round.items, layer: layer, queries: queries, output: output))
            guard !round.merges.isEmpty else { continue }
            pool.forEach(
                round.merges.count,
                Merging(attention: self, merges: round.merges, layer: layer, output: output))
        }
    }

    private struct Work: PoolWork {
        let attention: Attention
        let items: [Item]
        let layer: Int
        let queries: UnsafePointer<Float>
        let output: UnsafeMutablePointer<Float>

        func perform(_ index: Int, thread: Int) {
            switch items[index] {
            case .block(let cache, let row, let position, let tokenCount, let heads):
                attention.attendBlock(
                    cache, row: row, position: position, tokenCount: tokenCount, heads: heads, self,
                    thread: thread)
            case .single(let cache, let row, let positions, let heads, let part):
                attention.attendOne(
                    cache, row: row, positions: positions, heads: heads, part: part, self, thread: thread)
            }
        }
    }

    private struct Merging: PoolWork {
        let attention: Attention
        let merges: [Merge]
        let layer: Int
        let output: UnsafeMutablePointer<Float>

        func perform(_ index: Int, thread: Int) {
            let merge = merges[index]
            let headDim = attention.configuration.layers[layer].headDim
            let at =
                merge.row * attention.configuration.querySize(layer)
                + merge.kvHead * attention.group * headDim
            ck_attend_merge(
                attention.part(merge.parts.lowerBound, headDim: headDim), merge.parts.count,
                attention.group, headDim, output + at)
        }
    }

    /// Where a part is kept; all heads of a group have `headDim` in the layer at hand.
    private func part(_ index: Int, headDim: Int) -> UnsafeMutablePointer<Float> {
        parts + index * ck_attend_floats(group, headDim)
    }

    private func attendOne(
        _ cache: KVCache, row: Int, positions: Range<Int>, heads: Range<Int>, part: Int?, _ work: Work,
        thread: Int
    ) {
        let headDim = configuration.layers[work.layer].headDim
        let offset = positions.lowerBound * headDim * cache.elementType.byteCount
        let kvHead = heads.lowerBound / group
        let at = row * configuration.querySize(work.layer) + heads.lowerBound * headDim
        let result = part.map { self.part($0, headDim: headDim) } ?? scratch[thread]
        ck_attend(
            cache.elementType.kernelType, work.queries + at, heads.count,
            cache.keys(layer: work.layer, head: kvHead) + offset,
            cache.values(layer: work.layer, head: kvHead) + offset,
            headDim, positions.count, headDim, configuration.attentionScale,
            configuration.attentionSoftCap ?? 0, result)
        if part == nil { ck_attend_merge(result, 1, heads.count, headDim, work.output + at) }
    }

    private func attendBlock(
        _ cache: KVCache, row: Int, position: Int, tokenCount: Int, heads: Range<Int>, _ work: Work,
        thread: Int
    ) {
        let kvHead = heads.lowerBound / group
        let (headDim, querySize) = (
            configuration.layers[work.layer].headDim, configuration.querySize(work.layer)
        )
        let at = row * querySize + heads.lowerBound * headDim
        var attention = ck_attention(
            kv_type: cache.elementType.kernelType, queries: work.queries + at,
            query_stride: querySize, tokens: tokenCount, group: heads.count,
            keys: cache.keys(layer: work.layer, head: kvHead),
            values: cache.values(layer: work.layer, head: kvHead), kv_stride: headDim,
            position: position, window: configuration.layers[work.layer].slidingWindow ?? 0,
            head_dim: headDim, scale: configuration.attentionScale,
            cap: configuration.attentionSoftCap ?? 0, out: work.output + at,
            out_stride: querySize)
        ck_attend_block(&attention, scratch[thread])
    }
}
