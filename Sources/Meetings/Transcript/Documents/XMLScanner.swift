/// Reads XML 1.0 as captions and Word documents need it: elements, attributes, text; no definitions of a document's own.
///
/// Foundation's parser reads on behind errors and crashes on what it makes of them, so it is no choice for files that
/// anybody may deliver.
struct XMLScanner {
    /// What is met, in the order of the text.
    enum Event {
        case start(String, attributes: [String: String], line: Int)
        case end(String)
        case text(String)
    }

    /// The deepest nesting that is accepted.
    private static let depthLimit = 256

    private let bytes: ArraySlice<UInt8>
    private var index: Int
    private var line = 1
    private var open: [String] = []

    /// Reports events up to the end, or to the first fault; nil if the text is well-formed, otherwise the fault's line.
    static func scan(_ bytes: ArraySlice<UInt8>, _ report: (Event) -> Void) -> Int? {
        var scanner = XMLScanner(bytes: bytes, index: bytes.startIndex)
        var hasRoot = false
        while scanner.index < bytes.endIndex {
            guard scanner.next(report) else { return scanner.line }
            hasRoot = hasRoot || !scanner.open.isEmpty
        }
        return hasRoot && scanner.open.isEmpty ? nil : scanner.line
    }

    private init(bytes: ArraySlice<UInt8>, index: Int) {
        self.bytes = bytes
        self.index = index
    }

    /// Takes what stands at `index`; false for a fault.
    private mutating func next(_ report: (Event) -> Void) -> Bool {
        guard bytes[index] == UInt8(ascii: "<") else {
            let text = take { $0 == UInt8(ascii: "<") }
            if !open.isEmpty { report(.text(CueMarkup.decodingEntities(text))) }
            return true
        }
        if starts("<!--") { return skip(behind: "-->") != nil }
        if starts("<![CDATA[") {
            guard let text = skip(behind: "]]>") else { return false }
            report(.text(String(decoding: text.dropFirst(9), as: UTF8.self)))
            return true
        }
        if starts("<?") { return skip(behind: "?>") != nil }
        if starts("<!") { return skip(behind: ">").map { !$0.contains(UInt8(ascii: "[")) } ?? false }
        index += 1
        if index < bytes.endIndex, bytes[index] == UInt8(ascii: "/") {
            index += 1
            let name = take { $0 == UInt8(ascii: ">") }.trimmed
            guard index < bytes.endIndex, open.popLast() == name else { return false }
            index += 1
            report(.end(name))
            return true
        }
        return takeStart(report)
    }

    private mutating func takeStart(_ report: (Event) -> Void) -> Bool {
        let start = line
        let name = take { Self.isBlank($0) || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "/") }
        guard !name.isEmpty, open.count < Self.depthLimit else { return false }
        var attributes: [String: String] = [:]
        while index < bytes.endIndex {
            _ = take { !Self.isBlank($0) }
            let isEmpty = starts("/>")
            if isEmpty || starts(">") {
                index += isEmpty ? 2 : 1
                report(.start(name, attributes: attributes, line: start))
                if isEmpty { report(.end(name)) } else { open.append(name) }
                return true
            }
            let key = take { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "<") }
                .trimmed
            guard !key.isEmpty, starts("=") else { return false }
            index += 1
            _ = take { !Self.isBlank($0) }
            guard index < bytes.endIndex,
                bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'")
            else {
                return false
            }
            let quote = bytes[index]
            index += 1
            let value = take { $0 == quote || $0 == UInt8(ascii: "<") }
            guard index < bytes.endIndex, bytes[index] == quote else { return false }
            index += 1
            attributes[key] = CueMarkup.decodingEntities(value)
        }
        return false
    }

    // MARK: - Bytes

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func starts(_ mark: String) -> Bool { bytes[index...].starts(with: mark.utf8) }

    /// The text up to where `isEnd` holds, or to the end.
    private mutating func take(until isEnd: (UInt8) -> Bool) -> String {
        let start = index
        while index < bytes.endIndex, !isEnd(bytes[index]) {
            if bytes[index] == UInt8(ascii: "\n") { line += 1 }
            index += 1
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Goes behind `mark`; returns what it passed over, without the mark; nil if it does not come.
    private mutating func skip(behind mark: String) -> ArraySlice<UInt8>? {
        guard let found = bytes[index...].firstRange(of: Array(mark.utf8)) else { return nil }
        let passed = bytes[index..<found.lowerBound]
        line += passed.count { $0 == UInt8(ascii: "\n") }
        index = found.upperBound
        return passed
    }
}
