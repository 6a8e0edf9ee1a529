import Testing
import Transcript

@Suite struct UtteranceTests {
    private func utterance(_ start: Double?, _ end: Double?) -> Utterance {
        Utterance(start: start, end: end, text: "so", source: SourcePosition(name: "test", line: 1))
    }

    /// However its times are set: no caller has to think of it.
    @Test func noneEndsBeforeItStarts() {
        #expect(utterance(5, 4).end == nil && utterance(5, 5).end == 5)
        var changed = utterance(5, 9)
        changed.end = 3
        #expect((changed.start, changed.end) == (5, nil))
        changed.end = 7
        #expect(changed.end == 7)
        changed.mapTimes { max(0, 6 - $0) }
        #expect((changed.start, changed.end) == (1, nil))
    }

    /// A later start with a later end keeps both, though the new start is behind the old end.
    @Test func bothTimesAreSetAtOnce() {
        var changed = utterance(5, 9)
        var isWhole = changed.setTimes(start: 20, end: 21)
        #expect(isWhole && (changed.start, changed.end) == (20, 21))
        isWhole = changed.setTimes(start: 20, end: 19)
        #expect(!isWhole && (changed.start, changed.end) == (20, nil))
        isWhole = changed.setTimes(start: nil, end: 3)
        #expect(isWhole && (changed.start, changed.end) == (nil, 3))
    }
}
