/// Cuts a meeting into windows: each utterance into exactly one, in order, none empty.
///
/// What it decides depends on the utterances since the last window's end alone. So a segmenter made with the
/// next window's index and first sequence number, and given the utterances from there on, cuts as one that
/// never stopped.
public struct Segmenter: Sendable, Hashable {
    /// When a window ends.
    public let policy: SegmentationPolicy
    /// The index that the open window will have.
    public private(set) var windowIndex: Int
    /// Sequence numbers of the utterances that are in no window yet.
    public private(set) var openRange: Range<Int>
    /// Their tokens.
    public private(set) var openTokenCount = 0

    /// The latest moment known to be spoken in, within the open window; seconds.
    private var spokenUntil: Double?

    /// Speaking takes about so long a token: 150 words a minute, 1.3 tokens a word.
    static let secondsPerToken = 0.3

    /// Starts with the window `firstWindow`, whose first utterance is `firstSequence`.
    public init(policy: SegmentationPolicy, firstWindow: Int = 0, firstSequence: Int = 0) {
        precondition(firstWindow >= 0 && firstSequence >= 0)
        self.policy = policy
        windowIndex = firstWindow
        openRange = firstSequence..<firstSequence
    }

    /// Goes on after `window`, the last one recorded.
    public init(policy: SegmentationPolicy, after window: Window?) {
        self.init(
            policy: policy, firstWindow: window.map { $0.index + 1 } ?? 0,
            firstSequence: window?.utterances.upperBound ?? 0)
    }

    /// Takes the next utterance, whose prompt text has `tokenCount` tokens; returns the windows that it
    /// closed.
    ///
    /// Two are closed at once by an utterance that is larger than a window: the open one, and its own.
    public mutating func add(_ utterance: Utterance, tokenCount: Int) -> [Window] {
        precondition(tokenCount >= 0)
        var closed: [Window] = []
        if !openRange.isEmpty {
            if openTokenCount + tokenCount > policy.maximumTokens {
                closed.append(closeOpen(.size))
            } else if isPause(before: utterance), openTokenCount >= policy.minimumTokens {
                closed.append(closeOpen(.pause))
            }
        }
        openRange = openRange.lowerBound..<(openRange.upperBound + 1)
        openTokenCount += tokenCount
        noteTimes(utterance, tokenCount: tokenCount)
        if openTokenCount > policy.maximumTokens { closed.append(closeOpen(.size)) }
        return closed
    }

    /// Ends the meeting: the open window, or nil if nothing is open.
    public mutating func close() -> Window? {
        openRange.isEmpty ? nil : closeOpen(.meetingEnd)
    }

    private func isPause(before utterance: Utterance) -> Bool {
        guard let start = utterance.start, let spokenUntil else { return false }
        return start - spokenUntil >= policy.pauseSeconds
    }

    private mutating func noteTimes(_ utterance: Utterance, tokenCount: Int) {
        // Without an end time a long turn would look like a pause: its length is estimated.
        let end = utterance.end ?? utterance.start.map { $0 + Double(tokenCount) * Self.secondsPerToken }
        // The last one counts, not the latest: a chunk may start its times anew.
        if let end { spokenUntil = end }
    }

    private mutating func closeOpen(_ end: Window.End) -> Window {
        let window = Window(
            index: windowIndex, utterances: openRange, tokenCount: openTokenCount, closedBy: end)
        windowIndex += 1
        openRange = openRange.upperBound..<openRange.upperBound
        openTokenCount = 0
        spokenUntil = nil
        return window
    }
}
