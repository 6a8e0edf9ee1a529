/// A division of a conversation into parts, which can be compared with another one.
///
/// A segmentation has a flag for each utterance: whether a part ends with it. The last utterance always ends a part.
/// The measures agree with NLTK's `pk` and `windowdiff` over the same flags.
package struct Segmentation: Sendable, Hashable {
    /// For each utterance, whether a part ends with it.
    package let ends: [Bool]

    /// Creates a segmentation from its flags, one for each utterance.
    package init(ends: [Bool]) { self.ends = ends }

    /// Creates a segmentation from the lengths of its parts, none of which may be negative.
    package init(lengths: [Int]) {
        ends = lengths.flatMap { length in (0..<length).map { $0 == length - 1 } }
    }

    /// Cuts a conversation wherever the set of current topics changes.
    ///
    /// - Parameters:
    ///   - indices: the numbers of the utterances, in ascending order.
    ///   - topics: for each topic, the ranges of utterances' numbers that belong to it; they may overlap and leave
    ///     gaps.
    package init(indices: [Int], topics: [[Range<Int>]]) {
        let talkedAbout = indices.map { index in
            Set(topics.indices.filter { topics[$0].contains { $0.contains(index) } })
        }
        ends = talkedAbout.indices.map { place in
            place + 1 == talkedAbout.count || talkedAbout[place] != talkedAbout[place + 1]
        }
    }

    /// The number of parts.
    package var count: Int { ends.count(where: \.self) }

    /// Half the mean length of the parts, rounded to the nearest integer (ties to even); the default window of both
    /// measures.
    package var halfMeanLength: Int {
        Int((Double(ends.count) / (Double(max(count, 1)) * 2)).rounded(.toNearestOrEven))
    }

    /// The measure Pk (Beeferman et al., 1999) of a hypothesis; 0 is best.
    ///
    /// It is the share of windows of `window` utterances in which one of the two has an end and the other has none.
    package func pk(_ hypothesis: Segmentation, window: Int? = nil) -> Double {
        share(hypothesis, window: window ?? halfMeanLength) { ($0 > 0) != ($1 > 0) }
    }

    /// The measure WindowDiff (Pevzner and Hearst, 2002) of a hypothesis; 0 is best.
    ///
    /// It is the share of windows of `window` utterances in which the two have different numbers of ends.
    package func windowDiff(_ hypothesis: Segmentation, window: Int? = nil) -> Double {
        share(hypothesis, window: window ?? halfMeanLength) { $0 != $1 }
    }

    private func share(_ other: Segmentation, window: Int, where isWrong: (Int, Int) -> Bool) -> Double {
        precondition(
            ends.count == other.ends.count, "both segmentations must be of the same conversation")
        precondition((0...ends.count).contains(window), "a window must not be longer than the conversation")
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
