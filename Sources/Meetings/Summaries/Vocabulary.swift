import Foundation
import Language
import Transcript

/// The terms of a field as they are spelled, and the ways in which captions get them wrong.
///
/// A text file has a term on each line, with wrong spellings behind a colon; `#` begins a comment:
///
///     Kubernetes: cooper netties, kubernetties
///     Gemma
package struct Vocabulary: Sendable, Hashable {
    /// A term.
    package struct Term: Sendable, Hashable {
        /// As it is spelled.
        package var spelling: String
        /// Its misspellings.
        package var variants: [String]
    }

    /// In the order of the file.
    package let terms: [Term]
    /// The term of each variant, by its words in lower case.
    private let corrections: [String: String]
    /// Words of the longest variant.
    private let longest: Int

    /// No terms.
    package static let none = Vocabulary(terms: [])

    private init(terms: [Term]) {
        self.terms = terms
        var corrections: [String: String] = [:]
        for term in terms {
            for variant in term.variants { corrections[Self.key(variant)] = term.spelling }
        }
        self.corrections = corrections
        longest = corrections.keys.map { $0.split(separator: " ").count }.max() ?? 0
    }

    /// Reads a vocabulary; `source` is what a complaint names, such as the file's path.
    ///
    /// Throws a ``MinutesError`` with line and reason.
    package init(text: String, source: String) throws(MinutesError) {
        var terms: [Term] = []
        var owners: [String: String] = [:]
        for (offset, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            func complaint(_ reason: String) -> MinutesError {
                MinutesError(.vocabulary, "\(source):\(offset + 1): \(reason)")
            }
            let line = line.prefix { $0 != "#" }.trimmingBlanks
            guard !line.isEmpty else { continue }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let spelling = parts[0].trimmingBlanks
            let variants =
                parts.count < 2
                ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingBlanks)
            guard !Self.key(spelling).isEmpty else { throw complaint("there is no term before the colon") }
            for variant in variants {
                let key = Self.key(variant)
                guard !key.isEmpty else {
                    throw complaint("a variant of '\(spelling)' is empty: separate them by single commas")
                }
                if let other = owners.updateValue(spelling, forKey: key), other != spelling {
                    throw complaint("'\(variant)' is a variant of '\(other)' already")
                }
            }
            terms.append(Term(spelling: spelling, variants: variants))
        }
        self.init(terms: terms)
    }

    /// Reads the file at `path`; throws a ``MinutesError`` that says what is wrong.
    package init(path: String) throws(MinutesError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw MinutesError(
                .vocabulary, "\(path): cannot be read; it has to be a text file with a term on each line")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw MinutesError(.vocabulary, "\(path): is not UTF-8 text; it has to have a term on each line")
        }
        try self.init(text: text, source: path)
    }

    /// `text` with all variants put right: whole words, in any case; of two that overlap the longer one.
    package func corrected(_ text: String) -> String {
        guard longest > 0 else { return text }
        let words = Self.words(text)
        var result = ""
        var (place, copied) = (0, text.startIndex)
        while place < words.count {
            let most = min(longest, words.count - place)
            let match = stride(from: most, through: 1, by: -1).lazy.compactMap { count in
                corrections[Self.key(text[words[place].lowerBound..<words[place + count - 1].upperBound])]
                    .map { (count: count, spelling: $0) }
            }.first
            guard let match else {
                place += 1
                continue
            }
            result += text[copied..<words[place].lowerBound] + match.spelling
            copied = words[place + match.count - 1].upperBound
            place += match.count
        }
        return result + text[copied...]
    }

    /// `utterance` with its text put right.
    package func corrected(_ utterance: Utterance) -> Utterance {
        var utterance = utterance
        utterance.text = corrected(utterance.text)
        return utterance
    }

    private static func key(_ text: some StringProtocol) -> String {
        text.lowercased().split { !isPart($0) }.joined(separator: " ")
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "'’-+&".contains(character)
    }

    /// The ranges of runs of characters that make words.
    private static func words(_ text: String) -> [Range<String.Index>] {
        var words: [Range<String.Index>] = []
        var start: String.Index?
        for index in text.indices {
            if isPart(text[index]) {
                start = start ?? index
            } else if let begun = start {
                words.append(begun..<index)
                start = nil
            }
        }
        if let start { words.append(start..<text.endIndex) }
        return words
    }
}
