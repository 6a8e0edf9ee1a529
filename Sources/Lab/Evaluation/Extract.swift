/// Summaries that quote: what a model has to beat.
package enum Extract {
    /// Units that an extract takes.
    package static let unitCount = 3

    /// The first utterances.
    package static func lead(_ utterances: [String], count: Int = unitCount) -> [String] {
        Array(utterances.prefix(count))
    }

    /// The utterances with most words, in their order; of several of the same length the first.
    package static func longest(_ utterances: [String], count: Int = unitCount) -> [String] {
        best(utterances.map { Double(RougeText($0, isStemmed: false).words.count) }, count: count).map {
            utterances[$0]
        }
    }

    /// Numbers of the sentences that TextRank ranks first, rising.
    package static func textRank(_ sentences: [String], count: Int = unitCount) -> [Int] {
        best(TextRank.scores(sentences), count: count)
    }

    /// Numbers of the `count` largest scores, rising.
    private static func best(_ scores: [Double], count: Int) -> [Int] {
        scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(count).sorted()
    }
}
