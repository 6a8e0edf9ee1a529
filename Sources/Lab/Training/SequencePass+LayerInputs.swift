import CGradients
import CKernels
import Gemma
import Tokenizer

/// What layers get besides the residual (per-layer embeddings), and keys and values that they share, forward and
/// backward.
extension SequencePass {
    /// Computes the inputs of all layers; see ``FrozenLayerInputs``.
    func embedLayerInputs(_ tokens: [TokenID], _ sequence: SequenceActivations) {
        guard let inputs = weights.model.frozenLayerInputs else { return }
        let output = sequence.layerInputs
        let size = configuration.layerInputSize
        weights.projectToLayerInputs(sequence.residuals[0], into: output, panel: panel)
        let row = UnsafeMutablePointer<Float>.allocate(capacity: output.columns)
        defer { row.deallocate() }
        for (index, token) in tokens.enumerated() {
            let own = output.row(index)
            ck_scale(own, 1 / Float(configuration.hiddenSize).squareRoot(), output.columns)
            for start in stride(from: 0, to: output.columns, by: size) {
                ck_rmsnorm(own + start, own + start, inputs.norm, size, configuration.rmsNormEpsilon, 0)
            }
            inputs.table.unpack(Int(token)..<Int(token) + 1, into: row)
            ck_scale(row, Float(size).squareRoot(), output.columns)
            ck_add(own, row, output.columns)
            ck_scale(own, Float(0.5).squareRoot(), output.columns)
        }
    }

    /// Adds to `x` what the layer makes of its input, if it has one.
    func addLayerInput(
        layer: Int, _ inputs: MatrixView, to x: MatrixView, _ kept: LayerActivations,
        _ dropout: AdaptedProduct.Dropout?
    ) {
        guard let own = weights.layers[layer].input else { return }
        product.forward(
            .inputGate, layer: layer, x, into: kept.inputGate,
            inner: kept.inner[FrozenWeights.Site.inputGate.rawValue].start, dropout: dropout)
        product.forward(
            .inputProjection, layer: layer, gateInput(layer: layer, inputs, kept), into: kept.inputOutput,
            inner: kept.inner[FrozenWeights.Site.inputProjection.rawValue].start, dropout: dropout)
        let normed = scratch.normed.rows(0..<x.rows)
        normalize(kept.inputOutput, own.norm, into: normed)
        for row in 0..<x.rows { ck_add(x.row(row), normed.row(row), x.columns) }
    }

    /// Computes `gelu(gate) * input`, `[tokens, layerInputSize]`, in scratch memory.
    private func gateInput(layer: Int, _ inputs: MatrixView, _ kept: LayerActivations) -> MatrixView {
        let gated = scratch.gated.rows(0..<kept.inputGate.rows)
        gated.copy(kept.inputGate)
        for row in 0..<gated.rows {
            ck_geglu(gated.row(row), self.inputs(inputs, layer: layer).row(row), gated.columns)
        }
        return gated
    }

    /// Turns the gradient of a layer's output into the gradient before its input was added, and before its scale.
    func layerInputBackward(_ context: BackwardContext, inputs: MatrixView, _ gradient: MatrixView) {
        let (layer, rows) = (context.layer, 0..<gradient.rows)
        let (own, kept) = (weights.layers[layer], context.activations)
        if let scale = own.outputScale {
            for row in rows { ck_scale(gradient.row(row), scale, gradient.columns) }
        }
        guard let input = own.input else { return }
        let dOutput = normBackward(input.norm, of: kept.inputOutput, gradient)
        let dGated = scratch.dGated.rows(rows)
        product.backward(
            .inputProjection, layer: layer, gateInput(layer: layer, inputs, kept),
            inner: context.inner(.inputProjection), dOutput, into: dGated, gradients: context.gradients,
            dropout: context.dropout)
        let dGate = scratch.gated.rows(rows)  // what was gated is not needed any more
        for row in rows {
            cg_geglu_backward(
                dGate.row(row), scratch.dInput.row(0), kept.inputGate.row(row),
                self.inputs(inputs, layer: layer).row(row), dGated.row(row), dGate.columns)
        }
        let (before, dBefore) = (scratch.output.rows(rows), scratch.dNormed.rows(rows))
        addNormed(kept.ffnOutput, own.postFeedForwardNorm, to: kept.middle, into: before)
        product.backward(
            .inputGate, layer: layer, before, inner: context.inner(.inputGate), dGate, into: dBefore,
            gradients: context.gradients, dropout: context.dropout)
        for row in rows { ck_add(gradient.row(row), dBefore.row(row), gradient.columns) }
    }

    private func inputs(_ inputs: MatrixView, layer: Int) -> MatrixView {
        let size = configuration.layerInputSize
        return inputs.columns(layer * size..<(layer + 1) * size)
    }

    /// Keeps the gradients of shared keys and values until the layer comes that computes them, and adds the sums there.
    func sumShared(layer: Int, _ dKeys: MatrixView, _ dValues: MatrixView) {
        func add(_ x: MatrixView, to y: MatrixView) {
            for row in 0..<x.rows { ck_add(y.row(row), x.row(row), x.columns) }
        }
        let rows = 0..<dKeys.rows
        if let shared = configuration.layers[layer].keyValueLayer, let sum = scratch.dSums[shared] {
            add(dKeys, to: sum.keys.rows(rows))
            add(dValues, to: sum.values.rows(rows))
        } else if let sum = scratch.dSums[layer] {
            add(sum.keys.rows(rows), to: dKeys)
            add(sum.values.rows(rows), to: dValues)
        }
    }
}
