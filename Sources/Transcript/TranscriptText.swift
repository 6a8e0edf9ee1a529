/// A delivered file as text: decoded, checked, cut into lines.
struct TranscriptText: Sendable {
    /// One line, without its end.
    struct Line: Sendable {
        /// 1-based.
        var number: Int
        var text: String

        var isBlank: Bool { text.unicodeScalars.allSatisfy(\.isSpaceOrControl) }
    }

    var lines: [Line]

    /// For people: how the bytes were read, if that was guessed.
    private(set) var note: String?

    /// Decodes UTF-8, UTF-16 or Windows-1252 (``TextEncoding``); lines may end in LF, CRLF or CR.
    init(_ bytes: [UInt8], name: String) throws(TranscriptError) {
        guard !bytes.isEmpty else {
            throw TranscriptError(.empty, "\(name) is empty; \(TranscriptFormat.accepted)")
        }
        let (text, note) = try TextEncoding.utf8(bytes, name: name)
        lines = Self.lines(text)
        self.note = note
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> [Line] {
        var lines: [Line] = []
        var start = bytes.startIndex
        var index = start
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                index += 1
                continue
            }
            lines.append(
                Line(number: lines.count + 1, text: String(decoding: bytes[start..<index], as: UTF8.self)))
            let crlf =
                byte == UInt8(ascii: "\r") && index + 1 < bytes.endIndex
                && bytes[index + 1] == UInt8(ascii: "\n")
            index += crlf ? 2 : 1
            start = index
        }
        if start < bytes.endIndex {
            lines.append(
                Line(number: lines.count + 1, text: String(decoding: bytes[start...], as: UTF8.self)))
        }
        return lines
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
        properties.isWhitespace || value < 0x20 || (0x7F...0x9F).contains(value) || value == 0xFEFF
    }
}

extension StringProtocol {
    /// Without white space and control characters at both ends.
    var trimmed: String {
        var scalars = self.unicodeScalars[...]
        while let first = scalars.first, first.isSpaceOrControl { scalars.removeFirst() }
        while let last = scalars.last, last.isSpaceOrControl { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Runs of white space and control characters as one blank, none at the ends.
    var collapsed: String {
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
}
