/// Cuts a stream of bytes into lines; keeps at most `bytesLimit` bytes of an incomplete one.
struct LineSplitter {
    enum Line: Equatable {
        /// A line without its line feed.
        case line([UInt8])
        /// A line longer than the limit, of this many bytes; its content is dropped.
        case tooLong(byteCount: Int)
    }

    private let bytesLimit: Int
    private var partial: [UInt8] = []
    private var partialCount = 0

    init(bytesLimit: Int) { self.bytesLimit = bytesLimit }

    /// Adds bytes; returns the lines that they complete.
    mutating func add(_ bytes: some Collection<UInt8>) -> [Line] {
        var lines: [Line] = []
        var rest = bytes[...]
        while let feed = rest.firstIndex(of: UInt8(ascii: "\n")) {
            keep(rest[..<feed])
            lines.append(take())
            rest = rest[rest.index(after: feed)...]
        }
        keep(rest)
        return lines
    }

    /// The last line if it has no line feed.
    mutating func finish() -> Line? { partialCount > 0 ? take() : nil }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        partialCount += bytes.count
        if partialCount <= bytesLimit { partial.append(contentsOf: bytes) }
    }

    private mutating func take() -> Line {
        let line: Line = partialCount <= bytesLimit ? .line(partial) : .tooLong(byteCount: partialCount)
        partial.removeAll(keepingCapacity: true)
        partialCount = 0
        return line
    }
}
