/// Chooses among several answers to one question the one that the others agree with most.
///
/// This is minimum Bayes risk decoding (Kumar and Byrne, 2004) with ROUGE as the gain. Something that only one of the
/// answers says is likely to be made up.
package enum Consensus {
    /// The index of the answer with the highest mean F1 of ROUGE-1, -2 and -L against the others, the first one if
    /// several are equal.
    ///
    /// `answers` must not be empty.
    package static func index(of answers: [String]) -> Int {
        precondition(!answers.isEmpty, "there is nothing to choose from")
        let texts = answers.map { RougeText($0, isStemmed: true) }
        var agreement = [Double](repeating: 0, count: texts.count)
        for one in texts.indices {
            for other in texts.indices.dropFirst(one + 1) {
                // F1 is symmetric, so one comparison serves both answers.
                let rouge = Rouge(prediction: texts[one], reference: texts[other])
                let gain = rouge.rouge1.f1 + rouge.rouge2.f1 + rouge.rougeL.f1
                agreement[one] += gain
                agreement[other] += gain
            }
        }
        let most = agreement.max() ?? 0
        return agreement.firstIndex(of: most) ?? 0
    }
}
