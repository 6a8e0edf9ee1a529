import CICU
import Synchronization

/// A word of a text in the form in which it is searched, the same in every language.
package struct SearchWord: Sendable, Hashable {
    /// Folded and without accents, of letters and digits alone; in scripts without blanks a character with the one behind
    /// it, so that a word is found wherever its characters stand.
    package let form: String
    /// UTF-8 offsets of the word that it is in.
    package let range: Range<Int>
    /// Whether it is a character of such a script that none follows.
    package let isLastCharacter: Bool

    /// The words of `text`, as ICU cuts them, but for what joins two (`l'équipe`).
    ///
    /// From any thread.
    package static func read(_ text: String) -> [SearchWord] {
        let reader = idle.withLock { $0.popLast() } ?? SearchWordReader()
        defer { idle.withLock { $0.append(reader) } }
        return reader.read(text)
    }

    /// What forms depend on, besides the text: forms that were made by other rules may differ.
    package static let rules: String = {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = cicu_version(&bytes, Int32(bytes.count))
        return "1, ICU " + Folding.string(bytes, max(0, count))
    }()

    // Guards: readers that nobody uses.
    private static let idle = Mutex<[SearchWordReader]>([])
}

/// Something that is looked for: words that stand together.
package struct SearchTerm: Sendable, Hashable {
    /// Forms of ``SearchWord``, in order.
    package let forms: [String]
    /// Whether a longer word that begins with the last form is meant too.
    package let isPrefix: Bool

    /// What `query` looks for: words, `begin*`, and `"words that stand together"`; none if it has no word.
    package static func terms(of query: String) -> [SearchTerm] {
        query.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { number, part in
            // Between two marks every other part stands.
            number % 2 == 1 ? [part] : part.split(whereSeparator: \.isWhitespace)
        }.compactMap { SearchTerm(String($0)) }
    }

    private init?(_ text: String) {
        let words = SearchWord.read(text)
        guard let last = words.last else { return nil }
        var forms = words.map(\.form)
        var isPrefix = text.hasSuffix("*")
        if last.isLastCharacter {
            // In the text another character may follow it.
            let before = forms.dropLast().last?.unicodeScalars
            if before?.count == 2, before?.last == last.form.unicodeScalars.first {
                forms.removeLast()
            } else {
                isPrefix = true
            }
        }
        (self.forms, self.isPrefix) = (forms, isPrefix)
    }

    /// Where it stands in `words`: the places of its first word.
    package func places(in words: [SearchWord]) -> [Int] {
        guard words.count >= forms.count else { return [] }
        return (0...words.count - forms.count).filter { place in
            forms.indices.allSatisfy { index in
                let form = words[place + index].form
                return form == forms[index]
                    || isPrefix && index == forms.count - 1 && form.hasPrefix(forms[index])
            }
        }
    }
}

/// Cuts texts into the words that are searched.
///
/// @unchecked: ICU's breakers have a state; ``SearchWord/read(_:)`` lends a reader to one thread and takes it back.
private final class SearchWordReader: @unchecked Sendable {
    private enum Piece {
        case word(String)
        /// Characters of scripts without blanks.
        case run([Unicode.Scalar])
    }

    private let breaker = cicu_breaker_open(LanguageCode.undetermined.rawValue)
    /// What words are made of; emptied when it is full.
    private var known: [String: [Piece]] = [:]
    private static let knownLimit = 30_000

    deinit { cicu_breaker_close(breaker) }

    func read(_ text: String) -> [SearchWord] {
        var text = text
        text.makeContiguousUTF8()
        let units = TextUnits(text)
        let bounds = breaker.map(units.wordBounds) ?? []
        var words: [SearchWord] = []
        words.reserveCapacity(bounds.count / 2)
        var run: [(scalar: Unicode.Scalar, range: Range<Int>)] = []
        var end = 0
        func endRun() {
            for (index, (scalar, range)) in run.enumerated() {
                var form = String.UnicodeScalarView([scalar])
                let isLast = index == run.count - 1
                if !isLast { form.append(run[index + 1].scalar) }
                words.append(SearchWord(form: String(form), range: range, isLastCharacter: isLast))
            }
            run.removeAll(keepingCapacity: true)
        }
        for place in stride(from: 0, to: bounds.count - 1, by: 2) {
            let range = units.bytes(Int(bounds[place])..<Int(bounds[place + 1]))
            if range.lowerBound != end { endRun() }
            end = range.upperBound
            for piece in pieces(of: text.part(range)) {
                switch piece {
                case .word(let form):
                    endRun()
                    words.append(SearchWord(form: form, range: range, isLastCharacter: false))
                case .run(let scalars): run += scalars.map { ($0, range) }
                }
            }
        }
        endRun()
        return words
    }

    private func pieces(of word: String) -> [Piece] {
        if let pieces = known[word] { return pieces }
        let pieces = make(word)
        if known.count >= Self.knownLimit { known.removeAll(keepingCapacity: true) }
        known[word] = pieces
        return pieces
    }

    private func make(_ word: String) -> [Piece] {
        var pieces: [Piece] = []
        var letters = String.UnicodeScalarView()
        var run: [Unicode.Scalar] = []
        func end() {
            if !letters.isEmpty { pieces.append(.word(String(letters))) }
            if !run.isEmpty { pieces.append(.run(run)) }
            letters = String.UnicodeScalarView()
            run = []
        }
        for scalar in Folding.unaccented(Folding.fold(word, language: .undetermined)).unicodeScalars {
            if scalar.isOfScriptWithoutBlanks {
                if !letters.isEmpty { end() }
                run.append(scalar)
            } else {
                if !run.isEmpty { end() }
                if scalar.isSearched { letters.append(scalar) } else { end() }
            }
        }
        end()
        return pieces
    }
}

extension Folding {
    /// A folded word without accents.
    static func unaccented(_ folded: String) -> String {
        // Above U+2E80 no character has one.
        guard folded.unicodeScalars.contains(where: { (0x80..<0x2E80).contains($0.value) }) else {
            return folded
        }
        let units = Array(folded.utf16)
        var bytes = [CChar](repeating: 0, count: 12 * units.count + 16)
        let count = cicu_unaccent(units, Int32(units.count), &bytes, Int32(bytes.count))
        guard count >= 0 else { return folded }
        var scalars = String.UnicodeScalarView()
        for scalar in string(bytes, count).unicodeScalars {
            if let plain = plainLetters[scalar] {
                scalars.append(contentsOf: plain.unicodeScalars)
            } else {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// Letters that are one with their stroke, or with each other.
    private static let plainLetters: [Unicode.Scalar: String] = [
        "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i",
    ]
}

extension Unicode.Scalar {
    /// Whether it can be a part of a form: letters, digits and their marks.
    fileprivate var isSearched: Bool {
        if value < 0x80 {
            return (0x30...0x39).contains(value) || (0x41...0x5A).contains(value)
                || (0x61...0x7A).contains(value)
        }
        if properties.isAlphabetic { return true }
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            return true
        default: return false
        }
    }

    /// Whether words of its script are not parted by blanks, or (in Korean) have endings written together with them.
    fileprivate var isOfScriptWithoutBlanks: Bool {
        switch value {
        case 0..<0xE00: false
        case 0xE00...0xEFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF: true
        case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3040...0x30FF, 0x3130...0x318F, 0x31F0...0x31FF: true
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0x20000...0x3FFFF: true
        default: false
        }
    }
}
