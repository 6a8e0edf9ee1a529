import Dispatch
import Foundation
import Ledger
import Logging
import NIOCore
import Synchronization
import Transcript

/// Records batches one after the other on a dispatch queue of its own, since SQLite blocks and event loops must not.
final class IngestCommitter: Sendable {
    private let ledger: Ledger
    private let logger: Logger
    /// Decodes the lines of all connections.
    let lines: LineGuard
    private let queue = DispatchQueue(label: "ingest")
    private let isStopping = Atomic(false)
    /// Memory, in bytes, of what all connections have waiting or being recorded.
    let pendingBytes = Atomic(0)
    private static let retryFirst = 0.1
    private static let retryLimit = 5.0

    init(ledger: Ledger, lines: LineGuard, logger: Logger) {
        self.ledger = ledger
        self.lines = lines
        self.logger = logger
    }

    /// Records a batch, all of it in one transaction; the future fails with a ``LedgerError`` if it is refused, or if
    /// the ledger cannot be written and the server is stopping.
    func commit(
        _ batch: IngestBatch, from source: IngestSource, on eventLoop: any EventLoop
    ) -> EventLoopFuture<IngestReceipt> {
        let promise = eventLoop.makePromise(of: IngestReceipt.self)
        queue.async { [self] in promise.completeWith(Result { try record(batch, from: source) }) }
        return promise.futureResult
    }

    /// How far a sender has come with a meeting.
    struct SenderProgress: Sendable {
        /// How many of its lines are recorded.
        let lineCount: Int
        /// What those that follow depend on.
        let state: String?
        /// Whether its lines were forgotten with the meeting.
        let isForgotten: Bool

        /// Why it cannot go on with its line `first`, which is nil if it waits for the count; nil if it can.
        func refusal(ofLine first: Int?) -> String? {
            // Else a recorder that connects again would bring back what was just forgotten.
            if isForgotten, first != 0 {
                return
                    "this meeting was forgotten, with what this sender had sent for it: to begin a new meeting of "
                    + "this name, say \"from\": 0 in the first line"
            }
            guard let first, first > lineCount else { return nil }
            return
                "of this sender's lines for the meeting only \(lineCount) are recorded: send again from there, not "
                + "from \(first)"
        }
    }

    /// How many of a sender's lines for `meeting` are recorded, and what those that follow depend on.
    func progress(
        ofSender name: String, meeting: MeetingID, on eventLoop: any EventLoop
    ) -> EventLoopFuture<SenderProgress> {
        let promise = eventLoop.makePromise(of: SenderProgress.self)
        queue.async { [self] in
            promise.completeWith(
                Result {
                    try retrying {
                        let known = try ledger.progress(ofSender: name, meeting: meeting)
                        return SenderProgress(
                            lineCount: known.lineCount, state: known.state,
                            isForgotten: try ledger.isForgotten(sender: name, meeting: meeting))
                    }
                })
        }
        return promise.futureResult
    }

    /// Makes calls fail from now on where they would wait for the ledger to become writable.
    func stop() { isStopping.store(true, ordering: .relaxed) }

    // MARK: - On the queue

    private func record(_ batch: IngestBatch, from source: IngestSource) throws -> IngestReceipt {
        FaultPoint.ingestReceived.reach()
        var receipt = IngestReceipt(source: source)
        let part = batch.part(of: source)
        if let delivery = source.delivery {
            let recorded = try retrying { try ledger.record(part, of: delivery) }
            (receipt.sequences, receipt.amended) = (recorded.sequences, recorded.amended)
        } else if !part.utterances.isEmpty || !part.amendments.isEmpty {
            try begin(with: part, &receipt)
        } else if part.endsMeeting {
            // True if this ended it; ended before is as good.
            _ = try retrying { try ledger.end(source.meeting, with: part) }
        }
        receipt.amended += batch.amendedPlaces.map { receipt.sequences.lowerBound + $0 }
        receipt.endedMeeting = part.endsMeeting
        FaultPoint.ingestRecorded.reach()
        return receipt
    }

    private func begin(with part: DeliveryPart, _ receipt: inout IngestReceipt) throws {
        if receipt.source.isGenerated {
            // Numbers of connections begin again with the process, so within a second a name may repeat.
            let name = receipt.source.meeting
            var number = 1
            while try retrying({ try ledger.meeting(receipt.source.meeting) }) != nil {
                number += 1
                receipt.source.meeting = try MeetingID("\(name)-\(number)")
            }
        }
        let source = receipt.source
        var delivery = Delivery(
            meeting: source.meeting, name: source.name, kind: .socket, byteCount: part.byteCount,
            format: source.format, receivedAt: Date(), title: part.title, meetingStart: part.meetingStart,
            utterances: part.utterances, endsMeeting: source.isGenerated, notes: part.notes,
            sender: part.sender, amendments: part.amendments, isLast: part.endsMeeting, closes: part.closes)
        delivery.invitation = part.invitation
        let (id, recorded) = try retrying { [delivery] in try ledger.begin(delivery) }
        receipt.source.delivery = id
        (receipt.sequences, receipt.amended) = (recorded.sequences, recorded.amended)
    }

    /// Repeats a call until the ledger can be used; each call is one transaction, so it can be repeated.
    private func retrying<Result>(_ body: () throws -> Result) throws -> Result {
        var delay = Self.retryFirst
        while true {
            do {
                let result = try body()
                if delay > Self.retryFirst { logger.notice("the ledger can be written again") }
                return result
            } catch let error as LedgerError where error.isHindrance && !isStopping.load(ordering: .relaxed) {
                if delay == Self.retryFirst { logger.error("what comes over the socket waits", error: error) }
                Thread.sleep(forTimeInterval: delay)
                delay = min(delay * 2, Self.retryLimit)
            }
        }
    }
}
