/// Summaries that only quote the source: the baselines that a model has to beat.
package enum Extract {
    /// The number of utterances or sentences in an extract.
    package static let unitCount = 3

    /// The first `count` utterances.
    package static func lead(_ utterances: [String], count: Int = unitCount) -> [String] {
        Array(utterances.prefix(count))
    }

    /// The `count` utterances with the most words, in the order of the source; of equally long ones, the first are
    /// taken.
    package static func longest(_ utterances: [String], count: Int = unitCount) -> [String] {
        best(utterances.map { Double(RougeText($0, isStemmed: false).words.count) }, count: count).map {
            utterances[$0]
        }
    }

    /// The indices of the `count` sentences with the highest TextRank scores, in ascending order.
    package static func textRank(_ sentences: [String], count: Int = unitCount) -> [Int] {
        best(TextRank.scores(sentences), count: count)
    }

    /// The indices of the `count` largest scores, in ascending order.
    private static func best(_ scores: [Double], count: Int) -> [Int] {
        scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(count).sorted()
    }
}
