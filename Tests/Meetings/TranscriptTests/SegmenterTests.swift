import Testing
import TestSupport
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
                pauseSeconds: Double.random(in: 1...40, using: &generator), findsTopics: seed % 3 > 0)
            var clock = 0.0
            let timed = Int.random(in: 0...3, using: &generator)
            var subject = 0
            for line in 0..<Int.random(in: 0...90, using: &generator) {
                if Int.random(in: 0..<12, using: &generator) == 0 { subject += 1 }
                clock += Double.random(in: -3...50, using: &generator)
                let start = timed == 0 || Int.random(in: 0...5, using: &generator) == 0 ? nil : max(0, clock)
                let end = timed == 1 ? nil : start.map { $0 + Double.random(in: 0...20, using: &generator) }
                utterances.append(
                    Utterance(
                        speaker: ["Ada", "Ben", "Cleo", nil][(subject + line % 2) % 4], start: start,
                        end: end,
                        text: Self.text(subject, using: &generator),
                        source: SourcePosition(name: "m", line: line + 1)))
                tokens.append(Int.random(in: 0...400, using: &generator) / (line % 5 + 1))
            }
        }

        private static func text(_ subject: Int, using generator: inout SeededGenerator) -> String {
            let cue = ["Okay, let's move on to the next item:", "Well,", "", ""].randomElement(
                using: &generator)!
            let words = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                "\(["sail", "bake", "paint"][subject % 3])\(Int.random(in: 0..<9, using: &generator))x"
            }
            return ([cue] + words).filter { !$0.isEmpty }.joined(separator: " ")
        }

        func segmenter(after window: Window? = nil) -> Segmenter {
            let first = window?.utterances.upperBound ?? 0
            return Segmenter(
                policy: policy, after: window,
                context: utterances[max(0, first - policy.contextUtterances)..<first].map {
                    ReadUtterance($0)
                },
                opener: first > 0 ? utterances[0].speaker : nil)
        }

        func windows(from segmenter: Segmenter) -> [Window] {
            var segmenter = segmenter
            var windows: [Window] = []
            for index in segmenter.openRange.lowerBound..<utterances.count {
                windows += segmenter.add(ReadUtterance(utterances[index]), tokenCount: tokens[index])
            }
            return windows + segmenter.close()
        }

        /// Words from utterance `index` on, up to the first `end` utterances.
        func words(from index: Int, to end: Int) -> Int {
            utterances[index..<end].reduce(0) { $0 + $1.text.split(separator: " ").count }
        }
    }

    @Test(arguments: 0..<90)
    func everyUtteranceIsInOneWindowWithinBounds(seed: Int) {
        let meeting = Meeting(seed: UInt64(seed))
        let windows = meeting.windows(from: meeting.segmenter())
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

    @Test(arguments: 0..<40)
    func goingOnAfterAnyWindowCutsTheSame(seed: Int) {
        let meeting = Meeting(seed: UInt64(seed))
        let windows = meeting.windows(from: meeting.segmenter())
        for (index, window) in windows.enumerated() {
            let rest = meeting.windows(from: meeting.segmenter(after: window))
            #expect(rest == Array(windows[(index + 1)...]))
        }
    }

    @Test func theRandomMeetingsHaveWindowsOfEveryKind() {
        let ends = (0..<60).flatMap { seed in
            let meeting = Meeting(seed: UInt64(seed))
            return meeting.windows(from: meeting.segmenter()).map(\.closedBy)
        }
        for end in [Window.End.size, .pause, .topic, .meetingEnd] {
            #expect(ends.count { $0 == end } > 20, "\(end)")
        }
    }

    /// No window waits for more than the look-ahead, and what may be read in advance is in the window at its end or
    /// was cut off by a topic or a pause.
    @Test(arguments: 0..<30)
    func aWindowIsClosedWithinTheLookAhead(seed: Int) {
        let meeting = Meeting(seed: UInt64(seed))
        let windows = meeting.windows(from: meeting.segmenter())
        var segmenter = meeting.segmenter()
        var closed = 0
        for index in meeting.utterances.indices {
            closed +=
                segmenter.add(ReadUtterance(meeting.utterances[index]), tokenCount: meeting.tokens[index])
                .count
            let due = windows.count { window in
                let end = window.utterances.upperBound
                return end <= index
                    && meeting.words(from: end, to: index + 1) >= meeting.policy.lookAheadWords
            }
            #expect(closed == due)
            let readable = segmenter.openRange.prefix(segmenter.fittingCount)
            #expect(
                readable.count == 1 || meeting.tokens[readable].reduce(0, +) <= meeting.policy.maximumTokens)
        }
    }

    /// A meeting that was ended and goes on is cut as after a restart.
    @Test(arguments: 0..<30)
    func goingOnAfterTheEndCutsAsAfterARestart(seed: Int) {
        let meeting = Meeting(seed: UInt64(seed))
        let middle = meeting.utterances.count / 2
        var segmenter = meeting.segmenter()
        var windows: [Window] = []
        for index in 0..<middle {
            windows += segmenter.add(
                ReadUtterance(meeting.utterances[index]), tokenCount: meeting.tokens[index])
        }
        windows += segmenter.close()
        #expect(
            meeting.windows(from: segmenter) == meeting.windows(from: meeting.segmenter(after: windows.last)))
    }

    private func spoken(_ start: Double?, _ end: Double?, words: Int = 1) -> Utterance {
        let text = Array(repeating: "x", count: words).joined(separator: " ")
        return Utterance(start: start, end: end, text: text, source: SourcePosition(name: "m", line: 1))
    }

    @Test func aPauseClosesWhatIsLongEnough() {
        let policy = SegmentationPolicy(
            maximumTokens: 100, minimumTokens: 20, pauseSeconds: 10, findsTopics: false)
        var segmenter = Segmenter(policy: policy)
        #expect(segmenter.add(ReadUtterance(spoken(0, 5)), tokenCount: 10).isEmpty)
        #expect(segmenter.add(ReadUtterance(spoken(30, 35)), tokenCount: 10).isEmpty, "too short for a pause")
        #expect(segmenter.add(ReadUtterance(spoken(44.9, 46)), tokenCount: 10).isEmpty, "not a pause")
        let closed = segmenter.add(ReadUtterance(spoken(56, 58)), tokenCount: 10)
        #expect(closed == [Window(index: 0, utterances: 0..<3, tokenCount: 30, closedBy: .pause)])
        #expect(segmenter.openRange == 3..<4 && segmenter.windowIndex == 1)
    }

    @Test func aLongTurnWithoutEndTimeIsNoPause() {
        let policy = SegmentationPolicy(
            maximumTokens: 1000, minimumTokens: 0, pauseSeconds: 10, findsTopics: false)
        var segmenter = Segmenter(policy: policy)
        #expect(segmenter.add(ReadUtterance(spoken(0, nil, words: 150)), tokenCount: 200).isEmpty)
        #expect(segmenter.add(ReadUtterance(spoken(65, nil)), tokenCount: 10).isEmpty)
        #expect(segmenter.add(ReadUtterance(spoken(90, nil)), tokenCount: 10).map(\.closedBy) == [.pause])
    }

    @Test func anUtteranceLargerThanAWindowHasItsOwn() {
        var segmenter = Segmenter(
            policy: SegmentationPolicy(maximumTokens: 50, minimumTokens: 0, findsTopics: false))
        #expect(segmenter.add(ReadUtterance(spoken(nil, nil)), tokenCount: 20).isEmpty)
        #expect(segmenter.add(ReadUtterance(spoken(nil, nil)), tokenCount: 80).map(\.utterances) == [0..<1])
        #expect(segmenter.add(ReadUtterance(spoken(nil, nil)), tokenCount: 50).map(\.tokenCount) == [80])
        #expect(segmenter.close().map(\.closedBy) == [.meetingEnd])
        #expect(segmenter.close().isEmpty, "nothing is open")
    }
}
