import CKernels
import Glibc
import Tokenizer

/// Computes logits from token ids: embedding, layers and head, with all the memory that they need.
///
/// An instance serves one thread pool and must not be used from two threads at once. After its first passes it
/// allocates no memory. Source of the arithmetic: Hugging Face `modeling_gemma.py`, `modeling_gemma2.py`,
/// `modeling_gemma3.py`, `modeling_gemma4.py`.
final class ForwardPass {
    let model: GemmaModel
    /// The most tokens that one call of ``run(_:isCancelled:onLogits:)`` can handle.
    let sliceLimit: Int
    let pool: ThreadPool
    private let scratch = ScratchMemory()
    /// The repacked weights; nil if all arithmetic is in f32.
    let packed: PackedWeights?
    let layers: [GemmaWeights.Layer]
    private let head: Matrix
    private let layerInputProjections: [Matrix]
    let multiplication: MatrixMultiplication
    private let attention: Attention
    let rotations: [RotaryTable]
    /// Which of `rotations` each layer uses.
    let layerRotations: [Int]
    /// See ``GemmaConfiguration/layerRuns``.
    let runs: [Range<Int>]

    let residual: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    let normed: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    let projected: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    let queries: UnsafeMutablePointer<Float>  // [slice, querySize of the layer]
    let keys: UnsafeMutablePointer<Float>  // [slice, kvSize of the layer]
    let values: UnsafeMutablePointer<Float>  // [slice, kvSize of the layer]
    let attended: UnsafeMutablePointer<Float>  // [slice, querySize of the layer]
    let gate: UnsafeMutablePointer<Float>  // [slice, intermediateSize of the layer]
    let up: UnsafeMutablePointer<Float>  // [slice, intermediateSize of the layer]
    let layerInputs: UnsafeMutablePointer<Float>  // [slice, layers of the run * layerInputSize]
    private let logits: UnsafeMutablePointer<Float>  // [logitsRows, vocabularySize]
    /// For each thread, a row of the table of layer inputs.
    let tableRows: [UnsafeMutablePointer<Float>]
    /// For each thread, the products of a block's inputs with the first factors (A) of adapters.
    let reduced: [UnsafeMutablePointer<Float>]
    /// How many rows of logits are computed at once.
    private static let logitsRows = 16

    /// A token of the current pass.
    struct Row {
        let id: TokenID
        let cache: KVCache
        let position: Int
        let adapter: AppliedAdapter?
    }

    private(set) var rows: [Row] = []
    /// Whether any row has an adapter.
    private(set) var usesAdapters = false
    private var wanted: [WantedToken] = []

    /// - Parameters:
    ///   - isExact: whether quantised weights are also multiplied in f32 rather than in integers.
    ///   - packedWeightsFolders: see ``InferenceEngine/Options/packedWeightsFolders``.
    init(
        model: GemmaModel, pool: ThreadPool, capacity: Int, sliceLimit: Int, isExact: Bool,
        packedWeightsFolders: [String] = []
    ) throws(GemmaError) {
        let configuration = model.configuration
        self.model = model
        self.pool = pool
        self.sliceLimit = sliceLimit
        let largest = max(
            configuration.hiddenSize, configuration.largestIntermediateSize, configuration.largestQuerySize)
        let packed =
            isExact ? nil : try PackedWeights(model: model, pool: pool, folders: packedWeightsFolders)
        self.packed = packed
        layers = packed?.layers ?? model.weights.layers
        head = packed?.head ?? model.weights.head
        layerInputProjections =
            packed?.layerInputProjections ?? model.weights.layerInputs?.projections ?? []
        runs = configuration.layerRuns
        multiplication = MatrixMultiplication(
            pool: pool, largestColumnCount: largest, sliceLimit: sliceLimit,
            usesTiles: packed?.usesTiles ?? false, scratch: scratch)
        attention = Attention(configuration: configuration, capacity: capacity, pool: pool, scratch: scratch)
        rotations = RotaryTable.tables(for: configuration, sliceLimit: sliceLimit)
        layerRotations = configuration.layerRotations
        let scratch = scratch
        func rows(_ width: Int) -> UnsafeMutablePointer<Float> {
            scratch.floats(sliceLimit * width).baseAddress!
        }
        residual = rows(configuration.hiddenSize)
        normed = rows(configuration.hiddenSize)
        projected = rows(configuration.hiddenSize)
        queries = rows(configuration.largestQuerySize)
        keys = rows(configuration.largestKVSize)
        values = rows(configuration.largestKVSize)
        attended = rows(configuration.largestQuerySize)
        gate = rows(configuration.largestIntermediateSize)
        up = rows(configuration.largestIntermediateSize)
        layerInputs = rows((runs.map(\.count).max() ?? 0) * configuration.layerInputSize)
        logits = scratch.floats(Self.logitsRows * configuration.vocabularySize).baseAddress!
        tableRows = (0..<pool.threadCount).map { _ in
            scratch.floats(configuration.layers.count * configuration.layerInputSize).baseAddress!
        }
        reduced = (0..<pool.threadCount).map { _ in
            scratch.floats(MatrixMultiplication.blockTokens * AppliedAdapter.rowsLimit).baseAddress!
        }
    }

    /// Runs the tokens of all segments through the model at once, and stores their keys and values in the caches.
    ///
    /// - Parameters:
    ///   - segments: at most ``sliceLimit`` tokens in total, and no cache in two segments.
    ///   - isCancelled: called before each layer; if it returns true, the run ends.
    ///   - onLogits: called in order for each token whose logits are wanted, with the index of the segment, the index
    ///     of the token in it, and the logits, `[vocabularySize]`, which it may change.
    /// - Throws: `CancellationError` if `isCancelled` returned true. Positions before those of the segments are then
    ///   unchanged in the caches.
    func run(
        _ segments: [BatchSegment], isCancelled: () -> Bool = { false },
        onLogits: (_ segment: Int, _ token: Int, UnsafeMutableBufferPointer<Float>) -> Void = { _, _, _ in }
    ) throws {
        try checkWeights()
        layOut(segments)
        defer { rows.removeAll(keepingCapacity: true) }
        usesAdapters = segments.contains { $0.adapter != nil }
        attention.plan(segments)
        perform(.embed)
        for (run, range) in runs.enumerated() {
            prepareLayerInputs(run)
            for layer in range {
                if isCancelled() { throw CancellationError() }
                computeKeysAndQueries(layer)
                // The layers behind leave nothing in the cache.
                if layer + 1 == runs[0].upperBound, runs.count > 1, !narrow(segments) { return }
                computeOutput(layer)
            }
        }
        computeLogits(onLogits)
    }

    /// Computes the inputs that a run's layers get besides the residual, and the input of its first layer.
    private func prepareLayerInputs(_ run: Int) {
        guard !layerInputProjections.isEmpty else { return }
        if run > 0 { perform(.embedAgain) }
        multiplication.multiply(
            input(run == 0 ? residual : normed, width: model.configuration.hiddenSize),
            .init(layerInputProjections[run], into: layerInputs))
        perform(.prepareLayerInputs(run: run))
    }

    /// Computes a layer's queries, and its keys and values if it has its own, which it stores.
    private func computeKeysAndQueries(_ layer: Int) {
        let weights = layers[layer]
        multiplication.multiply(
            input(normed, width: model.configuration.hiddenSize), .init(weights.attnQ, into: queries),
            weights.attnK.map { .init($0, into: keys) }, weights.attnV.map { .init($0, into: values) })
        perform(.rotateAndStore(layer: layer))
    }

    private func computeOutput(_ layer: Int) {
        let weights = layers[layer]
        let (shape, hidden) = (model.configuration.layers[layer], model.configuration.hiddenSize)
        attention.attend(layer: layer, queries: queries, output: attended)
        perform(.prepareAttended(layer: layer))
        multiplication.multiply(
            input(attended, width: model.configuration.querySize(layer)),
            .init(weights.attnOutput, into: projected))
        perform(.endAttention(layer: layer))
        multiplication.multiply(
            input(normed, width: hidden), .init(weights.ffnGate, into: gate), .init(weights.ffnUp, into: up))
        perform(.activate(layer: layer))
        multiplication.multiply(
            input(gate, width: shape.intermediateSize), .init(weights.ffnDown, into: projected))
        perform(.endFeedForward(layer: layer))
        guard let own = weights.input else { return }
        multiplication.multiply(input(residual, width: hidden), .init(own.gate, into: gate))
        perform(.gateLayerInput(layer: layer))
        multiplication.multiply(
            input(gate, width: model.configuration.layerInputSize), .init(own.projection, into: projected))
        perform(.endLayer(layer: layer))
    }

    /// Goes on with only the tokens whose logits are wanted; returns false if there are none.
    ///
    /// What the rest of the layer needs of them is moved to the first rows.
    private func narrow(_ segments: [BatchSegment]) -> Bool {
        guard wanted.count < rows.count else { return true }
        let configuration = model.configuration
        let last = runs[0].upperBound - 1
        for index in wanted.indices {
            let row = wanted[index].row
            // Rows only move towards the beginning, so none is overwritten before it has moved.
            func move(_ values: UnsafeMutablePointer<Float>, width: Int) {
                (values + index * width).update(from: values + row * width, count: width)
            }
            move(residual, width: configuration.hiddenSize)
            move(queries, width: configuration.querySize(last))
            move(layerInputs, width: runs[0].count * configuration.layerInputSize)
            rows[index] = rows[row]
            wanted[index].row = index
            for table in rotations { table.prepare(row: index, position: rows[index].position) }
        }
        rows.removeLast(rows.count - wanted.count)
        attention.plan(segments, wanted: wanted)
        return !rows.isEmpty
    }

    /// Checks repacked weights that were mapped from a file, the first time only; see ``PackedWeights/verify(pool:)``.
    @discardableResult
    func checkWeights() throws(GemmaError) -> Int { try packed?.verify(pool: pool) ?? 0 }

    /// Sets `rows` and `wanted`: which token each row is, and which tokens' logits are wanted.
    private func layOut(_ segments: [BatchSegment]) {
        wanted.removeAll(keepingCapacity: true)
        for (index, segment) in segments.enumerated() {
            precondition(segment.position + segment.tokens.count <= segment.cache.capacity)
            for (offset, id) in segment.tokens.enumerated() {
                precondition(id >= 0 && Int(id) < model.weights.embedding.rows)
                if segment.logits.includes(offset, of: segment.tokens.count) {
                    wanted.append(WantedToken(segment: index, token: offset, row: rows.count))
                }
                rows.append(
                    Row(
                        id: id, cache: segment.cache, position: segment.position + offset,
                        adapter: segment.adapter))
            }
        }
        precondition(!rows.isEmpty && rows.count <= sliceLimit)
    }

    func input(_ x: UnsafePointer<Float>, width: Int) -> MatrixMultiplication.Input {
        MatrixMultiplication.Input(x: x, tokenCount: rows.count, columns: width)
    }

    private func computeLogits(_ onLogits: (Int, Int, UnsafeMutableBufferPointer<Float>) -> Void) {
        let width = model.configuration.hiddenSize
        let vocabularySize = model.configuration.vocabularySize
        for first in stride(from: 0, to: wanted.count, by: Self.logitsRows) {
            let count = min(Self.logitsRows, wanted.count - first)
            for slot in 0..<count {
                ck_rmsnorm(
                    normed + slot * width, residual + wanted[first + slot].row * width,
                    model.weights.outputNorm, width, model.configuration.rmsNormEpsilon, 0)
            }
            let input = MatrixMultiplication.Input(x: normed, tokenCount: count, columns: width)
            multiplication.prepare(block: 0, of: input)
            multiplication.multiply(input, .init(head, into: logits))
            for slot in 0..<count {
                let row = UnsafeMutableBufferPointer(
                    start: logits + slot * vocabularySize, count: vocabularySize)
                if let cap = model.configuration.logitSoftCap {
                    ck_softcap(logits + slot * vocabularySize, vocabularySize, cap)
                }
                onLogits(wanted[first + slot].segment, wanted[first + slot].token, row)
            }
        }
    }
}
