import Dispatch
import Foundation
import Ledger
import Logging
import NIOCore
import Synchronization
import Transcript

/// What a connection wants recorded in one go.
struct IngestBatch: Sendable {
    var utterances: [Utterance] = []
    /// What is said of utterances of earlier batches; it is recorded before the new ones.
    var amendments: [Amendment] = []
    /// Lines that changed or repeated an utterance of this batch, by its place.
    var amendedPlaces: [Int] = []
    /// Bytes of the utterances' lines.
    var byteCount = 0
    var notes: [String] = []
    var title: String?
    var startedAt: Date?
    /// The sender said that the meeting is over; nothing follows in this batch.
    var endsMeeting = false
    /// The connection is over; nothing follows.
    var closes = false

    /// Lines of the connection's sender that are taken with this batch and those before; nil if they are not counted.
    var lineCount: Int?

    var isEmpty: Bool {
        utterances.isEmpty && amendments.isEmpty && notes.isEmpty && title == nil && startedAt == nil
            && !endsMeeting && !closes
    }

    /// Takes a correction or a repetition: into the utterance it means if that is not recorded yet.
    mutating func amend(_ amendment: Amendment) {
        switch amendment {
        case .revision(let utterance):
            if let place = utterances.lastIndex(where: { $0.id == utterance.id }) {
                let old = utterances[place]
                utterances[place] = utterance
                utterances[place].start = old.start
                utterances[place].end = utterance.end ?? old.end
                utterances[place].dropImpossibleEnd()
                utterances[place].source = old.source
                amendedPlaces.append(place)
                return
            }
        case .repetition(let utterance):
            if let last = utterances.last, last.text == utterance.text, last.speaker == utterance.speaker {
                utterances[utterances.count - 1].repeatCount += 1
                amendedPlaces.append(utterances.count - 1)
                return
            }
            guard utterances.isEmpty else {
                utterances.append(utterance)
                return
            }
        }
        amendments.append(amendment)
    }

    /// What it amends was refused: then the words are new ones.
    mutating func takeUpAmendments() {
        utterances = amendments.map(\.utterance) + utterances
        amendedPlaces = amendedPlaces.map { $0 + amendments.count }
        amendments = []
    }
}

/// Whom a batch comes from.
struct IngestSource: Sendable {
    /// As the ledger knows the delivery: `socket:<n>`.
    var name: String
    var meeting: MeetingID
    /// The daemon chose the name: the meeting is new, and ends with the connection.
    var isGenerated: Bool
    var format: String
    /// The sender's own name, under which its lines are counted.
    var sender: String?
    /// Nil until the first utterance was recorded.
    var delivery: DeliveryID?
}

/// What was recorded, durably.
struct IngestReceipt: Sendable {
    /// The source as it is now: with its delivery, and the meeting's final name.
    var source: IngestSource
    var sequences: Range<Int> = 0..<0
    /// Numbers of utterances that were corrected or counted again.
    var amended: [Int] = []
    var endedMeeting = false
}

/// Records batches one after the other, on a queue of its own: SQLite blocks, and event loops must not.
final class IngestCommitter: Sendable {
    private let ledger: Ledger
    private let logger: Logger
    /// Has the lines of all connections decoded.
    let lines: LineGuard
    private let queue = DispatchQueue(label: "ingest")
    private let isStopping = Atomic(false)
    /// What all connections have waiting or being recorded, in bytes of memory.
    let pendingBytes = Atomic(0)
    private static let retryFirst = 0.1
    private static let retryLimit = 5.0

    init(ledger: Ledger, lines: LineGuard, logger: Logger) {
        self.ledger = ledger
        self.lines = lines
        self.logger = logger
    }

    /// Records a batch; the future fails with a ``LedgerError`` if it is refused, or if the ledger cannot be
    /// written and the server is stopping.
    func commit(
        _ batch: IngestBatch, from source: IngestSource, on eventLoop: any EventLoop
    ) -> EventLoopFuture<IngestReceipt> {
        let promise = eventLoop.makePromise(of: IngestReceipt.self)
        queue.async { [self] in promise.completeWith(Result { try record(batch, from: source) }) }
        return promise.futureResult
    }

    /// How many of a sender's lines for `meeting` are recorded.
    func lineCount(
        ofSender name: String, meeting: MeetingID, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Int> {
        let promise = eventLoop.makePromise(of: Int.self)
        queue.async { [self] in
            promise.completeWith(
                Result { try retrying { try ledger.lineCount(ofSender: name, meeting: meeting) } })
        }
        return promise.futureResult
    }

    /// From now on hindrances are not waited out.
    func stop() { isStopping.store(true, ordering: .relaxed) }

    // MARK: - On the queue

    private func record(_ batch: IngestBatch, from source: IngestSource) throws -> IngestReceipt {
        FaultPoint.ingestReceived.reach()
        var receipt = IngestReceipt(source: source)
        var batch = batch
        if let delivery = source.delivery, !batch.amendments.isEmpty {
            let byteCount = batch.utterances.isEmpty ? batch.byteCount : 0
            let amendments = batch.amendments
            receipt.amended = try retrying {
                try ledger.amend(
                    amendments, byteCount: byteCount, of: delivery,
                    sender: batch.utterances.isEmpty ? Self.position(after: batch, source) : nil)
            }
        } else {
            batch.takeUpAmendments()
        }
        if let delivery = source.delivery {
            // First, so that lines which count as taken left nothing behind.
            try describe(source.meeting, batch)
            if !batch.utterances.isEmpty {
                receipt.sequences = try retrying {
                    try ledger.append(
                        batch.utterances, byteCount: batch.byteCount, to: delivery,
                        sender: Self.position(after: batch, source), isLast: batch.endsMeeting)
                }
            }
        } else if !batch.utterances.isEmpty {
            try begin(with: batch, &receipt)
        }
        receipt.amended += batch.amendedPlaces.map { receipt.sequences.lowerBound + $0 }
        let meeting = receipt.source.meeting
        if batch.endsMeeting {
            // With utterances it ended in their transaction. True if this ended it; ended before is as good.
            if batch.utterances.isEmpty { _ = try retrying { try ledger.end(meeting) } }
            receipt.endedMeeting = true
        }
        if batch.closes, let delivery = receipt.source.delivery {
            try retrying { try ledger.close(delivery) }
        }
        FaultPoint.ingestRecorded.reach()
        return receipt
    }

    private func describe(_ meeting: MeetingID, _ batch: IngestBatch) throws {
        for note in batch.notes { try retrying { try ledger.note(note, of: meeting) } }
        if batch.title != nil || batch.startedAt != nil {
            try retrying { try ledger.describe(meeting, title: batch.title, startedAt: batch.startedAt) }
        }
    }

    private static func position(after batch: IngestBatch, _ source: IngestSource) -> SenderPosition? {
        guard let sender = source.sender, let count = batch.lineCount else { return nil }
        return SenderPosition(name: sender, lineCount: count)
    }

    private func begin(with batch: IngestBatch, _ receipt: inout IngestReceipt) throws {
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
        let delivery = Delivery(
            meeting: source.meeting, name: source.name, kind: .socket, byteCount: batch.byteCount,
            format: source.format, receivedAt: Date(), title: batch.title, meetingStart: batch.startedAt,
            utterances: batch.utterances, endsMeeting: source.isGenerated, notes: batch.notes,
            sender: Self.position(after: batch, source), isLast: batch.endsMeeting)
        switch try retrying({ try ledger.accept(delivery) }) {
        case .accepted(let id, _, let sequences):
            receipt.source.delivery = id
            receipt.sequences = sequences
        case .duplicate: preconditionFailure("a connection has no digest, so it cannot be a duplicate")
        }
    }

    /// Waits out what may go away; each call is a transaction, so it can simply be made again.
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
