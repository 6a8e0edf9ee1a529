import Foundation
import Language

/// TextRank (Mihalcea and Tarau, 2004), which ranks sentences by how similar they are to other important sentences.
package enum TextRank {
    static let damping = 0.85
    static let tolerance = 1e-8
    static let iterationLimit = 200

    /// The score of each sentence; the mean of all scores is 1.
    ///
    /// The weight of the edge between two sentences is the number of distinct content words that they share, divided by
    /// the sum of the logarithms of their lengths in words. A random walk follows edges in proportion to their weights,
    /// and with a probability of 0.15 jumps to any sentence; the scores are proportional to how often it visits a
    /// sentence. They are iterated until they no longer change, or 200 times.
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

        /// The edges of each sentence; each edge is listed with both sentences that it joins.
        private(set) var edges: [[Edge]]
        private var sums: [Double]

        init(_ sentences: [String]) {
            let words = sentences.map { Set(ReadText.stems(of: $0)) }
            // The length counts all words: counting only content words, "Thanks, Ann" would have one word and be close
            // to all.
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
                    // The edge between two sentences of one word each would have infinite weight.
                    guard lengths > 0 else { continue }
                    edges[number].append(Edge(to: other, weight: Double(count) / lengths))
                    edges[other].append(Edge(to: number, weight: Double(count) / lengths))
                }
            }
            sums = edges.map { $0.reduce(0) { $0 + $1.weight } }
        }

        /// One step of the walk; the scores of sentences without edges are distributed evenly among all sentences.
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
