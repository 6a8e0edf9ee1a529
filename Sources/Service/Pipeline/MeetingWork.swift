import Foundation
import Ledger
import Transcript

/// The state of a meeting between two turns, which can be rebuilt from the ledger at any time.
struct MeetingWork {
    /// Cuts the utterances that are in no window yet into windows.
    private(set) var segmenter: Segmenter
    /// Utterances that are in no window yet, in order.
    private(set) var openUtterances: [ReadUtterance] = []
    /// How many of them the model has read already.
    var prefilledCount = 0
    /// How many corrections this state includes; after another one it has to be rebuilt from the ledger.
    let correctionCount: Int
    /// How often the summary of the whole has failed.
    var overallAttempts = 0

    /// Continues after the last window in the ledger.
    init(meeting: MeetingRecord, policy: SegmentationPolicy, reader: MeetingReader) throws {
        let last = try reader.ledger.windows(
            of: meeting.id, in: max(0, meeting.windowCount - 1)..<meeting.windowCount
        ).last
        correctionCount = meeting.correctionCount
        let first = last?.window.utterances.upperBound ?? 0
        let opening = try reader.ledger.utterances(of: meeting.id, in: 0..<min(1, first))
        segmenter = Segmenter(
            policy: policy, after: last?.window,
            context: try reader.utterances(
                of: meeting.id, in: max(0, first - policy.contextUtterances)..<first),
            opener: opening.first?.speaker)
    }

    /// Open utterances that the model may read already.
    ///
    /// The others will be in the next window, whatever closes this one.
    var readableUtterances: ArraySlice<ReadUtterance> { openUtterances.prefix(segmenter.fittingCount) }

    /// Sequence number of the first utterance not seen yet.
    private var nextSequence: Int { segmenter.openRange.upperBound }

    /// Takes in what has arrived, and records the windows that it closes; returns these.
    ///
    /// Reads in portions, so that a large backlog is never in memory as a whole.
    mutating func takeIn(
        _ meeting: MeetingRecord, reader: MeetingReader, tokenCount: (Utterance) throws -> Int
    ) throws -> [Window] {
        var closed: [Window] = []
        while nextSequence < meeting.utteranceCount {
            let end = min(nextSequence + Self.portion, meeting.utteranceCount)
            let utterances = try reader.utterances(of: meeting.id, in: nextSequence..<end)
            precondition(
                utterances.count == end - nextSequence, "the ledger lost utterances of \(meeting.id)")
            for utterance in utterances {
                openUtterances.append(utterance)
                for window in segmenter.add(utterance, tokenCount: try tokenCount(utterance.utterance)) {
                    try record(window, of: meeting.id, ledger: reader.ledger)
                    closed.append(window)
                }
            }
        }
        if meeting.state != .open {
            for window in segmenter.close() {
                try record(window, of: meeting.id, ledger: reader.ledger)
                closed.append(window)
            }
        }
        return closed
    }

    private mutating func record(_ window: Window, of meeting: MeetingID, ledger: Ledger) throws {
        try ledger.record(window, of: meeting)
        openUtterances.removeFirst(window.utterances.count)
        prefilledCount = 0
    }

    private static let portion = 256
}
