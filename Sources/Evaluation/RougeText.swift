/// A text as ROUGE sees it: its words, line by line.
///
/// Words are runs of a-z and 0-9 after conversion to lower case; everything else separates them. Words of more than
/// three letters are stemmed if that is wanted. This is what PyPI's `rouge-score` does.
public struct RougeText: Sendable, Hashable {
    /// The words of each line that has any.
    public let lines: [[String]]

    /// All words.
    public var words: [String] { lines.flatMap(\.self) }

    /// Takes a text apart.
    public init(_ text: String, isStemmed: Bool) {
        var lines: [[String]] = []
        var line: [String] = []
        var word: [UInt8] = []
        let stemmer = PorterStemmer()
        func endWord() {
            guard !word.isEmpty else { return }
            let text = String(decoding: word, as: UTF8.self)
            line.append(isStemmed && word.count > 3 ? stemmer.stem(text) : text)
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
        self.lines = lines
    }
}
