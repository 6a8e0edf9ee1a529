import Language

/// The encoding of a text.
enum TextEncoding {
    /// A text as UTF-8 without a byte-order mark.
    struct Decoded {
        var bytes: ArraySlice<UInt8>
        /// What it was encoded in.
        var name = "UTF-8"
        /// Set if the encoding was guessed.
        var note: Note?
    }

    /// Decodes a text.
    ///
    /// UTF-8 and UTF-16 are recognised by their byte-order mark; without one, UTF-16 by the zero bytes of its ASCII and
    /// UTF-8 by its form. Anything else is Windows-1252 (which includes Latin-1) if it can be, or what ICU takes it for
    /// (``LegacyEncoding``).
    static func utf8(_ bytes: [UInt8], name: String) throws(TranscriptError) -> Decoded {
        if let kind = binaryKind(bytes) {
            throw TranscriptError(
                .notText, "\(name) is \(kind), not text; export the transcript as text, VTT or SRT first")
        }
        if bytes.starts(with: [0xFF, 0xFE]) {
            return Decoded(
                bytes: try utf8(fromUTF16: bytes[2...], littleEndian: true, name: name)[...], name: "UTF-16LE"
            )
        }
        if bytes.starts(with: [0xFE, 0xFF]) {
            return Decoded(
                bytes: try utf8(fromUTF16: bytes[2...], littleEndian: false, name: name)[...],
                name: "UTF-16BE")
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if let offset = bytes.firstIndex(of: 0) {
            if let littleEndian = isUTF16(bytes) {
                let converted = try utf8(fromUTF16: bytes[...], littleEndian: littleEndian, name: name)
                return Decoded(
                    bytes: converted[...], name: littleEndian ? "UTF-16LE" : "UTF-16BE",
                    note: Note(.readAsUTF16))
            }
            throw TranscriptError(
                .notText,
                "\(name) is not text: a NUL byte at offset \(offset); Word or PDF files must be exported as text, "
                    + "VTT or SRT first")
        }
        if let offset = controlOffset(bytes) {
            throw TranscriptError(
                .notText,
                "\(name) is not text: many control characters, the first at offset \(offset); "
                    + "export the transcript as text, VTT or SRT first")
        }
        guard let offset = TranscriptText.invalidUTF8Offset(bytes) else {
            guard let japanese = LegacyEncoding.readEscapes(text) else { return Decoded(bytes: text) }
            return Decoded(bytes: japanese.bytes[...], name: japanese.name)
        }
        func guessed(_ text: [UInt8], _ encoding: String, _ kind: Note.Kind) -> Decoded {
            let place: [Note.Argument] = [.text("0x\(hex(bytes[offset]))"), .text("\(offset)")]
            let note =
                kind == .readAsWindows1252
                ? Note(kind, place[0], place[1]) : Note(kind, .text(encoding), place[0], place[1])
            return Decoded(bytes: text[...], name: encoding, note: note)
        }
        func western() -> Decoded? {
            if LegacyEncoding.isMacintosh(bytes), let text = Charset.utf8(bytes, from: "macintosh") {
                return guessed(text, "macintosh", .readAsLegacy)
            }
            let text = utf8(fromWindows1252: bytes)
            if let other = LegacyEncoding.neighbour(bytes[...], asWestern: text) {
                return guessed(other.bytes, other.name, .readAsLegacy)
            }
            return LegacyEncoding.isLatin(text) ? guessed(text, "windows-1252", .readAsWindows1252) : nil
        }
        if isLegacy(bytes) {
            let guess = LegacyEncoding.guess(bytes[...])
            if isWindows1252(bytes),
                guess.map({ $0.confidence < 40 || $0.latin + 10 >= $0.confidence }) ?? true,
                let decoded = western()
            {
                return decoded
            }
            if let legacy = LegacyEncoding.read(bytes[...]) {
                return guessed(legacy.bytes, legacy.name, .readAsLegacy)
            }
            // "René: Bonjour": of so few bytes beyond ASCII no detector tells anything.
            if isWindows1252(bytes), bytes.count(where: { $0 >= 0x80 }) < 4, let decoded = western() {
                return decoded
            }
        }
        throw TranscriptError(
            .notText,
            "\(name) is not UTF-8: invalid byte 0x\(hex(bytes[offset])) at offset \(offset), and no other encoding is likely; "
                + "save it as UTF-8, or name its encoding beside it (\(name).meta.json)")
    }

    /// Decodes a text whose encoding is known.
    static func utf8(_ bytes: [UInt8], from encoding: String, name: String) throws(TranscriptError) -> Decoded
    {
        let isUnicode = encoding.lowercased().hasPrefix("utf")
        if isUnicode { return try utf8(bytes, name: name) }
        guard let text = Charset.utf8(bytes, from: encoding) else {
            throw TranscriptError(
                .notText,
                "\(name) is no text in \(encoding.prefix(40)), or no such encoding is known; correct \"encoding\" beside it"
            )
        }
        return Decoded(bytes: text[...], name: encoding)
    }

    // MARK: - What is no text

    private static let binaryOpenings: [([UInt8], String)] = [
        (Array("PK".utf8) + [3, 4], "a ZIP archive (or a Word or OpenDocument file)"),
        ([0x1F, 0x8B], "a gzip file"),
        (Array("%PDF-".utf8), "a PDF"), ([0x7F] + Array("ELF".utf8), "a program"),
        (Array("SQLite format 3".utf8), "an SQLite file"), (Array("GGUF".utf8), "a model's weights"),
        (Array("RIFF".utf8), "a sound or video recording"), (Array("OggS".utf8), "a sound recording"),
        (Array("ID3".utf8), "a sound recording"), (Array("fLaC".utf8), "a sound recording"),
        ([0x89] + Array("PNG".utf8), "a picture"), ([0xFF, 0xD8, 0xFF], "a picture"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Word file"),
    ]

    /// The file format that the first bytes identify; a short word (`ID3`) counts only if binary bytes follow.
    private static func binaryKind(_ bytes: [UInt8]) -> String? {
        guard let found = binaryOpenings.first(where: { bytes.starts(with: $0.0) }) else { return nil }
        let isText = bytes.prefix(64).allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) }
        return isText && found.0.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) ? nil : found.1
    }

    /// The first control character of a text that has too many: more than two, and more than one in 200 bytes.
    private static func controlOffset(_ bytes: [UInt8]) -> Int? {
        func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && !(0x08...0x0D).contains(byte) && byte != 0x1B }
        let count = bytes.count(where: isControl)
        return count > 2 && count * 200 > bytes.count ? bytes.firstIndex(where: isControl) : nil
    }

    // MARK: - UTF-16

    /// The byte order of UTF-16 whose characters are ASCII for the most part; nil if it is not that.
    private static func isUTF16(_ bytes: [UInt8]) -> Bool? {
        guard bytes.count.isMultiple(of: 2) else { return nil }
        var zeros = [0, 0]
        for (index, byte) in bytes.enumerated() where byte == 0 { zeros[index & 1] += 1 }
        let half = bytes.count / 2
        if zeros[0] == 0, zeros[1] * 2 > half { return true }
        if zeros[1] == 0, zeros[0] * 2 > half { return false }
        return nil
    }

    private static func utf8(fromUTF16 bytes: ArraySlice<UInt8>, littleEndian: Bool, name: String)
        throws(TranscriptError) -> [UInt8]
    {
        guard bytes.count.isMultiple(of: 2) else {
            throw TranscriptError(
                .notText,
                "\(name) is not UTF-16: its length of \(bytes.endIndex) bytes is odd; save it as UTF-8")
        }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: bytes.startIndex, to: bytes.endIndex, by: 2) {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(littleEndian ? second << 8 | first : first << 8 | second)
        }
        var index = 0
        while index < units.count {
            let pair =
                UTF16.isLeadSurrogate(units[index]) && index + 1 < units.count
                && UTF16.isTrailSurrogate(units[index + 1])
            if units[index] == 0 || (!pair && (0xD800...0xDFFF).contains(units[index])) {
                throw TranscriptError(
                    .notText,
                    "\(name) is not UTF-16 text: invalid unit 0x\(String(units[index], radix: 16)) at offset "
                        + "\(index * 2 + bytes.startIndex); save it as UTF-8")
            }
            index += pair ? 2 : 1
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    // MARK: - Windows-1252

    /// The characters of the bytes 0x80 to 0x9F; 0 where there is none.
    private static let windows1252: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
        0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,
        0x017E,
        0x0178,
    ]

    /// Whether bytes that are not UTF-8 can be of another encoding rather than damaged UTF-8 or no text.
    ///
    /// That is so if none begins a sequence of UTF-8 at the end (a file that was cut off), and there are fewer sequences of
    /// UTF-8 than bytes outside of any.
    private static func isLegacy(_ bytes: [UInt8]) -> Bool {
        var (sequences, stray) = (0, 0)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte >= 0x80 else {
                index += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
            let sequence = bytes[index..<min(bytes.count, index + length)]
            if length > 1, sequence.count == length, TranscriptText.invalidUTF8Offset(Array(sequence)) == nil
            {
                sequences += 1
                index += length
                continue
            }
            // Cut off: a lead byte without all of its continuation bytes.
            if length > 1, sequence.count < length, stray == 0,
                sequence.dropFirst().allSatisfy({ (0x80...0xBF).contains($0) }),
                sequence.count > 1
            {
                return false
            }
            stray += 1
            index += 1
        }
        return stray > sequences
    }

    /// Whether each byte is a character of Windows-1252, and at most a third are beyond ASCII.
    private static func isWindows1252(_ bytes: [UInt8]) -> Bool {
        var high = 0
        for byte in bytes {
            if byte < 0x20, !(0x09...0x0D).contains(byte) { return false }
            guard byte >= 0x80 else { continue }
            if byte < 0xA0, windows1252[Int(byte) - 0x80] == 0 { return false }
            high += 1
        }
        return high * 3 <= bytes.count
    }

    private static func utf8(fromWindows1252 bytes: [UInt8]) -> [UInt8] {
        var scalars = String.UnicodeScalarView()
        for byte in bytes {
            let value = (0x80..<0xA0).contains(byte) ? windows1252[Int(byte) - 0x80] : UInt16(byte)
            // Neither the table nor the bytes contain surrogates.
            scalars.append(Unicode.Scalar(value) ?? "?")
        }
        return Array(String(scalars).utf8)
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
