/// The extract that is closest to the references, which is about the best that a system can do that only quotes.
package enum OracleExtract {
    /// Selects at most `count` units greedily, as long as one improves the score; returns them in the order of the
    /// source.
    ///
    /// Each step takes the unit that raises the mean F1 of words and of pairs of words most (Nallapati et al., 2017).
    package static func units(_ units: [String], references: [String], count: Int = Extract.unitCount)
        -> [String]
    {
        var counts = references.map { Counts(RougeText($0, isStemmed: true).words) }
        let words = units.map { RougeText($0, isStemmed: true).words }
        var taken: [Int] = []
        var best = 0.0
        while taken.count < count {
            var next: Int?
            for number in units.indices where !taken.contains(number) {
                let gain = counts.reduce(0) { $0 + $1.f1(with: words[number]) }
                if gain > best + 1e-12 { (best, next) = (gain, number) }
            }
            guard let next else { break }
            taken.append(next)
            for place in counts.indices { counts[place].take(words[next]) }
        }
        return taken.sorted().map { units[$0] }
    }

    /// The units of one reference that are not matched yet, and counts of what has been selected so far.
    private struct Counts {
        private var left: [[String]: Int] = [:]
        private var expected = (words: 0, pairs: 0)
        private var taken = (words: 0, pairs: 0)
        private var common = (words: 0, pairs: 0)

        init(_ words: [String]) {
            for unit in Self.units(words) { left[unit, default: 0] += 1 }
            expected = (words.count, max(0, words.count - 1))
        }

        private static func units(_ words: [String]) -> [[String]] {
            words.map { [$0] } + zip(words, words.dropFirst()).map { [$0, $1] }
        }

        private func found(_ words: [String]) -> (words: Int, pairs: Int) {
            var seen: [[String]: Int] = [:]
            var found = (words: 0, pairs: 0)
            for unit in Self.units(words) {
                guard let available = left[unit], seen[unit, default: 0] < available else { continue }
                seen[unit, default: 0] += 1
                if unit.count == 1 { found.words += 1 } else { found.pairs += 1 }
            }
            return found
        }

        /// The sum of the F1 of words and of pairs if `words` were selected as well.
        func f1(with words: [String]) -> Double {
            let found = found(words)
            func f1(_ common: Int, _ predicted: Int, _ expected: Int) -> Double {
                predicted + expected > 0 ? 2 * Double(common) / Double(predicted + expected) : 0
            }
            return f1(common.words + found.words, taken.words + words.count, expected.words)
                + f1(common.pairs + found.pairs, taken.pairs + max(0, words.count - 1), expected.pairs)
        }

        mutating func take(_ words: [String]) {
            let found = found(words)
            for unit in Self.units(words) {
                if let available = left[unit], available > 0 { left[unit] = available - 1 }
            }
            taken = (taken.words + words.count, taken.pairs + max(0, words.count - 1))
            common = (common.words + found.words, common.pairs + found.pairs)
        }
    }
}
