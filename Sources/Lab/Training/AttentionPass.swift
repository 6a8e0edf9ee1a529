import CGradients
import CKernels
import Gemma

/// Causal attention of one sequence and its gradients, computed in blocks of queries.
///
/// Only the logarithms of the softmax's sums are kept; the backward pass computes the probabilities again from them.
/// Source: Dao et al., "FlashAttention", https://arxiv.org/abs/2205.14135, section 3.
struct AttentionPass {
    /// How many queries are handled together.
    private static let blockRows = 128

    let configuration: GemmaConfiguration
    /// Memory for probabilities, their gradients and capped scores, `[blockRows, positions]` each.
    private let probabilities: UnsafeMutablePointer<Float>
    private let gradients: UnsafeMutablePointer<Float>
    private let capped: UnsafeMutablePointer<Float>

    init(_ configuration: GemmaConfiguration, positions: Int, cutter: inout FloatCutter) {
        self.configuration = configuration
        probabilities = cutter.matrix(Self.blockRows, positions).start
        gradients = cutter.matrix(Self.blockRows, positions).start
        capped = cutter.matrix(configuration.attentionSoftCap == nil ? 0 : Self.blockRows, positions).start
    }

    /// A block of rows, and the positions whose keys any of them may see.
    private struct Block {
        let rows: Range<Int>
        let visible: Range<Int>
        let window: Int

        /// The columns of the score matrix that a row may see.
        func seen(_ row: Int) -> Range<Int> {
            max(0, row - window + 1) - visible.lowerBound..<row + 1 - visible.lowerBound
        }
    }

    private func blocks(layer: Int, count: Int) -> [Block] {
        let window = configuration.layers[layer].slidingWindow ?? count
        return stride(from: 0, to: count, by: Self.blockRows).map { first in
            let rows = first..<min(first + Self.blockRows, count)
            return Block(rows: rows, visible: max(0, first - window + 1)..<rows.upperBound, window: window)
        }
    }

    private func columns(ofHead head: Int, layer: Int) -> Range<Int> {
        let headDim = configuration.layers[layer].headDim
        return head * headDim..<(head + 1) * headDim
    }

    private func columns(ofKeyHeadFor head: Int, layer: Int) -> Range<Int> {
        columns(ofHead: head / (configuration.headCount / configuration.kvHeadCount), layer: layer)
    }

    /// Computes the attention of all positions to those before them.
    ///
    /// - Parameters:
    ///   - queries: the rotated queries, `[tokens, querySize]`.
    ///   - keys: the rotated keys, `[tokens, kvSize]`.
    ///   - values: the values, `[tokens, kvSize]`.
    ///   - output: receives the result, `[tokens, querySize]`.
    ///   - sums: receives the logarithms of the softmax's sums, `[headCount, tokens]`.
    func forward(
        layer: Int, queries: MatrixView, keys: MatrixView, values: MatrixView, into output: MatrixView,
        sums: MatrixView
    ) {
        for head in 0..<configuration.headCount {
            let own = columns(ofHead: head, layer: layer)
            let shared = columns(ofKeyHeadFor: head, layer: layer)
            for block in blocks(layer: layer, count: queries.rows) {
                let scores = scores(
                    block, queries.columns(own).rows(block.rows),
                    keys.columns(shared).rows(block.visible))
                for (index, row) in block.rows.enumerated() {
                    let seen = block.seen(row)
                    let start = scores.row(index)
                    if let cap = configuration.attentionSoftCap {
                        ck_softcap(start + seen.lowerBound, seen.count, cap)
                    }
                    sums.row(head)[row] = cg_softmax(start + seen.lowerBound, seen.count)
                    clearUnseen(start, seen, count: block.visible.count)
                }
                output.columns(own).rows(block.rows)
                    .product(scores, values.columns(shared).rows(block.visible))
            }
        }
    }

    /// Computes the gradients of queries, keys and values, all of which are overwritten, from the gradient of the
    /// output.
    func backward(
        layer: Int, queries: MatrixView, keys: MatrixView, values: MatrixView, output: MatrixView,
        sums: MatrixView, dOutput: MatrixView, dQueries: MatrixView, dKeys: MatrixView, dValues: MatrixView
    ) {
        dKeys.clear()
        dValues.clear()
        for head in 0..<configuration.headCount {
            let own = columns(ofHead: head, layer: layer)
            let shared = columns(ofKeyHeadFor: head, layer: layer)
            for block in blocks(layer: layer, count: queries.rows) {
                let blockQueries = queries.columns(own).rows(block.rows)
                let blockKeys = keys.columns(shared).rows(block.visible)
                let blockGradient = dOutput.columns(own).rows(block.rows)
                let p = scores(block, blockQueries, blockKeys)
                let dp = MatrixView(gradients, rows: block.rows.count, columns: block.visible.count)
                dp.product(blockGradient, transposed: values.columns(shared).rows(block.visible))
                for (index, row) in block.rows.enumerated() {
                    let delta = ck_dot(
                        blockGradient.row(index), output.columns(own).row(row), own.count)
                    scoreGradient(
                        p.row(index), dp.row(index), seen: block.seen(row), count: block.visible.count,
                        sum: sums.row(head)[row], delta: delta)
                }
                let scale = configuration.attentionScale
                dQueries.columns(own).rows(block.rows).product(dp, blockKeys, scale: scale)
                dKeys.columns(shared).rows(block.visible)
                    .product(transposed: dp, blockQueries, scale: scale, .add)
                dValues.columns(shared).rows(block.visible).product(transposed: p, blockGradient, .add)
            }
        }
    }

    /// Turns a row's scores into probabilities, and the gradients of the probabilities into those of the scores.
    private func scoreGradient(
        _ p: UnsafeMutablePointer<Float>, _ dp: UnsafeMutablePointer<Float>, seen: Range<Int>, count: Int,
        sum: Float, delta: Float
    ) {
        let (p1, dp1) = (p + seen.lowerBound, dp + seen.lowerBound)
        if let cap = configuration.attentionSoftCap {
            ck_softcap(p1, seen.count, cap)
            capped.update(from: p1, count: seen.count)
        }
        cg_softmax_again(p1, seen.count, sum)
        cg_softmax_backward(dp1, p1, seen.count, delta)
        if let cap = configuration.attentionSoftCap { cg_softcap_backward(dp1, capped, seen.count, cap) }
        clearUnseen(p, seen, count: count)
        clearUnseen(dp, seen, count: count)
    }

    private func scores(_ block: Block, _ queries: MatrixView, _ keys: MatrixView) -> MatrixView {
        let scores = MatrixView(probabilities, rows: block.rows.count, columns: block.visible.count)
        scores.product(queries, transposed: keys, scale: configuration.attentionScale)
        return scores
    }

    private func clearUnseen(_ row: UnsafeMutablePointer<Float>, _ seen: Range<Int>, count: Int) {
        row.update(repeating: 0, count: seen.lowerBound)
        (row + seen.upperBound).update(repeating: 0, count: count - seen.upperBound)
    }
}
