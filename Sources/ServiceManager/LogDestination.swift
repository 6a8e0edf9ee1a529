import Glibc
import Logging

/// Where the records of this process go.
public enum LogDestination: Sendable, Hashable {
    /// journald, with fields.
    case journal
    /// The standard error, as lines.
    case standardError

    /// journald if it reads this process's standard error, the standard error otherwise.
    public static var detected: LogDestination {
        isUnderJournal ? .journal : .standardError
    }

    /// A handler that sends what `label` logs from `threshold` on to here.
    public func handler(label: String, identifier: String, threshold: LogThreshold) -> any LogHandler {
        switch self {
        case .journal: JournalLogHandler(label: label, identifier: identifier, threshold: threshold)
        case .standardError: StandardErrorLogHandler(threshold: threshold)
        }
    }
}

/// True if journald reads this process's standard error: `JOURNAL_STREAM` names its device and inode.
public var isUnderJournal: Bool {
    guard let value = getenv("JOURNAL_STREAM") else { return false }
    return journalStream(String(cString: value), isOpenAs: 2)
}

/// True if `stream`, `device:inode` in decimal as in `JOURNAL_STREAM`, is what `descriptor` is open on.
///
/// The variable alone proves nothing: children inherit it, their standard error may be a file.
func journalStream(_ stream: String, isOpenAs descriptor: Int32) -> Bool {
    let parts = stream.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return false }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
}
