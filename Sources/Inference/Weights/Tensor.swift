import CKernels

/// A tensor in a mapped file: a matrix of rows, each of which is a whole number of blocks.
package struct Tensor: Sendable {
    /// The name in its file.
    package let name: String
    /// The extents, the slowest-moving first: `[rows, columns]`, or `[columns]` for a vector.
    package let shape: [Int]
    /// How the elements are stored.
    package let type: ElementType
    /// The file it lies in; holding the tensor holds the mapping.
    package let file: MappedFile
    /// Where it begins in the file, in bytes; it need not be aligned to the element.
    package let offset: Int
    /// Elements of one row: the last extent.
    package let columns: Int
    /// How many rows there are: the product of all other extents, 1 for a vector.
    package let rows: Int
    /// Bytes of one row; rows follow each other without gaps.
    package let rowBytes: Int

    /// Makes a tensor whose bytes were found to lie inside of `file`; anything wrong is refused.
    init(
        name: String, shape: [Int], type: ElementType, file: MappedFile, offset: Int
    ) throws(WeightsError) {
        func refusal(_ what: String) -> WeightsError {
            WeightsError(.malformed, "\(file.path): tensor \(name.quotedForMessage): \(what)")
        }
        var elements = 1
        for extent in shape {
            guard extent > 0 else { throw refusal("extents above 0 expected, shape \(shape) found") }
            let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw refusal("shape \(shape) has too many elements") }
            elements = product
        }
        let columns = shape.last ?? 1
        guard let rowBytes = type.rowBytes(columns: columns) else {
            throw refusal(
                "rows of whole \(type.name) blocks of \(type.blockElements) elements expected, "
                    + "rows of \(columns) found")
        }
        let rows = elements / columns
        let (bytes, overflow) = rowBytes.multipliedReportingOverflow(by: rows)
        guard !overflow, offset >= 0, offset <= file.size, bytes <= file.size - offset else {
            throw refusal(
                "\(overflow ? "more" : String(bytes)) bytes from byte \(offset) on expected, "
                    + "but the file ends at byte \(file.size); it may not have been copied to its end")
        }
        self.name = name
        self.shape = shape.isEmpty ? [1] : shape
        self.type = type
        self.file = file
        self.offset = offset
        self.columns = columns
        self.rows = rows
        self.rowBytes = rowBytes
    }

    /// How many elements there are.
    package var elementCount: Int { rows * columns }

    /// How many bytes they take.
    package var byteCount: Int { rows * rowBytes }

    /// The bytes of all rows.
    ///
    /// The pointer is good inside of `body` only.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withUnsafeBytes { (whole) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: whole[offset..<offset + byteCount]))
        }
    }

    /// The address of a row's ``rowBytes`` bytes; all rows after it follow.
    ///
    /// The caller holds the tensor or its file (`withExtendedLifetime`) for as long as it uses the pointer.
    package func row(_ index: Int) -> UnsafeRawPointer {
        // Safety: init has checked that all rows lie inside of the file.
        precondition(index >= 0 && index < rows, "row \(index) of a tensor with \(rows)")
        return file.pointer(at: offset + index * rowBytes)
    }

    /// Unpacks one row into `output`, which holds ``columns`` floats.
    package func dequantizeRow(_ index: Int, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(output.count == columns, "\(output.count) floats for a row of \(columns)")
        withExtendedLifetime(file) {
            ck_dequantize(type.kernelType, row(index), output.baseAddress, columns)
        }
    }

    /// All elements as floats, row by row.
    package func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            for index in 0..<rows {
                let first = index * columns
                dequantizeRow(
                    index, into: UnsafeMutableBufferPointer(rebasing: buffer[first..<first + columns]))
            }
            count = elementCount
        }
    }
}

extension String {
    /// Names out of damaged files can be long or hold anything: at most 80 characters, control characters
    /// escaped.
    var quotedForMessage: String {
        var text = "\""
        for scalar in unicodeScalars.prefix(80) { text += scalar.escaped(asASCII: false) }
        return text + (unicodeScalars.count > 80 ? "...\"" : "\"")
    }
}
