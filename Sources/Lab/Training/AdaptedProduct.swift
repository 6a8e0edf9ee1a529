import CGradients
import CKernels
import Gemma

/// The product with a frozen matrix, and the adapter's addition to it: `y = x W^T + scale * (drop(x) A^T) B^T`.
struct AdaptedProduct {
    /// Decides which values of a sequence are dropped; a repeated pass drops the same ones.
    struct Dropout {
        /// A key that is different for each step and sequence.
        let key: UInt64
        /// The share of values that are dropped, times 2^32.
        let threshold: UInt32
        /// The factor that the other values are multiplied by.
        let scale: Float

        /// Returns nil if `rate` is 0, so that nothing is dropped.
        init?(rate: Float, key: UInt64) {
            guard rate > 0 else { return nil }
            self.key = key
            threshold = UInt32((Double(rate) * 4_294_967_296).rounded())
            scale = Float(1 / (1 - Double(rate)))
        }

        func apply(_ x: MatrixView, into y: MatrixView, site: FrozenWeights.Site, layer: Int) {
            let own = SplitMix64.mixed(
                key, UInt64(layer * FrozenWeights.Site.allCases.count + site.rawValue))
            for row in 0..<x.rows {
                cg_dropout(
                    y.row(row), x.row(row), x.columns, SplitMix64.mixed(own, UInt64(row)), threshold,
                    scale)
            }
        }
    }

    let weights: FrozenWeights
    let layout: LoRALayout
    let scale: Float
    /// The adapter's numbers, arranged by `layout`.
    let parameters: UnsafeMutablePointer<Float>
    /// The calling thread's memory for unpacked rows of weights.
    let panel: UnsafeMutablePointer<Float>
    /// The calling thread's memory for an input or its gradient, `[tokens, largest input]`.
    let spare: UnsafeMutablePointer<Float>
    /// The calling thread's memory for gradients of products with A, `[tokens, largestRankSum]`.
    let spareInner: UnsafeMutablePointer<Float>

    /// Computes the product for all rows of `x`.
    ///
    /// - Parameter inner: receives the products with A, `[tokens, members * rank]`, which the backward pass needs.
    func forward(
        _ site: FrozenWeights.Site, layer: Int, _ x: MatrixView, into y: MatrixView,
        inner: UnsafeMutablePointer<Float>, dropout: Dropout?
    ) {
        weights.forward(site, layer: layer, x, into: y, panel: panel)
        let group = layout.group(site, layer: layer)
        guard !group.members.isEmpty else { return }
        let t = innerView(group, inner, rows: x.rows)
        t.product(dropped(x, site, layer, dropout), transposed: a(group, parameters))
        for (index, member) in group.members.enumerated() {
            y.columns(member.columns).product(
                rankColumns(t, index), transposed: b(member, parameters), scale: scale, .add)
        }
    }

    /// Computes the gradients of the factors and, if `dx` is given, of the input.
    ///
    /// - Parameter gradients: arranged by `layout`; all numbers that belong to this product are overwritten.
    func backward(
        _ site: FrozenWeights.Site, layer: Int, _ x: MatrixView, inner: UnsafeMutablePointer<Float>,
        _ dy: MatrixView, into dx: MatrixView?, gradients: UnsafeMutablePointer<Float>, dropout: Dropout?
    ) {
        if let dx { weights.backward(site, layer: layer, dy, into: dx, panel: panel) }
        let group = layout.group(site, layer: layer)
        guard !group.members.isEmpty else { return }
        let t = innerView(group, inner, rows: x.rows)
        let dt = innerView(group, spareInner, rows: x.rows)
        for (index, member) in group.members.enumerated() {
            let own = dy.columns(member.columns)
            b(member, gradients).product(transposed: own, rankColumns(t, index), scale: scale)
            rankColumns(dt, index).product(own, b(member, parameters), scale: scale)
        }
        a(group, gradients).product(transposed: dt, dropped(x, site, layer, dropout))
        guard let dx else { return }
        if let dropout {
            let whole = MatrixView(spare, rows: x.rows, columns: x.columns)
            whole.product(dt, a(group, parameters))
            dropout.apply(whole, into: whole, site: site, layer: layer)
            for row in 0..<dx.rows { ck_add(dx.row(row), whole.row(row), dx.columns) }
        } else {
            dx.product(dt, a(group, parameters), .add)
        }
    }

    private func dropped(_ x: MatrixView, _ site: FrozenWeights.Site, _ layer: Int, _ dropout: Dropout?)
        -> MatrixView
    {
        guard let dropout else { return x }
        let y = MatrixView(spare, rows: x.rows, columns: x.columns)
        dropout.apply(x, into: y, site: site, layer: layer)
        return y
    }

    private func innerView(_ group: LoRALayout.Group, _ start: UnsafeMutablePointer<Float>, rows: Int)
        -> MatrixView
    {
        MatrixView(start, rows: rows, columns: group.members.count * layout.rank)
    }

    private func rankColumns(_ inner: MatrixView, _ member: Int) -> MatrixView {
        inner.columns(member * layout.rank..<(member + 1) * layout.rank)
    }

    private func a(_ group: LoRALayout.Group, _ vector: UnsafeMutablePointer<Float>) -> MatrixView {
        MatrixView(
            vector + group.a, rows: group.members.count * layout.rank, columns: group.inputSize)
    }

    private func b(_ member: LoRALayout.Group.Member, _ vector: UnsafeMutablePointer<Float>) -> MatrixView {
        MatrixView(vector + member.b, rows: member.columns.count, columns: layout.rank)
    }
}
