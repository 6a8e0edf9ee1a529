import CKernels
import Glibc
import Tokenizer

/// Computes logits from token ids: embedding, layers and head, with all the memory that they need.
///
/// An instance serves one thread pool and must not be used from two threads at once. After its first passes it
/// allocates no memory. Source of the arithmetic: Hugging Face `modeling_gemma.py`, `modeling_gemma2.py`,
/// `modeling_gemma3.py`.
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
    let multiplication: MatrixMultiplication
    private let attention: Attention
    let rotations: [RotaryTable]
    /// Which of `rotations` each layer uses.
    let layerRotations: [Int]

    let residual: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    let normed: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    let projected: UnsafeMutablePointer<Float>  // [slice, hiddenSize]
    let queries: UnsafeMutablePointer<Float>  // [slice, querySize of the layer]
    let keys: UnsafeMutablePointer<Float>  // [slice, kvSize of the layer]
    let values: UnsafeMutablePointer<Float>  // [slice, kvSize of the layer]
    let attended: UnsafeMutablePointer<Float>  // [slice, querySize of the layer]
    let gate: UnsafeMutablePointer<Float>  // [slice, intermediateSize of the layer]
    let up: UnsafeMutablePointer<Float>  // [slice, intermediateSize of the layer]
    private let logits: UnsafeMutablePointer<Float>  // [logitsRows, vocabularySize]
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

    /// A token whose logits are wanted: its segment, its index in the segment, and its row in the pass.
    private struct Wanted {
        let segment: Int
        let token: Int
        let row: Int
    }

    private(set) var rows: [Row] = []
    /// Whether any row has an adapter.
    private(set) var usesAdapters = false
    private var wanted: [Wanted] = []

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
        logits = scratch.floats(Self.logitsRows * configuration.vocabularySize).baseAddress!
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
        for layer in layers.indices {
            if isCancelled() { throw CancellationError() }
            let weights = layers[layer]
            let normed = input(normed, width: model.configuration.hiddenSize)
            multiplication.multiply(
                normed, .init(weights.attnQ, into: queries), .init(weights.attnK, into: keys),
                .init(weights.attnV, into: values))
            perform(.rotateAndStore(layer: layer))
            attention.attend(layer: layer, queries: queries, output: attended)
            perform(.prepareAttended(layer: layer))
            multiplication.multiply(
                input(attended, width: model.configuration.querySize(layer)),
                .init(weights.attnOutput, into: projected))
            perform(.endAttention(layer: layer))
            multiplication.multiply(
                normed, .init(weights.ffnGate, into: gate), .init(weights.ffnUp, into: up))
            perform(.activate(layer: layer))
            multiplication.multiply(
                input(gate, width: model.configuration.layers[layer].intermediateSize),
                .init(weights.ffnDown, into: projected))
            perform(.endFeedForward(layer: layer))
        }
        computeLogits(onLogits)
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
                    wanted.append(Wanted(segment: index, token: offset, row: rows.count))
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
