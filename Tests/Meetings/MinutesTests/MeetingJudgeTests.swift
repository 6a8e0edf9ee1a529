import Foundation
import Glibc
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// Windows that are judged one after the other.
@Suite struct MeetingJudgeTests {
    private static let openings = [
        "I will send the report about", "we agreed on", "can you call Bob about", "it stays open what costs",
        "thank you for", "I'm worried about", "why did nobody ask me about", "on the twelfth of May we got",
    ]

    /// Utterances of a few sentences, every one different, with words that come again.
    private static func talk(_ range: Range<Int>) -> [Utterance] {
        range.map { number in
            let matter = "the engine number \(number % 7) in harbour \(number / 40) beside crane \(number)"
            let question =
                number.isMultiple(of: 5) ? " Is the engine of harbour \(number / 40) there yet?" : ""
            return Utterance(
                speaker: ["Jane", "Bob", "Carla"][number % 3], start: Double(number * 10),
                text: "Okay, \(openings[number % openings.count]) \(matter) by Friday.\(question)",
                source: SourcePosition(name: "talk", line: number + 1))
        }
    }

    /// Windows of twelve utterances; every third ends a topic.
    private static func windows(_ count: Int) -> [Window] {
        (0..<count).map { index in
            Window(
                index: index, utterances: index * 12..<(index + 1) * 12, tokenCount: 100,
                closedBy: index % 3 == 2 ? .topic : .size)
        }
    }

    private static func judge(_ window: Window, _ said: [ReadUtterance], _ judge: inout MeetingJudge)
        -> WindowFindings
    {
        let own = Array(said[window.utterances])
        let text = "Bob said that " + own[1].utterance.text
        // Every other window is one of a model that picks.
        let sentences = PickPrompt.lines(of: own).map { line in
            WeighedSentence(
                place: line.place, logits: [0, 0, 1, 1, 0, line.place.utterance % 2 == 0 ? 3 : 0, 0])
        }
        return judge.judge(
            window, own,
            answer: WindowAnswer(
                summary: summary(window.index, text),
                picked: window.index % 2 == 0 ? nil : PickedWindow(sentences, of: own)))
    }

    /// A process that starts in the middle of a meeting finds what one finds that never stopped.
    @Test(arguments: [1, 4, 7]) func aRestartFindsTheSame(at start: Int) {
        let said = read(Self.talk(0..<108))
        let windows = Self.windows(9)
        var steady = MeetingJudge()
        let all = windows.map { Self.judge($0, said, &steady) }
        var restarted = MeetingJudge()
        for (window, findings) in zip(windows[..<start], all) {
            restarted.hear(window, Array(said[window.utterances]), findings: findings)
        }
        #expect(windows[start...].map { Self.judge($0, said, &restarted) } == Array(all[start...]))
        #expect(all.contains { !$0.items.isEmpty } && all.contains { !$0.remarks.isEmpty })
        #expect(all.contains { $0.statements?.contains(where: \.isQuoted) == true })
    }

    /// What is said later changes nothing of what was found before.
    @Test func whatFollowsChangesNothing() {
        let windows = Self.windows(2)
        let said = read(Self.talk(0..<24))
        var other = said
        other.replaceSubrange(12..., with: read(Self.talk(100..<112)))
        var (one, two) = (MeetingJudge(), MeetingJudge())
        #expect(Self.judge(windows[0], said, &one) == Self.judge(windows[0], other, &two))
    }

    /// Said again in another window, it is no second item.
    @Test func whatIsSaidAgainIsFoundOnce() {
        let text = "We agreed to paint the boat house in the spring."
        let said = read(
            (0..<4).map {
                Utterance(speaker: "Ann", text: text, source: SourcePosition(name: "t", line: $0 + 1))
            })
        var judge = MeetingJudge()
        let first = judge.judge(window(0, 0..<2), Array(said[..<2]), answer: nil)
        let second = judge.judge(window(1, 2..<4), Array(said[2...]), answer: nil)
        #expect(first.items.map(\.text) == [text] && second.items.isEmpty)
    }

    /// The cost of a window does not depend on how many came before it.
    @Test func costGrowsWithTheLength() {
        func seconds(_ count: Int) -> Double {
            let said = read(Self.talk(0..<count))
            return (0..<3).map { _ in
                let begin = Self.processorSeconds()
                var judge = MeetingJudge()
                for window in Self.windows(count / 12) { _ = Self.judge(window, said, &judge) }
                return Self.processorSeconds() - begin
            }.min() ?? .infinity
        }
        let (short, long) = (seconds(600), seconds(2400))
        #expect(long < 9 * short, "\(short) s, then \(long) s")
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
