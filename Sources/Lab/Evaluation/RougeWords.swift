/// The words of a text as PyPI's `rouge-score` has them: ASCII alone, and Porter's stems.
enum RougeWords {
    /// The words of each line that has any: runs of a-z and 0-9 after conversion to lower case.
    ///
    /// Everything else separates them.
    static func lines(_ text: String) -> [[String]] {
        var lines: [[String]] = []
        var line: [String] = []
        var word: [UInt8] = []
        func endWord() {
            guard !word.isEmpty else { return }
            line.append(String(decoding: word, as: UTF8.self))
            word.removeAll(keepingCapacity: true)
        }
        func endLine() {
            endWord()
            if !line.isEmpty { lines.append(line) }
            line = []
        }
        func take(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                word.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
            case UInt8(ascii: "\n"): endLine()
            default: endWord()
            }
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                take(UInt8(scalar.value))
            } else {
                // The Kelvin sign, for one, is a k in lower case.
                for byte in scalar.properties.lowercaseMapping.utf8 { take(byte) }
            }
        }
        endLine()
        return lines
    }

    /// Porter's stem of a word of more than three letters; shorter ones stay.
    static func stem(_ word: String) -> String {
        word.utf8.count > 3 ? PorterStemmer().stem(word) : word
    }
}
