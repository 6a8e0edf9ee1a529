import CKernels

/// An adapter as a pass over the model reads it: factors that share their input one behind the other, in one block of
/// memory, in F16 unless all arithmetic is exact.
///
/// Safety: immutable after init, and the addresses are good as long as this lives; so it may be read from any thread.
final class AppliedAdapter: @unchecked Sendable {
    /// What is added to the products of one input: for each, `scale * B (A x)`.
    struct Part {
        /// The As of all products, one behind the other: `[rows, inputSize]`.
        let a: UnsafeRawPointer
        let rows: Int
        let inputSize: Int
        /// In the order in which the model has its matrices: queries, keys, values; gate, up; or one alone.
        let products: (Product?, Product?, Product?)
    }

    struct Product {
        /// `[rank, outputSize]`: B with rows and columns exchanged, so that a sum runs over whole rows.
        let b: UnsafeRawPointer
        let outputSize: Int
        /// Where its share of `A x` begins.
        let offset: Int
    }

    /// What a layer has; nil where nothing is added.
    struct Layer {
        let attentionInput: Part?
        let attentionOutput: Part?
        let feedForwardInput: Part?
        let feedForwardOutput: Part?
    }

    /// Ranks that there is room for.
    static let rankLimit = 256
    /// Rows of a part, at most: three products share an input.
    static let rowsLimit = 3 * rankLimit

    /// See ``LoRAAdapter/fingerprint``.
    let fingerprint: String
    let rank: Int
    let scale: Float
    let type: ck_type
    /// Bytes of a factor's element.
    var elementBytes: Int { type == CK_F32 ? 4 : 2 }
    private(set) var layers: [Layer] = []
    private let memory = ScratchMemory()

    /// Checks that an adapter fits a model and copies its factors.
    ///
    /// - Parameter isExact: keeps them in F32.
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
        // What was trained in F32 loses nothing that matters; but beyond its range a number would become infinite.
        let fits = adapter.pairs.values.allSatisfy { pair in
            (pair.a + pair.b).allSatisfy { abs($0) < 65_000 }
        }
        type = isExact || !fits ? CK_F32 : CK_F16
        layers = configuration.layers.indices.map { layer in
            func part(_ targets: LoRAAdapter.Target...) -> Part? {
                self.part(targets.map { adapter.pairs[.init(layer: layer, target: $0)] })
            }
            return Layer(
                attentionInput: part(.attnQ, .attnK, .attnV), attentionOutput: part(.attnOutput),
                feedForwardInput: part(.ffnGate, .ffnUp), feedForwardOutput: part(.ffnDown))
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
