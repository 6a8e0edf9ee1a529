/// Merges lines that a captioner wrote again each time they had grown.
///
/// This is done only in texts in which many lines grow, since people repeat themselves too; there even a first word alone
/// is taken for the beginning of what follows.
enum GrowingLines {
    /// The fewest growing lines, and their smallest share of all lines in percent.
    private static let minimumCount = 3
    private static let minimumPercent = 20
    /// Only lines of so many bytes are counted: `So` may begin two sentences.
    private static let tellingLength = 10

    /// Merges each growing line into one; returns how many lines were merged.
    static func merge(_ utterances: inout [Utterance]) -> Int {
        var growing: [Int] = []
        var telling = 0
        var last = utterances.first.map { letters(of: $0.text) } ?? []
        for index in utterances.indices.dropFirst() {
            let letters = letters(of: utterances[index].text)
            if utterances[index].speaker == utterances[index - 1].speaker,
                utterances[index].isWritten == utterances[index - 1].isWritten, grows(last, to: letters)
            {
                growing.append(index)
                if last.count >= tellingLength, letters.count > last.count { telling += 1 }
            }
            last = letters
        }
        guard telling >= minimumCount, telling * 100 >= (utterances.count - 1) * minimumPercent else {
            return 0
        }
        var next = growing.makeIterator()
        var growingIndex = next.next()
        // The place for the next one, which is never behind the place it is read from.
        var end = 0
        for index in utterances.indices {
            let utterance = utterances[index]
            if index == growingIndex {
                growingIndex = next.next()
                utterances[end - 1].text = utterance.text
                utterances[end - 1].end = utterance.end ?? utterances[end - 1].end
            } else {
                utterances[end] = utterance
                end += 1
            }
        }
        utterances.removeSubrange(end...)
        return growing.count
    }

    /// Whether a line begins with all of the one before it; the same long line again counts as well.
    private static func grows(_ shorter: [UInt8], to longer: [UInt8]) -> Bool {
        guard !shorter.isEmpty, longer.count >= shorter.count, longer.starts(with: shorter) else {
            return false
        }
        return longer.count > shorter.count || shorter.count >= tellingLength
    }

    /// The letters and digits in lower case, without what stands between them: a script may do without blanks, and a
    /// captioner changes commas.
    private static func letters(of text: String) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                key.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): key.append(byte | 0x20)
            case 0x80...: return letters(ofOther: text)
            default: break
            }
        }
        return key
    }

    private static func letters(ofOther text: String) -> [UInt8] {
        let letters = text.lowercased().unicodeScalars.filter {
            $0.properties.isAlphabetic || $0.properties.numericType != nil
        }
        return Array(String(String.UnicodeScalarView(letters)).utf8)
    }
}
