import CKernels
import COpenBLAS

/// Causal attention of new tokens over a sequence's cache, split over the engine's threads.
///
/// One token at a time reads the cache once, in a C kernel. Many tokens go through blocks of scores computed
/// by OpenBLAS; a block covers only the keys that its queries can see.
struct Attention {
    private static let queryBlock = 32
    private static let keyTile = 256
    /// Up to so many tokens take the kernel.
    private static let fusedTokenLimit = 4

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

    /// Attends with `queries` (`[count, headCount * headDim]`, rotated) of the tokens at `position` and after,
    /// whose keys and values are already in the cache; writes `[count, headCount * headDim]` to `output`.
    func attend(
        layer: Int, cache: KVCache, position: Int, count: Int, queries: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        if count <= Self.fusedTokenLimit {
            for token in 0..<count {
                attendOne(
                    layer: layer, cache: cache, position: position + token,
                    queries: queries + token * configuration.querySize,
                    output: output + token * configuration.querySize)
            }
        } else {
            attendMany(
                layer: layer, cache: cache, position: position, count: count, queries: queries, output: output
            )
        }
    }

    /// The first position that the token at `position` sees.
    private func firstVisible(layer: Int, position: Int) -> Int {
        guard let window = configuration.layers[layer].slidingWindow else { return 0 }
        return max(0, position - window + 1)
    }

    private func attendOne(
        layer: Int, cache: KVCache, position: Int, queries: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        let headDim = configuration.headDim
        let group = configuration.headCount / configuration.kvHeadCount
        let first = firstVisible(layer: layer, position: position)
        let offset = first * headDim * cache.elementType.byteCount
        // A group shares its keys; it is split only as far as there are threads to use.
        let parts = min(group, (pool.threadCount + configuration.kvHeadCount - 1) / configuration.kvHeadCount)
        pool.forEach(configuration.kvHeadCount * parts) { thread, item in
            let kvHead = item / parts
            let part = item % parts
            let from = part * group / parts
            let to = (part + 1) * group / parts
            let head = kvHead * group + from
            ck_attend(
                cache.elementType.kernelType, queries + head * headDim, to - from,
                cache.keys(layer: layer, head: kvHead) + offset,
                cache.values(layer: layer, head: kvHead) + offset,
                headDim, position + 1 - first, headDim, configuration.attentionScale,
                configuration.attentionSoftCap ?? 0, output + head * headDim, scores[thread].baseAddress)
        }
    }

    private func attendMany(
        layer: Int, cache: KVCache, position: Int, count: Int, queries: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        let blocks = (count + Self.queryBlock - 1) / Self.queryBlock
        // The last blocks see the most keys: they go first, so that the threads end together.
        pool.forEach(blocks * configuration.headCount) { thread, item in
            let block = blocks - 1 - item / configuration.headCount
            let from = block * Self.queryBlock
            attendBlock(
                layer: layer, cache: cache, position: position, head: item % configuration.headCount,
                tokens: from..<min(count, from + Self.queryBlock), queries: queries, output: output,
                thread: thread)
        }
    }

    private func attendBlock(
        layer: Int, cache: KVCache, position: Int, head: Int, tokens: Range<Int>,
        queries: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, thread: Int
    ) {
        let headDim = configuration.headDim
        let querySize = configuration.querySize
        let kvHead = head / (configuration.headCount / configuration.kvHeadCount)
        let keys = cache.keys(layer: layer, head: kvHead)
        let values = cache.values(layer: layer, head: kvHead)
        let visible =
            firstVisible(
                layer: layer, position: position + tokens.lowerBound)..<(position + tokens.upperBound)
        let span = visible.count
        // Safety: scores hold queryBlock x capacity floats, and span <= capacity.
        let scores = self.scores[thread].baseAddress!
        let blockQueries = queries + tokens.lowerBound * querySize + head * headDim
        let blockOutput = output + tokens.lowerBound * querySize + head * headDim

        for tile in tileRanges(of: visible) {
            let tileKeys = floats(of: keys, rows: tile, type: cache.elementType, thread: thread)
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, Int32(tokens.count), Int32(tile.count),
                Int32(headDim),
                configuration.attentionScale, blockQueries, Int32(querySize), tileKeys, Int32(headDim), 0,
                scores + (tile.lowerBound - visible.lowerBound), Int32(span))
        }
        for (row, token) in tokens.enumerated() {
            let rowScores = scores + row * span
            let from = firstVisible(layer: layer, position: position + token) - visible.lowerBound
            let to = position + token + 1 - visible.lowerBound
            if let cap = configuration.attentionSoftCap { ck_softcap(rowScores + from, to - from, cap) }
            ck_softmax(rowScores + from, to - from)
            (rowScores).update(repeating: 0, count: from)
            (rowScores + to).update(repeating: 0, count: span - to)
        }
        for tile in tileRanges(of: visible) {
            let tileValues = floats(of: values, rows: tile, type: cache.elementType, thread: thread)
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(tokens.count), Int32(headDim),
                Int32(tile.count),
                1, scores + (tile.lowerBound - visible.lowerBound), Int32(span), tileValues, Int32(headDim),
                tile.lowerBound == visible.lowerBound ? 0 : 1, blockOutput, Int32(querySize))
        }
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
