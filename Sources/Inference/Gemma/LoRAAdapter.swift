/// What low-rank training adds to a model's matrices: `W x` becomes `W x + scale * B (A x)`.
///
/// A plain value: the trainer makes it, files hold it, the engine applies it. Source: Hu et al., "LoRA:
/// Low-Rank Adaptation of Large Language Models", https://arxiv.org/abs/2106.09685
package struct LoRAAdapter: Sendable, Hashable {
    /// A matrix of a layer that can be adapted; the raw values are GGUF's names.
    package enum Target: String, Sendable, Hashable, CaseIterable, Comparable {
        case attnQ = "attn_q"
        case attnK = "attn_k"
        case attnV = "attn_v"
        case attnOutput = "attn_output"
        case ffnGate = "ffn_gate"
        case ffnUp = "ffn_up"
        case ffnDown = "ffn_down"

        /// In the order in which a layer uses them.
        package static func < (left: Target, right: Target) -> Bool { left.order < right.order }

        private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// The shape of the matrix, `[outputSize, inputSize]`, in models of that configuration.
        package func shape(in configuration: GemmaConfiguration) -> (outputSize: Int, inputSize: Int) {
            let (hidden, ffn) = (configuration.hiddenSize, configuration.intermediateSize)
            return switch self {
            case .attnQ: (configuration.querySize, hidden)
            case .attnK, .attnV: (configuration.kvSize, hidden)
            case .attnOutput: (hidden, configuration.querySize)
            case .ffnGate, .ffnUp: (ffn, hidden)
            case .ffnDown: (hidden, ffn)
            }
        }
    }

    /// Which matrix of the model.
    package struct Site: Sendable, Hashable, Comparable {
        /// Number of the layer, from 0.
        package var layer: Int
        /// Which of the layer's matrices.
        package var target: Target

        /// Makes a site.
        package init(layer: Int, target: Target) {
            self.layer = layer
            self.target = target
        }

        /// In the order in which a pass over the model comes by.
        package static func < (left: Site, right: Site) -> Bool {
            (left.layer, left.target) < (right.layer, right.target)
        }
    }

    /// The two factors of what is added to one matrix.
    package struct Pair: Sendable, Hashable {
        /// Columns of `a`: the length of the matrix's input.
        package let inputSize: Int
        /// Rows of `b`: the length of the matrix's output.
        package let outputSize: Int
        /// `[rank, inputSize]`, row by row.
        package let a: [Float]
        /// `[outputSize, rank]`, row by row.
        package let b: [Float]

        /// Rows of `a`, columns of `b`.
        package var rank: Int { a.count / inputSize }

        /// Makes a pair of factors of one rank, at least 1; other counts are a bug of the caller's.
        package init(inputSize: Int, outputSize: Int, a: [Float], b: [Float]) {
            precondition(inputSize > 0 && outputSize > 0 && a.count >= inputSize)
            precondition(a.count % inputSize == 0 && b.count == a.count / inputSize * outputSize)
            self.inputSize = inputSize
            self.outputSize = outputSize
            self.a = a
            self.b = b
        }
    }

    /// What it is called.
    package var name: String
    /// The model it was trained on, in words: for people, and for the record.
    package var baseModel: String
    /// The architecture of that model.
    package var architecture: GemmaConfiguration.Architecture
    /// The rank of every pair.
    package let rank: Int
    /// What is added is scaled by `alpha / rank`.
    package let alpha: Float
    /// The prompt template that it was trained with; nil if it is not known.
    package var promptTemplate: String?
    /// What is added to which matrix; others stay as they are.
    package let pairs: [Site: Pair]

    /// What `B (A x)` is multiplied by.
    package var scale: Float { alpha / Float(rank) }

    /// Its sites in the order of a pass over the model.
    package var sites: [Site] { pairs.keys.sorted() }

    /// Numbers in all pairs.
    package var parameterCount: Int { pairs.values.reduce(0) { $0 + $1.a.count + $1.b.count } }

    /// Makes an adapter.
    ///
    /// - Parameter pairs: at least one, all of rank `rank`; other ranks are a bug of the caller's.
    /// - Throws: a ``GemmaError`` if alpha is not a positive number, or a number in a pair is not finite.
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

    /// Refuses the adapter for models that it does not fit.
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
            let wanted = site.target.shape(in: configuration)
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
    /// As GGUF spells it: "blk.3.attn_q".
    package var description: String { "blk.\(layer).\(target.rawValue)" }
}
