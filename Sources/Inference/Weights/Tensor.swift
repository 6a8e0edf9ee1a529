import CKernels

/// A tensor in a mapped file, seen as a matrix; each row is a whole number of blocks.
package struct Tensor: Sendable {
    /// The tensor's name in its file.
    package let name: String
    /// The extents, the slowest-moving first: `[rows, columns]` for a matrix, `[columns]` for a vector.
    package let shape: [Int]
    /// How the elements are stored.
    package let type: ElementType
    /// The file that contains it; the file stays mapped as long as the tensor is held.
    package let file: MappedFile
    /// Where it begins in the file, in bytes; not necessarily aligned to its elements.
    package let offset: Int
    /// The number of elements in a row: the last extent.
    package let columns: Int
    /// The number of rows: the product of all extents but the last, so 1 for a vector.
    package let rows: Int
    /// The number of bytes in a row; rows follow each other without gaps.
    package let rowBytes: Int

    /// Checks that the shape is valid for the type and that all bytes lie inside `file`; throws `malformed` if not.
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
                    + "but the file ends at byte \(file.size); it may not have been copied completely")
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

    /// The number of elements.
    package var elementCount: Int { rows * columns }

    /// The number of bytes that all elements take.
    package var byteCount: Int { rows * rowBytes }

    /// Calls `body` with the bytes of all rows.
    ///
    /// The pointer is valid only inside `body`.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withUnsafeBytes { (whole) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: whole[offset..<offset + byteCount]))
        }
    }

    /// The address of a row's ``rowBytes`` bytes, directly followed by the rows after it.
    ///
    /// The caller must hold the tensor or its file (`withExtendedLifetime`) for as long as it uses the pointer.
    package func row(_ index: Int) -> UnsafeRawPointer {
        // Safety: init has checked that all rows lie inside the file.
        precondition(index >= 0 && index < rows, "row \(index) of a tensor with \(rows)")
        return file.pointer(at: offset + index * rowBytes)
    }

    /// Unpacks one row into `output`, which must hold exactly ``columns`` floats.
    package func dequantizeRow(_ index: Int, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(output.count == columns, "\(output.count) floats for a row of \(columns)")
        withExtendedLifetime(file) {
            ck_dequantize(type.kernelType, row(index), output.baseAddress, columns)
        }
    }

    /// All elements unpacked to floats, row by row.
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
    /// The text in quotes, with control characters escaped and cut after 80 characters: a name from a damaged file can
    /// be long and contain anything.
    var quotedForMessage: String {
        var text = "\""
        for scalar in unicodeScalars.prefix(80) { text += scalar.escaped(asASCII: false) }
        return text + (unicodeScalars.count > 80 ? "...\"" : "\"")
    }
}
