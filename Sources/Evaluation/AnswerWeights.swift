/// What the answers drawn for one prompt are worth in training, by how they score against each other.
///
/// REINFORCE with the mean of the other draws as its baseline (Kool et al., 2019), on the draws that differ most.
public enum AnswerWeights {
    /// The draws to learn from, in their order, each with its score's distance from the mean of the others.
    ///
    /// Of draws with the same text the first is taken. Empty where all scores are equal.
    ///
    /// - Parameter count: take so many at most, the best and the worst; 2 or more.
    public static func extremes(of texts: [String], scores: [Double], count: Int) -> [(
        index: Int, weight: Double
    )] {
        precondition(texts.count == scores.count && count > 1)
        guard scores.count > 1 else { return [] }
        let sum = scores.reduce(0, +)
        var seen: Set<String> = []
        let distances = scores.indices.compactMap { index -> (index: Int, weight: Double)? in
            guard seen.insert(texts[index]).inserted else { return nil }
            return (index, scores[index] - (sum - scores[index]) / Double(scores.count - 1))
        }
        guard distances.contains(where: { abs($0.weight) > 1e-9 }) else { return [] }
        guard distances.count > count else { return distances }
        let ranked = distances.sorted { ($1.weight, $0.index) < ($0.weight, $1.index) }
        return (ranked.prefix((count + 1) / 2) + ranked.suffix(count / 2)).sorted { $0.index < $1.index }
    }
}
