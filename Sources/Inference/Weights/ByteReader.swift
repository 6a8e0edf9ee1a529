/// Reads little-endian values one after the other from untrusted bytes; a read past the end throws `malformed`, with
/// the name of what was being read.
struct ByteReader {
    /// All bytes, whether read or not.
    let bytes: UnsafeRawBufferPointer
    /// Where the next value begins.
    private(set) var position = 0
    /// The file's path, for messages.
    let path: String

    /// Starts at the first byte.
    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// How many bytes have not been read yet.
    var remaining: Int { bytes.count - position }

    /// Reads the next integer; `what` names it in errors.
    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self, _ what: @autoclosure () -> String
    ) throws(WeightsError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw endsEarly(what(), wanted: size) }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: Value.self)
        position += size
        return Value(littleEndian: value)
    }

    /// Reads a 64-bit count of items that take at least `size` bytes each; throws if so many cannot follow.
    mutating func count(
        ofSize size: Int, _ what: @autoclosure () -> String
    ) throws(WeightsError) -> Int {
        let count = try integer(UInt64.self, what())
        guard count <= UInt64(remaining / max(size, 1)) else {
            throw WeightsError(
                .malformed,
                "\(path): \(what()) at byte \(position - 8): \(count) expected to follow, but only \(remaining) bytes "
                    + "are left; the file is damaged or was not copied completely")
        }
        return Int(count)
    }

    /// Skips `size` bytes and returns the position where they begin.
    @discardableResult
    mutating func skip(_ size: Int, _ what: @autoclosure () -> String) throws(WeightsError) -> Int {
        guard size >= 0, remaining >= size else { throw endsEarly(what(), wanted: size) }
        defer { position += size }
        return position
    }

    /// Skips a string (64-bit length, then bytes) and returns where its bytes lie.
    mutating func string(_ what: @autoclosure () -> String) throws(WeightsError) -> Range<Int> {
        let length = try count(ofSize: 1, what())
        let start = try skip(length, what())
        return start..<start + length
    }

    /// The text at `range`, as returned by ``string(_:)``; throws if it is not valid UTF-8.
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
                + "or was not copied completely")
    }
}
