import CGradients
import CKernels
import Gemma
import Tokenizer

/// The forward and backward pass of all layers over one sequence, on one thread, with the memory that it needs.
///
/// Source of the arithmetic: Hugging Face `modeling_gemma.py`, `modeling_gemma2.py`, `modeling_gemma3.py`,
/// `modeling_gemma4.py`; the gradients are derived by hand. No gradients are computed for the base model's weights and
/// norms.
final class SequencePass {
    let weights: FrozenWeights
    let configuration: GemmaConfiguration
    private let layout: LoRALayout
    private let angles: RotaryAngles
    private let memory: FloatMemory
    let scratch: Scratch
    let product: AdaptedProduct
    private let attention: AttentionPass
    /// Memory for the activations of one layer if the backward pass computes them again; nil if they are kept.
    private let again: MatrixView?

    /// Intermediate results, with rows for the longest sequence and columns for the widest layer; others use the first
    /// ones.
    struct Scratch {
        let normed: MatrixView  // [tokens, hiddenSize]
        let activated: MatrixView  // [tokens, intermediateSize]
        let dActivated: MatrixView  // [tokens, intermediateSize]
        let dGateUp: MatrixView  // [tokens, 2 intermediateSize]
        let dHidden: MatrixView  // [tokens, hiddenSize]
        let dNormed: MatrixView  // [tokens, hiddenSize]
        let dAttended: MatrixView  // [tokens, querySize]
        let dProjected: MatrixView  // [tokens, querySize + 2 kvSize]
        /// The residual before the layer's input is added, or after, where it is not kept.
        let output: MatrixView  // [tokens, hiddenSize]
        let gated: MatrixView  // [tokens, layerInputSize]
        let dGated: MatrixView  // [tokens, layerInputSize]
        let dInput: MatrixView  // [1, layerInputSize], a gradient that nobody needs
        /// The gradients of keys and values of a layer that shares them.
        let dShared: KeyValues?
        /// The sums of these gradients, by the layer that they are shared from.
        let dSums: [Int: KeyValues]

        init(_ configuration: GemmaConfiguration, tokens: Int, cutter: inout FloatCutter) {
            let (hidden, ffn) = (configuration.hiddenSize, configuration.largestIntermediateSize)
            normed = cutter.matrix(tokens, hidden)
            activated = cutter.matrix(tokens, ffn)
            dActivated = cutter.matrix(tokens, ffn)
            dGateUp = cutter.matrix(tokens, 2 * ffn)
            dHidden = cutter.matrix(tokens, hidden)
            dNormed = cutter.matrix(tokens, hidden)
            dAttended = cutter.matrix(tokens, configuration.largestQuerySize)
            dProjected = cutter.matrix(
                tokens, configuration.largestQuerySize + 2 * configuration.largestKVSize)
            let inputSize = configuration.layerInputSize
            output = cutter.matrix(tokens, inputSize > 0 ? hidden : 0)
            gated = cutter.matrix(tokens, inputSize)
            dGated = cutter.matrix(tokens, inputSize)
            dInput = cutter.matrix(1, inputSize)
            let shared = KeyValues.sharedLayers(configuration)
            let widest = shared.max { configuration.kvSize($0) < configuration.kvSize($1) }
            dShared = widest.map {
                KeyValues(configuration, layer: $0, tokens: tokens, cutter: &cutter)
            }
            var dSums: [Int: KeyValues] = [:]
            for layer in shared {
                dSums[layer] = KeyValues(configuration, layer: layer, tokens: tokens, cutter: &cutter)
            }
            self.dSums = dSums
        }
    }

    /// - Parameters:
    ///   - parameters: the adapter's numbers, which each pass reads.
    ///   - tokens: the length of the longest sequence.
    init(
        _ weights: FrozenWeights, _ layout: LoRALayout, scale: Float, parameters: FloatMemory,
        angles: RotaryAngles, tokens: Int, keepsLayers: Bool
    ) {
        self.weights = weights
        self.layout = layout
        self.angles = angles
        let configuration = weights.model.configuration
        self.configuration = configuration
        memory = FloatMemory(
            Self.scratchFloats(configuration, layout, tokens: tokens, keepsLayers: keepsLayers))
        var cutter = FloatCutter(memory.start)
        let parts = Parts(configuration, layout, tokens: tokens, keepsLayers: keepsLayers, cutter: &cutter)
        scratch = parts.scratch
        attention = parts.attention
        again = parts.again
        product = AdaptedProduct(
            weights: weights, layout: layout, scale: scale, parameters: parameters.start,
            panel: parts.panel.start, spare: parts.spare.start, spareInner: parts.spareInner.start)
    }

    private struct Parts {
        let scratch: Scratch
        let attention: AttentionPass
        let panel: MatrixView
        let spare: MatrixView
        let spareInner: MatrixView
        let again: MatrixView?

        init(
            _ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int, keepsLayers: Bool,
            cutter: inout FloatCutter
        ) {
            let widest = max(
                configuration.hiddenSize, configuration.largestQuerySize,
                configuration.largestIntermediateSize)
            scratch = Scratch(configuration, tokens: tokens, cutter: &cutter)
            attention = AttentionPass(configuration, positions: tokens, cutter: &cutter)
            panel = cutter.matrix(1, FrozenWeights.panelFloats(configuration))
            spare = cutter.matrix(tokens, widest)
            spareInner = cutter.matrix(tokens, layout.largestRankSum)
            again =
                keepsLayers
                ? nil : cutter.matrix(1, LayerActivations.floats(configuration, layout, tokens: tokens))
        }
    }

    /// The number of floats that each thread needs for itself.
    static func scratchFloats(
        _ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int, keepsLayers: Bool
    ) -> Int {
        var cutter = FloatCutter(nil)
        _ = Parts(configuration, layout, tokens: tokens, keepsLayers: keepsLayers, cutter: &cutter)
        return cutter.used
    }

    /// The calling thread's memory for unpacked rows of weights.
    var panel: UnsafeMutablePointer<Float> { product.panel }

    /// Computes the residuals before each layer and after the last from token ids.
    func forward(
        _ tokens: [TokenID], _ sequence: SequenceActivations, dropout: AdaptedProduct.Dropout?
    ) {
        embed(tokens, into: sequence.residuals[0])
        embedLayerInputs(tokens, sequence)
        for layer in configuration.layers.indices {
            forward(
                layer: layer, sequence.residuals[layer], sequence.layerInputs,
                into: sequence.residuals[layer + 1], activations(sequence, layer: layer), dropout)
        }
    }

    /// Computes the adapter's gradients from the gradient of the residual after the last layer, which is overwritten.
    func backward(
        _ sequence: SequenceActivations, gradient: MatrixView, gradients: UnsafeMutablePointer<Float>,
        dropout: AdaptedProduct.Dropout?
    ) {
        for sum in scratch.dSums.values {
            sum.keys.clear()
            sum.values.clear()
        }
        for layer in configuration.layers.indices.reversed() {
            let kept = activations(sequence, layer: layer)
            if again != nil {
                forward(
                    layer: layer, sequence.residuals[layer], sequence.layerInputs, into: nil, kept, dropout)
            }
            let context = BackwardContext(
                layer: layer, activations: kept, gradients: gradients, dropout: dropout)
            layerInputBackward(context, inputs: sequence.layerInputs, gradient)
            feedForwardBackward(context, gradient)
            attentionBackward(context, input: sequence.residuals[layer], gradient)
        }
    }

    private func activations(_ sequence: SequenceActivations, layer: Int) -> LayerActivations {
        guard let again else { return sequence.layers[layer] }
        var cutter = FloatCutter(again.start)
        return LayerActivations(
            configuration, layout, layer: layer, tokens: sequence.residuals[0].rows,
            keyValues: sequence.keyValues[configuration.layers[layer].keyValueLayer ?? layer],
            cutter: &cutter)
    }

    private func embed(_ tokens: [TokenID], into residual: MatrixView) {
        let embedding = weights.model.frozenEmbedding
        for (index, token) in tokens.enumerated() {
            embedding.unpack(Int(token)..<Int(token) + 1, into: residual.row(index))
            ck_scale(residual.row(index), weights.model.embeddingScale, residual.columns)
        }
    }
}

// MARK: - Forward

extension SequencePass {
    /// Computes one layer; without `output`, only the activations that the backward pass needs.
    private func forward(
        layer: Int, _ input: MatrixView, _ layerInputs: MatrixView, into output: MatrixView?,
        _ kept: LayerActivations, _ dropout: AdaptedProduct.Dropout?
    ) {
        let own = weights.layers[layer]
        let count = input.rows
        let normed = scratch.normed.rows(0..<count)
        normalize(input, own.attnNorm, into: normed)
        product.forward(
            .attnInput, layer: layer, normed, into: kept.projected,
            inner: kept.inner[FrozenWeights.Site.attnInput.rawValue].start, dropout: dropout)
        rotate(layer: layer, kept)
        attention.forward(
            layer: layer, queries: kept.queries, keys: kept.keys, values: kept.values,
            into: kept.attended, sums: kept.sums)
        product.forward(
            .attnOutput, layer: layer, kept.attended, into: kept.attnOutput,
            inner: kept.inner[FrozenWeights.Site.attnOutput.rawValue].start, dropout: dropout)
        addNormed(kept.attnOutput, own.postAttentionNorm, to: input, into: kept.middle)

        normalize(kept.middle, own.ffnNorm, into: normed)
        product.forward(
            .ffnInput, layer: layer, normed, into: kept.gateUp,
            inner: kept.inner[FrozenWeights.Site.ffnInput.rawValue].start, dropout: dropout)
        let activated = activate(kept)
        product.forward(
            .ffnOutput, layer: layer, activated, into: kept.ffnOutput,
            inner: kept.inner[FrozenWeights.Site.ffnOutput.rawValue].start, dropout: dropout)
        // What comes of a layer input is needed for the backward pass, too.
        guard let output = output ?? (own.input == nil ? nil : scratch.output.rows(0..<count)) else { return }
        addNormed(kept.ffnOutput, own.postFeedForwardNorm, to: kept.middle, into: output)
        addLayerInput(layer: layer, layerInputs, to: output, kept, dropout)
        if let scale = own.outputScale {
            for row in 0..<count { ck_scale(output.row(row), scale, output.columns) }
        }
    }

    func normalize(_ x: MatrixView, _ weight: UnsafePointer<Float>, into y: MatrixView) {
        for row in 0..<x.rows {
            ck_rmsnorm(y.row(row), x.row(row), weight, x.columns, configuration.rmsNormEpsilon, 0)
        }
    }

    /// Computes `y = residual + norm(x)`, without the norm if the model has none here.
    func addNormed(
        _ x: MatrixView, _ weight: UnsafePointer<Float>?, to residual: MatrixView, into y: MatrixView
    ) {
        if let weight { normalize(x, weight, into: y) } else { y.copy(x) }
        for row in 0..<x.rows { ck_add(y.row(row), residual.row(row), x.columns) }
    }

    /// Takes queries and keys from the projection, normalises them if the model does so, and rotates them.
    private func rotate(layer: Int, _ kept: LayerActivations) {
        let own = weights.layers[layer]
        let (query, kv, headDim) = (
            configuration.querySize(layer), configuration.kvSize(layer), configuration.layers[layer].headDim
        )
        var rotated = [(0..<query, kept.queries, own.attnQNorm)]
        if own.attnK != nil {
            rotated.append((query..<query + kv, kept.keys, own.attnKNorm))
            let values = kept.projected.columns(query + kv..<query + 2 * kv)
            if kept.values.start != values.start { kept.values.copy(values) }
            if let norm = own.attnVNorm {
                for token in 0..<values.rows {
                    for start in stride(from: 0, to: kv, by: headDim) {
                        let head = kept.values.row(token) + start
                        ck_rmsnorm(head, head, norm, headDim, configuration.rmsNormEpsilon, 0)
                    }
                }
            }
        }
        for (columns, output, norm) in rotated {
            output.copy(kept.projected.columns(columns))
            let heads = output.columns / headDim
            for token in 0..<output.rows {
                let row = output.row(token)
                if let norm {
                    for head in 0..<heads {
                        let start = row + head * headDim
                        ck_rmsnorm(start, start, norm, headDim, configuration.rmsNormEpsilon, 0)
                    }
                }
                ck_rope(
                    row, heads, headDim, angles.cosines(layer: layer, position: token),
                    angles.sines(layer: layer, position: token))
            }
        }
    }

    /// Computes `gelu(gate) * up`, `[tokens, intermediateSize]`, in scratch memory.
    private func activate(_ kept: LayerActivations) -> MatrixView {
        let ffn = kept.gateUp.columns / 2
        let activated = scratch.activated.rows(0..<kept.gateUp.rows).columns(0..<ffn)
        for row in 0..<activated.rows {
            activated.row(row).update(from: kept.gateUp.row(row), count: ffn)
            ck_geglu(activated.row(row), kept.gateUp.row(row) + ffn, ffn)
        }
        return activated
    }
}

// MARK: - Backward

extension SequencePass {
    struct BackwardContext {
        let layer: Int
        let activations: LayerActivations
        let gradients: UnsafeMutablePointer<Float>
        let dropout: AdaptedProduct.Dropout?

        func inner(_ site: FrozenWeights.Site) -> UnsafeMutablePointer<Float> {
            activations.inner[site.rawValue].start
        }
    }

    /// Turns the gradient of the residual after the feed-forward block into the gradient before it.
    private func feedForwardBackward(_ context: BackwardContext, _ gradient: MatrixView) {
        let own = weights.layers[context.layer]
        let kept = context.activations
        let rows = 0..<gradient.rows
        let ffn = kept.gateUp.columns / 2
        let dOutput = normBackward(own.postFeedForwardNorm, of: kept.ffnOutput, gradient)

        let dActivated = scratch.dActivated.rows(rows).columns(0..<ffn)
        product.backward(
            .ffnOutput, layer: context.layer, activate(kept), inner: context.inner(.ffnOutput), dOutput,
            into: dActivated, gradients: context.gradients, dropout: context.dropout)
        let dGateUp = scratch.dGateUp.rows(rows).columns(0..<2 * ffn)
        for row in rows {
            cg_geglu_backward(
                dGateUp.row(row), dGateUp.row(row) + ffn, kept.gateUp.row(row), kept.gateUp.row(row) + ffn,
                dActivated.row(row), ffn)
        }
        let (normed, dNormed) = (scratch.normed.rows(rows), scratch.dNormed.rows(rows))
        normalize(kept.middle, own.ffnNorm, into: normed)
        product.backward(
            .ffnInput, layer: context.layer, normed, inner: context.inner(.ffnInput), dGateUp,
            into: dNormed, gradients: context.gradients, dropout: context.dropout)
        addNormBackward(own.ffnNorm, of: kept.middle, dNormed, to: gradient)
    }

    /// Turns the gradient of the residual after attention into the gradient before it.
    private func attentionBackward(_ context: BackwardContext, input: MatrixView, _ gradient: MatrixView) {
        let own = weights.layers[context.layer]
        let kept = context.activations
        let rows = 0..<gradient.rows
        let dOutput = normBackward(own.postAttentionNorm, of: kept.attnOutput, gradient)
        let (query, kv) = (kept.queries.columns, kept.keys.columns)
        let computesKeys = own.attnK != nil
        let dAttended = scratch.dAttended.rows(rows).columns(0..<query)
        product.backward(
            .attnOutput, layer: context.layer, kept.attended, inner: context.inner(.attnOutput), dOutput,
            into: dAttended, gradients: context.gradients, dropout: context.dropout)

        let dProjected = scratch.dProjected.rows(rows).columns(0..<kept.projected.columns)
        let (dKeys, dValues): (MatrixView, MatrixView)
        if !computesKeys, let shared = scratch.dShared {
            (dKeys, dValues) = (
                shared.keys.rows(rows).columns(0..<kv), shared.values.rows(rows).columns(0..<kv)
            )
        } else {
            dKeys = dProjected.columns(query..<query + kv)
            dValues = dProjected.columns(query + kv..<query + 2 * kv)
        }
        attention.backward(
            layer: context.layer, queries: kept.queries, keys: kept.keys,
            values: kept.values, output: kept.attended, sums: kept.sums,
            dOutput: dAttended, dQueries: dProjected.columns(0..<query), dKeys: dKeys, dValues: dValues)
        sumShared(layer: context.layer, dKeys, dValues)
        rotateBackward(layer: context.layer, kept, dProjected)

        let normed = scratch.normed.rows(rows)
        normalize(input, own.attnNorm, into: normed)
        // There is nothing to train before the first layer, so its input needs no gradient.
        let dNormed = context.layer == 0 ? nil : scratch.dNormed.rows(rows)
        product.backward(
            .attnInput, layer: context.layer, normed, inner: context.inner(.attnInput), dProjected,
            into: dNormed, gradients: context.gradients, dropout: context.dropout)
        if let dNormed { addNormBackward(own.attnNorm, of: input, dNormed, to: gradient) }
    }

    /// Computes the gradient before a post norm, in scratch memory; a copy if there is no such norm.
    func normBackward(_ weight: UnsafePointer<Float>?, of x: MatrixView, _ gradient: MatrixView)
        -> MatrixView
    {
        let output = scratch.dHidden.rows(0..<gradient.rows)
        guard let weight else {
            output.copy(gradient)
            return output
        }
        for row in 0..<x.rows {
            cg_rmsnorm_backward(
                output.row(row), x.row(row), weight, gradient.row(row), x.columns,
                configuration.rmsNormEpsilon, false)
        }
        return output
    }

    private func addNormBackward(
        _ weight: UnsafePointer<Float>, of x: MatrixView, _ dNormed: MatrixView, to gradient: MatrixView
    ) {
        for row in 0..<x.rows {
            cg_rmsnorm_backward(
                gradient.row(row), x.row(row), weight, dNormed.row(row), x.columns,
                configuration.rmsNormEpsilon, true)
        }
    }

    /// Turns the gradients of rotated queries and keys into those of the projection, in place.
    private func rotateBackward(layer: Int, _ kept: LayerActivations, _ dProjected: MatrixView) {
        let own = weights.layers[layer]
        let (query, kv, headDim) = (
            configuration.querySize(layer), configuration.kvSize(layer), configuration.layers[layer].headDim
        )
        var rotated = [(0..<query, own.attnQNorm)]
        if own.attnK != nil {
            rotated.append((query..<query + kv, own.attnKNorm))
            if let norm = own.attnVNorm {
                let columns = query + kv..<query + 2 * kv
                let (gradient, x) = (dProjected.columns(columns), kept.projected.columns(columns))
                for token in 0..<gradient.rows {
                    for start in stride(from: 0, to: kv, by: headDim) {
                        let head = gradient.row(token) + start
                        cg_rmsnorm_backward(
                            head, x.row(token) + start, norm, head, headDim, configuration.rmsNormEpsilon,
                            false)
                    }
                }
            }
        }
        for (columns, norm) in rotated {
            let (gradient, x) = (dProjected.columns(columns), kept.projected.columns(columns))
            let heads = columns.count / headDim
            for token in 0..<gradient.rows {
                let row = gradient.row(token)
                ck_rope(
                    row, heads, headDim, angles.cosines(layer: layer, position: token),
                    angles.sines(layer: layer, position: token, isInverse: true))
                guard let norm else { continue }
                for head in 0..<heads {
                    cg_rmsnorm_backward(
                        row + head * headDim, x.row(token) + head * headDim, norm, row + head * headDim,
                        headDim, configuration.rmsNormEpsilon, false)
                }
            }
        }
    }
}
