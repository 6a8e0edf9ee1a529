import Foundation
import Ledger
import Logging
import Minutes
import Pipeline
import Summaries
import TestSupport
import Transcript

/// A ledger, an output folder and meetings to fill them, in a folder of its own.
package final class MeetingFixture: Sendable {
    package let scratch: Scratch
    package let ledger: Ledger
    package let folder: OutputFolder

    /// Windows of five utterances.
    package static let policy = Pipeline.Policy(
        segmentation: SegmentationPolicy(
            maximumTokens: 70, minimumTokens: 10, pauseSeconds: 60, findsTopics: false),
        retryDelay: .milliseconds(1), refreshInterval: .milliseconds(20), pollInterval: .milliseconds(10))

    package init() throws {
        scratch = try Scratch()
        ledger = try Ledger(path: scratch.path + "/ledger.sqlite")
        folder = try OutputFolder(path: scratch.path + "/minutes")
    }

    package func pipeline(
        _ model: any LanguageModel, policy: Pipeline.Policy = MeetingFixture.policy, atHand: AtHand? = nil,
        suspects: Set<MeetingID> = []
    ) -> Pipeline {
        Pipeline(
            ledger: ledger, model: model, writer: MinutesWriter(ledger: ledger, folder: folder),
            policy: policy, atHand: atHand, suspects: suspects,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Delivers `count` utterances of fourteen words as a file.
    package func deliver(
        _ count: Int, to name: String, chunk: Int = 1, endsMeeting: Bool = false, at time: Date = .now
    ) throws -> MeetingID {
        let meeting = try MeetingID(name)
        let first = try ledger.meeting(meeting)?.utteranceCount ?? 0
        let utterances = (first..<(first + count)).map { number in
            Utterance(
                speaker: number.isMultiple(of: 2) ? "Ada" : "Ben", start: Double(number) * 6,
                end: Double(number) * 6 + 5,
                text: "we should now really come to a good end with matter \(name)\(number) today",
                source: SourcePosition(name: "\(name).txt", line: number + 1))
        }
        _ = try ledger.accept(
            Delivery(
                meeting: meeting, name: "\(name).\(chunk).txt", kind: .file, chunkNumber: chunk,
                sha256: "\(name)\(chunk)", byteCount: count, format: "plainText", receivedAt: time,
                title: "About \(name)", utterances: utterances, endsMeeting: endsMeeting))
        return meeting
    }

    package func document(_ meeting: MeetingID) throws -> MinutesDocument {
        try JSONRenderer.read(try text(folder.jsonPath(of: meeting)))
    }

    package func markdown(_ meeting: MeetingID) throws -> String {
        try text(folder.markdownPath(of: meeting))
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }
}
