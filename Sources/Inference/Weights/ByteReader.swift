/// Reads little-endian values one after the other from bytes that are not trusted: whatever would go past the
/// end is refused with the name of what was being read.
struct ByteReader {
    /// The bytes that are read.
    let bytes: UnsafeRawBufferPointer
    /// Where the next value begins.
    private(set) var position = 0
    /// The file's path, for messages.
    let path: String

    /// Begins at the first byte.
    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// Bytes that have not been read.
    var remaining: Int { bytes.count - position }

    /// The next integer; `what` names it.
    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self, _ what: @autoclosure () -> String
    ) throws(WeightsError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw endsEarly(what(), wanted: size) }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: Value.self)
        position += size
        return Value(littleEndian: value)
    }

    /// The next 64-bit count of things that take at least `size` bytes each; refused if they cannot be there.
    mutating func count(
        ofSize size: Int, _ what: @autoclosure () -> String
    ) throws(WeightsError) -> Int {
        let count = try integer(UInt64.self, what())
        guard count <= UInt64(remaining / max(size, 1)) else {
            throw WeightsError(
                .malformed,
                "\(path): \(what()) at byte \(position - 8): \(count) expected to follow, but only \(remaining) bytes "
                    + "are left; the file is damaged or was not copied to its end")
        }
        return Int(count)
    }

    /// Goes on by `size` bytes and gives the position before them.
    @discardableResult
    mutating func skip(_ size: Int, _ what: @autoclosure () -> String) throws(WeightsError) -> Int {
        guard size >= 0, remaining >= size else { throw endsEarly(what(), wanted: size) }
        defer { position += size }
        return position
    }

    /// Where the bytes of the next string (64-bit length, bytes) lie.
    mutating func string(_ what: @autoclosure () -> String) throws(WeightsError) -> Range<Int> {
        let length = try count(ofSize: 1, what())
        let start = try skip(length, what())
        return start..<start + length
    }

    /// The text at `range`, which must be UTF-8 and which ``string(_:)`` gave.
    func text(_ range: Range<Int>, _ what: @autoclosure () -> String) throws(WeightsError) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw WeightsError(.malformed, "\(path): \(what()) at byte \(range.lowerBound): not valid UTF-8")
        }
        return text
    }

    private func endsEarly(_ what: String, wanted: Int) -> WeightsError {
        WeightsError(
            .malformed,
            "\(path): \(what) at byte \(position): \(wanted) bytes expected, \(remaining) found; the file is damaged "
                + "or was not copied to its end")
    }
}
