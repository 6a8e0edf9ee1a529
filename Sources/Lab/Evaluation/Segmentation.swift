/// Where a conversation is cut into parts, and how far two ways of cutting it are apart.
///
/// A segmentation has a flag for each utterance: whether a part ends with it. The last utterance ends a part. The
/// measures are those of NLTK's `pk` and `windowdiff` over the same flags.
package struct Segmentation: Sendable, Hashable {
    /// Whether a part ends with each utterance.
    package let ends: [Bool]

    /// Makes a segmentation of its flags.
    package init(ends: [Bool]) { self.ends = ends }

    /// Makes one of the lengths of the parts; none may be negative.
    package init(lengths: [Int]) {
        ends = lengths.flatMap { length in (0..<length).map { $0 == length - 1 } }
    }

    /// Cuts wherever the set of topics changes that are talked about.
    ///
    /// - Parameters:
    ///   - indices: numbers of the utterances, rising.
    ///   - topics: for each topic the ranges of utterances' numbers; they may overlap and leave gaps.
    package init(indices: [Int], topics: [[Range<Int>]]) {
        let talkedAbout = indices.map { index in
            Set(topics.indices.filter { topics[$0].contains { $0.contains(index) } })
        }
        ends = talkedAbout.indices.map { place in
            place + 1 == talkedAbout.count || talkedAbout[place] != talkedAbout[place + 1]
        }
    }

    /// Parts.
    package var count: Int { ends.count(where: \.self) }

    /// Half the mean length of the parts, rounded (a half to the even neighbour): the usual window of both measures.
    package var halfMeanLength: Int {
        Int((Double(ends.count) / (Double(max(count, 1)) * 2)).rounded(.toNearestOrEven))
    }

    /// Pk (Beeferman et al., 1999) of a hypothesis: 0 is best.
    ///
    /// The share of windows of `window` utterances in which one of both has an end and the other has none.
    package func pk(_ hypothesis: Segmentation, window: Int? = nil) -> Double {
        share(hypothesis, window: window ?? halfMeanLength) { ($0 > 0) != ($1 > 0) }
    }

    /// WindowDiff (Pevzner and Hearst, 2002) of a hypothesis: 0 is best.
    ///
    /// The share of windows of `window` utterances in which both have different numbers of ends.
    package func windowDiff(_ hypothesis: Segmentation, window: Int? = nil) -> Double {
        share(hypothesis, window: window ?? halfMeanLength) { $0 != $1 }
    }

    private func share(_ other: Segmentation, window: Int, where isWrong: (Int, Int) -> Bool) -> Double {
        precondition(
            ends.count == other.ends.count, "segmentations of the same conversation have the same length")
        precondition((0...ends.count).contains(window), "a window is not longer than the conversation")
        var counts = (
            ends.prefix(window).count(where: \.self), other.ends.prefix(window).count(where: \.self)
        )
        var wrong = isWrong(counts.0, counts.1) ? 1 : 0
        for first in 1..<max(1, ends.count - window + 1) {
            let last = first + window - 1
            counts.0 += (ends[last] ? 1 : 0) - (ends[first - 1] ? 1 : 0)
            counts.1 += (other.ends[last] ? 1 : 0) - (other.ends[first - 1] ? 1 : 0)
            if isWrong(counts.0, counts.1) { wrong += 1 }
        }
        return Double(wrong) / Double(ends.count - window + 1)
    }
}
