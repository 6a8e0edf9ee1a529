import Foundation
import GRDB
import Transcript

/// The record of all progress: what was received, what was decided, and what was written.
///
/// An SQLite file in WAL mode with `synchronous = FULL`. Each method that writes is one transaction and durable
/// on return. One process writes; others may read at the same time (``Access/readOnly``). Every method blocks
/// for as long as SQLite takes, usually a few milliseconds. Errors are ``LedgerError``.
package final class Ledger: Sendable {
    /// What a ledger is opened for.
    package enum Access: Sendable {
        /// The daemon: makes the file if it is missing, and brings an older schema up to date.
        case readWrite
        /// Tools beside a running daemon.
        case readOnly
    }

    private let pool: DatabasePool
    private let access: Access
    private let feed = ChangeFeed()

    /// Opens the ledger at `path`.
    ///
    /// Refuses a file that a newer program wrote (`newerSchema`), and for reading only one that is missing
    /// or older (`missing`, `olderSchema`).
    package init(path: String, access: Access = .readWrite) throws {
        self.access = access
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.readonly = access == .readOnly
        switch access {
        case .readWrite: try makeFile(path)
        case .readOnly where !FileManager.default.fileExists(atPath: path):
            throw LedgerError(.missing, "there is no ledger at \(path): start the daemon, or check the path")
        case .readOnly: break
        }
        pool = try Self.translated(path) {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try Self.checkSchema(of: pool, path: path, access: access)
            return pool
        }
    }

    /// The meetings that this process changes, as hints, one for each commit.
    ///
    /// A slow listener loses the oldest hints, and changes by other processes give none: a listener that must not miss
    /// anything also has to look at ``pendingMeetings()`` from time to time.
    package func changes() -> AsyncStream<MeetingID> { feed.stream() }

    // MARK: - For the extensions

    /// Runs `body` in one transaction, then hints at the meeting that it returns.
    func write<Result>(_ body: (Database) throws -> (MeetingRow, Result)) throws -> Result {
        let (meeting, result) = try writeQuietly(body)
        feed.send(meeting.id)
        return result
    }

    /// Runs `body` in one transaction.
    func writeQuietly<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard access == .readWrite else {
            throw LedgerError(.readOnly, "this ledger is open for reading only: ask the daemon to change it")
        }
        FaultPoint.ledgerBegin.reach()
        let result = try Self.translated(pool.path) {
            do {
                return try pool.write { db in
                    let result = try body(db)
                    try SearchIndex.settle(db)
                    FaultPoint.ledgerBeforeCommit.reach()
                    return result
                }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
                // If it is the index for searching that is damaged, the next try finds it empty. Ignored: it may not be.
                try? pool.write(SearchIndex.empty)
                throw error
            }
        }
        FaultPoint.ledgerCommitted.reach()
        return result
    }

    /// Runs `body` on one consistent state of the ledger.
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try Self.translated(pool.path) { try pool.read(body) }
    }

    /// Writes the file anew without what was deleted, and empties the write-ahead log.
    ///
    /// Deleted rows are overwritten where they stood, but SQLite also leaves copies where it has moved rows from one page
    /// to another; the new file has none. Takes as much room beside the ledger as the ledger itself while it lasts, and
    /// other writers wait. Throws `storage` if there is no room, or if another process keeps reading the old state.
    package func rewrite() throws {
        try Self.translated(pool.path) {
            try pool.write(SearchIndex.clean)
            try pool.vacuum()
            FaultPoint.erasureRewritten.reach()
            try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        }
    }

    /// Copies the ledger as it is now into a new file at `path`, without disturbing those who write; `path` must not exist.
    package func copy(to path: String) throws {
        try Self.translated(pool.path) { try pool.vacuum(into: path) }
    }

    /// Sends hints for meetings changed by ``writeQuietly(_:)``.
    func hint(at meetings: [MeetingID]) {
        for meeting in meetings { feed.send(meeting) }
    }

    // MARK: - Opening

    private static let busySeconds = 10.0

    private static func checkSchema(of pool: DatabasePool, path: String, access: Access) throws {
        let migrator = LedgerSchema.migrator()
        if try pool.read(migrator.hasBeenSuperseded) {
            throw LedgerError(
                .newerSchema,
                "the ledger \(path) was written by a newer minuted: use that version, or another ledger file")
        }
        switch access {
        case .readWrite:
            try migrator.migrate(pool)
            // GRDB sets NORMAL when it turns WAL on, after its hooks for settings have run. Without FULL a
            // commit may be lost with the power, and what was acknowledged must not be.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            // What is deleted is overwritten at once, not only when its page is used again.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
            try pool.write { db in
                try db.execute(sql: LedgerSchema.contentIndex)
                try SearchIndex.adopt(db)
            }
        case .readOnly:
            guard try pool.read(migrator.hasCompletedMigrations) else {
                throw LedgerError(
                    .olderSchema, "the ledger \(path) was written by an older minuted: start the daemon once")
            }
        }
        // SQLite believes whatever its tables' definitions say: a bit in one that fell over would rename a column.
        let missing = LedgerSchema.definitions.subtracting(try pool.read(LedgerSchema.definitions(in:)))
        guard missing.isEmpty else {
            throw damaged(path, "\(missing.count) of its definitions are not as they were written")
        }
    }

    static func damaged(_ path: String, _ what: String) -> LedgerError {
        LedgerError(
            .damaged, "\(path) is not a sound SQLite file (\(what)): restore it from a copy or move it away")
    }

    var path: String { pool.path }

    /// Lets go of the file; nothing can be done with this value afterwards.
    package func close() throws { try Self.translated(pool.path) { try pool.close() } }

    /// Turns SQLite's errors into this module's.
    static func translated<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            let what = error.message ?? "error \(error.resultCode.rawValue)"
            switch error.resultCode {
            case .SQLITE_CONSTRAINT, .SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_MISMATCH, .SQLITE_RANGE:
                throw LedgerError(.invariant, "the ledger \(path) refused a change: \(what)")
            case .SQLITE_NOTADB, .SQLITE_CORRUPT:
                throw damaged(path, what)
            default:
                throw LedgerError(.storage, "the ledger \(path) cannot be used now: \(what)")
            }
        }
    }
}

/// Makes an empty file for its owner alone before SQLite does, which would let everyone read it; what SQLite puts beside
/// it gets the same mode.
///
/// It holds all that was said in all meetings, so what an older release let the group read is closed too: the files
/// beside it, and ledgers that were set aside.
private func makeFile(_ path: String) throws {
    let url = URL(filePath: path)
    let folder = url.deletingLastPathComponent().path(percentEncoded: false)
    // Ignored, here and below: what is not there, or another user's, stays as it is.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(url.lastPathComponent) {
        _ = chmod(folder + "/" + name, 0o600)
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
        let reason = String(cString: strerror(errno))
        throw LedgerError(.storage, "cannot open the ledger \(path): \(reason)")
    }
    _ = close(descriptor)  // Ignored: nothing was written.
}
