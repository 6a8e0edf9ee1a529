import Foundation
import Language

/// TextRank (Mihalcea and Tarau, 2004): sentences vote for those that are like them.
package enum TextRank {
    static let damping = 0.85
    static let tolerance = 1e-8
    static let iterationLimit = 200

    /// A score for each sentence; their mean is 1.
    ///
    /// Sentences are joined by an edge that weighs the number of different content words they share, divided by the
    /// sum of the logarithms of their lengths in words. The scores are those of the walk that follows edges by weight,
    /// and with a probability of 0.15 starts anywhere; it is iterated until no score changes any more.
    package static func scores(_ sentences: [String]) -> [Double] {
        let graph = Graph(sentences)
        var scores = [Double](repeating: 1, count: sentences.count)
        for _ in 0..<iterationLimit {
            let next = graph.step(scores)
            let change = zip(scores, next).map { abs($0 - $1) }.max() ?? 0
            scores = next
            if change < tolerance { break }
        }
        return scores
    }

    struct Graph {
        struct Edge {
            var to: Int
            var weight: Double
        }

        /// The edges of each sentence; each edge stands with both of its ends.
        private(set) var edges: [[Edge]]
        private var sums: [Double]

        init(_ sentences: [String]) {
            let words = sentences.map { Set(TextWords.content($0)) }
            // All words count here: by content words alone, "Thanks, Ann" would be a word long and close to everything.
            let logarithms = sentences.map { log(Double(RougeText($0, isStemmed: false).words.count)) }
            var sentencesWith: [String: [Int]] = [:]
            edges = []
            for (number, own) in words.enumerated() {
                var common: [Int: Int] = [:]
                for word in own {
                    for other in sentencesWith[word, default: []] { common[other, default: 0] += 1 }
                    sentencesWith[word, default: []].append(number)
                }
                edges.append([])
                for (other, count) in common.sorted(by: { $0.key < $1.key }) {
                    let lengths = logarithms[number] + logarithms[other]
                    // Two sentences of one word each: they would weigh infinitely much.
                    guard lengths > 0 else { continue }
                    edges[number].append(Edge(to: other, weight: Double(count) / lengths))
                    edges[other].append(Edge(to: number, weight: Double(count) / lengths))
                }
            }
            sums = edges.map { $0.reduce(0) { $0 + $1.weight } }
        }

        /// One step of the walk; what sentences without edges have is shared out among all.
        func step(_ scores: [Double]) -> [Double] {
            let idle =
                zip(scores, sums).reduce(0) { $0 + ($1.1 > 0 ? 0 : $1.0) } / Double(max(1, scores.count))
            return edges.map { own in
                let votes = own.reduce(0) { $0 + $1.weight / sums[$1.to] * scores[$1.to] }
                return (1 - TextRank.damping) + TextRank.damping * (votes + idle)
            }
        }
    }
}
