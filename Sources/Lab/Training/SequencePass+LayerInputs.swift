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
        layer: Int, _ inputs: MatrixView, to x: MatrixView, _ kept: LayerActivations
    ) {
        guard let own = weights.layers[layer].input else { return }
        weights.forward(.gate, layer: layer, x, into: kept.inputGate, panel: panel)
        let gated = scratch.gated.rows(0..<x.rows)
        gated.copy(kept.inputGate)
        for row in 0..<x.rows {
            ck_geglu(gated.row(row), self.inputs(inputs, layer: layer).row(row), gated.columns)
        }
        weights.forward(.projection, layer: layer, gated, into: kept.inputOutput, panel: panel)
        let normed = scratch.normed.rows(0..<x.rows)
        normalize(kept.inputOutput, own.norm, into: normed)
        for row in 0..<x.rows { ck_add(x.row(row), normed.row(row), x.columns) }
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
        let (dGated, dGate) = (scratch.dGated.rows(rows), scratch.gated.rows(rows))
        weights.backward(.projection, layer: layer, dOutput, into: dGated, panel: panel)
        for row in rows {
            cg_geglu_backward(
                dGate.row(row), scratch.dInput.row(0), kept.inputGate.row(row),
                self.inputs(inputs, layer: layer).row(row), dGated.row(row), dGate.columns)
        }
        let dNormed = scratch.dNormed.rows(rows)
        weights.backward(.gate, layer: layer, dGate, into: dNormed, panel: panel)
        for row in rows { ck_add(gradient.row(row), dNormed.row(row), gradient.columns) }
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
