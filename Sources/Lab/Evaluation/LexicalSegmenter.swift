import Language

/// TextTiling (Hearst, 1997), which cuts a conversation where the words before and after have the least in common.
package enum LexicalSegmenter {
    /// The block size that suits meetings, which have short utterances and long topics.
    package static let usualBlockSize = 80

    /// Cuts `utterances` into parts by comparing the `blockSize` utterances before and after each place.
    package static func segment(_ utterances: [String], blockSize: Int = usualBlockSize) -> Segmentation {
        precondition(blockSize > 0)
        let words = utterances.map(ReadText.stems(of:))
        let likeness = words.indices.dropLast().map { last in
            Similarity.cosine(
                words[max(0, last + 1 - blockSize)...last].joined(),
                words[(last + 1)..<min(words.count, last + 1 + blockSize)].joined())
        }
        let depths = likeness.indices.map { depth(likeness, at: $0) }
        let mean = depths.reduce(0, +) / Double(max(1, depths.count))
        let variance = depths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, depths.count))
        let cutoff = mean + variance.squareRoot()
        var ends = [Bool](repeating: false, count: utterances.count)
        if !ends.isEmpty { ends[ends.count - 1] = true }
        for place in depths.indices where depths[place] > cutoff {
            // Of several valleys close to each other, only the deepest is a cut.
            let near = max(0, place - blockSize)...min(depths.count - 1, place + blockSize)
            let isDeepest = near.allSatisfy { other in
                depths[other] < depths[place] || depths[other] == depths[place] && other >= place
            }
            if isDeepest { ends[place] = true }
        }
        return Segmentation(ends: ends)
    }

    /// How deep a valley is: by how much the likeness rises on both sides of a place before it falls again.
    private static func depth(_ likeness: [Double], at place: Int) -> Double {
        var (left, right) = (place, place)
        while left > 0, likeness[left - 1] >= likeness[left] { left -= 1 }
        while right + 1 < likeness.count, likeness[right + 1] >= likeness[right] { right += 1 }
        return likeness[left] + likeness[right] - 2 * likeness[place]
    }
}
