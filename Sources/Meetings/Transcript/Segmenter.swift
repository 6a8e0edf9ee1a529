/// Cuts a meeting into windows: each utterance into exactly one, in order, none empty.
///
/// Whether a window ends before an utterance is decided once ``SegmentationPolicy/lookAheadWords`` words have come,
/// counted from that utterance. The decision depends on the utterances of the window and of the look-ahead, on
/// ``SegmentationPolicy/contextUtterances`` before the window, on who spoke first, and on how the window before ended.
/// So a new segmenter that is given these, and the utterances from the first one of the window, makes the same
/// windows as one that was never stopped.
package struct Segmenter: Sendable, Hashable {
    /// When a window ends.
    package let policy: SegmentationPolicy
    /// The index that the open window will have.
    package private(set) var windowIndex: Int
    /// Sequence numbers of the utterances that are in no window yet.
    package private(set) var openRange: Range<Int>

    /// The context, then the open utterances.
    private var spoken: [SpokenTraits] = []
    private var lastUtterance: Utterance?
    private var shift: TopicShift
    /// The log-odds before each of `spoken`, as far as they were needed.
    ///
    /// Those near the end of the meeting are computed from what there was. If it goes on after all, they are not needed
    /// again: a topic has begun, and the shortest topic is longer than the reach of a peak.
    private var logOdds: [Double?] = []
    /// Tokens of the open utterances.
    private var openTokens: [Int] = []
    /// How many open utterances are certain to be in the open window.
    private var settledCount = 0
    /// Their tokens.
    private var settledTokens = 0
    /// Whether a topic begins with the open window.
    private var beginsTopic: Bool

    /// Starts a meeting, or goes on after `window`, the last one recorded.
    ///
    /// - Parameters:
    ///   - context: the utterances before the open window: ``SegmentationPolicy/contextUtterances`` or more, or all.
    ///   - opener: who spoke first in the meeting.
    package init(
        policy: SegmentationPolicy, after window: Window? = nil, context: [ReadUtterance] = [],
        opener: String? = nil
    ) {
        let first = window?.utterances.upperBound ?? 0
        precondition(context.count <= first && context.count >= min(first, policy.contextUtterances))
        self.policy = policy
        windowIndex = window.map { $0.index + 1 } ?? 0
        openRange = first..<first
        shift = TopicShift(opener: opener, pauseSeconds: policy.pauseSeconds)
        beginsTopic = window?.endsTopic ?? true
        for utterance in context { remember(utterance) }
    }

    /// How many of the open utterances are in the open window if nothing but its size ends it.
    package var fittingCount: Int {
        var (count, tokens) = (settledCount, settledTokens)
        while count < openTokens.count, count == 0 || tokens + openTokens[count] <= policy.maximumTokens {
            tokens += openTokens[count]
            count += 1
        }
        return count
    }

    /// Takes the next utterance, whose prompt text has `tokenCount` tokens; returns the windows that it closed.
    package mutating func add(_ utterance: ReadUtterance, tokenCount: Int) -> [Window] {
        precondition(tokenCount >= 0)
        if openRange.upperBound == 0 { shift.opener = utterance.utterance.speaker }
        remember(utterance)
        openTokens.append(tokenCount)
        openRange = openRange.lowerBound..<(openRange.upperBound + 1)
        return settle(lookAheadWords: policy.lookAheadWords)
    }

    /// Ends the meeting: decides what still waited for more words, and closes the last window.
    package mutating func close() -> [Window] {
        var closed = settle(lookAheadWords: 0)
        if settledCount > 0 { closed.append(closeSettled(.meetingEnd)) }
        return closed
    }

    // MARK: - Deciding

    /// Decides for each open utterance that is followed by enough words.
    private mutating func settle(lookAheadWords: Int) -> [Window] {
        var closed: [Window] = []
        while settledCount < openTokens.count {
            let place = contextCount + settledCount
            guard wordsEnd - spoken[place].wordsBefore >= lookAheadWords else { break }
            if settledCount > 0, let end = end(before: place) { closed.append(closeSettled(end)) }
            settledTokens += openTokens[settledCount]
            settledCount += 1
        }
        forget()
        return closed
    }

    private mutating func end(before place: Int) -> Window.End? {
        if policy.findsTopics, isTopicEnd(before: place) { return .topic }
        if settledTokens + openTokens[settledCount] > policy.maximumTokens { return .size }
        if settledTokens >= policy.minimumTokens, let silence = spoken[place].silence,
            silence >= policy.pauseSeconds
        {
            return .pause
        }
        return nil
    }

    /// Whether `place` looks like the end of a topic, and more so than any other place near it.
    private mutating func isTopicEnd(before place: Int) -> Bool {
        let words = spoken[place].wordsBefore
        if beginsTopic, words - spoken[contextCount].wordsBefore < TopicShift.shortestTopicWords {
            return false
        }
        let own = odds(before: place)
        guard own > 0 else { return false }
        var other = place - 1
        while other > 0, words - spoken[other].wordsBefore <= TopicShift.peakWords {
            if odds(before: other) > own { return false }
            other -= 1
        }
        other = place + 1
        while other < spoken.count, spoken[other].wordsBefore - words <= TopicShift.peakWords {
            if odds(before: other) > own { return false }
            other += 1
        }
        return true
    }

    private mutating func odds(before place: Int) -> Double {
        if let known = logOdds[place] { return known }
        let value = shift.logOdds(before: place, in: spoken)
        logOdds[place] = value
        return value
    }

    // MARK: - Remembering

    private var contextCount: Int { spoken.count - openTokens.count }

    private var wordsEnd: Int { spoken.last.map { $0.wordsBefore + $0.wordCount } ?? 0 }

    private mutating func remember(_ utterance: ReadUtterance) {
        spoken.append(
            SpokenTraits(utterance, after: lastUtterance, spoken.last, withWords: policy.findsTopics))
        logOdds.append(nil)
        lastUtterance = utterance.utterance
    }

    /// Forgets what lies further back than decisions look.
    private mutating func forget() {
        let end = contextCount
        var count = 0
        while count < end, wordsBefore(end) - wordsBefore(count + 1) >= policy.lookAheadWords { count += 1 }
        spoken.removeFirst(count)
        logOdds.removeFirst(count)
    }

    private func wordsBefore(_ place: Int) -> Int {
        place < spoken.count ? spoken[place].wordsBefore : wordsEnd
    }

    private mutating func closeSettled(_ end: Window.End) -> Window {
        let middle = openRange.lowerBound + settledCount
        let window = Window(
            index: windowIndex, utterances: openRange.lowerBound..<middle, tokenCount: settledTokens,
            closedBy: end)
        windowIndex += 1
        openRange = middle..<openRange.upperBound
        openTokens.removeFirst(settledCount)
        (settledCount, settledTokens) = (0, 0)
        beginsTopic = window.endsTopic
        return window
    }
}
