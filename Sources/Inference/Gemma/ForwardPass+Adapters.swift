import CKernels

/// Adds to the products of the model's matrices what adapters contribute: `y += scale * B (A x)` for each row whose
/// sequence has an adapter.
///
/// This happens in the steps between the products, while a row is in the processor's cache, so the threads need not
/// synchronise more often than without adapters. A row's result does not depend on the other rows.
extension ForwardPass {
    /// Adds the adapters' part to the products of one input.
    ///
    /// - Parameters:
    ///   - range: the rows to handle.
    ///   - x: the input, `[rows, part.inputSize]`.
    ///   - outputs: the products, `[rows, product.outputSize]` each, in the order of ``AppliedAdapter/Part/products``.
    ///   - columns: the columns of the outputs to handle; nil for all.
    func adapt(
        _ range: Range<Int>, thread: Int, layer: Int,
        _ part: KeyPath<AppliedAdapter.Layer, AppliedAdapter.Part?>, _ x: UnsafePointer<Float>,
        into outputs: (
            UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?
        ), columns: Range<Int>? = nil
    ) {
        guard usesAdapters else { return }
        let reduced = reduced[thread]
        var first = range.lowerBound
        while first < range.upperBound {
            let adapter = rows[first].adapter
            var end = first + 1
            while end < range.upperBound, rows[end].adapter === adapter { end += 1 }
            defer { first = end }
            guard let adapter, let part = adapter.layers[layer][keyPath: part] else { continue }
            for row in first..<end {
                // One row at a time, because sums are rounded differently when several rows are multiplied together.
                ck_gemv(
                    adapter.type, part.a, part.rows, part.inputSize, x + row * part.inputSize, 1,
                    part.inputSize, reduced + (row - first) * part.rows, part.rows)
            }
            ck_scale(reduced, adapter.scale, (end - first) * part.rows)
            func add(_ product: AppliedAdapter.Product?, to output: UnsafeMutablePointer<Float>?) {
                guard let product, let output else { return }
                let columns = columns ?? 0..<product.outputSize
                ck_add_combination(
                    adapter.type, product.b + columns.lowerBound * adapter.elementBytes,
                    product.outputSize, adapter.rank, columns.count, reduced + product.offset, part.rows,
                    output + first * product.outputSize + columns.lowerBound, end - first,
                    product.outputSize)
            }
            add(part.products.0, to: outputs.0)
            add(part.products.1, to: outputs.1)
            add(part.products.2, to: outputs.2)
        }
    }
}
