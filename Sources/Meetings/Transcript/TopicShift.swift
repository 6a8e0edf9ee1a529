import Foundation
import Language

/// How likely a place between two utterances is the end of a topic.
///
/// What is said on both sides of it, in blocks of ``blockWords``, is compared by words and by speakers; the utterances
/// beside it are searched for cue phrases. A logistic regression weighs this.
struct TopicShift: Sendable, Hashable {
    /// The number of words in a block, a minute and a half of talk.
    static let blockWords = 225
    /// Within so many words before and after, only the likeliest place is the end of a topic.
    static let peakWords = 75
    /// The fewest words of a topic.
    static let shortestTopicWords = 150
    /// The fewest content words from which a block's subject can be told.
    static let fewestStems = 10

    /// Who spoke first in the meeting: mostly who chairs it.
    var opener: String?
    /// The length of a silence that counts as a pause, in seconds.
    let pauseSeconds: Double

    /// The log-odds that a topic ends before `spoken[place]`, above those from which on it does: positive if so.
    ///
    /// `spoken` has all utterances of both blocks, or begins and ends with the meeting; `place` lies inside. A value that
    /// is not positive only says that no topic ends there: how unlikely that is, it does not say.
    func logOdds(before place: Int, in spoken: [SpokenTraits]) -> Double {
        // Most places cannot be the end of a topic, whatever the blocks have in common.
        let beside = beside(place, in: spoken)
        let limit = beside + Self.mostAround
        return limit > 0 ? beside + around(place, in: spoken) : limit
    }

    /// The weighted evidence of the utterances beside a place.
    func beside(_ place: Int, in spoken: [SpokenTraits]) -> Double {
        Self.bias + Self.sum(evidence(beside: place, in: spoken), Self.besideWeights)
    }

    /// The weighted evidence of the blocks around a place.
    func around(_ place: Int, in spoken: [SpokenTraits]) -> Double {
        Self.sum(evidence(around: place, in: spoken), Self.aroundWeights)
    }

    private static func sum(_ evidence: [Double?], _ weights: [Weight]) -> Double {
        zip(evidence, weights).reduce(0) { $0 + ($1.0 ?? $1.1.usual) * $1.1.weight }
    }

    /// From the two utterances beside a place, for ``besideWeights``; nil where it is missing.
    ///
    /// Whether the opener speaks next, and has spoken last; whether another speaks next; the logarithm of the next
    /// one's words; the cues of both; the pause, 0 to 1.
    func evidence(beside place: Int, in spoken: [SpokenTraits]) -> [Double?] {
        let (last, next) = (spoken[place - 1], spoken[place])
        func isOpener(_ one: SpokenTraits) -> Double? {
            guard let opener, let speaker = one.speaker else { return nil }
            return speaker == opener ? 1 : 0
        }
        let changes: Double? =
            last.speaker == nil || next.speaker == nil ? nil : last.speaker == next.speaker ? 0 : 1
        let pause = next.silence.map { max(0, min(1, $0 / pauseSeconds)) } ?? 0
        return [isOpener(next), isOpener(last), changes, log(Double(next.wordCount))]
            + Self.flags(next.cues) + Self.flags(last.cues) + [pause]
    }

    private static func flags(_ cues: CuePhrases) -> [Double?] {
        CuePhrases.all.map { cues.contains($0) ? 1 : 0 }
    }

    /// From the blocks on both sides of a place, for ``aroundWeights``; nil where it is missing.
    ///
    /// The words that they have in common; the speakers that they have in common; how much of the second one its
    /// busiest speaker says. Each is 0 to 1.
    func evidence(around place: Int, in spoken: [SpokenTraits]) -> [Double?] {
        let before = Self.block(before: place, in: spoken)
        let after = Self.block(from: place, in: spoken)
        return [Self.cohesion(before, after)] + Self.speakers(before, after)
    }

    private static func cohesion(
        _ before: ArraySlice<SpokenTraits>, _ after: ArraySlice<SpokenTraits>
    ) -> Double? {
        func count(_ block: ArraySlice<SpokenTraits>) -> Int { block.reduce(0) { $0 + $1.stems.count } }
        guard min(count(before), count(after)) >= fewestStems else { return nil }
        return Similarity.cosine(before.lazy.flatMap(\.stems), after.lazy.flatMap(\.stems))
    }

    private static func speakers(
        _ before: ArraySlice<SpokenTraits>, _ after: ArraySlice<SpokenTraits>
    ) -> [Double?] {
        guard before.last?.speaker != nil, after.first?.speaker != nil else { return [nil, nil] }
        let (one, other) = (words(before), words(after))
        let (oneSum, otherSum) = (one.values.reduce(0, +), other.values.reduce(0, +))
        // These are integers, so the order of the dictionary does not change the sum.
        let common = one.reduce(0) { $0 + min($1.value * otherSum, other[$1.key, default: 0] * oneSum) }
        return [
            Double(common) / Double(oneSum * otherSum), Double(other.values.max() ?? 0) / Double(otherSum),
        ]
    }

    private static func words(_ block: ArraySlice<SpokenTraits>) -> [String?: Int] {
        block.reduce(into: [:]) { $0[$1.speaker, default: 0] += $1.wordCount }
    }

    /// The fewest utterances before `place` that have enough words.
    private static func block(before place: Int, in spoken: [SpokenTraits]) -> ArraySlice<SpokenTraits> {
        var start = place - 1
        while start > 0, spoken[place].wordsBefore - spoken[start].wordsBefore < blockWords { start -= 1 }
        return spoken[start..<place]
    }

    /// The fewest utterances from `place` on that have enough words.
    private static func block(from place: Int, in spoken: [SpokenTraits]) -> ArraySlice<SpokenTraits> {
        var end = place + 1
        while end < spoken.count, spoken[end].wordsBefore - spoken[place].wordsBefore < blockWords {
            end += 1
        }
        return spoken[place..<end]
    }
}
