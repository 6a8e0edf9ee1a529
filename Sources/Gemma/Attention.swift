import CKernels
import COpenBLAS

/// Causal attention of new tokens over their sequences' caches, split over the engine's threads.
///
/// A few tokens of a sequence go one by one through a C kernel that reads the cache once. Many tokens go through
/// blocks of scores computed by OpenBLAS; a block covers only the keys that its queries can see. What other
/// sequences do in the same pass changes nothing.
struct Attention {
    private static let queryBlock = 32
    private static let keyTile = 256
    /// Up to so many tokens of a sequence take the kernel: what speculation verifies is then computed just as
    /// single tokens are.
    private static let fusedTokenLimit = 16

    /// Something that one thread does at a time.
    struct Item {
        let cache: KVCache
        /// Row of the first token in the activations.
        let row: Int
        /// Position of the first token in its sequence.
        let position: Int
        let tokenCount: Int
        let heads: Range<Int>
    }

    private let configuration: GemmaConfiguration
    private let pool: ThreadPool
    /// Per thread: scores `[queryBlock, capacity]`.
    private let scores: [UnsafeMutableBufferPointer<Float>]
    /// Per thread: keys or values as f32, `[keyTile, headDim]`.
    private let tiles: [UnsafeMutableBufferPointer<Float>]

    init(configuration: GemmaConfiguration, capacity: Int, pool: ThreadPool, scratch: ScratchMemory) {
        self.configuration = configuration
        self.pool = pool
        let rows = max(Self.queryBlock, configuration.headCount / configuration.kvHeadCount)
        scores = (0..<pool.threadCount).map { _ in scratch.floats(rows * capacity) }
        tiles = (0..<pool.threadCount).map { _ in scratch.floats(Self.keyTile * configuration.headDim) }
    }

    /// Shares out a pass; the same for all layers.
    ///
    /// What takes longest comes first, so that threads end together.
    func plan(_ segments: [BatchSegment]) -> [Item] {
        var blocks: [Item] = []
        var singles: [Item] = []
        var row = 0
        for segment in segments {
            if segment.tokens.count <= Self.fusedTokenLimit {
                singles += singleItems(segment, row: row)
            } else {
                blocks += blockItems(segment, row: row)
            }
            row += segment.tokens.count
        }
        return blocks.reversed() + singles
    }

    private func blockItems(_ segment: BatchSegment, row: Int) -> [Item] {
        stride(from: 0, to: segment.tokens.count, by: Self.queryBlock).flatMap { first in
            (0..<configuration.headCount).map { head in
                Item(
                    cache: segment.cache, row: row + first, position: segment.position + first,
                    tokenCount: min(Self.queryBlock, segment.tokens.count - first), heads: head..<(head + 1))
            }
        }
    }

    private func singleItems(_ segment: BatchSegment, row: Int) -> [Item] {
        // A group shares its keys; it is split only as far as there are threads to use.
        let group = configuration.headCount / configuration.kvHeadCount
        let parts = min(group, (pool.threadCount + configuration.kvHeadCount - 1) / configuration.kvHeadCount)
        return (0..<segment.tokens.count).flatMap { token in
            (0..<configuration.kvHeadCount * parts).map { item in
                let first = item / parts * group
                let part = item % parts
                return Item(
                    cache: segment.cache, row: row + token, position: segment.position + token, tokenCount: 1,
                    heads: (first + part * group / parts)..<(first + (part + 1) * group / parts))
            }
        }
    }

    /// Attends with `queries` (`[rows, headCount * headDim]`, rotated), whose keys and values are already in the
    /// caches; writes `[rows, headCount * headDim]` to `output`.
    func attend(
        layer: Int, _ plan: [Item], queries: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        pool.forEach(plan.count) { thread, index in
            let item = plan[index]
            if item.tokenCount == 1 {
                attendOne(layer: layer, item, queries: queries, output: output, thread: thread)
            } else {
                attendBlock(layer: layer, item, queries: queries, output: output, thread: thread)
            }
        }
    }

    /// The first position that the token at `position` sees.
    private func firstVisible(layer: Int, position: Int) -> Int {
        guard let window = configuration.layers[layer].slidingWindow else { return 0 }
        return max(0, position - window + 1)
    }

    private func kvHead(of head: Int) -> Int { head / (configuration.headCount / configuration.kvHeadCount) }

    private func attendOne(
        layer: Int, _ item: Item, queries: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        thread: Int
    ) {
        let headDim = configuration.headDim
        let cache = item.cache
        let first = firstVisible(layer: layer, position: item.position)
        let offset = first * headDim * cache.elementType.byteCount
        let kvHead = kvHead(of: item.heads.lowerBound)
        let at = item.row * configuration.querySize + item.heads.lowerBound * headDim
        ck_attend(
            cache.elementType.kernelType, queries + at, item.heads.count,
            cache.keys(layer: layer, head: kvHead) + offset,
            cache.values(layer: layer, head: kvHead) + offset,
            headDim, item.position + 1 - first, headDim, configuration.attentionScale,
            configuration.attentionSoftCap ?? 0, output + at, scores[thread].baseAddress)
    }

    private func attendBlock(
        layer: Int, _ item: Item, queries: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        thread: Int
    ) {
        let headDim = configuration.headDim
        let querySize = configuration.querySize
        let head = item.heads.lowerBound
        let type = item.cache.elementType
        let keys = item.cache.keys(layer: layer, head: kvHead(of: head))
        let values = item.cache.values(layer: layer, head: kvHead(of: head))
        let visible =
            firstVisible(layer: layer, position: item.position)..<(item.position + item.tokenCount)
        let span = visible.count
        // Safety: scores hold queryBlock x capacity floats, and span <= capacity.
        let scores = self.scores[thread].baseAddress!
        let at = item.row * querySize + head * headDim

        for tile in tileRanges(of: visible) {
            let tileKeys = floats(of: keys, rows: tile, type: type, thread: thread)
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, Int32(item.tokenCount), Int32(tile.count),
                Int32(headDim), configuration.attentionScale, queries + at, Int32(querySize), tileKeys,
                Int32(headDim), 0, scores + (tile.lowerBound - visible.lowerBound), Int32(span))
        }
        for token in 0..<item.tokenCount {
            normalize(layer: layer, item, token, visible, scores + token * span)
        }
        for tile in tileRanges(of: visible) {
            let tileValues = floats(of: values, rows: tile, type: type, thread: thread)
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(item.tokenCount), Int32(headDim),
                Int32(tile.count), 1, scores + (tile.lowerBound - visible.lowerBound), Int32(span),
                tileValues,
                Int32(headDim), tile.lowerBound == visible.lowerBound ? 0 : 1, output + at, Int32(querySize))
        }
    }

    /// Makes probabilities of one token's scores, and zeros of those it must not see.
    private func normalize(
        layer: Int, _ item: Item, _ token: Int, _ visible: Range<Int>, _ scores: UnsafeMutablePointer<Float>
    ) {
        let from = firstVisible(layer: layer, position: item.position + token) - visible.lowerBound
        let to = item.position + token + 1 - visible.lowerBound
        if let cap = configuration.attentionSoftCap { ck_softcap(scores + from, to - from, cap) }
        ck_softmax(scores + from, to - from)
        scores.update(repeating: 0, count: from)
        (scores + to).update(repeating: 0, count: visible.count - to)
    }

    private func tileRanges(of visible: Range<Int>) -> some Sequence<Range<Int>> {
        stride(from: visible.lowerBound, to: visible.upperBound, by: Self.keyTile).lazy
            .map { $0..<min(visible.upperBound, $0 + Self.keyTile) }
    }

    /// Rows of keys or values as f32: where they are if they are, else unpacked into the thread's tile.
    private func floats(
        of rows: UnsafeMutableRawPointer, rows range: Range<Int>, type: KVCache.ElementType, thread: Int
    ) -> UnsafePointer<Float> {
        let start = rows + range.lowerBound * configuration.headDim * type.byteCount
        switch type {
        case .f32: return UnsafePointer(start.assumingMemoryBound(to: Float.self))
        case .f16:
            let tile = tiles[thread].baseAddress!
            ck_f16_to_f32(
                start.assumingMemoryBound(to: UInt16.self), tile, range.count * configuration.headDim)
            return UnsafePointer(tile)
        }
    }
}
