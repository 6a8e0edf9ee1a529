/// The overlap of a prediction with a reference, as precision, recall and their harmonic mean.
package struct RougeScore: Sendable, Hashable, Codable {
    /// The share of the prediction's units that the reference contains, 0 to 1.
    package var precision: Double
    /// The share of the reference's units that the prediction contains, 0 to 1.
    package var recall: Double
    /// The harmonic mean of precision and recall.
    package var f1: Double

    /// Creates a score from its parts; `f1` need not follow from the others, as in a mean of several scores.
    package init(precision: Double, recall: Double, f1: Double) {
        self.precision = precision
        self.recall = recall
        self.f1 = f1
    }

    /// The score of texts that have nothing in common.
    package static let zero = RougeScore(precision: 0, recall: 0, f1: 0)

    init(common: Int, predicted: Int, expected: Int) {
        precision = Double(common) / Double(max(predicted, 1))
        recall = Double(common) / Double(max(expected, 1))
        f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }

    static func mean(_ scores: [RougeScore]) -> RougeScore {
        let count = Double(max(scores.count, 1))
        return RougeScore(
            precision: scores.reduce(0) { $0 + $1.precision } / count,
            recall: scores.reduce(0) { $0 + $1.recall } / count,
            f1: scores.reduce(0) { $0 + $1.f1 } / count)
    }
}

/// ROUGE (Lin, 2004) of a prediction, as the Python package `rouge-score` 0.1.2 computes it.
package struct Rouge: Sendable, Hashable, Codable {
    /// The kinds of units that can be compared.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Single words.
        case rouge1
        /// Pairs of neighbouring words.
        case rouge2
        /// The longest common subsequence of words.
        case rougeL
        /// The union of the longest common subsequences of each pair of lines.
        case rougeLsum
    }

    /// The score for single words.
    package var rouge1: RougeScore
    /// The score for pairs of neighbouring words.
    package var rouge2: RougeScore
    /// The score for the longest common subsequence of words.
    package var rougeL: RougeScore
    /// The score for the longest common subsequences of lines.
    package var rougeLsum: RougeScore

    /// The score for a kind of unit.
    package subscript(_ kind: Kind) -> RougeScore {
        switch kind {
        case .rouge1: rouge1
        case .rouge2: rouge2
        case .rougeL: rougeL
        case .rougeLsum: rougeLsum
        }
    }

    /// Compares a prediction with one reference.
    package init(prediction: RougeText, reference: RougeText) {
        let pair = NumberedPair(prediction: prediction, reference: reference)
        rouge1 = pair.ngrams(1)
        rouge2 = pair.ngrams(2)
        rougeL = pair.longest()
        rougeLsum = pair.longestByLine()
    }

    /// The mean of the scores against each reference.
    package static func mean(prediction: String, references: [String], isStemmed: Bool) -> Rouge {
        let all = each(prediction: prediction, references: references, isStemmed: isStemmed)
        return Rouge { kind in RougeScore.mean(all.map { $0[kind] }) }
    }

    /// For each kind, the score against the reference with the largest F1, the first one if several are equal.
    package static func best(prediction: String, references: [String], isStemmed: Bool) -> Rouge {
        best(of: each(prediction: prediction, references: references, isStemmed: isStemmed))
    }

    /// The scores against each reference; there must be at least one.
    package static func each(prediction: String, references: [String], isStemmed: Bool) -> [Rouge] {
        precondition(!references.isEmpty, "there is nothing to compare with")
        let predicted = RougeText(prediction, isStemmed: isStemmed)
        return references.map { Rouge(prediction: predicted, reference: RougeText($0, isStemmed: isStemmed)) }
    }

    /// For each kind, the score with the largest F1 in `all`; zero if there are none.
    package static func best(of all: [Rouge]) -> Rouge {
        Rouge { kind in
            all.map { $0[kind] }.reduce(nil as RougeScore?) { best, next in
                best.map { next.f1 > $0.f1 ? next : $0 } ?? next
            } ?? .zero
        }
    }

    /// The mean of the scores for each kind; zero if there are none.
    package static func mean(of all: [Rouge]) -> Rouge {
        Rouge { kind in RougeScore.mean(all.map { $0[kind] }) }
    }

    private init(_ score: (Kind) -> RougeScore) {
        rouge1 = score(.rouge1)
        rouge2 = score(.rouge2)
        rougeL = score(.rougeL)
        rougeLsum = score(.rougeLsum)
    }
}

/// A prediction and a reference with their words as numbers: the reference's words are numbered from 0, and -1 stands
/// for any word that the reference does not contain.
private struct NumberedPair {
    private let predicted: [[Int32]]
    private let expected: [[Int32]]
    private var predictedWords: [Int32] { predicted.flatMap(\.self) }
    private var expectedWords: [Int32] { expected.flatMap(\.self) }

    init(prediction: RougeText, reference: RougeText) {
        var numbers: [String: Int32] = [:]
        expected = reference.lines.map { line in
            line.map { word in
                if let number = numbers[word] { return number }
                let number = Int32(numbers.count)
                numbers[word] = number
                return number
            }
        }
        predicted = prediction.lines.map { line in line.map { numbers[$0] ?? -1 } }
    }

    func ngrams(_ count: Int) -> RougeScore {
        let predictedWords = predictedWords
        let expectedWords = expectedWords
        var left: [[Int32]: Int] = [:]
        for ngram in Self.ngrams(expectedWords, count) { left[ngram, default: 0] += 1 }
        var common = 0
        for ngram in Self.ngrams(predictedWords, count) {
            guard let number = left[ngram], number > 0 else { continue }
            left[ngram] = number - 1
            common += 1
        }
        return RougeScore(
            common: common, predicted: max(0, predictedWords.count - count + 1),
            expected: max(0, expectedWords.count - count + 1))
    }

    private static func ngrams(_ words: [Int32], _ count: Int) -> some Sequence<[Int32]> {
        (0..<max(0, words.count - count + 1)).lazy.map { Array(words[$0..<($0 + count)]) }
    }

    func longest() -> RougeScore {
        let (predictedWords, expectedWords) = (predictedWords, expectedWords)
        return RougeScore(
            common: LongestCommonSubsequence.length(expectedWords, predictedWords),
            predicted: predictedWords.count, expected: expectedWords.count)
    }

    func longestByLine() -> RougeScore {
        let (predictedWords, expectedWords) = (predictedWords, expectedWords)
        var predictedLeft: [Int32: Int] = [:]
        var expectedLeft: [Int32: Int] = [:]
        for word in predictedWords { predictedLeft[word, default: 0] += 1 }
        for word in expectedWords { expectedLeft[word, default: 0] += 1 }
        var common = 0
        for line in expected {
            var union: Set<Int> = []
            for candidate in predicted {
                union.formUnion(LongestCommonSubsequence.places(reference: line, candidate: candidate))
            }
            // A word counts at most as often as it occurs in either text.
            for place in union.sorted() {
                let word = line[place]
                guard predictedLeft[word, default: 0] > 0, expectedLeft[word, default: 0] > 0 else {
                    continue
                }
                common += 1
                predictedLeft[word, default: 0] -= 1
                expectedLeft[word, default: 0] -= 1
            }
        }
        return RougeScore(common: common, predicted: predictedWords.count, expected: expectedWords.count)
    }
}
