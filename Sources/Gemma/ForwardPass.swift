import CKernels
import Glibc
import Tokenizer

/// From token ids to logits: embedding, layers, head, with all the memory that takes.
///
/// One instance serves one thread pool and is not used from two threads at once. Source of the arithmetic:
/// Hugging Face `modeling_gemma.py`, `modeling_gemma2.py`, `modeling_gemma3.py`.
final class ForwardPass {
    let model: GemmaModel
    /// The most tokens of one ``run(_:isCancelled:onLogits:)``.
    let sliceLimit: Int
    private let pool: ThreadPool
    private let scratch = ScratchMemory()
    /// Nil if all arithmetic is in f32.
    let packed: PackedWeights?
    private let layers: [GemmaWeights.Layer]
    private let head: Matrix
    private let multiplication: MatrixMultiplication
    private let attention: Attention
    private let rotations: [RotaryTable]
    /// Which of `rotations` each layer uses.
    private let layerRotations: [Int]

    private let residual: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    private let normed: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    private let projected: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    private let queries: UnsafeMutablePointer<Float>  // [slice, querySize]
    private let keys: UnsafeMutablePointer<Float>  // [slice, kvSize]
    private let values: UnsafeMutablePointer<Float>  // [slice, kvSize]
    private let attended: UnsafeMutablePointer<Float>  // [slice, querySize]
    private let gate: UnsafeMutablePointer<Float>  // [slice, intermediateSize]
    private let up: UnsafeMutablePointer<Float>  // [slice, intermediateSize]
    private let logits: UnsafeMutablePointer<Float>  // [logitsRows, vocabularySize]
    /// Rows of logits that are computed at once.
    private static let logitsRows = 16

    /// - Parameters:
    ///   - isExact: whether quantised weights too are multiplied in f32, rather than in integers.
    ///   - packedWeightsFolders: see ``InferenceEngine/Options/packedWeightsFolders``.
    init(
        model: GemmaModel, pool: ThreadPool, capacity: Int, sliceLimit: Int, isExact: Bool,
        packedWeightsFolders: [String] = []
    ) throws(GemmaError) {
        let configuration = model.configuration
        self.model = model
        self.pool = pool
        self.sliceLimit = sliceLimit
        let largest = max(configuration.hiddenSize, configuration.intermediateSize, configuration.querySize)
        let packed =
            isExact ? nil : try PackedWeights(model: model, pool: pool, folders: packedWeightsFolders)
        self.packed = packed
        layers = packed?.layers ?? model.weights.layers
        head = packed?.head ?? model.weights.head
        multiplication = MatrixMultiplication(
            pool: pool, largestColumnCount: largest, sliceLimit: sliceLimit,
            usesTiles: packed?.usesTiles ?? false, scratch: scratch)
        attention = Attention(configuration: configuration, capacity: capacity, pool: pool, scratch: scratch)
        rotations = RotaryTable.tables(for: configuration, sliceLimit: sliceLimit)
        let distinct = configuration.rotations
        layerRotations = configuration.layers.map { layer in
            distinct.firstIndex { $0.theta == layer.ropeTheta && $0.scale == layer.ropeScale } ?? 0
        }
        let scratch = scratch
        func rows(_ width: Int) -> UnsafeMutablePointer<Float> {
            scratch.floats(sliceLimit * width).baseAddress!
        }
        residual = rows(configuration.hiddenSize)
        normed = rows(configuration.hiddenSize)
        projected = rows(configuration.hiddenSize)
        queries = rows(configuration.querySize)
        keys = rows(configuration.kvSize)
        values = rows(configuration.kvSize)
        attended = rows(configuration.querySize)
        gate = rows(configuration.intermediateSize)
        up = rows(configuration.intermediateSize)
        logits = scratch.floats(Self.logitsRows * configuration.vocabularySize).baseAddress!
    }

    /// Runs the tokens of all segments at once, filling their caches.
    ///
    /// - Parameters:
    ///   - segments: at most ``sliceLimit`` tokens together, each cache at most once.
    ///   - isCancelled: asked between two layers.
    ///   - onLogits: called with the index of the segment, that of the token in it, and its logits,
    ///     `[vocabularySize]`, which it may change; in order.
    /// - Throws: `CancellationError` if it was cancelled. The caches then still hold what they held before the
    ///   segments' positions.
    func run(
        _ segments: [BatchSegment], isCancelled: () -> Bool = { false },
        onLogits: (_ segment: Int, _ token: Int, UnsafeMutableBufferPointer<Float>) -> Void = { _, _, _ in }
    ) throws {
        let count = segments.reduce(0) { $0 + $1.tokens.count }
        precondition(count > 0 && count <= sliceLimit)
        try checkWeights()
        embed(segments)
        let plan = attention.plan(segments)
        for layer in layers.indices {
            if isCancelled() { throw CancellationError() }
            attentionBlock(layer, segments, plan, count: count)
            feedForwardBlock(layer, count: count)
        }
        computeLogits(segments, onLogits)
    }

    /// Checks repacked weights that were mapped from a file, once; see ``PackedWeights/verify(pool:)``.
    @discardableResult
    func checkWeights() throws(GemmaError) -> Int { try packed?.verify(pool: pool) ?? 0 }

    private func embed(_ segments: [BatchSegment]) {
        let embedding = model.weights.embedding
        var row = 0
        for segment in segments {
            precondition(segment.position + segment.tokens.count <= segment.cache.capacity)
            for (offset, id) in segment.tokens.enumerated() {
                precondition(id >= 0 && Int(id) < embedding.rows)
                let vector = residual + row * embedding.columns
                ck_dequantize(
                    embedding.type, embedding.address + Int(id) * embedding.rowBytes, vector,
                    embedding.columns)
                ck_scale(vector, model.weights.embeddingScale, embedding.columns)
                for table in rotations { table.prepare(row: row, position: segment.position + offset) }
                row += 1
            }
        }
    }

    private func attentionBlock(
        _ index: Int, _ segments: [BatchSegment], _ plan: [Attention.Item], count: Int
    ) {
        let configuration = model.configuration
        let layer = layers[index]
        normalize(
            residual, into: normed, weight: layer.attnNorm, rows: count, width: configuration.hiddenSize)
        let input = multiplication.prepare(normed, tokenCount: count, columns: configuration.hiddenSize)
        multiplication.multiply(
            input, .init(layer.attnQ, into: queries), .init(layer.attnK, into: keys),
            .init(layer.attnV, into: values))
        rotate(queries, heads: configuration.headCount, norm: layer.attnQNorm, layer: index, count: count)
        rotate(keys, heads: configuration.kvHeadCount, norm: layer.attnKNorm, layer: index, count: count)
        var row = 0
        for segment in segments {
            segment.cache.store(
                layer: index, position: segment.position, count: segment.tokens.count,
                keys: keys + row * configuration.kvSize, values: values + row * configuration.kvSize)
            row += segment.tokens.count
        }
        attention.attend(layer: index, plan, queries: queries, output: attended)
        let heads = multiplication.prepare(attended, tokenCount: count, columns: configuration.querySize)
        multiplication.multiply(heads, .init(layer.attnOutput, into: projected))
        addToResidual(norm: layer.postAttentionNorm, count: count)
    }

    private func feedForwardBlock(_ index: Int, count: Int) {
        let configuration = model.configuration
        let layer = layers[index]
        normalize(residual, into: normed, weight: layer.ffnNorm, rows: count, width: configuration.hiddenSize)
        let input = multiplication.prepare(normed, tokenCount: count, columns: configuration.hiddenSize)
        multiplication.multiply(input, .init(layer.ffnGate, into: gate), .init(layer.ffnUp, into: up))
        let width = configuration.intermediateSize
        pool.forEach(count > 1 ? count : 1) { _, row in ck_geglu(gate + row * width, up + row * width, width)
        }
        let activated = multiplication.prepare(gate, tokenCount: count, columns: width)
        multiplication.multiply(activated, .init(layer.ffnDown, into: projected))
        addToResidual(norm: layer.postFeedForwardNorm, count: count)
    }

    /// Normalises each head where the architecture does, then rotates it by its token's position.
    private func rotate(
        _ heads: UnsafeMutablePointer<Float>, heads headCount: Int, norm: UnsafePointer<Float>?, layer: Int,
        count: Int
    ) {
        let configuration = model.configuration
        let headDim = configuration.headDim
        if let norm { normalize(heads, into: heads, weight: norm, rows: count * headCount, width: headDim) }
        let table = rotations[layerRotations[layer]]
        for token in 0..<count {
            ck_rope(
                heads + token * headCount * headDim, headCount, headDim, table.cosines(token),
                table.sines(token))
        }
    }

    private func addToResidual(norm: UnsafePointer<Float>?, count: Int) {
        let width = model.configuration.hiddenSize
        if let norm { normalize(projected, into: projected, weight: norm, rows: count, width: width) }
        ck_add(residual, projected, count * width)
    }

    private func normalize(
        _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, weight: UnsafePointer<Float>,
        rows: Int,
        width: Int
    ) {
        for row in 0..<rows {
            ck_rmsnorm(y + row * width, x + row * width, weight, width, model.configuration.rmsNormEpsilon, 0)
        }
    }

    private func computeLogits(
        _ segments: [BatchSegment], _ onLogits: (Int, Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        var wanted: [(segment: Int, token: Int, row: Int)] = []
        var row = 0
        for (index, segment) in segments.enumerated() {
            let last = segment.tokens.count - 1
            switch segment.logits {
            case .none: break
            case .last: wanted.append((index, last, row + last))
            case .all: wanted += (0...last).map { (index, $0, row + $0) }
            }
            row += segment.tokens.count
        }
        let width = model.configuration.hiddenSize
        let vocabularySize = model.configuration.vocabularySize
        while !wanted.isEmpty {
            let group = wanted.prefix(Self.logitsRows)
            wanted.removeFirst(group.count)
            for (slot, entry) in group.enumerated() {
                normalize(
                    residual + entry.row * width, into: normed + slot * width,
                    weight: model.weights.outputNorm,
                    rows: 1, width: width)
            }
            let input = multiplication.prepare(normed, tokenCount: group.count, columns: width)
            multiplication.multiply(input, .init(head, into: logits))
            for (slot, entry) in group.enumerated() {
                let row = UnsafeMutableBufferPointer(
                    start: logits + slot * vocabularySize, count: vocabularySize)
                if let cap = model.configuration.logitSoftCap {
                    ck_softcap(logits + slot * vocabularySize, vocabularySize, cap)
                }
                onLogits(entry.segment, entry.token, row)
            }
        }
    }
}
