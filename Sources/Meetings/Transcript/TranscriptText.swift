import Language

/// A delivered file as text: decoded, checked, cut into lines.
struct TranscriptText: Sendable {
    /// One line, without its end.
    struct Line: Sendable {
        /// 1-based.
        var number: Int
        /// UTF-8.
        var bytes: ArraySlice<UInt8>

        var text: String { String(decoding: bytes, as: UTF8.self) }

        var isBlank: Bool {
            // Most lines begin with a letter.
            if let first = bytes.first, (0x21..<0x7F).contains(first) { return false }
            return text.unicodeScalars.allSatisfy(\.isSpaceOrControl)
        }
    }

    /// The lines, made when they are needed, since a large file has millions.
    struct Lines: RandomAccessCollection, Sendable {
        /// All of them.
        let bytes: ArraySlice<UInt8>
        /// Where each begins and ends.
        fileprivate let places: [Range<UInt32>]

        var startIndex: Int { 0 }
        var endIndex: Int { places.count }

        subscript(index: Int) -> Line {
            let place = places[index]
            return Line(number: index + 1, bytes: bytes[Int(place.lowerBound)..<Int(place.upperBound)])
        }
    }

    let lines: Lines
    /// The whole text in UTF-8, without a byte-order mark.
    var bytes: ArraySlice<UInt8> { lines.bytes }

    /// What it was encoded in.
    private(set) var encoding = "UTF-8"
    /// How the bytes were read, if that was guessed.
    private(set) var note: Note?

    /// Decodes it (``TextEncoding``); lines may end in LF, CRLF or CR.
    ///
    /// `encoding` names one that is believed; nil looks for it.
    init(_ bytes: [UInt8], name: String, encoding: String? = nil) throws(TranscriptError) {
        guard !bytes.isEmpty else {
            throw TranscriptError(.empty, "\(name) is empty; \(TranscriptFormat.accepted)")
        }
        let decoded =
            if let encoding {
                try TextEncoding.utf8(bytes, from: encoding, name: name)
            } else {
                try TextEncoding.utf8(bytes, name: name)
            }
        let text = decoded.bytes
        guard text.endIndex < Int(UInt32.max) else {
            throw TranscriptError(
                .malformed, "\(name) has more than 4 GB of text: deliver it in numbered chunks")
        }
        lines = Self.lines(text)
        self.encoding = decoded.name
        note = decoded.note
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> Lines {
        var places: [Range<UInt32>] = []
        var start = bytes.startIndex
        var index = start
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                index += 1
                continue
            }
            places.append(UInt32(start)..<UInt32(index))
            let crlf =
                byte == UInt8(ascii: "\r") && index + 1 < bytes.endIndex
                && bytes[index + 1] == UInt8(ascii: "\n")
            index += crlf ? 2 : 1
            start = index
        }
        if start < bytes.endIndex { places.append(UInt32(start)..<UInt32(bytes.endIndex)) }
        return Lines(bytes: bytes, places: places)
    }

    /// The offset of the first byte that is not part of a well-formed sequence (Unicode, table 3-7); nil if
    /// none.
    static func invalidUTF8Offset(_ bytes: [UInt8]) -> Int? {
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF:
                length = 3
                if lead == 0xE0 { second = 0xA0...0xBF }
                if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                if lead == 0xF0 { second = 0x90...0xBF }
                if lead == 0xF4 { second = 0x80...0x8F }
            default: return index
            }
            guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return index }
            for offset in 2..<max(2, length) where !(0x80...0xBF).contains(bytes[index + offset]) {
                return index
            }
            index += length
        }
        return nil
    }
}

extension Unicode.Scalar {
    /// White space of any kind, and control characters, which have no place in what was said.
    var isSpaceOrControl: Bool {
        // Looking up properties takes many times as long, and most text is ASCII.
        if value < 0x7F { return value <= 0x20 }
        return properties.isWhitespace || value < 0x20 || (0x7F...0x9F).contains(value) || value == 0xFEFF
    }
}

extension StringProtocol {
    /// Without white space and control characters at both ends.
    var trimmed: String {
        if let first = unicodeScalars.first, let last = unicodeScalars.last,
            (0x21..<0x7F).contains(first.value),
            (0x21..<0x7F).contains(last.value)
        {
            return String(self)
        }
        var scalars = self.unicodeScalars[...]
        while let first = scalars.first, first.isSpaceOrControl { scalars.removeFirst() }
        while let last = scalars.last, last.isSpaceOrControl { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Runs of white space and control characters as one blank, none at the ends.
    var collapsed: String {
        if isPlain { return String(self) }
        var result = String.UnicodeScalarView()
        var gap = false
        for scalar in unicodeScalars {
            if scalar.isSpaceOrControl {
                gap = !result.isEmpty
            } else {
                if gap { result.append(" ") }
                gap = false
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Whether it is printable ASCII with single blanks between words, as most text is.
    private var isPlain: Bool {
        var before = UInt8(ascii: " ")
        for byte in utf8 {
            guard (0x20..<0x7F).contains(byte), byte != before || byte != UInt8(ascii: " ")
            else { return false }
            before = byte
        }
        return before != UInt8(ascii: " ")
    }
}
