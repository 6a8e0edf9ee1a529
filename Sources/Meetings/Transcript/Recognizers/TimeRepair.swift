import Foundation
import Language

/// Times whose unit a document does not say, or does not keep to.
enum TimeRepair {
    /// Fewer words a second than anybody says in a meeting: such times are milliseconds.
    private static let slowestWordsPerSecond = 0.02

    /// Whether times are milliseconds, by how little would be said in so many seconds.
    static func areMilliseconds(_ utterances: [Utterance]) -> Bool {
        var (words, seconds) = (0, 0.0)
        for utterance in utterances {
            guard let start = utterance.start, let end = utterance.end, start < TranscriptFile.epochSeconds
            else { continue }
            guard start == start.rounded(), end == end.rounded() else { return false }
            words += WordOverlap.wordCount(utterance.text)
            seconds += end - start
        }
        return seconds > 60 && Double(words) < slowestWordsPerSecond * seconds
    }

    /// Brings times that are milliseconds among seconds to seconds: those that would be far behind all that follows.
    static func unify(_ utterances: inout [Utterance]) {
        var least = Double.infinity
        var isTooLate: [Bool] = []
        for utterance in utterances.reversed() {
            let start = utterance.start ?? least
            // What comes later in the file is much earlier.
            isTooLate.append(
                start < TranscriptFile.epochSeconds && start >= 1000 && least < .infinity
                    && start > least * 20 + 600)
            least = min(least, start)
        }
        guard isTooLate.contains(true) else { return }
        isTooLate.reverse()
        var last = 0.0
        for index in utterances.indices {
            guard let start = utterances[index].start else { continue }
            let scaled = start / 1000
            if start < TranscriptFile.epochSeconds, isTooLate[index] || start > last + 3600, scaled >= last,
                scaled <= last + 3600,
                start == start.rounded()
            {
                utterances[index].mapTimes { $0 / 1000 }
            }
            last = max(last, utterances[index].start ?? last)
        }
    }
}
