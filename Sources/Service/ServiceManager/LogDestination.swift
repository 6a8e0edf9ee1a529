import Glibc
import Logging

/// The destination of the log records of this process.
package enum LogDestination: Sendable, Hashable {
    /// journald, with fields.
    case journal
    /// The standard error, as lines.
    case standardError

    /// journald if it reads this process's standard error, the standard error otherwise.
    package static var detected: LogDestination {
        isUnderJournal ? .journal : .standardError
    }

    /// The writer for all handlers of this process, so that logging never blocks.
    package func writer(identifier: String) -> LogWriter {
        let reader = self == .journal ? "journald" : "whoever reads the standard error"
        return LogWriter { count in
            let logger = Logger(label: "log") { label in
                handler(label: label, identifier: identifier, threshold: LogThreshold(.info), writer: nil)
            }
            logger.warning(
                "log messages were lost, because they were not taken in time",
                metadata: ["messages": "\(count)", "reader": "\(reader)"])
        }
    }

    /// A handler that sends what `label` logs from `threshold` on to here, by way of `writer`; without one at once.
    package func handler(
        label: String, identifier: String, threshold: LogThreshold, writer: LogWriter?
    ) -> any LogHandler {
        switch self {
        case .journal:
            JournalLogHandler(label: label, identifier: identifier, threshold: threshold, writer: writer)
        case .standardError: StandardErrorLogHandler(threshold: threshold, writer: writer)
        }
    }
}

/// True if journald reads this process's standard error: `JOURNAL_STREAM` names its device and inode.
package var isUnderJournal: Bool {
    guard let value = getenv("JOURNAL_STREAM") else { return false }
    return journalStream(String(cString: value), isOpenAs: 2)
}

/// True if `stream`, `device:inode` in decimal as in `JOURNAL_STREAM`, is what `descriptor` is open on.
///
/// The variable alone proves nothing: child processes inherit it, and their standard error may be a file.
func journalStream(_ stream: String, isOpenAs descriptor: Int32) -> Bool {
    let parts = stream.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return false }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
}
