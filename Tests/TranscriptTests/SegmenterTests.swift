import Testing
import Transcript

@Suite struct SegmenterTests {
    private struct Meeting {
        var utterances: [Utterance] = []
        var tokens: [Int] = []
        let policy: SegmentationPolicy

        init(seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            policy = SegmentationPolicy(
                maximumTokens: Int.random(in: 1...300, using: &generator),
                minimumTokens: Int.random(in: 0...120, using: &generator),
                pauseSeconds: Double.random(in: 1...40, using: &generator))
            var clock = 0.0
            let timed = Int.random(in: 0...3, using: &generator)
            for line in 0..<Int.random(in: 0...120, using: &generator) {
                clock += Double.random(in: -3...50, using: &generator)
                let start = timed == 0 || Int.random(in: 0...5, using: &generator) == 0 ? nil : max(0, clock)
                let end = timed == 1 ? nil : start.map { $0 + Double.random(in: 0...20, using: &generator) }
                utterances.append(
                    Utterance(
                        start: start, end: end, text: "x", source: SourcePosition(name: "m", line: line + 1)))
                tokens.append(Int.random(in: 0...400, using: &generator) / (line % 5 + 1))
            }
        }

        func windows(from segmenter: Segmenter) -> [Window] {
            var segmenter = segmenter
            var windows: [Window] = []
            for index in segmenter.openRange.lowerBound..<utterances.count {
                windows += segmenter.add(utterances[index], tokenCount: tokens[index])
            }
            if let last = segmenter.close() { windows.append(last) }
            return windows
        }
    }

    @Test(arguments: 0..<300)
    func everyUtteranceIsInOneWindowWithinBounds(seed: Int) {
        let meeting = Meeting(seed: UInt64(seed))
        let windows = meeting.windows(from: Segmenter(policy: meeting.policy))
        #expect(windows.map(\.index) == Array(0..<windows.count))
        #expect(windows.flatMap { Array($0.utterances) } == Array(0..<meeting.utterances.count))
        for window in windows {
            #expect(!window.utterances.isEmpty)
            #expect(window.tokenCount == meeting.tokens[window.utterances].reduce(0, +))
            #expect(window.tokenCount <= meeting.policy.maximumTokens || window.utterances.count == 1)
            if window.closedBy == .pause { #expect(window.tokenCount >= meeting.policy.minimumTokens) }
            #expect((window.closedBy == .meetingEnd) == false || window == windows.last)
        }
    }

    @Test(arguments: 0..<300)
    func goingOnAfterAnyWindowCutsTheSame(seed: Int) {
        let meeting = Meeting(seed: UInt64(seed))
        let windows = meeting.windows(from: Segmenter(policy: meeting.policy))
        for (index, window) in windows.enumerated() {
            let rest = meeting.windows(from: Segmenter(policy: meeting.policy, after: window))
            #expect(rest == Array(windows[(index + 1)...]))
        }
    }

    private func spoken(_ start: Double?, _ end: Double?) -> Utterance {
        Utterance(start: start, end: end, text: "x", source: SourcePosition(name: "m", line: 1))
    }

    @Test func aPauseClosesWhatIsLongEnough() {
        let policy = SegmentationPolicy(maximumTokens: 100, minimumTokens: 20, pauseSeconds: 10)
        var segmenter = Segmenter(policy: policy)
        #expect(segmenter.add(spoken(0, 5), tokenCount: 10).isEmpty)
        #expect(segmenter.add(spoken(30, 35), tokenCount: 10).isEmpty, "too short for a pause")
        #expect(segmenter.add(spoken(44.9, 46), tokenCount: 10).isEmpty, "not a pause")
        let closed = segmenter.add(spoken(56, 58), tokenCount: 10)
        #expect(closed == [Window(index: 0, utterances: 0..<3, tokenCount: 30, closedBy: .pause)])
        #expect(segmenter.openRange == 3..<4 && segmenter.openTokenCount == 10 && segmenter.windowIndex == 1)
    }

    @Test func aLongTurnWithoutEndTimeIsNoPause() {
        let policy = SegmentationPolicy(maximumTokens: 1000, minimumTokens: 0, pauseSeconds: 10)
        var segmenter = Segmenter(policy: policy)
        #expect(segmenter.add(spoken(0, nil), tokenCount: 200).isEmpty)
        #expect(segmenter.add(spoken(65, nil), tokenCount: 10).isEmpty)
        #expect(segmenter.add(spoken(90, nil), tokenCount: 10).map(\.closedBy) == [.pause])
    }

    @Test func anUtteranceLargerThanAWindowHasItsOwn() {
        var segmenter = Segmenter(policy: SegmentationPolicy(maximumTokens: 50, minimumTokens: 0))
        #expect(segmenter.add(spoken(nil, nil), tokenCount: 20).isEmpty)
        let closed = segmenter.add(spoken(nil, nil), tokenCount: 80)
        #expect(closed.map(\.utterances) == [0..<1, 1..<2] && closed.map(\.tokenCount) == [20, 80])
        #expect(segmenter.close() == nil, "nothing is open")
        #expect(segmenter.add(spoken(nil, nil), tokenCount: 50).isEmpty)
        #expect(segmenter.close()?.closedBy == .meetingEnd)
    }
}
