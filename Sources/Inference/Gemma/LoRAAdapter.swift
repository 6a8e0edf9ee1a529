/// A low-rank adapter, which turns the product `W x` of a model's matrix into `W x + scale * B (A x)`.
///
/// It is a plain value, which the trainer creates, files store and the engine applies. Source: Hu et al., "LoRA:
/// Low-Rank Adaptation of Large Language Models", https://arxiv.org/abs/2106.09685
package struct LoRAAdapter: Sendable, Hashable {
    /// The matrices of a layer that can be adapted; the raw values are GGUF's names.
    package enum Target: String, Sendable, Hashable, CaseIterable, Comparable {
        case attnQ = "attn_q"
        case attnK = "attn_k"
        case attnV = "attn_v"
        case attnOutput = "attn_output"
        case ffnGate = "ffn_gate"
        case ffnUp = "ffn_up"
        case ffnDown = "ffn_down"
        case inputGate = "inp_gate"
        case inputProjection = "proj"

        /// Orders targets as a layer uses them.
        package static func < (left: Target, right: Target) -> Bool { left.order < right.order }

        private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// Whether a model of this configuration has the matrix.
        package func exists(in configuration: GemmaConfiguration) -> Bool {
            ![.inputGate, .inputProjection].contains(self) || configuration.layerInputSize > 0
        }

        /// The shape of the matrix, `[outputSize, inputSize]`, in a layer of a model of this configuration that has it.
        package func shape(
            in configuration: GemmaConfiguration, layer: Int
        ) -> (outputSize: Int, inputSize: Int) {
            let (hidden, ffn) = (configuration.hiddenSize, configuration.layers[layer].intermediateSize)
            return switch self {
            case .attnQ: (configuration.querySize(layer), hidden)
            case .attnK, .attnV: (configuration.kvSize(layer), hidden)
            case .attnOutput: (hidden, configuration.querySize(layer))
            case .ffnGate, .ffnUp: (ffn, hidden)
            case .ffnDown: (hidden, ffn)
            case .inputGate: (configuration.layerInputSize, hidden)
            case .inputProjection: (hidden, configuration.layerInputSize)
            }
        }
    }

    /// A matrix of a model, given by its layer and its place in the layer.
    package struct Site: Sendable, Hashable, Comparable {
        /// The number of the layer, from 0.
        package var layer: Int
        /// Which of the layer's matrices it is.
        package var target: Target

        /// Refers to the matrix `target` of the layer with this number, which is not checked.
        package init(layer: Int, target: Target) {
            self.layer = layer
            self.target = target
        }

        /// Orders sites as a pass through the model uses them.
        package static func < (left: Site, right: Site) -> Bool {
            (left.layer, left.target) < (right.layer, right.target)
        }
    }

    /// The two factors of the matrix `B A` that is added to one matrix of the model.
    package struct Pair: Sendable, Hashable {
        /// The length of the matrix's input, which is the number of columns of `a`.
        package let inputSize: Int
        /// The length of the matrix's output, which is the number of rows of `b`.
        package let outputSize: Int
        /// The factor A, `[rank, inputSize]`, row by row.
        package let a: [Float]
        /// The factor B, `[outputSize, rank]`, row by row.
        package let b: [Float]

        /// The number of rows of `a`, which is the number of columns of `b`.
        package var rank: Int { a.count / inputSize }

        /// Creates a pair of factors; passing factors of different ranks, or of rank 0, is a programming error.
        package init(inputSize: Int, outputSize: Int, a: [Float], b: [Float]) {
            precondition(inputSize > 0 && outputSize > 0 && a.count >= inputSize)
            precondition(a.count % inputSize == 0 && b.count == a.count / inputSize * outputSize)
            self.inputSize = inputSize
            self.outputSize = outputSize
            self.a = a
            self.b = b
        }
    }

    /// The adapter's name.
    package var name: String
    /// The name of the model that the adapter was trained on, for people to read.
    package var baseModel: String
    /// The architecture of that model.
    package var architecture: GemmaConfiguration.Architecture
    /// The rank of every pair.
    package let rank: Int
    /// The numerator of ``scale``, which is `alpha / rank`.
    package let alpha: Float
    /// The prompt template that the adapter was trained with; nil if it is not known.
    package var promptTemplate: String?
    /// The factors for each matrix that is adapted.
    package let pairs: [Site: Pair]

    /// The number that `B (A x)` is multiplied by.
    package var scale: Float { alpha / Float(rank) }

    /// The adapted matrices, in the order of a pass through the model.
    package var sites: [Site] { pairs.keys.sorted() }

    /// The number of elements in all factors.
    package var parameterCount: Int { pairs.values.reduce(0) { $0 + $1.a.count + $1.b.count } }

    /// Creates an adapter from its factors.
    ///
    /// - Parameter pairs: at least one pair, all of rank `rank`; passing anything else is a programming error.
    /// - Throws: a ``GemmaError`` if alpha is not positive and finite, or if a number in a pair is not finite.
    package init(
        name: String, baseModel: String, architecture: GemmaConfiguration.Architecture, rank: Int,
        alpha: Float, promptTemplate: String? = nil, pairs: [Site: Pair]
    ) throws(GemmaError) {
        precondition(rank > 0 && !pairs.isEmpty && pairs.values.allSatisfy { $0.rank == rank })
        self.name = name
        self.baseModel = baseModel
        self.architecture = architecture
        self.rank = rank
        self.alpha = alpha
        self.promptTemplate = promptTemplate
        self.pairs = pairs
        guard alpha > 0, alpha.isFinite else {
            throw GemmaError(.badAdapter, "adapter \(name): alpha is \(alpha), a positive number is needed")
        }
        for site in sites {
            guard let pair = pairs[site] else { continue }
            for (half, numbers) in [("A", pair.a), ("B", pair.b)] {
                guard let index = numbers.firstIndex(where: { !$0.isFinite }) else { continue }
                throw GemmaError(
                    .badAdapter,
                    "adapter \(name): number \(index) of \(half) for \(site) is \(numbers[index]): the adapter "
                        + "is damaged, or its training went wrong")
            }
        }
    }

    /// Throws a ``GemmaError`` if the adapter does not fit a model of this configuration.
    package func check(against configuration: GemmaConfiguration) throws(GemmaError) {
        guard architecture == configuration.architecture else {
            throw GemmaError(
                .badAdapter,
                "adapter \(name) is for \(architecture.rawValue) (\(baseModel)), but the model is "
                    + "\(configuration.architecture.rawValue) (\(configuration.name)): use the one it was trained for"
            )
        }
        for site in sites {
            guard let pair = pairs[site] else { continue }
            guard configuration.layers.indices.contains(site.layer) else {
                throw GemmaError(
                    .badAdapter,
                    "adapter \(name) has a pair for \(site), but the model (\(configuration.name)) has "
                        + "\(configuration.layers.count) layers: the adapter is for another model (\(baseModel))"
                )
            }
            guard site.target.exists(in: configuration) else {
                throw GemmaError(
                    .badAdapter,
                    "adapter \(name) has a pair for \(site), but the model (\(configuration.name)) has no such "
                        + "matrix: the adapter is for another model (\(baseModel))")
            }
            let wanted = site.target.shape(in: configuration, layer: site.layer)
            guard wanted == (pair.outputSize, pair.inputSize) else {
                throw GemmaError(
                    .badAdapter,
                    "adapter \(name) has a pair for \(site) of shape [\(pair.outputSize), \(pair.inputSize)], but "
                        + "the matrix of the model (\(configuration.name)) is [\(wanted.outputSize), "
                        + "\(wanted.inputSize)]: the adapter is for another model (\(baseModel))")
            }
        }
    }
}

extension LoRAAdapter.Site: CustomStringConvertible {
    /// The matrix's name in GGUF, for example "blk.3.attn_q".
    package var description: String { "blk.\(layer).\(target.rawValue)" }
}
