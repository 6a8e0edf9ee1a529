import Language
/// The position of utterances on the page's timeline: by time, or by number if the transcript has no times.
struct PageScale: Sendable {
    /// Whether the timeline shows time.
    let isTime: Bool
    /// Seconds from the meeting's start at the two ends of the timeline; numbers of utterances if there are no times.
    let bounds: ClosedRange<Double>

    /// Where each utterance begins and ends, in seconds or numbers.
    private let spans: [Range<Double>]

    /// Lays out the turns of a meeting.
    init(_ turns: [PageTranscript.Turn]) {
        let timed = turns.count { $0.start?.isFinite == true }
        var spans: [Range<Double>] = []
        spans.reserveCapacity(turns.count)
        // A few utterances without a time are taken to follow without a pause.
        isTime = timed > 1 && timed * 10 >= turns.count * 9
        if isTime {
            var last = turns.lazy.compactMap(\.start).first { $0.isFinite } ?? 0
            for (index, turn) in turns.enumerated() {
                let start = max(last, Self.finite(turn.start) ?? last)
                let next = index + 1 < turns.count ? Self.finite(turns[index + 1].start) : nil
                let spoken = start + Double(turn.words) / Self.wordsPerSecond
                let end = Self.finite(turn.end) ?? min(next ?? spoken, spoken + Self.longestPause)
                spans.append(start..<max(start, end))
                last = start
            }
        } else {
            spans = turns.indices.map { Double($0)..<Double($0 + 1) }
        }
        self.spans = spans
        let low = spans.first?.lowerBound ?? 0
        bounds = low...max(low, spans.lazy.map(\.upperBound).max() ?? low)
    }

    /// The part of the timeline that a range of utterances takes up, from 0 to 1.
    func extent(of range: Range<Int>) -> Range<Double> {
        let range = range.clamped(to: spans.indices)
        guard let first = range.first, let last = range.last else { return 0..<0 }
        // It reaches to the beginning of the next utterance, so that there are no gaps between parts.
        let end = last + 1 < spans.count ? spans[last + 1].lowerBound : bounds.upperBound
        return place(spans[first].lowerBound)..<max(place(spans[first].lowerBound), place(end))
    }

    /// Where `utterance` begins and ends, from 0 to 1.
    func extent(of utterance: Int) -> Range<Double> {
        place(spans[utterance].lowerBound)..<place(spans[utterance].upperBound)
    }

    /// Times to be marked, at most `limit`, in seconds from the meeting's start; none if there are no times.
    func marks(limit: Int) -> [Double] {
        guard isTime,
            let step = Self.steps.first(where: {
                (bounds.upperBound - bounds.lowerBound) / $0 <= Double(limit)
            })
        else { return [] }
        let first = (bounds.lowerBound / step).rounded(.up) * step
        return Array(stride(from: first, through: bounds.upperBound, by: step))
    }

    /// The position of a time or number, from 0 to 1.
    func place(_ value: Double) -> Double {
        let length = bounds.upperBound - bounds.lowerBound
        return length > 0 ? min(1, max(0, (value - bounds.lowerBound) / length)) : 0
    }

    private static let wordsPerSecond = 2.5
    private static let longestPause = 5.0
    private static let steps: [Double] = [
        10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400,
    ]

    private static func finite(_ seconds: Double?) -> Double? { seconds.flatMap { $0.isFinite ? $0 : nil } }
}
