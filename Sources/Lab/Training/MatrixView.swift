import COpenBLAS

/// A matrix in memory, stored row by row: its address, shape and stride.
///
/// Safety: the code that creates a view keeps the memory alive, and lets only one thread write any part of it.
struct MatrixView: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
    let rows: Int
    let columns: Int
    /// The number of floats from one row to the next.
    let stride: Int

    init(_ start: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        self.start = start
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }

    /// The address of a row.
    func row(_ index: Int) -> UnsafeMutablePointer<Float> { start + index * stride }

    /// A view of some of the rows.
    func rows(_ range: Range<Int>) -> MatrixView {
        MatrixView(row(range.lowerBound), rows: range.count, columns: columns, stride: stride)
    }

    /// A view of some of the columns.
    func columns(_ range: Range<Int>) -> MatrixView {
        MatrixView(start + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// Sets every element to 0.
    func clear() {
        for index in 0..<rows { row(index).update(repeating: 0, count: columns) }
    }

    /// Copies the elements of another matrix of the same shape.
    func copy(_ other: MatrixView) {
        precondition(other.rows == rows && other.columns == columns)
        for index in 0..<rows { row(index).update(from: other.row(index), count: columns) }
    }
}

/// Whether a product replaces the output's elements or is added to them.
enum Accumulation {
    case replace, add

    fileprivate var beta: Float { self == .add ? 1 : 0 }
}

/// Products of matrices by OpenBLAS, on the calling thread.
extension MatrixView {
    /// Computes `self = scale * a b`, or adds that to `self`.
    func product(_ a: MatrixView, _ b: MatrixView, scale: Float = 1, _ accumulation: Accumulation = .replace)
    {
        precondition(a.columns == b.rows && rows == a.rows && columns == b.columns)
        multiply(a, CblasNoTrans, b, CblasNoTrans, inner: a.columns, scale, accumulation)
    }

    /// Computes `self = scale * a b^T`, or adds that to `self`.
    func product(
        _ a: MatrixView, transposed b: MatrixView, scale: Float = 1, _ accumulation: Accumulation = .replace
    ) {
        precondition(a.columns == b.columns && rows == a.rows && columns == b.rows)
        multiply(a, CblasNoTrans, b, CblasTrans, inner: a.columns, scale, accumulation)
    }

    /// Computes `self = scale * a^T b`, or adds that to `self`.
    func product(
        transposed a: MatrixView, _ b: MatrixView, scale: Float = 1, _ accumulation: Accumulation = .replace
    ) {
        precondition(a.rows == b.rows && rows == a.columns && columns == b.columns)
        multiply(a, CblasTrans, b, CblasNoTrans, inner: a.rows, scale, accumulation)
    }

    private func multiply(
        _ a: MatrixView, _ aForm: CBLAS_TRANSPOSE, _ b: MatrixView, _ bForm: CBLAS_TRANSPOSE, inner: Int,
        _ scale: Float, _ accumulation: Accumulation
    ) {
        guard rows > 0, columns > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, aForm, bForm, Int32(rows), Int32(columns), Int32(inner), scale, a.start,
            Int32(a.stride), b.start, Int32(b.stride), accumulation.beta, start, Int32(stride))
    }
}
