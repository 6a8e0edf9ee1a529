import CKernels

/// The work on single tokens between matrix products, done in blocks of rows that are split over the engine's threads.
///
/// A step does everything that a row needs while it is in the processor's cache, up to rounding it for the next
/// product.
extension ForwardPass {
    /// A step between two matrix products.
    enum RowStep {
        /// Looks up embeddings, computes rotation angles, and prepares the input of the first product.
        case embed
        /// Looks up embeddings to compute layer inputs from them, in place of the normalised residual.
        case embedAgain
        /// Computes layer inputs from their projection, and prepares the input of the run's first layer.
        case prepareLayerInputs(run: Int)
        /// Rotates queries and keys, and stores keys and values in the cache.
        case rotateAndStore(layer: Int)
        /// Prepares attention's output as the input of the next product.
        case prepareAttended(layer: Int)
        /// Adds the projection to the residual and prepares the input of the feed-forward block.
        case endAttention(layer: Int)
        /// Applies the gate.
        case activate(layer: Int)
        /// Adds the projection to the residual and prepares the input of the next product.
        case endFeedForward(layer: Int)
        /// Applies the gate to the layer's input.
        case gateLayerInput(layer: Int)
        /// Adds the projection to the residual and prepares the input of the next layer.
        case endLayer(layer: Int)
    }

    /// Rows narrower than this are not split: the threads would spend more time synchronising than they save.
    private static let leastSharedWidth = 4096

    func perform(_ step: RowStep) {
        let blockTokens = MatrixMultiplication.blockTokens
        let blocks = (rows.count + blockTokens - 1) / blockTokens
        // The widest rows are split among the threads if there are fewer blocks than threads.
        var parts = 1
        if case .activate(let layer) = step, blocks < pool.threadCount,
            model.configuration.layers[layer].intermediateSize >= Self.leastSharedWidth
        {
            parts = pool.threadCount
        }
        pool.forEach(blocks * parts, RowWork(pass: self, step: step, parts: parts))
    }

    private struct RowWork: PoolWork {
        let pass: ForwardPass
        let step: RowStep
        /// How many parts each row is cut into.
        let parts: Int

        func perform(_ item: Int, thread: Int) {
            let block = item / parts
            let blockTokens = MatrixMultiplication.blockTokens
            let range = (block * blockTokens)..<min(pass.rows.count, (block + 1) * blockTokens)
            switch step {
            case .embed: pass.embed(range, block: block)
            case .embedAgain: pass.embedAgain(range, block: block)
            case .prepareLayerInputs(let run):
                pass.prepareLayerInputs(range, block: block, run: run, thread: thread)
            case .rotateAndStore(let layer):
                pass.adapt(
                    range, thread: thread, layer: layer, \.attentionInput, pass.normed,
                    into: (pass.queries, pass.keys, pass.values))
                pass.rotateAndStore(range, layer: layer)
            case .prepareAttended(let layer):
                let width = pass.model.configuration.querySize(layer)
                pass.multiplication.prepare(block: block, of: pass.input(pass.attended, width: width))
            case .endAttention(let layer):
                pass.adapt(
                    range, thread: thread, layer: layer, \.attentionOutput, pass.attended,
                    into: (pass.projected, nil, nil))
                pass.addToResidual(range, norm: pass.layers[layer].postAttentionNorm)
                pass.normalize(range, block: block, weight: pass.layers[layer].ffnNorm)
            case .activate(let layer):
                let width = pass.model.configuration.layers[layer].intermediateSize
                let columns = pass.activatedColumns(part: item % parts, of: parts, width: width)
                pass.adapt(
                    range, thread: thread, layer: layer, \.feedForwardInput, pass.normed,
                    into: (pass.gate, pass.up, nil), columns: columns)
                pass.activate(range, block: block, width: width, columns: columns)
            case .endFeedForward(let layer):
                pass.adapt(
                    range, thread: thread, layer: layer, \.feedForwardOutput, pass.gate,
                    into: (pass.projected, nil, nil))
                pass.addToResidual(range, norm: pass.layers[layer].postFeedForwardNorm)
                if pass.layers[layer].input == nil {
                    pass.endLayer(range, block: block, layer: layer)
                } else {
                    pass.prepareResidual(block: block)
                }
            case .gateLayerInput(let layer):
                pass.adapt(
                    range, thread: thread, layer: layer, \.layerInputGate, pass.residual,
                    into: (pass.gate, nil, nil))
                pass.gateLayerInput(range, block: block, layer: layer)
            case .endLayer(let layer):
                pass.adapt(
                    range, thread: thread, layer: layer, \.layerInputProjection, pass.gate,
                    into: (pass.projected, nil, nil))
                pass.addToResidual(range, norm: pass.layers[layer].input?.norm)
                pass.endLayer(range, block: block, layer: layer)
            }
        }
    }

    private func embed(_ range: Range<Int>, block: Int) {
        lookUp(range, into: residual)
        for index in range {
            for table in rotations { table.prepare(row: index, position: rows[index].position) }
        }
        if model.weights.layerInputs == nil {
            normalize(range, block: block, weight: layers[0].attnNorm)
        } else {
            prepareResidual(block: block)
        }
    }

    private func embedAgain(_ range: Range<Int>, block: Int) {
        lookUp(range, into: normed)
        multiplication.prepare(block: block, of: input(normed, width: model.configuration.hiddenSize))
    }

    /// Looks up embeddings, `[rows, hiddenSize]`.
    private func lookUp(_ range: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        let embedding = model.weights.embedding
        for index in range {
            let vector = output + index * embedding.columns
            ck_dequantize(
                embedding.type, embedding.address + Int(rows[index].id) * embedding.rowBytes, vector,
                embedding.columns)
            ck_scale(vector, model.weights.embeddingScale, embedding.columns)
        }
    }

    /// Adds to the projections the tokens' rows of the table; see ``GemmaWeights/LayerInputs``.
    private func prepareLayerInputs(_ range: Range<Int>, block: Int, run: Int, thread: Int) {
        guard let inputs = model.weights.layerInputs else { return }
        let size = model.configuration.layerInputSize
        let layers = runs[run]
        let width = layers.count * size
        let ownColumns = tableRows[thread] + layers.lowerBound * size
        for index in range {
            let output = layerInputs + index * width
            ck_scale(output, 1 / Float(model.configuration.hiddenSize).squareRoot(), width)
            normalize(output, into: output, 0..<layers.count, width: size, weight: inputs.norm)
            ck_dequantize(
                inputs.table.type, inputs.table.address + Int(rows[index].id) * inputs.table.rowBytes,
                tableRows[thread], inputs.table.columns)
            ck_scale(ownColumns, Float(size).squareRoot(), width)
            ck_add(output, ownColumns, width)
            ck_scale(output, Float(0.5).squareRoot(), width)
        }
        normalize(range, block: block, weight: self.layers[layers.lowerBound].attnNorm)
    }

    private func gateLayerInput(_ range: Range<Int>, block: Int, layer: Int) {
        let size = model.configuration.layerInputSize
        let layers = runs.first { $0.contains(layer) } ?? runs[0]
        for index in range {
            let input = layerInputs + (index * layers.count + layer - layers.lowerBound) * size
            ck_geglu(gate + index * size, input, size)
        }
        multiplication.prepare(block: block, of: input(gate, width: size))
    }

    /// Scales the layer's output and prepares the input of the next layer, unless other work comes before that.
    private func endLayer(_ range: Range<Int>, block: Int, layer: Int) {
        let width = model.configuration.hiddenSize
        if let scale = layers[layer].outputScale {
            ck_scale(residual + range.lowerBound * width, scale, range.count * width)
        }
        let preparesInputs = layer + 1 == runs[0].upperBound && model.weights.layerInputs != nil
        guard layer + 1 < layers.count, !preparesInputs else { return }
        normalize(range, block: block, weight: layers[layer + 1].attnNorm)
    }

    /// Prepares the residual itself as the input of the next product.
    private func prepareResidual(block: Int) {
        multiplication.prepare(block: block, of: input(residual, width: model.configuration.hiddenSize))
    }

    /// Normalises the residual and prepares it as the input of the next product.
    private func normalize(_ range: Range<Int>, block: Int, weight: UnsafePointer<Float>) {
        let width = model.configuration.hiddenSize
        normalize(residual, into: normed, range, width: width, weight: weight)
        multiplication.prepare(block: block, of: input(normed, width: width))
    }

    private func rotateAndStore(_ range: Range<Int>, layer: Int) {
        let configuration = model.configuration
        let weights = layers[layer]
        rotate(queries, range, heads: configuration.headCount, norm: weights.attnQNorm, layer: layer)
        guard weights.attnK != nil else { return }
        rotate(keys, range, heads: configuration.kvHeadCount, norm: weights.attnKNorm, layer: layer)
        if let norm = weights.attnVNorm {
            normalizeHeads(values, range, heads: configuration.kvHeadCount, norm: norm, layer: layer)
        }
        let width = configuration.kvSize(layer)
        for index in range {
            rows[index].cache.store(
                layer: layer, position: rows[index].position, keys: keys + index * width,
                values: values + index * width)
        }
    }

    private func normalizeHeads(
        _ vectors: UnsafeMutablePointer<Float>, _ range: Range<Int>, heads: Int, norm: UnsafePointer<Float>,
        layer: Int
    ) {
        normalize(
            vectors, into: vectors, (range.lowerBound * heads)..<(range.upperBound * heads),
            width: model.configuration.layers[layer].headDim, weight: norm)
    }

    /// Normalises each head, if the architecture does so, and rotates it by its token's position.
    private func rotate(
        _ vectors: UnsafeMutablePointer<Float>, _ range: Range<Int>, heads: Int, norm: UnsafePointer<Float>?,
        layer: Int
    ) {
        let headDim = model.configuration.layers[layer].headDim
        if let norm { normalizeHeads(vectors, range, heads: heads, norm: norm, layer: layer) }
        let table = rotations[layerRotations[layer]]
        for index in range {
            ck_rope(
                vectors + index * heads * headDim, heads, headDim, table.cosines(index), table.sines(index))
        }
    }

    private func addToResidual(_ range: Range<Int>, norm: UnsafePointer<Float>?) {
        let width = model.configuration.hiddenSize
        if let norm { normalize(projected, into: projected, range, width: width, weight: norm) }
        let first = range.lowerBound * width
        ck_add(residual + first, projected + first, range.count * width)
    }

    /// The columns of one part, in whole groups of the 32 that are rounded together.
    private func activatedColumns(part: Int, of parts: Int, width: Int) -> Range<Int> {
        let groups = (width + 31) / 32
        return (groups * part / parts * 32)..<min(width, groups * (part + 1) / parts * 32)
    }

    private func activate(_ range: Range<Int>, block: Int, width: Int, columns: Range<Int>) {
        for index in range {
            let first = index * width + columns.lowerBound
            ck_geglu(gate + first, up + first, columns.count)
        }
        multiplication.prepare(block: block, of: input(gate, width: width), columns: columns)
    }

    private func normalize(
        _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ range: Range<Int>, width: Int,
        weight: UnsafePointer<Float>
    ) {
        for row in range {
            ck_rmsnorm(y + row * width, x + row * width, weight, width, model.configuration.rmsNormEpsilon, 0)
        }
    }
}
