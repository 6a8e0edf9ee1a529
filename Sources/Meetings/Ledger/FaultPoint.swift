import Foundation
import Synchronization

/// Moments at which a crash would do most harm: beside each step that makes something durable.
///
/// A test lets the process end at one of them, by SIGKILL as an out-of-memory killer does it:
/// `MINUTED_KILL_AT=ledger.committed:3` at the third time that this one is reached. Without the variable, reaching a
/// point costs a comparison.
package enum FaultPoint: String, Sendable, CaseIterable {
    /// A transaction is about to begin.
    case ledgerBegin = "ledger.begin"
    /// All of a transaction is done but its commit.
    case ledgerBeforeCommit = "ledger.beforeCommit"
    /// A transaction is committed, and has not been reported yet.
    case ledgerCommitted = "ledger.committed"
    /// A file of the spool is read, and not recorded yet.
    case spoolRead = "spool.read"
    /// A file is recorded, and not moved yet.
    case spoolRecorded = "spool.recorded"
    /// A file is moved, and the folders are not synchronised.
    case spoolMoved = "spool.moved"
    /// The folders of the spool are synchronised.
    case spoolSynchronized = "spool.synchronized"
    /// Lines came over the socket, and are not recorded.
    case ingestReceived = "ingest.received"
    /// Lines are recorded, and not acknowledged.
    case ingestRecorded = "ingest.recorded"
    /// Answers are about to be written to a connection.
    case ingestAnswering = "ingest.answering"
    /// Lines are acknowledged.
    case ingestAcknowledged = "ingest.acknowledged"
    /// A summary was written by the model, and is not recorded.
    case summaryWritten = "summary.written"
    /// A file of the minutes is about to be written.
    case outputBegin = "output.begin"
    /// A file of the minutes lies complete beside the old one.
    case outputWritten = "output.written"
    /// The new file has replaced the old one, and the folder is not synchronised yet.
    case outputRenamed = "output.renamed"
    /// The model's cache was saved.
    case cacheSaved = "cache.saved"
    /// It is recorded what is to be erased, and nothing is erased yet.
    case erasureAsked = "erasure.asked"
    /// A received file is removed, and its folder is not synchronised.
    case erasureFileRemoved = "erasure.fileRemoved"
    /// Received files are removed, and the ledger has everything.
    case erasureFilesGone = "erasure.filesGone"
    /// Rows are erased, and the minutes are still there.
    case erasureRowsGone = "erasure.rowsGone"
    /// Minutes are removed, or written without what is erased.
    case erasureMinutesGone = "erasure.minutesGone"
    /// The saved cache is removed.
    case erasureCacheGone = "erasure.cacheGone"
    /// The ledger is written anew into its write-ahead log.
    case erasureRewritten = "erasure.rewritten"
    /// Nothing is left, which is not recorded yet.
    case erasureCleaned = "erasure.cleaned"
    /// It is recorded that nothing is left.
    case erasureDone = "erasure.done"

    /// The points that only an erasure reaches.
    package static let ofErasure = allCases.filter { $0.rawValue.hasPrefix("erasure.") }

    /// The variable that names the point and the number of times.
    package static let variable = "MINUTED_KILL_AT"

    /// The variable that names a point and how many milliseconds the process sleeps there each time, so that others may
    /// do something first: `MINUTED_SLOW_AT=ingest.answering:2`.
    package static let slowVariable = "MINUTED_SLOW_AT"

    /// What the variable asks for, such as `ledger.committed:3`; nil if it is not set or cannot be read.
    package static let requested = asked(variable)
    private static let slowed = asked(slowVariable)

    private static func asked(_ variable: String) -> (point: FaultPoint, number: Int)? {
        guard let text = ProcessInfo.processInfo.environment[variable] else { return nil }
        let parts = text.split(separator: ":")
        guard parts.count == 2, let point = FaultPoint(rawValue: String(parts[0])),
            let number = Int(parts[1]), number > 0
        else { return nil }
        return (point, number)
    }

    private static let remaining = RemainingTimes(requested?.number ?? 0)

    /// To be called at this point; does not return if the process is to be killed here.
    package func reach() {
        if let slowed = Self.slowed, slowed.point == self {
            Thread.sleep(forTimeInterval: Double(slowed.number) / 1000)
        }
        guard let requested = Self.requested, requested.point == self, Self.remaining.isLast() else { return }
        kill(getpid(), SIGKILL)
        // The signal may arrive on another thread; this one must not do the next step.
        while true { pause() }
    }
}

/// Counts down, on any thread.
private final class RemainingTimes: Sendable {
    // Guards: how often the point will still be passed.
    private let count: Mutex<Int>

    init(_ count: Int) { self.count = Mutex(count) }

    func isLast() -> Bool {
        count.withLock {
            $0 -= 1
            return $0 == 0
        }
    }
}
