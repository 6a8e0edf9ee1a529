import Foundation
import Ledger
import ServiceTestSupport
import Testing
import Transcript

@testable import Pipeline

/// Windows by topic, with the look-ahead that they need, from the ledger alone.
@Suite struct TopicWindowTests {
    private static let subjects = [
        "the ferry sails at noon and the captain wants the torn sail mended in the harbour",
        "knead the dough for the bread before the oven of the bakery is hot enough to bake",
        "paint the walls of the hall in a light colour and sand the floor before the varnish",
    ]

    /// Three subjects, each of twenty utterances and announced by who chairs.
    private static let utterances: [Utterance] = (0..<63).map { number in
        let isCue = number % 21 == 0
        return Utterance(
            speaker: isCue ? "Ada" : ["Ben", "Cleo"][number % 2],
            text: isCue
                ? "Okay, thank you. Let's move on now to the next item on the agenda."
                : "\(subjects[number / 21]) \(number)",
            source: SourcePosition(name: "m", line: number + 1))
    }

    private static var policy: Pipeline.Policy {
        var policy = MeetingFixture.policy
        policy.segmentation = SegmentationPolicy(maximumTokens: 220, minimumTokens: 20)
        return policy
    }

    private func deliver(_ range: Range<Int>, to fixture: MeetingFixture) throws -> MeetingID {
        let meeting = try MeetingID("m")
        _ = try fixture.ledger.accept(
            Delivery(
                meeting: meeting, name: "m.\(range.lowerBound).txt", kind: .file,
                chunkNumber: range.lowerBound,
                sha256: "\(range)", byteCount: 1, format: "plainText", receivedAt: .now, title: nil,
                utterances: Array(Self.utterances[range]),
                endsMeeting: range.upperBound == Self.utterances.count))
        return meeting
    }

    @Test func topicsAreWholeWindowsAndSurviveRestarts() async throws {
        let (whole, parts) = (try MeetingFixture(), try MeetingFixture())
        let meeting = try deliver(0..<63, to: whole)
        try await whole.pipeline(ScriptedModel(), policy: Self.policy).drain()
        let windows = try whole.ledger.windows(of: meeting).map(\.window)
        #expect(windows.filter { $0.closedBy == .topic }.map(\.utterances.upperBound) == [21, 42])
        #expect(windows.contains { $0.closedBy == .size })

        for start in stride(from: 0, to: 63, by: 7) {
            _ = try deliver(start..<(start + 7), to: parts)
            // A new pipeline knows nothing but the ledger.
            while await parts.pipeline(ScriptedModel(), policy: Self.policy).turn(of: meeting),
                try parts.ledger.meeting(meeting)?.state == .ended
                    || parts.ledger.windows(of: meeting).contains(where: { $0.state == .closed })
            {}
        }
        #expect(try parts.ledger.meeting(meeting)?.state == .finished)
        #expect(try parts.ledger.windows(of: meeting).map(\.window) == windows)
    }
}
