/// How alike two stretches of talk are.
package enum Similarity {
    /// How much two stretches of talk have in common: the cosine of the counts of their words, 0 to 1.
    ///
    /// 0 if one of them has no words.
    package static func cosine<Word: Hashable>(
        _ one: some Sequence<Word>, _ other: some Sequence<Word>
    ) -> Double {
        func counts(_ words: some Sequence<Word>) -> [Word: Int] {
            words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        func square(_ counts: [Word: Int]) -> Double { Double(counts.values.reduce(0) { $0 + $1 * $1 }) }
        let (one, other) = (counts(one), counts(other))
        // Whole numbers: the order in which a dictionary gives them makes no difference.
        let common = one.reduce(0) { $0 + $1.value * other[$1.key, default: 0] }
        let lengths = (square(one) * square(other)).squareRoot()
        return lengths > 0 ? Double(common) / lengths : 0
    }
}
