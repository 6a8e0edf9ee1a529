/// The longest common subsequence of two lists of words, given as numbers.
enum LongestCommonSubsequence {
    /// The length of the longest common subsequence.
    static func length(_ one: [Int32], _ other: [Int32]) -> Int {
        guard !one.isEmpty, !other.isEmpty else { return 0 }
        var row = [Int](repeating: 0, count: other.count + 1)
        for word in one {
            var diagonal = 0
            for (index, candidate) in other.enumerated() {
                let above = row[index + 1]
                row[index + 1] = word == candidate ? diagonal + 1 : max(above, row[index])
                diagonal = above
            }
        }
        return row[other.count]
    }

    /// The positions in `reference`, in descending order, of the longest common subsequence that `rouge-score` finds.
    static func places(reference: [Int32], candidate: [Int32]) -> [Int] {
        let columns = candidate.count + 1
        // [reference.count + 1, candidate.count + 1]
        var table = [Int32](repeating: 0, count: (reference.count + 1) * columns)
        for (row, word) in reference.enumerated() {
            let above = row * columns
            for (column, other) in candidate.enumerated() {
                table[above + columns + column + 1] =
                    word == other
                    ? table[above + column] + 1
                    : max(table[above + column + 1], table[above + columns + column])
            }
        }
        var (row, column) = (reference.count, candidate.count)
        var places: [Int] = []
        while row > 0, column > 0 {
            if reference[row - 1] == candidate[column - 1] {
                places.append(row - 1)
                row -= 1
                column -= 1
            } else if table[row * columns + column - 1] > table[(row - 1) * columns + column] {
                column -= 1
            } else {
                row -= 1
            }
        }
        return places
    }
}
