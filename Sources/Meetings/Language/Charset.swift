import CICU

/// Encodings of text other than Unicode's, by ICU.
///
/// C's `char` has a sign on some architectures only, so bytes are converted as either.
package enum Charset {
    /// What bytes are likely to be encoded in, the best guess first, each with a confidence of 1 to 100.
    package static func guesses(_ bytes: some Collection<UInt8>) -> [(name: String, confidence: Int)] {
        let text = bytes.map { CChar(truncatingIfNeeded: $0) }
        var name = [CChar](repeating: 0, count: 64)
        var guesses: [(String, Int)] = []
        while guesses.count < 16 {
            let confidence = cicu_charset(
                text, Int32(text.count), Int32(guesses.count), &name, Int32(name.count))
            guard confidence > 0 else { break }
            let length = name.firstIndex(of: 0) ?? 0
            guesses.append((Folding.string(name, Int32(length)), Int(confidence)))
        }
        return guesses
    }

    /// The bytes as UTF-8; nil if they are no text in this encoding, or nobody knows it.
    package static func utf8(_ bytes: some Collection<UInt8>, from name: String) -> [UInt8]? {
        guard bytes.count < Int(Int32.max) / 4 else { return nil }
        let text = bytes.map { CChar(truncatingIfNeeded: $0) }
        var result = [CChar](repeating: 0, count: text.count * 3 + 16)
        let length = cicu_convert(name, text, Int32(text.count), &result, Int32(result.count))
        guard length >= 0, length <= result.count else { return nil }
        return result.prefix(Int(length)).map { UInt8(truncatingIfNeeded: $0) }
    }
}
