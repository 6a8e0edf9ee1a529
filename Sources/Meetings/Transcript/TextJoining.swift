import Language

extension String {
    /// Appends words: behind a blank, but where the script does without (`屋根の` and `許可`).
    mutating func join(_ other: some StringProtocol) {
        guard let last = unicodeScalars.last, let first = other.unicodeScalars.first else {
            // One of them is empty.
            self += other
            return
        }
        if !(last.isOfScriptWithoutBlanks && first.isOfScriptWithoutBlanks) { self += " " }
        self += other
    }
}

extension Sequence where Element: StringProtocol {
    /// The texts as one, with blanks where their script has them.
    var joinedAsWords: String { reduce(into: "") { $0.join($1) } }
}

extension Unicode.Scalar {
    /// Chinese, Japanese, Thai, Lao, Khmer and Burmese letters, and the punctuation of the first two.
    var isOfScriptWithoutBlanks: Bool {
        guard value >= 0x0E00 else { return false }
        switch value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x2E80...0x2FFF, 0x3000...0x30FF,
            0x31F0...0x31FF, 0x3400...0x9FFF,
            0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF:
            return true
        default: return false
        }
    }
}
