import CKernels

/// An adapter in the form in which a pass reads it: factors with the same input are stored together, in F16 unless all
/// arithmetic is exact or a number is too large for F16.
///
/// Safety: nothing changes after init, and the addresses are valid as long as this object exists, so any thread may
/// read it.
final class AppliedAdapter: @unchecked Sendable {
    /// What the adapter adds to the products of one input: `scale * B (A x)` for each.
    struct Part {
        /// The factors A of all products, concatenated: `[rows, inputSize]`.
        let a: UnsafeRawPointer
        let rows: Int
        let inputSize: Int
        /// The products in the order of the model's matrices: queries, keys, values; or gate, up; or a single one.
        let products: (Product?, Product?, Product?)
    }

    struct Product {
        /// The factor B transposed, `[rank, outputSize]`, so that a sum runs over whole rows.
        let b: UnsafeRawPointer
        let outputSize: Int
        /// The first of the `rank` numbers of `A x` that belong to this product.
        let offset: Int
    }

    /// The parts of one layer; nil where the adapter adds nothing.
    struct Layer {
        let attentionInput: Part?
        let attentionOutput: Part?
        let feedForwardInput: Part?
        let feedForwardOutput: Part?
        let layerInputGate: Part?
        let layerInputProjection: Part?
    }

    /// The highest rank that can be applied.
    static let rankLimit = 256
    /// The most rows that a part can have, since at most three products share an input.
    static let rowsLimit = 3 * rankLimit

    /// The adapter's ``LoRAAdapter/fingerprint``.
    let fingerprint: String
    let rank: Int
    let scale: Float
    let type: ck_type
    /// The size of a factor's element in bytes.
    var elementBytes: Int { type == CK_F32 ? 4 : 2 }
    private(set) var layers: [Layer] = []
    private let memory = ScratchMemory()

    /// Checks that an adapter fits a model, and copies its factors.
    ///
    /// - Parameter isExact: whether to keep the factors in F32.
    /// - Throws: a ``GemmaError`` if the adapter does not fit or its rank is too high.
    init(_ adapter: LoRAAdapter, for configuration: GemmaConfiguration, isExact: Bool) throws(GemmaError) {
        try adapter.check(against: configuration)
        guard adapter.rank <= Self.rankLimit else {
            throw GemmaError(
                .badAdapter,
                "adapter \(adapter.name) is of rank \(adapter.rank): up to \(Self.rankLimit) can be applied")
        }
        fingerprint = adapter.fingerprint
        rank = adapter.rank
        scale = adapter.scale
        // Rounding factors to F16 loses nothing that matters, but a number beyond its range would become infinite.
        let fits = adapter.pairs.values.allSatisfy { pair in
            (pair.a + pair.b).allSatisfy { abs($0) < 65_000 }
        }
        type = isExact || !fits ? CK_F32 : CK_F16
        layers = configuration.layers.indices.map { layer in
            // What is for keys and values that the model does not compute has no effect, as in peft.
            let computesKeys = configuration.layers[layer].keyValueLayer == nil
            func part(_ targets: LoRAAdapter.Target...) -> Part? {
                self.part(
                    targets.map {
                        computesKeys || ![.attnK, .attnV].contains($0)
                            ? adapter.pairs[.init(layer: layer, target: $0)] : nil
                    })
            }
            return Layer(
                attentionInput: part(.attnQ, .attnK, .attnV), attentionOutput: part(.attnOutput),
                feedForwardInput: part(.ffnGate, .ffnUp), feedForwardOutput: part(.ffnDown),
                layerInputGate: part(.inputGate), layerInputProjection: part(.inputProjection))
        }
    }

    private func part(_ pairs: [LoRAAdapter.Pair?]) -> Part? {
        let present = pairs.compactMap(\.self)
        guard let first = present.first else { return nil }
        let a = store(present.flatMap(\.a))
        var offset = 0
        let products = pairs.map { pair -> Product? in
            guard let pair else { return nil }
            defer { offset += rank }
            var transposed = [Float](repeating: 0, count: pair.b.count)
            for row in 0..<pair.outputSize {
                for column in 0..<rank {
                    transposed[column * pair.outputSize + row] = pair.b[row * rank + column]
                }
            }
            return Product(b: store(transposed), outputSize: pair.outputSize, offset: offset)
        }
        return Part(
            a: a, rows: present.count * rank, inputSize: first.inputSize,
            products: (
                products[0], products.count > 1 ? products[1] : nil, products.count > 2 ? products[2] : nil
            ))
    }

    private func store(_ numbers: [Float]) -> UnsafeRawPointer {
        if type == CK_F32 {
            let copy = memory.floats(numbers.count)
            _ = copy.update(fromContentsOf: numbers)
            return UnsafeRawPointer(copy.baseAddress!)
        }
        let copy = UnsafeMutableRawPointer(memory.floats((numbers.count + 1) / 2).baseAddress!)
        ck_f32_to_f16(numbers, copy.assumingMemoryBound(to: UInt16.self), numbers.count)
        return UnsafeRawPointer(copy)
    }
}
